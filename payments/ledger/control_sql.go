package ledger

const sqlDocumentsThatDiffer = `
with issued as (
  select d.number, d.gross, sum(v.gross) as rates, sum(v.net) as net, sum(v.vat) as vat
  from document d left join document_vat v on v.document_id = d.id
  where d.issued_at >= @from and d.issued_at < @until
  group by d.id, d.number, d.gross
), booked as (
  select e.reference as number,
         coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0) as gross,
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%'), 0) as net,
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0) as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.journal = 'VE' and e.booked_on between @first::date and @last::date
  group by e.reference
)
select coalesce(i.number, b.number)
from issued i full join booked b on b.number = i.number
where i.number is null
   or i.gross is distinct from i.rates
   or i.gross <> coalesce(b.gross, 0) or i.net <> coalesce(b.net, 0) or i.vat <> coalesce(b.vat, 0)
order by 1
limit 20`

// Everything is read once, by indexes where they hold it, and each amount is added once: a year of a
// million orders has five million lines in its sales journal.
const sqlControlSums = `
with totals as (
  select sum(d.gross * (1 + abs(hashtext(d.number)) % 1000003::bigint)) as gross
  from document d
  where d.issued_at >= @from and d.issued_at < @until
), issued as (
  select sum(o.gross * o.weight) as rates, sum(o.net * o.weight) as net, sum(o.vat * o.weight) as vat
  from (
    select v.gross, v.net, v.vat, 1 + abs(hashtext(d.number)) % 1000003::bigint as weight
    from document d join document_vat v on v.document_id = d.id
    where d.issued_at >= @from and d.issued_at < @until
  ) as o
), booked as (
  select sum((l.debit - l.credit) * (1 + abs(hashtext(e.reference)) % 1000003::bigint)) filter (where l.standard = '411') as gross,
         sum((l.credit - l.debit) * (1 + abs(hashtext(e.reference)) % 1000003::bigint)) filter (where l.standard like '70%') as net,
         sum((l.credit - l.debit) * (1 + abs(hashtext(e.reference)) % 1000003::bigint)) filter (where l.standard like '4457%') as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.journal = 'VE' and e.booked_on between @first::date and @last::date
)
select coalesce(t.gross, 0) = coalesce(i.rates, 0) and coalesce(t.gross, 0) = coalesce(b.gross, 0)
       and coalesce(i.net, 0) = coalesce(b.net, 0) and coalesce(i.vat, 0) = coalesce(b.vat, 0)
from totals t, issued i, booked b`

// E-reporting counts the documents whose day in Europe/Paris is in the period: they are those that were
// issued in it. Only at its two ends can a document be on one side and not on the other.
const sqlControlDays = `
select coalesce(bool_and((d.issued_at >= @from and d.issued_at < @until) = ((d.issued_at at time zone 'Europe/Paris')::date between @first::date and @last::date)), true)
from document d
where d.issued_at between @from::timestamptz - interval '1 day' and @from::timestamptz + interval '1 day'
   or d.issued_at between @until::timestamptz - interval '1 day' and @until::timestamptz + interval '1 day'`

// A join of a year's lines in memory: with less it is written to temporary files several times over.
const sqlRoom = `
select set_config('work_mem', '64MB', true)`
