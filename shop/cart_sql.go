package shop

const sqlInsertCart = `
insert into cart (id, lang)
values (@id, @lang)`

const sqlCart = `
select c.id, c.lang, c.country, c.postal_code, c.shown_shipping, c.voucher_code, c.gift_codes,
       (select o.id from orders o where o.cart_id = c.id) as order_id
from cart c
where c.id = @id`

const sqlLockCart = `
select c.id, c.lang, c.country, c.postal_code, c.shown_shipping, c.voucher_code, c.gift_codes,
       (select o.id from orders o where o.cart_id = c.id) as order_id
from cart c
where c.id = @id
for update of c`

const sqlCartLines = `
select sku, quantity, shown_price
from cart_line
where cart_id = @id
order by added_at, sku`

const sqlTouchCart = `
update cart
set updated_at = now()
where id = @id`

const sqlPutCartLine = `
insert into cart_line (cart_id, sku, quantity, shown_price)
values (@id, @sku, @quantity, @price)
on conflict (cart_id, sku) do update set quantity = excluded.quantity, shown_price = excluded.shown_price`

const sqlDeleteCartLine = `
delete from cart_line
where cart_id = @id and sku = @sku`

const sqlDeleteCartLines = `
delete from cart_line
where cart_id = @id`

const sqlShowPrice = `
update cart_line
set shown_price = @price
where cart_id = @id and sku = @sku and shown_price <> @price`

const sqlShowShipping = `
update cart
set shown_shipping = @shown, updated_at = now()
where id = @id`

const sqlSetDestination = `
update cart
set country = @country, postal_code = @postal_code, updated_at = now()
where id = @id`

const sqlDeleteOldCarts = `
delete from cart
where updated_at < now() - @age::interval
  and not exists (select from orders o where o.cart_id = cart.id)`
