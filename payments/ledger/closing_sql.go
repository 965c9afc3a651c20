package ledger

const sqlClosingTotals = `
select exists (select from closing where kind = @kind and first = @first::date) as taken,
       (select count(*) from entry where booked_on between @first::date and @last::date),
       (select coalesce(sum(l.debit), 0)::bigint from entry e join entry_line l on l.entry_seq = e.seq where e.booked_on between @first::date and @last::date),
       (select coalesce(sum(gross), 0)::bigint from document where kind = 'invoice' and issued_at >= @from and issued_at < @until),
       (select coalesce(-sum(gross), 0)::bigint from document where kind = 'credit_note' and issued_at >= @from and issued_at < @until),
       (select coalesce(sum(v.vat), 0)::bigint from document d join document_vat v on v.document_id = d.id where d.issued_at >= @from and d.issued_at < @until),
       (select coalesce(sum(abs(gross)), 0)::bigint from document where issued_at < @until),
       (select coalesce(max(n), 0) + 1 from closing),
       coalesce((select hash from closing order by n desc limit 1), '\x'::bytea)`

const sqlInsertClosing = `
insert into closing (n, kind, first, last, entry_seq, entry_hash, data, prev_hash, hash, signature, public_key, sealed_by)
values (@n, @kind, @first::date, @last::date, @entry_seq, @entry_hash, @data, @prev_hash, @hash, @signature, @public_key, @actor)`

const sqlClosedThrough = `
select max(last), clock_timestamp()
from closing
where kind = 'month'`

const sqlClosings = `
select data, prev_hash, hash, signature, public_key, sealed_at
from closing
order by n desc
limit @limit`

const sqlSeals = `
select c.n, c.data, c.prev_hash, c.hash, c.signature, c.entry_seq, c.entry_hash, coalesce(e.hash, '\x'::bytea)
from closing c left join entry e on e.seq = c.entry_seq
order by c.n`
