package ledger

const sqlSales = `
select issued_at, number, kind, order_number, country, payment_method, rate, goods_gross, shipping_gross, gross, net, vat
from document_vat
where issued_at >= @from and issued_at < @until
order by issued_at, number, rate desc, exemption`

const sqlSalesTotals = `
select rate as vat_rate, count(distinct number) as documents, sum(goods_gross)::bigint as goods_gross, sum(shipping_gross)::bigint as shipping_gross,
       sum(gross)::bigint as gross, sum(net)::bigint as net, sum(vat)::bigint as vat
from document_vat
where issued_at >= @from and issued_at < @until
group by rate
order by rate desc`

const sqlSalesPerDay = `
select (d.issued_at at time zone 'Europe/Paris')::date as day, sum(d.gross)::bigint as gross
from document d
where d.issued_at >= @from and d.issued_at < @until
group by 1
order by 1`
