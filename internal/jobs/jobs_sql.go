package jobs

const sqlReclaim = `
update river_job
set state = 'available', scheduled_at = now(), finalized_at = null
where state = 'running'`

const sqlHurry = `
update river_job
set state = 'available', scheduled_at = now()
where kind = @kind and state in ('scheduled', 'retryable')`
