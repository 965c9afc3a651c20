package desk

const sqlInsertSession = `
insert into desk_session (payment_id, order_id, number, amount, expires_at)
values (@payment_id, @order_id, @number, @amount, @expires_at)
on conflict (payment_id) do nothing`

const sqlSession = `
select payment_id, order_id, amount, state, means, taken_by, expires_at
from desk_session
where payment_id = @payment_id`

const sqlExpireSession = `
update desk_session
set state = 'expired'
where payment_id = @payment_id and state = 'open'`

const sqlTake = `
update desk_session
set state = 'complete', means = @means, reference = @reference, taken_by = @taken_by, taken_at = now()
where payment_id = @payment_id and state = 'open'
returning payment_id, order_id, amount, state, means, taken_by, expires_at`
