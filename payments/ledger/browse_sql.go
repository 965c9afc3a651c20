package ledger

const sqlTrialBalance = `
select l.account, a.label,
       coalesce(sum(l.debit - l.credit) filter (where e.booked_on < @first::date), 0)::bigint as before,
       coalesce(sum(l.debit) filter (where e.booked_on >= @first::date), 0)::bigint as debit,
       coalesce(sum(l.credit) filter (where e.booked_on >= @first::date), 0)::bigint as credit
from entry_line l join entry e on e.seq = l.entry_seq join account a on a.number = l.account
where e.booked_on <= @last::date
group by l.account, a.label
order by l.account`

const sqlBookedLines = `
select e.seq, l.n, e.booked_on, e.journal, e.reference, e.label as text, l.account, a.label as account_label, l.analytic, l.debit, l.credit,
       coalesce((select d.order_number from document d where d.order_id = e.order_id limit 1), '') as order_number
from entry e join entry_line l on l.entry_seq = e.seq join account a on a.number = l.account
where e.booked_on between @first::date and @last::date
  and (@account = '' or l.account = @account)
  and (@about = '' or e.reference = @about or e.order_id in (select d.order_id from document d where d.order_number = @about or d.number = @about))
  and (e.seq, l.n) > (@seq::bigint, @n::int)
order by e.seq, l.n
limit @limit`

const sqlBookedSum = `
select coalesce(sum(l.debit), 0)::bigint, coalesce(sum(l.credit), 0)::bigint, count(*)
from entry e join entry_line l on l.entry_seq = e.seq
where e.booked_on between @first::date and @last::date
  and (@account = '' or l.account = @account)
  and (@about = '' or e.reference = @about or e.order_id in (select d.order_id from document d where d.order_number = @about or d.number = @about))`

const sqlFindEntry = `
select e.seq, e.journal, coalesce(j.label, e.journal) as journal_label, e.booked_at, e.booked_on, e.validated_on, e.reference, e.label, e.cause, e.order_id,
       coalesce((select d.order_number from document d where d.order_id = e.order_id limit 1), '') as order_number,
       coalesce((select d.number from document d where e.cause = 'document:' || d.number), '') as document,
       e.prev_hash, e.hash
from entry e left join journal j on j.code = e.journal
where e.seq = @seq::bigint`

const sqlLinesOfEntry = `
select l.entry_seq as seq, l.n, e.booked_on, e.journal, e.reference, e.label as text, l.account, a.label as account_label, l.analytic, l.debit, l.credit, '' as order_number
from entry_line l join entry e on e.seq = l.entry_seq join account a on a.number = l.account
where l.entry_seq = @seq::bigint
order by l.n`

const sqlListDocuments = `
select d.number, d.kind, d.order_number, d.country, d.regime, d.payment_method, d.issued_at,
       sum(v.gross)::bigint as gross, sum(v.net)::bigint as net, sum(v.vat)::bigint as vat,
       coalesce((select e.seq from entry e where e.cause = 'document:' || d.number), 0) as entry_seq
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
  and (@rate::int is null or v.rate = @rate::int)
  and (@country = '' or d.country = @country) and (@regime = '' or d.regime = @regime)
  and (@after = '' or (d.issued_at, d.number) > (select b.issued_at, b.number from document b where b.number = @after))
group by d.id
order by d.issued_at, d.number
limit @limit`

const sqlSumDocuments = `
select coalesce(sum(v.gross), 0)::bigint, coalesce(sum(v.net), 0)::bigint, coalesce(sum(v.vat), 0)::bigint, count(distinct d.id)
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
  and (@rate::int is null or v.rate = @rate::int)
  and (@country = '' or d.country = @country) and (@regime = '' or d.regime = @regime)`
