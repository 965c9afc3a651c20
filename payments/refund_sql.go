package payments

const (
	sqlInsertRefund = `
insert into refund (id, payment_id, order_id, state, amount, reason, origin, detail, idempotency_key, provider_id, failure, history_seq)
values (@id, @payment_id, @order_id, @state, @amount, @reason, @origin, @detail::jsonb, @idempotency_key, nullif(@provider_id, ''), @failure, 1)
returning created_at`

	sqlInsertRefundStep = `
insert into refund_history (refund_id, seq, from_state, event, to_state, actor, reason)
values (@refund_id, @seq, @from_state, @event, @to_state, @actor, @reason)`

	sqlRefund = `
select id, payment_id, order_id, state, amount, reason, origin, detail, coalesce(provider_id, ''), failure, created_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours'
from refund where id = @id`

	sqlRefundsOfOrder = `
select id, payment_id, order_id, state, amount, reason, origin, detail, coalesce(provider_id, ''), failure, created_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours'
from refund where order_id = @order_id order by created_at, id`

	sqlRefundsOfPayment = `
select id, payment_id, order_id, state, amount, reason, origin, detail, coalesce(provider_id, ''), failure, created_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours'
from refund where payment_id = @payment_id order by created_at, id`

	sqlUpdateRefund = `
update refund
set state = @state, history_seq = @seq, provider_id = nullif(@provider_id, ''), failure = @failure
where id = @id`

	sqlRekeyRefund = `
update refund set idempotency_key = @key where id = @id and idempotency_key = @was and state = 'requested'`

	// Requested refunds whose job should have run by now, and payments with a refund on its way.
	sqlForgottenRefunds = `
select id from refund
where state = 'requested' and created_at < now() - interval '5 minutes'
order by created_at limit 500`

	sqlPaymentsWithPendingRefund = `
select distinct payment_id from refund where state = 'pending' limit 500`
)
