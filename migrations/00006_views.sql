-- +goose Up

-- The two derived statuses of an order, for lists; the same rules stand in Go, and a property test
-- holds the two equal. An order is judged by the payment it stands on; one that stands on none, by
-- all that came and went.
create view shop_v_status as
with ordered as (
  select order_id, sum(quantity) as quantity from order_line group by order_id
), sent as (
  select s.order_id, sum(l.quantity) as quantity
  from shipment s join shipment_line l on l.shipment_id = s.id
  where s.state in ('shipped', 'delivered', 'collected')
  group by s.order_id
)
select o.id as order_id,
       case
         when sums.captured > 0 and sums.refunded >= sums.captured then 'refunded'
         when sums.captured > 0 and sums.refunded > 0 then 'partially_refunded'
         when sums.captured > 0 then 'paid'
         when coalesce(m.processing, false) then 'processing'
         when coalesce(m.failed, false) and not coalesce(m.waiting, false) then 'failed'
         else 'unpaid'
       end as payment_status,
       case
         when coalesce(sent.quantity, 0) = 0 then 'unfulfilled'
         when sent.quantity < ordered.quantity then 'partially_fulfilled'
         else 'fulfilled'
       end as fulfilment_status
from orders o
join ordered on ordered.order_id = o.id
left join sent on sent.order_id = o.id
left join payments_v_money m on m.order_id = o.id
left join payments_v_captured c on c.payment_id = o.payment_id
cross join lateral (
  select coalesce(c.amount, m.captured, 0) as captured, coalesce(c.refunded, m.refunded, 0) as refunded
) as sums;
grant select on shop_v_status to boutique_app;
