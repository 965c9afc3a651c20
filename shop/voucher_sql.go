package shop

const sqlInsertVoucher = `
insert into voucher (id, code, kind, value, products, minimum_goods, starts_at, ends_at, once_per_customer, usage_limit, created_by)
values (@id, @code, @kind, @value, @products, @minimum_goods, @starts_at, @ends_at, @once, @usage_limit, @created_by)`

const sqlVoucherByCode = `
select id, code, kind, value, products, minimum_goods, starts_at, ends_at, once_per_customer, usage_limit, used, disabled_at,
       disabled_at is null and coalesce(starts_at <= now(), true) and coalesce(ends_at > now(), true) and (usage_limit is null or used < usage_limit)
from voucher where code = @code`

const sqlListVouchers = `
select id, code, kind, value, products, minimum_goods, starts_at, ends_at, once_per_customer, usage_limit, used, disabled_at,
       disabled_at is null and coalesce(starts_at <= now(), true) and coalesce(ends_at > now(), true) and (usage_limit is null or used < usage_limit)
from voucher order by created_at desc, code limit 500`

const sqlDisableVoucher = `
update voucher set disabled_at = coalesce(disabled_at, now()) where code = @code`

// A conditional update counts a use: two orders never share the last one.
const sqlUseVoucher = `
update voucher set used = used + 1
where id = @id and (usage_limit is null or used < usage_limit)`

const sqlInsertVoucherUse = `
insert into voucher_use (order_id, voucher_id, customer, once)
values (@order_id, @voucher_id, @customer, @once)
on conflict (order_id) do update set active = true`

const sqlReleaseVoucherUse = `
update voucher_use set active = false
where order_id = @order_id and active
returning voucher_id`

const sqlGiveVoucherBack = `
update voucher set used = used - 1 where id = @id`

const sqlVoucherUseOfOrder = `
select voucher_id, customer, once from voucher_use where order_id = @order_id and not active`

const sqlSetCartVoucher = `
update cart set voucher_code = @code, updated_at = now() where id = @id`

const sqlSetCartGiftCodes = `
update cart set gift_codes = @codes, updated_at = now() where id = @id`

const sqlCountVouchers = `select count(*) from voucher`

const sqlVouchersMiscounted = `
select v.code || ' counts ' || v.used || ' uses, its orders ' || count(u.order_id)
from voucher v left join voucher_use u on u.voucher_id = v.id and u.active
group by v.id having v.used <> count(u.order_id)
order by 1`
