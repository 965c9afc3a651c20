package ledger

const sqlDocumentsThatDiffer = `
with issued as (
  select d.number, d.gross, sum(v.gross) as rates, sum(v.net) as net, sum(v.vat) as vat,
         coalesce(bool_and((v.issued_at, v.number, v.kind, v.country, v.regime) = (d.issued_at, d.number, d.kind, d.country, d.regime)), true) as copied
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
), added as (
  select reference as number, sum(gross) as gross, sum(net) as net, sum(vat) as vat
  from booked_sale
  where booked_on between @first::date and @last::date
  group by reference
)
select coalesce(i.number, b.number, a.number)
from issued i full join booked b on b.number = i.number full join added a on a.number = coalesce(i.number, b.number)
where i.number is null or not i.copied
   or i.gross is distinct from i.rates
   or i.gross <> coalesce(b.gross, 0) or i.net <> coalesce(b.net, 0) or i.vat <> coalesce(b.vat, 0)
   or i.gross <> coalesce(a.gross, 0) or i.net <> coalesce(a.net, 0) or i.vat <> coalesce(a.vat, 0)
order by 1
limit 20`

// Everything is read once, from indexes that hold it, and is joined to nothing. The journal knows a
// document by its number alone; between a document and its VAT rows each of the columns that a return
// is made by weighs too.
const sqlControlSums = `
with totals as (
  select sum(d.gross * d.weight) as gross, sum(d.gross * (d.weight + ((hashtext(d.kind) # hashtext(d.country) # hashtext(d.regime)) & 1048575))) as rates
  from (
    select gross, kind, country, regime, 1 + (hashtext(number) & 1048575)::bigint as weight
    from document
    where issued_at >= @from and issued_at < @until
  ) as d
), issued as (
  select sum(v.gross * (v.weight + ((hashtext(v.kind) # hashtext(v.country) # hashtext(v.regime)) & 1048575))) as rates, sum(v.net * v.weight) as net, sum(v.vat * v.weight) as vat
  from (
    select gross, net, vat, kind, country, regime, 1 + (hashtext(number) & 1048575)::bigint as weight
    from document_vat
    where issued_at >= @from and issued_at < @until
  ) as v
), booked as (
  select sum(b.gross * b.weight) as gross, sum(b.net * b.weight) as net, sum(b.vat * b.weight) as vat
  from (
    select gross, net, vat, 1 + (hashtext(reference) & 1048575)::bigint as weight
    from booked_sale
    where booked_on between @first::date and @last::date
  ) as b
)
select coalesce(t.rates, 0) = coalesce(i.rates, 0) and coalesce(t.gross, 0) = coalesce(b.gross, 0)
       and coalesce(i.net, 0) = coalesce(b.net, 0) and coalesce(i.vat, 0) = coalesce(b.vat, 0)
from totals t, issued i, booked b`

const sqlSalesEntries = `
with booked as materialized (
  select seq
  from entry
  where journal = 'VE' and booked_on between @first::date and @last::date
)
select coalesce(min(seq), 0), coalesce(max(seq), 0)
from booked`

// The numbers of a period's entries lie in a row, or nearly so: the lines of a month are not looked for
// among those of all time.
const sqlControlLines = `
with added as (
  select sum(gross * (1 + entry_seq % 1000003)) as gross, sum(net * (1 + entry_seq % 1000003)) as net, sum(vat * (1 + entry_seq % 1000003)) as vat
  from booked_sale
  where booked_on between @first::date and @last::date
), booked as (
  select sum((l.debit - l.credit) * (1 + e.seq % 1000003)) filter (where l.standard = '411') as gross,
         sum((l.credit - l.debit) * (1 + e.seq % 1000003)) filter (where l.standard like '70%') as net,
         sum((l.credit - l.debit) * (1 + e.seq % 1000003)) filter (where l.standard like '4457%') as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.journal = 'VE' and e.booked_on between @first::date and @last::date
    and l.entry_seq between @first_entry::bigint and @last_entry::bigint
)
select coalesce(a.gross, 0) = coalesce(b.gross, 0) and coalesce(a.net, 0) = coalesce(b.net, 0) and coalesce(a.vat, 0) = coalesce(b.vat, 0)
from added a, booked b`

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
