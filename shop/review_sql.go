package shop

const sqlTaxedAbroad = `
select distinct o.number, t.country, l.vat_class, o.placed_at
from orders o
join order_tax t on t.order_id = o.id and t.regime = 'oss'
join order_line l on l.order_id = o.id
join ledger_v_invoice i on i.order_id = o.id
where i.issued_at >= @from and i.issued_at < @until
order by o.number`
