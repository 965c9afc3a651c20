package mail

const sqlInsert = `
insert into mail (kind, subject_ref, message_id, recipient, subject_line, lang, source)
values (@kind, @ref, @message_id, @recipient, @subject, @lang, @source)
on conflict (kind, subject_ref) do nothing
returning id`

const sqlList = `
select id, kind, subject_ref, message_id, recipient, subject_line, lang, created_at, sent_at, tries, last_error, next_try_at, given_up_at, unanswered
from mail
where (@before::bigint = 0 or id < @before) and (not @stuck or sent_at is null)
order by id desc
limit @limit`

const sqlGet = `
select id, kind, subject_ref, message_id, recipient, subject_line, lang, created_at, sent_at, tries, last_error, next_try_at, given_up_at, unanswered
from mail
where id = @id`

const sqlSource = `
select source
from mail
where id = @id`

const sqlUnsent = `
select recipient, source, tries, unanswered, extract(epoch from now() - coalesce(asked_at, created_at))::bigint as waited
from mail
where id = @id and sent_at is null and given_up_at is null`

const sqlMarkSent = `
update mail
set sent_at = clock_timestamp(), tries = tries + 1, last_error = null, next_try_at = null
where id = @id`

const sqlMarkWaiting = `
update mail
set tries = tries + 1, last_error = @error, unanswered = @unanswered, next_try_at = clock_timestamp() + make_interval(secs => @seconds)
where id = @id`

const sqlMarkGivenUp = `
update mail
set tries = tries + 1, last_error = @error, unanswered = @unanswered, next_try_at = null, given_up_at = clock_timestamp()
where id = @id`

const sqlAskAgain = `
update mail
set given_up_at = null, unanswered = 0, asked_at = clock_timestamp(), next_try_at = clock_timestamp()
where id = @id and given_up_at is not null
returning kind, subject_ref`

const sqlHurry = `
update mail
set next_try_at = clock_timestamp()
where sent_at is null and given_up_at is null and next_try_at > clock_timestamp()`

const sqlGivenUp = `
select id
from mail
where given_up_at is not null and unanswered = 0
order by id
for update`

const sqlCountUnsent = `
select count(*)
from mail
where sent_at is null and (given_up_at is not null or created_at < now() - interval '15 minutes')`
