package payments

const (
	// The provider's movements know their second only: they come last in it.
	sqlStory = `
with mine as (
  select id, n, gateway, method, amount, session_id, intent_id, charge_id from payment where order_id = @order_id
), back as (
  select r.id, r.payment_id, r.amount, r.provider_id, m.n, m.method from refund r join mine m on m.id = r.payment_id
), quarrels as (
  select d.id, d.payment_id, d.amount, m.n from dispute d join mine m on m.id = d.payment_id
)
select h.at, 'payment', h.event, h.to_state, h.actor, h.reason, coalesce(m.session_id, ''), m.amount, null::bigint, m.n, coalesce(nullif(m.method, ''), m.gateway)
from payment_history h join mine m on m.id = h.payment_id
union all
select h.at, 'refund', h.event, h.to_state, h.actor, h.reason, coalesce(b.provider_id, ''), -b.amount, null, b.n, b.method
from refund_history h join back b on b.id = h.refund_id
union all
select e.received_at, 'event', e.type, e.outcome, '', e.last_error, e.id, null, null, 0, ''
from payment_event e
where e.object_id in (select session_id from mine where session_id is not null union select intent_id from mine where intent_id is not null
                      union select charge_id from mine where charge_id <> '' union select provider_id from back where provider_id is not null union select id from quarrels)
union all
select l.at + interval '999 milliseconds', 'balance', l.kind, '', '', l.description, l.id, l.amount, l.fee, m.n, ''
from balance_line l join mine m on m.id = l.payment_id
union all
-- The charge's own movement is known at once; the balance is read every night.
select b.at + interval '999 milliseconds', 'balance', b.kind, '', '', '', b.id, b.amount, b.fee, m.n, ''
from payment_balance b join mine m on m.id = b.payment_id
where not exists (select from balance_line l where l.id = b.id)
union all
select h.at, 'dispute', h.status, '', '', '', h.dispute_id, q.amount, null, q.n, ''
from dispute_history h join quarrels q on q.id = h.dispute_id
union all
select w.warned_at, 'warning', w.kind, '', w.done_by, '', w.id, null, null, m.n, ''
from fraud_warning w join mine m on m.id = w.payment_id
union all
select p.created_at, 'payout', p.status, p.arrives_on::text, '', '', p.id, sum(l.net)::bigint, null, 0, ''
from balance_line l join mine m on m.id = l.payment_id join payout_line pl on pl.line_id = l.id join payout p on p.id = pl.payout_id
group by p.id
order by 1, 2`

	sqlUnfinishedEvents = `
select id, type, api_version, received_at, tries, last_error
from payment_event where done_at is null order by received_at limit 50`

	sqlOtherVersions = `
select id, type, api_version, received_at, tries, last_error
from payment_event where api_version <> @version order by received_at desc limit 20`
)
