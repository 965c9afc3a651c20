package shop

const sqlLockConditions = `
select pg_advisory_xact_lock(hashtext('shipping_conditions'))`

const sqlListConditions = `
select version, set_by, set_at
from shipping_conditions
order by version desc
limit 30`

const sqlNumbersSince = `
select number
from orders
where placed_at >= @since and shipping_method = @method and confirmed_at is not null
order by placed_at desc
limit 2000`
