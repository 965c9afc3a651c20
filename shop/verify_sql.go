package shop

const sqlCountOrders = `select count(*) from orders`

const sqlCountConfirmed = `select count(*) from orders where confirmed_at is not null`

const sqlCountAwaiting = `select count(*) from orders where state = 'awaiting_payment'`

const sqlCountShipments = `select count(*) from shipment`

const sqlOrdersThatDoNotAddUp = `
select o.number
from orders o
left join (select order_id, sum(total) as goods from order_line group by order_id) l on l.order_id = o.id
left join (select order_id, sum(gross) as gross, sum(goods_gross) as goods, sum(shipping_gross) as shipping from order_vat group by order_id) v on v.order_id = o.id
where o.goods_total <> coalesce(l.goods, 0) or o.total <> coalesce(v.gross, 0)
   or o.goods_total <> coalesce(v.goods, 0) or o.shipping_total <> coalesce(v.shipping, 0)
order by o.number`

const sqlOrdersNotPaidExactly = `
select o.number
from orders o left join payments_v_captured p on p.payment_id = o.payment_id
where (o.confirmed_at is not null and (p.amount is null or p.amount <> o.total - o.gift_total or p.order_id <> o.id))
   or (o.confirmed_at is null and o.state in ('confirmed', 'completed'))
order by o.number`

const sqlOrdersWithoutInvoice = `
select o.number
from orders o left join ledger_v_invoice i on i.order_id = o.id
cross join lateral (
  select coalesce(sum(l.total) filter (where l.gift_card), 0) as cards, bool_and(l.gift_card) as only_cards
  from order_line l where l.order_id = o.id) as bought
where (o.confirmed_at is not null and not bought.only_cards and (i.gross is null or i.gross <> o.total - bought.cards))
   or (bought.only_cards and i.gross is not null)
   or (o.confirmed_at is null and i.gross is not null)
order by o.number`

const sqlHoldsThatDoNotFollow = `
select o.number || ' is ' || o.state || ', its stock ' || h.state
from orders o join catalog_v_hold h on h.order_id = o.id
where h.state <> case
        when o.confirmed_at is not null then 'taken'
        when o.state = 'awaiting_payment' then 'held'
        else 'released'
      end
order by 1`

const sqlOrdersStuck = `
select number
from orders
where state = 'awaiting_payment' and expires_at < now() - interval '15 minutes'
  and not exists (select from payments_v_money m where m.order_id = orders.id and m.processing)
order by number`

const sqlOverSent = `
select o.number || ': ' || l.sku
from orders o
join order_line l on l.order_id = o.id
join (
  select s.order_id, p.sku, sum(p.quantity) as quantity
  from shipment s join shipment_line p on p.shipment_id = s.id
  where s.state <> 'unpacked'
  group by s.order_id, p.sku) as sent on sent.order_id = o.id and sent.sku = l.sku
where sent.quantity > l.quantity
order by 1`

const sqlOrderSteps = `
select from_state, event, to_state, count(*)
from order_history
group by from_state, event, to_state`

const sqlShipmentSteps = `
select from_state, event, to_state, count(*)
from shipment_history
group by from_state, event, to_state`
