package payments

const (
	sqlDispute = `
select id, payment_id, order_id, amount, reason, status, open, due_by, opened_at, closed_at
from dispute where id = @id for update`

	sqlKeepDispute = `
insert into dispute (id, payment_id, order_id, amount, reason, status, open, due_by, opened_at, closed_at)
values (@id, @payment_id, @order_id, @amount, @reason, @status, @open, @due_by, @opened_at, case when not @open::bool then now() end)
on conflict (id) do update
set status = excluded.status, reason = excluded.reason, open = excluded.open, due_by = excluded.due_by, closed_at = coalesce(dispute.closed_at, excluded.closed_at)`

	sqlDisputeStep = `
insert into dispute_history (dispute_id, status) values (@id, @status)`

	sqlDisputesOfOrder = `
select id, payment_id, order_id, amount, reason, status, open, due_by, opened_at, closed_at
from dispute where order_id = @order_id order by opened_at, id`

	sqlOpenDisputes = `
select id, payment_id, order_id, amount, reason, status, open, due_by, opened_at, closed_at
from dispute where open order by due_by nulls last, opened_at, id limit 200`

	sqlOpenDisputeIDs = `
select id from dispute where open order by opened_at limit 500`

	sqlKeepWarning = `
insert into fraud_warning (id, payment_id, order_id, kind, warned_at)
values (@id, @payment_id, @order_id, @kind, @warned_at)
on conflict (id) do nothing`

	sqlOpenWarnings = `
select id, payment_id, order_id, kind, warned_at, done_at, done_by
from fraud_warning where done_at is null order by warned_at, id limit 200`

	sqlWarningsOfOrder = `
select id, payment_id, order_id, kind, warned_at, done_at, done_by
from fraud_warning where order_id = @order_id order by warned_at, id`

	sqlWarningDone = `
update fraud_warning set done_at = now(), done_by = @actor
where id = @id and done_at is null
returning id, payment_id, order_id, kind, warned_at, done_at, done_by`
)
