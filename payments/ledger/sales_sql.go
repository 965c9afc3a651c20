package ledger

const sqlSales = `
select d.issued_at, d.number as document_number, d.kind as document_type, d.order_number, d.country, v.rate as vat_rate,
       v.goods_gross, v.shipping_gross, v.gross, v.net, v.vat, d.payment_method
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
order by d.issued_at, d.number, v.rate desc, v.exemption`

const sqlSalesTotals = `
select v.rate as vat_rate, count(distinct d.id) as documents, sum(v.goods_gross)::bigint as goods_gross, sum(v.shipping_gross)::bigint as shipping_gross,
       sum(v.gross)::bigint as gross, sum(v.net)::bigint as net, sum(v.vat)::bigint as vat
from document d join document_vat v on v.document_id = d.id
where d.issued_at >= @from and d.issued_at < @until
group by v.rate
order by v.rate desc`

const sqlSalesPerDay = `
select (d.issued_at at time zone 'Europe/Paris')::date as day, sum(d.gross)::bigint as gross
from document d
where d.issued_at >= @from and d.issued_at < @until
group by 1
order by 1`
