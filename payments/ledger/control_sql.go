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

const sqlReportedAgainstVAT = `
select (select coalesce(sum(v.net), 0)::bigint from document d join document_vat v on v.document_id = d.id where d.issued_at >= @from and d.issued_at < @until),
       (select coalesce(sum(v.vat), 0)::bigint from document d join document_vat v on v.document_id = d.id where d.issued_at >= @from and d.issued_at < @until),
       (select coalesce(sum(r.net), 0)::bigint from ledger_v_report r where r.day between @first::date and @last::date),
       (select coalesce(sum(r.vat), 0)::bigint from ledger_v_report r where r.day between @first::date and @last::date)`
