package ledger

const sqlVATReturn = `
select regime, country, rate as vat_rate, exemption,
       count(*) filter (where kind = 'invoice') as invoices, count(*) filter (where kind = 'credit_note') as credit_notes,
       sum(goods_gross)::bigint as goods_gross, sum(shipping_gross)::bigint as shipping_gross,
       sum(gross)::bigint as gross, sum(net)::bigint as net, sum(vat)::bigint as vat
from document_vat
where issued_at >= @from and issued_at < @until
group by regime, country, rate, exemption
order by array_position(array['domestic', 'distance', 'oss', 'export', 'franchise'], regime), country, rate desc, exemption`

// A credit note on a sale of an earlier quarter does not lessen the quarter's own sales: it corrects that
// quarter, per country, whatever the rates.
const sqlOSSReturn = `
with sold as (
  select to_char(v.issued_at at time zone 'Europe/Paris', 'YYYY"-Q"Q') as quarter,
         coalesce(to_char(i.issued_at at time zone 'Europe/Paris', 'YYYY"-Q"Q'), '') as corrected,
         v.country, v.rate, v.net, v.vat
  from document_vat v left join document d on d.id = v.document_id and v.kind = 'credit_note' left join document i on i.id = d.refers_to
  where v.regime = 'oss' and v.issued_at >= @from and v.issued_at < @until
), declared as (
  select quarter, case when corrected < quarter then corrected else '' end as corrected, country, rate, net, vat
  from sold
)
select quarter, corrected, country, case when corrected = '' then rate end as rate, sum(net)::bigint, sum(vat)::bigint
from declared
group by 1, 2, 3, 4
order by quarter, corrected, country, 4 desc`

const sqlOSSRegister = `
select to_char(d.issued_at at time zone 'Europe/Paris', 'YYYY"-Q"Q'), d.country, v.rate, v.net, v.vat,
       d.issued_at, d.number, d.kind, coalesce(i.number, ''), d.order_number,
       coalesce((select string_agg(l ->> 'description', ', ' order by l ->> 'sku') from jsonb_path_query(d.data::jsonb, '$.lines[*]') l where (l ->> 'rate')::int = v.rate), ''),
       coalesce((select sum((l ->> 'quantity')::bigint) from jsonb_path_query(d.data::jsonb, '$.lines[*]') l where (l ->> 'rate')::int = v.rate), 0)::bigint,
       coalesce(to_char((d.data::jsonb ->> 'paid_at')::timestamptz at time zone 'Europe/Paris', 'YYYY-MM-DD'), ''), d.payment_method,
       concat_ws(', ', d.data::jsonb -> 'buyer' ->> 'country', (select string_agg(x.line, ', ') from jsonb_path_query(d.data::jsonb, '$.buyer.lines[*] ? (@ != null)') as p (value), lateral (select p.value #>> '{}') as x (line)))
from document d join document_vat v on v.document_id = d.id left join document i on i.id = d.refers_to
where d.regime = 'oss' and d.issued_at >= @from and d.issued_at < @until
order by d.issued_at, d.number, v.rate desc`

const sqlReport = `
select day, category, rate, net, vat, vat_in_france, transactions, invoice_number
from ledger_v_report
where day between @first::date and @last::date
order by day, category, rate desc, invoice_number`

const sqlHeldBefore = `
select coalesce(sum(l.debit - l.credit) filter (where l.standard like '53%'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard = '517'), 0)::bigint
from entry e join entry_line l on l.entry_seq = e.seq
where e.booked_on < @first::date`

// What the desk paid over is a row of its own: beside what it took on the same day it would hide it.
const sqlReceipts = `
select e.booked_on, coalesce(j.label, e.journal), e.cause like 'desk-deposit:%', count(distinct e.seq),
       coalesce(sum(l.debit - l.credit) filter (where l.standard like '53%'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard like '511%' and l.standard <> '5115'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard = '5115'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard = '517'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard like '512%' or l.standard like '515%'), 0)::bigint,
       coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%' and l.standard <> '7085'), 0)::bigint,
       coalesce(sum(l.credit - l.debit) filter (where l.standard = '7085'), 0)::bigint,
       coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0)::bigint,
       coalesce(sum(l.credit - l.debit) filter (where l.standard = '4191'), 0)::bigint,
       coalesce(sum(l.debit) filter (where l.standard like '512%' or l.standard like '515%'), 0)::bigint,
       coalesce(sum(l.credit - l.debit) filter (where l.standard = '471'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard like '627%'), 0)::bigint,
       coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0)::bigint
from entry e join entry_line l on l.entry_seq = e.seq left join journal j on j.code = e.journal
where e.booked_on between @first::date and @last::date
group by e.booked_on, e.journal, j.label, e.cause like 'desk-deposit:%'
order by e.booked_on, e.journal, e.cause like 'desk-deposit:%'`
