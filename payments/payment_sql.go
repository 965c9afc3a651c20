package payments

const (
	sqlNow = `select now()`

	sqlInsertPayment = `
insert into payment (id, order_id, n, gateway, state, amount, idempotency_key, request, expires_at, created_at, history_seq)
values (@id, @order_id, @n, @gateway, @state, @amount, @idempotency_key, @request::jsonb, @expires_at, now(), 1)`

	sqlInsertPaymentStep = `
insert into payment_history (payment_id, seq, from_state, event, to_state, actor, reason)
values (@payment_id, @seq, @from_state, @event, @to_state, @actor, @reason)`

	sqlPayment = `
select id, order_id, n, gateway, state, amount, request, coalesce(session_id, ''), session_url,
       coalesce(intent_id, ''), charge_id, method, fee, quarantined, expires_at, created_at, captured_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours', expires_at < now() - interval '2 minutes'
from payment where id = @id`

	sqlLockPayment = `
select id, order_id, n, gateway, state, amount, request, coalesce(session_id, ''), session_url,
       coalesce(intent_id, ''), charge_id, method, fee, quarantined, expires_at, created_at, captured_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours', expires_at < now() - interval '2 minutes'
from payment where id = @id for update`

	sqlPaymentsOfOrder = `
select id, order_id, n, gateway, state, amount, request, coalesce(session_id, ''), session_url,
       coalesce(intent_id, ''), charge_id, method, fee, quarantined, expires_at, created_at, captured_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours', expires_at < now() - interval '2 minutes'
from payment where order_id = @order_id order by n`

	sqlPaymentBySession = `select id from payment where session_id = @session_id`

	sqlPaymentByIntent = `select id from payment where intent_id = @intent_id`

	sqlUpdatePayment = `
update payment
set state = @state, history_seq = @seq, session_id = nullif(@session_id, ''), session_url = @session_url,
    intent_id = nullif(@intent_id, ''), charge_id = @charge_id, method = @method, quarantined = @quarantined,
    captured_at = case when @state = 'captured' then coalesce(captured_at, now()) end
where id = @id
returning captured_at`

	// The methods are stored once, before the first sending: the configuration may change between
	// two tries, the request may not.
	sqlStoreMethods = `
update payment set request = jsonb_set(request, '{methods}', @methods::jsonb)
where id = @id and state = 'creating' and not request ? 'methods'`

	sqlStoreFee = `
update payment set fee = @fee, charge_id = @charge_id, method = @method
where id = @id`

	sqlInsertBalance = `
insert into payment_balance (id, payment_id, refund_id, kind, amount, fee, net, at)
values (@id, @payment_id, @refund_id, @kind, @amount, @fee, @net, @at)
on conflict (id) do nothing`

	// Attempts that time has caught up with: no answer for two minutes, or past their end.
	sqlOverduePayments = `
select id from payment
where gateway in ('stripe', 'desk')
  and (state = 'creating' and created_at < now() - interval '2 minutes'
       or state = 'open' and expires_at < now() - interval '2 minutes')
order by expires_at limit 200`

	// Payments that the provider may have news about although no time limit has passed.
	sqlUnsettledPayments = `
select id from payment
where gateway = 'stripe'
  and (state = 'processing' or state = 'captured' and fee is null and captured_at > now() - interval '30 days')
order by created_at limit 500`

	sqlPaymentsSince = `
select id from payment where gateway = 'stripe' and created_at >= @since order by created_at, id`
)
