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
where issued_at < @until and (issued_at at time zone 'Europe/Paris')::date < @today::date - @days::int and gross <> 0 and event <> 'held' and vat = 0
order by issued_at, number
limit 20`

const sqlInsertProofStep = `
insert into export_proof (document_id, seq, event, kind, reference, proved_on, vat, reason, actor)
values (@document_id, @seq, @event, @kind, @reference, @proved_on::date, @vat, @reason, @actor)
on conflict (document_id, seq) do nothing`

// The day is the one on which the entry was booked, which a closed month moves.
const sqlInsertExportVAT = `
insert into export_vat (document_id, seq, rate, goods_net, goods_vat, shipping_net, shipping_vat, booked_on)
values (@document_id, @seq, @rate, @goods_net, @goods_vat, @shipping_net, @shipping_vat, coalesce((select booked_on from entry where cause = @cause), @day::date))`

const sqlExportVATOf = `
select rate, sum(goods_net)::bigint as goods_net, sum(goods_vat)::bigint as goods_vat, sum(shipping_net)::bigint as shipping_net, sum(shipping_vat)::bigint as shipping_vat
from export_vat
where document_id = @document_id
group by rate
order by rate desc`

// The sale leaves the exempt ones and comes to those of its rates: both sides add up to nothing but VAT.
// What was taken back in the same period leaves no row.
const sqlExportVATReturn = `
select 'export_unproved' as regime, d.country, v.rate as vat_rate, v.exemption, 0::bigint as invoices, 0::bigint as credit_notes,
       sum(v.goods)::bigint as goods_gross, sum(v.shipping)::bigint as shipping_gross, sum(v.goods + v.shipping)::bigint as gross, sum(v.goods + v.shipping - v.vat)::bigint as net, sum(v.vat)::bigint as vat
from (
  select document_id, rate, '' as exemption, goods_net + goods_vat as goods, shipping_net + shipping_vat as shipping, goods_vat + shipping_vat as vat
  from export_vat
  where booked_on between @first::date and @last::date
  union all
  select document_id, 0, 'export', -goods_net - goods_vat, -shipping_net - shipping_vat, 0
  from export_vat
  where booked_on between @first::date and @last::date
) as v join document d on d.id = v.document_id
group by d.country, v.rate, v.exemption
having sum(v.goods) <> 0 or sum(v.shipping) <> 0 or sum(v.vat) <> 0
order by d.country, v.rate desc`

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
  select number, case when event in ('taxed', 'credited') then vat else 0 end as vat
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

// What the rates of an export say is what the journal says, and a credit note that came after its VAT was
// booked is the reason of a step.
const sqlExportVATAgainstBooks = `
select coalesce(v.number, b.reference)
from (
  select d.number, sum(v.goods_vat + v.shipping_vat) as vat
  from export_vat v join document d on d.id = v.document_id
  group by d.number
) as v
full join (
  select e.reference, sum(l.credit - l.debit) as vat
  from entry e join entry_line l on l.entry_seq = e.seq
  where e.cause like 'export-vat:%' and l.standard like '4457%'
  group by e.reference
) as b on b.reference = v.number
where coalesce(v.vat, 0) <> coalesce(b.vat, 0)
union
select x.number
from ledger_v_export x join document c on c.refers_to = x.id
where x.vat > 0 and c.issued_at > x.at and not exists (select from export_proof p where p.document_id = x.id and p.reason = c.number)
order by 1`
