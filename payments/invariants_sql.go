package payments

const (
	sqlFigurePayments = `select count(*) from payment`

	sqlBrokenLiveAttempts = `
select 'order ' || order_id || ': ' || count(*) || ' live attempts'
from payment where state in ('creating', 'open', 'processing')
group by order_id having count(*) > 1`

	sqlFigurePaymentSteps = `select count(*) from payment_history`

	sqlBrokenPaymentSteps = `
select 'payment ' || p.id || ' is ' || p.state || ' after ' || count(h.seq) || ' of ' || p.history_seq || ' steps'
from payment p left join payment_history h on h.payment_id = p.id
group by p.id
having count(h.seq) <> p.history_seq
    or (array_agg(h.to_state order by h.seq desc))[1] is distinct from p.state`

	sqlFigureCaptured = `select count(*) from payment where state = 'captured'`

	sqlBrokenCaptured = `
select 'payment ' || id || ' is captured without session or intent'
from payment
where state = 'captured' and gateway = 'stripe' and (session_id is null or intent_id is null and quarantined = '')`

	sqlFigureLive = `select count(*) from payment where state in ('creating', 'open', 'processing')`

	// Processing is left to the provider: a debit may take two weeks.
	sqlBrokenOverdue = `
select 'payment ' || id || ' is ' || state || ' since ' || expires_at
from payment where state in ('creating', 'open') and expires_at < now() - interval '15 minutes'`

	sqlFigureRefunds = `select count(*) from refund`

	sqlBrokenRefundSums = `
select 'payment ' || p.id || ': ' || sum(r.amount) || ' of ' || p.amount || ' given back'
from payment p join refund r on r.payment_id = p.id and r.state in ('pending', 'succeeded')
where p.quarantined = ''
group by p.id
having sum(r.amount) > p.amount or p.state <> 'captured'`

	sqlFigureRefundSteps = `select count(*) from refund_history`

	sqlBrokenRefundSteps = `
select 'refund ' || r.id || ' is ' || r.state || ' after ' || count(h.seq) || ' of ' || r.history_seq || ' steps'
from refund r left join refund_history h on h.refund_id = r.id
group by r.id
having count(h.seq) <> r.history_seq
    or (array_agg(h.to_state order by h.seq desc))[1] is distinct from r.state`

	sqlBrokenStuckRefunds = `
select 'refund ' || id || ' is requested since ' || created_at
from refund where state = 'requested' and created_at < now() - interval '1 hour'`

	sqlFigureEvents = `select count(*) from payment_event`

	sqlBrokenEvents = `
select 'event ' || id || ' (' || type || ') waits since ' || received_at || ': ' || last_error
from payment_event where done_at is null and received_at < now() - interval '15 minutes'`

	sqlFigureBalance = `select count(*) from payment_balance`

	sqlBrokenBalance = `
select 'balance transaction ' || id || ' (' || kind || '): ' || amount || ' less ' || fee || ' is not ' || net
from payment_balance
where amount - fee <> net or kind = 'refund' and fee <> 0`
)
