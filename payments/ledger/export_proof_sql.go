package ledger

const sqlExportSales = `
select id, number, order_id, order_number, country, issued_at, gross, step, event, kind, reference, proved_on, vat, actor, at
from ledger_v_export
where issued_at >= @from and issued_at < @until
order by issued_at, number`

const sqlExportSale = `
select id, number, order_id, order_number, country, issued_at, gross, step, event, kind, reference, proved_on, vat, actor, at
from ledger_v_export
where number = @number`

const sqlExportOfOrder = `
select id, number, order_id, order_number, country, issued_at, gross, step, event, kind, reference, proved_on, vat, actor, at
from ledger_v_export
where order_id = @order_id`

const sqlProofSteps = `
select event, kind, reference, proved_on, vat, reason, actor, at
from export_proof
where document_id = @document_id
order by seq`

const sqlProofsMissing = `
select number, count(*) over ()
from ledger_v_export
where issued_at < @until and (issued_at at time zone 'Europe/Paris')::date < @today::date - @days::int and gross <> 0 and event not in ('held', 'taxed')
order by issued_at, number
limit 20`

const sqlInsertProofStep = `
insert into export_proof (document_id, seq, event, kind, reference, proved_on, vat, reason, actor)
values (@document_id, @seq, @event, @kind, @reference, @proved_on::date, @vat, @reason, @actor)
on conflict (document_id, seq) do nothing`

const sqlLinesOfCause = `
select l.account, l.debit, l.credit, l.standard
from entry e join entry_line l on l.entry_seq = e.seq
where e.cause = @cause
order by l.n`

const sqlExportVATBooked = `
select coalesce(sum(l.credit - l.debit), 0)::bigint
from entry e join entry_line l on l.entry_seq = e.seq
where e.booked_on between @first::date and @last::date and e.cause like 'export-vat:%' and l.standard like '4457%'`

const sqlCountProofs = `
select count(*)
from export_proof`

// An invoice whose last word is that its VAT is booked owes that VAT in the books; every other export
// owes none.
const sqlProofsAgainstBooks = `
select coalesce(p.number, b.reference)
from (
  select number, case when event = 'taxed' then vat else 0 end as vat
  from ledger_v_export
) as p
full join (
  select e.reference, sum(l.credit - l.debit) as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.cause like 'export-vat:%' and l.standard like '4457%'
  group by e.reference
) as b on b.reference = p.number
where coalesce(p.vat, 0) <> coalesce(b.vat, 0)
order by 1`
