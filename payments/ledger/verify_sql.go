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
