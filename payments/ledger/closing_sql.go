package ledger

// The numbers of a period's entries lie in a row, or nearly so: their lines are not looked for among
// those of all time.
const sqlClosingTotals = `
with booked as materialized (
  select seq
  from entry
  where booked_on between @first::date and @last::date
)
select exists (select from closing where kind = @kind and first = @first::date) as taken,
       (select count(*) from booked),
       (select coalesce(sum(l.debit), 0)::bigint from booked b join entry_line l on l.entry_seq = b.seq where l.entry_seq between (select min(seq) from booked) and (select max(seq) from booked)),
       (select coalesce(sum(gross), 0)::bigint from document where kind = 'invoice' and issued_at >= @from and issued_at < @until),
       (select coalesce(-sum(gross), 0)::bigint from document where kind = 'credit_note' and issued_at >= @from and issued_at < @until),
       (select coalesce(sum(vat), 0)::bigint from document_vat where issued_at >= @from and issued_at < @until),
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

// A month's seal is asked for long after the days that follow it were sealed.
const sqlClosingsShown = `
select data, prev_hash, hash, signature, public_key, sealed_at
from (
  (select n, kind, data, prev_hash, hash, signature, public_key, sealed_at from closing where kind <> 'day' order by n desc limit 36)
  union all
  (select n, kind, data, prev_hash, hash, signature, public_key, sealed_at from closing where kind = 'day' order by n desc limit 7)
) as c
order by kind = 'day', n desc`

const sqlSeals = `
select c.n, c.data, c.prev_hash, c.hash, c.signature, c.entry_seq, c.entry_hash, coalesce(e.hash, '\x'::bytea)
from closing c left join entry e on e.seq = c.entry_seq
order by c.n`

const sqlUnsealedDays = `
select d::date
from generate_series((select min(booked_on) from entry)::timestamp, @last::date::timestamp, interval '1 day') as d
where not exists (select from closing where kind = 'day' and first = d::date)
order by d
limit 1000`

const sqlUnsealedYears = `
select d::date
from generate_series(date_trunc('year', (select min(booked_on) from entry)::timestamp), @last::date::timestamp, interval '1 year') as d
where not exists (select from closing where kind = 'year' and first = d::date)
order by d`

// An earlier month that is open and has entries.
const sqlOpenMonthBefore = `
select coalesce(to_char(min(booked_on), 'YYYY-MM'), '')
from entry
where booked_on < @first::date and booked_on > coalesce((select max(last) from closing where kind = 'month'), '-infinity'::date)`

// The first day with entries that no closed month holds, and the last day that one does.
const sqlFirstOpenMonth = `
select (select min(booked_on) from entry where booked_on > coalesce((select max(last) from closing where kind = 'month'), '-infinity'::date)),
       (select max(last) from closing where kind = 'month')`

const sqlMonthClosed = `
select data, prev_hash, hash, signature, public_key, sealed_at
from closing
where kind = 'month' and first = @first::date and last = @last::date`

const sqlClosingBefore = `
select n, entry_seq, entry_hash
from closing
where kind = 'month' and n < @n::bigint
order by n desc
limit 1`

const sqlSealsBetween = `
select data, prev_hash, hash, signature, public_key, sealed_at
from closing
where n > @after::bigint and n <= @through::bigint
order by n`

const sqlUndrawn = `
select d.number, count(*) over ()
from document d
where d.issued_at >= @from and d.issued_at < @until and not exists (select from document_file f where f.document_id = d.id)
order by d.issued_at
limit 20`

const sqlDaysUnsealed = `
select to_char(d, 'YYYY-MM-DD'), count(*) over ()
from generate_series(greatest(@first::date, (select min(booked_on) from entry))::timestamp, @last::date::timestamp, interval '1 day') as d
where exists (select from entry) and not exists (select from closing where kind = 'day' and first = d::date)
order by d
limit 20`
