package shop

const sqlExportPayments = `
select m.at, m.kind, o.number, m.gateway, m.method, m.provider_id, m.state, m.amount, m.fee
from payments_v_movement m join orders o on o.id = m.order_id
where m.at >= @from and m.at < @until
order by m.at, m.kind, m.id`
