package catalog

const sqlReserve = `
update stock
set reserved = reserved + @quantity
where variant_id = @variant_id and location = @location and on_hand - reserved >= @quantity`

const sqlInsertHold = `
insert into stock_hold (order_id, variant_id, location, quantity)
values (@order_id, @variant_id, @location, @quantity)
on conflict (order_id, variant_id, location) do update set state = 'held', quantity = excluded.quantity, ended_at = null`

const sqlShortage = `
select v.sku, coalesce(s.on_hand - s.reserved, 0)
from variant v left join stock s on s.variant_id = v.id and s.location = @location
where v.id = @variant_id`

const sqlEndHolds = `
update stock_hold
set state = @state, ended_at = clock_timestamp()
where order_id = @order_id and state = 'held'
returning variant_id, location, quantity`

const sqlTakeStock = `
update stock
set on_hand = on_hand - @quantity, reserved = reserved - @quantity
where variant_id = @variant_id and location = @location`

const sqlReleaseStock = `
update stock
set reserved = reserved - @quantity
where variant_id = @variant_id and location = @location`

// A row that is proposed must pass the checks even when it is there already: what takes away proposes
// nothing on hand. Whoever takes away has found the row before.
const sqlAddStock = `
insert into stock (variant_id, location, on_hand)
values (@variant_id, @location, greatest(@delta::int, 0))
on conflict (variant_id, location) do update set on_hand = stock.on_hand + @delta::int`

const sqlInsertMovement = `
insert into stock_movement (variant_id, location, delta, reason, reference, actor)
values (@variant_id, @location, @delta, @reason, @reference, @actor)`
