package ledger

const sqlCountEntries = `select count(*) from entry`

const sqlUnbalancedEntries = `
select 'entry ' || entry_seq
from entry_line
group by entry_seq
having sum(debit) <> sum(credit)
order by entry_seq`

const sqlSumDebits = `select coalesce(sum(debit), 0)::bigint from entry_line`

const sqlUnbalancedBooks = `
select 'debits ' || sum(debit) || ', credits ' || sum(credit)
from entry_line
having sum(debit) <> sum(credit)`

const sqlCountDocuments = `select count(*) from document`

const sqlCountCreditNotes = `select count(*) from document where kind = 'credit_note'`

const sqlGapsInSeries = `
select d.series || d.year || ': 1 to ' || max(d.n) || ', ' || count(*) || ' documents, counter ' || coalesce(max(c.last), 0)
from document d left join document_counter c on c.series = d.series and c.year = d.year
group by d.series, d.year
having min(d.n) <> 1 or max(d.n) <> count(*) or coalesce(max(c.last), 0) <> count(*)`

const sqlNumbersOutOfTime = `
select number
from (select number, issued_at, lag(issued_at) over (partition by series order by year, n) as before from document) as dated
where issued_at < before
order by number`

const sqlDocumentsThatDoNotAddUp = `
select d.number
from document d left join document_vat v on v.document_id = d.id
group by d.id, d.number, d.gross
having d.gross <> coalesce(sum(v.gross), 0)
order by d.number`

const sqlDocumentsNotBooked = `
select coalesce(d.number, e.reference)
from document d
full join (
  select e.reference, sum(l.debit - l.credit) as owed
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.journal = 'VE' and l.standard = '411'
  group by e.reference) as e on e.reference = d.number
where d.number is null or coalesce(e.owed, 0) <> d.gross
order by 1`

const sqlVATRowsAgainstDocuments = `
select distinct d.number
from document_vat v join document d on d.id = v.document_id
where (v.issued_at, v.number, v.kind, v.order_number, v.country, v.regime, v.payment_method) is distinct from (d.issued_at, d.number, d.kind, d.order_number, d.country, d.regime, d.payment_method)
order by d.number`

const sqlCountSales = `
select count(*)
from booked_sale`

const sqlSalesAgainstLines = `
select 'entry ' || coalesce(b.entry_seq, e.seq)
from booked_sale b
full join (
  select e.seq, e.reference, e.booked_on,
         coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0) as gross,
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%'), 0) as net,
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0) as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.journal = 'VE'
  group by e.seq
) as e on e.seq = b.entry_seq
where (b.reference, b.booked_on, b.gross, b.net, b.vat) is distinct from (e.reference, e.booked_on, e.gross::bigint, e.net::bigint, e.vat::bigint)
order by coalesce(b.entry_seq, e.seq)`

const sqlInvoicesOvercredited = `
select i.number
from document i join document c on c.refers_to = i.id
group by i.id, i.number, i.gross
having i.gross + sum(c.gross) < 0
order by i.number`

const sqlDocumentsChanged = `
select d.number
from document d join entry e on e.cause = 'document:' || d.number
where e.data like '%"proof":"%' and position(encode(sha256(convert_to(d.data, 'UTF8')), 'hex') in e.data) = 0
order by d.number`
