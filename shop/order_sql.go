package shop

const sqlInsertOrder = `
insert into orders (
  id, number, key_hash, cart_id, state, history_seq, lang, email, name, phone, company, siren, vat_number,
  line1, line2, postal_code, city, country, shipping_kind, shipping_method, shipping_label, quote,
  promise_from, promise_to, goods_total, shipping_total, standard_shipping, total, terms_version, voucher_code, shipping_discount, gift_total, birth_date, pays_at, expires_at)
values (
  @id, @number, @key_hash, @cart_id, 'awaiting_payment', 1, @lang, @email, @name, @phone, @company, @siren, @vat_number,
  @line1, @line2, @postal_code, @city, @country, @shipping_kind, @shipping_method, @shipping_label, @quote,
  @promise_from, @promise_to, @goods_total, @shipping_total, @standard_shipping, @total, @terms_version, @voucher_code, @shipping_discount, @gift_total, @birth_date, @pays_at, now() + @hold::interval)`

const sqlInsertOrderLine = `
insert into order_line (
  order_id, position, variant_id, sku, name, options, quantity, unit_price, total, vat_class, vat_rate, net, vat, weight_g, photo_sha256, slug, no_withdrawal, discount, gift_card, analytic_code)
values (
  @order_id, @position, @variant_id, @sku, @name, @options, @quantity, @unit_price, @total, @vat_class, @vat_rate, @net, @vat, @weight_g, @photo_sha256, @slug, @no_withdrawal, @discount, @gift_card, @analytic_code)`

const sqlInsertOrderVAT = `
insert into order_vat (order_id, rate, goods_gross, shipping_gross, gross, net, vat, exemption)
values (@order_id, @rate, @goods_gross, @shipping_gross, @gross, @net, @vat, @exemption)`

const sqlInsertOrderHistory = `
insert into order_history (order_id, seq, from_state, event, to_state, actor, reason)
values (@order_id, @seq, @from, @event, @to, @actor, @reason)`

const sqlMoveOrder = `
update orders
set state = @state, history_seq = @seq,
    cart_id = case when @state in ('expired', 'cancelled') then null else cart_id end
where id = @id and history_seq = @seq - 1`

const sqlConfirmOrder = `
update orders
set confirmed_at = clock_timestamp(), payment_id = @payment_id
where id = @id`

const sqlLockOrder = `
select id
from orders
where id = @id
for update`

const sqlOrderByID = `
select o.id, o.number, o.key_hash, o.cart_id, o.payment_id, o.state, o.history_seq, o.lang, o.email, o.name, o.phone, o.company, o.siren, o.vat_number,
       o.line1, o.line2, o.postal_code, o.city, o.country, o.shipping_kind, o.shipping_method, o.shipping_label, o.quote,
       o.promise_from, o.promise_to, o.goods_total, o.shipping_total, coalesce(o.standard_shipping, o.shipping_total) as standard_shipping, o.voucher_code, o.shipping_discount, o.gift_total, o.total, o.terms_version, o.pays_at, o.placed_at, o.expires_at, o.confirmed_at,
       v.payment_status, v.fulfilment_status
from orders o join shop_v_status v on v.order_id = o.id
where o.id = @id`

const sqlOrderByNumber = `
select o.id, o.number, o.key_hash, o.cart_id, o.payment_id, o.state, o.history_seq, o.lang, o.email, o.name, o.phone, o.company, o.siren, o.vat_number,
       o.line1, o.line2, o.postal_code, o.city, o.country, o.shipping_kind, o.shipping_method, o.shipping_label, o.quote,
       o.promise_from, o.promise_to, o.goods_total, o.shipping_total, coalesce(o.standard_shipping, o.shipping_total) as standard_shipping, o.voucher_code, o.shipping_discount, o.gift_total, o.total, o.terms_version, o.pays_at, o.placed_at, o.expires_at, o.confirmed_at,
       v.payment_status, v.fulfilment_status
from orders o join shop_v_status v on v.order_id = o.id
where o.number = @number`

const sqlOrderLines = `
select l.variant_id, l.sku, l.name, l.options, l.quantity, l.unit_price, l.total, l.vat_class, l.vat_rate, l.net, l.vat, l.weight_g, l.photo_sha256, l.slug, l.no_withdrawal, l.discount, l.gift_card, l.analytic_code,
       coalesce((
         select sum(p.quantity)
         from shipment_line p join shipment s on s.id = p.shipment_id
         where s.order_id = l.order_id and p.sku = l.sku and s.state in ('shipped', 'delivered', 'collected')), 0)::int as sent,
       coalesce((
         select sum(p.unsent)
         from return_line p join order_return r on r.id = p.return_id
         where r.order_id = l.order_id and p.sku = l.sku and r.state = 'refunded' and r.refund_id is null), 0)::int as dropped
from order_line l
where l.order_id = @order_id
order by l.position`

const sqlOrderVAT = `
select rate, goods_gross, shipping_gross, gross, net, vat, exemption
from order_vat
where order_id = @order_id
order by rate desc, exemption`

const sqlOrderHistory = `
select seq, from_state, event, to_state, actor, reason, at
from order_history
where order_id = @order_id
order by seq`

const sqlListOrders = `
select o.id, o.number, o.state, o.name, o.email, o.country, o.shipping_kind, o.shipping_label, o.quote -> 'names' as shipping_names, o.promise_to, o.total, o.placed_at,
       v.payment_status, v.fulfilment_status,
       (select sum(l.quantity) from order_line l where l.order_id = o.id)::int as pieces
from orders o join shop_v_status v on v.order_id = o.id
where (@state::text = '' or o.state = @state)
  and (@payment::text = '' or v.payment_status = @payment)
  and (@fulfilment::text = '' or v.fulfilment_status = @fulfilment)
  and (@pays_at::text = '' or o.pays_at = @pays_at)
  and (@q::text = '' or o.number ilike @pattern or o.email ilike @pattern or o.name ilike @pattern or o.postal_code = @q)
  and (not @after::bool or (o.placed_at, o.id) < (@after_at, @after_id))
order by o.placed_at desc, o.id desc
limit @limit`

const sqlCountToPack = `
select count(*) filter (where o.shipping_kind = 'delivery'), count(*) filter (where o.shipping_kind = 'collection')
from orders o join shop_v_status v on v.order_id = o.id
where o.state = 'confirmed' and v.fulfilment_status <> 'fulfilled' and v.payment_status <> 'refunded'
  and not exists (select from payments_v_disputed d where d.order_id = o.id)`

const sqlCountAtDesk = `
select count(*)
from orders
where state = 'awaiting_payment' and pays_at = 'desk'`

// What a bank takes or took back waits for a decision, not for a parcel. Pieces are those that have yet to leave.
const sqlToPack = `
select o.id, o.number, o.state, o.name, o.email, o.country, o.shipping_kind, o.shipping_label, o.quote -> 'names' as shipping_names, o.promise_to, o.total, o.placed_at,
       v.payment_status, v.fulfilment_status,
       (select sum(l.quantity) - coalesce(sum(gone.quantity), 0)
        from order_line l left join lateral (
          select sum(sl.quantity) as quantity from shipment s join shipment_line sl on sl.shipment_id = s.id where s.order_id = o.id and sl.sku = l.sku and s.state <> 'unpacked') gone on true
        where l.order_id = o.id and not l.gift_card)::int as pieces
from orders o join shop_v_status v on v.order_id = o.id
where o.state = 'confirmed' and v.fulfilment_status <> 'fulfilled' and v.payment_status <> 'refunded'
  and not exists (select from payments_v_disputed d where d.order_id = o.id)
order by o.promise_to, o.placed_at, o.id
limit @limit`

const sqlExportOrders = `
select o.placed_at, o.number, o.state, v.payment_status, v.fulfilment_status, o.name, o.email, o.country, o.postal_code, o.shipping_label,
       (select sum(l.quantity) from order_line l where l.order_id = o.id)::int, o.goods_total, o.shipping_total, o.total
from orders o join shop_v_status v on v.order_id = o.id
where o.placed_at >= @from and o.placed_at < @until
order by o.placed_at, o.number`

const sqlOrderPhotos = `
select distinct photo_sha256
from order_line
where photo_sha256 <> ''`

const sqlPayOnline = `
update orders set pays_at = 'online', expires_at = now() + @hold::interval
where id = @id and state = 'awaiting_payment'`
