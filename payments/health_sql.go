package payments

const (
	sqlHealth = `
select max(received_at),
       min(received_at) filter (where done_at is null),
       count(*) filter (where done_at is null),
       count(*) filter (where api_version <> @version and received_at > now() - interval '30 days'),
       (select count(*) from payment where quarantined <> ''),
       (select count(*) from refund
        where state = 'requested' and created_at < now() - interval '1 hour'
           or state = 'failed' and created_at > now() - interval '30 days')
from payment_event`

	sqlQuarantinedPayments = `
select id, order_id, n, gateway, state, amount, request, coalesce(session_id, ''), session_url,
       coalesce(intent_id, ''), charge_id, method, fee, quarantined, expires_at, created_at, captured_at,
       idempotency_key, history_seq, created_at < now() - interval '23 hours', expires_at < now() - interval '2 minutes'
from payment where quarantined <> '' order by captured_at desc, id limit 100`

	sqlModesSeen = `
select exists (select from payment where session_id like 'cs\_live\_%'),
       exists (select from payment where session_id like 'cs\_test\_%')`
)
