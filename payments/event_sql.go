package payments

const (
	// An event that needs no work is finished as it arrives; what it was stays visible. The answer names
	// those that ask for work, none that another delivery commits at this moment, together with its job.
	sqlStoreEvents = `
with arriving as (
  select id, type, api_version, livemode, object_id, payload, outcome
  from unnest(@ids::text[], @types::text[], @api_versions::text[], @livemodes::boolean[], @object_ids::text[], @payloads::bytea[], @outcomes::text[])
    as e (id, type, api_version, livemode, object_id, payload, outcome)),
stored as (
  insert into payment_event (id, type, api_version, livemode, object_id, payload, outcome, done_at)
  select id, type, api_version, livemode, object_id, payload, outcome, case when outcome <> '' then now() end from arriving
  on conflict (id) do nothing
  returning id, done_at)
select id from stored where done_at is null
union
select e.id from payment_event e join arriving using (id) where e.done_at is null`

	sqlUnfinishedEvent = `select payload from payment_event where id = @id and done_at is null`

	// All that wait about one object, of which one fetch tells everything.
	sqlEventsAbout = `select id from payment_event where object_id = @object_id and done_at is null`

	sqlEventsTried = `
update payment_event
set tries = tries + 1, last_error = @error,
    outcome = case when @error = '' then @outcome else outcome end,
    done_at = case when @error = '' then now() end
where id = any(@ids) and done_at is null`

	// An hour before the newest event, so that nothing that was late or shuffled is missed; at most
	// the 30 days that the provider keeps.
	sqlPollSince = `
select greatest(coalesce(max(received_at), now()) - interval '1 hour', now() - interval '29 days') from payment_event`

	sqlForgottenEvents = `
select id from payment_event
where done_at is null and received_at < now() - interval '5 minutes'
order by received_at limit 500`
)
