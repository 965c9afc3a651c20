package ledger

const sqlSalesByFamily = `
select coalesce(l ->> 'family', '') as name,
       sum(case d.kind when 'invoice' then 1 else -1 end * (l -> 'gross' ->> 'amount')::bigint)::bigint as gross,
       sum(case d.kind when 'invoice' then 1 else -1 end * (l -> 'net' ->> 'amount')::bigint)::bigint as net,
       sum(case d.kind when 'invoice' then 1 else -1 end * (l -> 'vat' ->> 'amount')::bigint)::bigint as vat,
       count(distinct d.id) as documents
from document d, lateral jsonb_path_query(d.data::jsonb, '$.lines[*]') as l
where d.issued_at >= @from and d.issued_at < @until
group by 1
order by gross desc, name`

const sqlSalesByCountry = `
select d.country as name, sum(v.gross)::bigint as gross, sum(v.net)::bigint as net, sum(v.vat)::bigint as vat, count(distinct d.id) as documents
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
group by d.country
order by gross desc, name`

const sqlSalesByMethod = `
select d.payment_method as name, sum(v.gross)::bigint as gross, sum(v.net)::bigint as net, sum(v.vat)::bigint as vat, count(distinct d.id) as documents
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
group by d.payment_method
order by gross desc, name`

const sqlSeriesRanges = `
select d.series, d.kind, (array_agg(d.number order by d.year, d.n))[1] as first, (array_agg(d.number order by d.year desc, d.n desc))[1] as last,
       count(*) as documents, sum(d.gross)::bigint as gross
from document d
where d.issued_at >= @from and d.issued_at < @until
group by d.series, d.kind
order by d.kind desc, d.series`

const sqlStandings = `
select s.standard,
       coalesce(sum(l.debit - l.credit) filter (where e.booked_on < @first::date), 0)::bigint as before,
       coalesce(sum(l.debit) filter (where e.booked_on >= @first::date), 0)::bigint as debit,
       coalesce(sum(l.credit) filter (where e.booked_on >= @first::date), 0)::bigint as credit
from unnest(@standards::text[]) as s (standard)
left join entry_line l on l.standard = s.standard
left join entry e on e.seq = l.entry_seq and e.booked_on <= @last::date
group by s.standard
order by s.standard`
