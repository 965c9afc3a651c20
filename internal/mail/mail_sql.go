package mail

const sqlInsert = `
insert into mail (kind, subject_ref, message_id, recipient, subject_line, lang, source)
values (@kind, @ref, @message_id, @recipient, @subject, @lang, @source)
on conflict (kind, subject_ref) do nothing
returning id`

const sqlList = `
select id, kind, subject_ref, message_id, recipient, subject_line, lang, created_at, sent_at, tries, last_error
from mail
where @before::bigint = 0 or id < @before
order by id desc
limit @limit`

const sqlSource = `
select source
from mail
where id = @id`

const sqlUnsent = `
select recipient, source
from mail
where id = @id and sent_at is null`

const sqlMarkSent = `
update mail
set sent_at = clock_timestamp(), tries = tries + 1, last_error = null
where id = @id`

const sqlMarkFailed = `
update mail
set tries = tries + 1, last_error = @error
where id = @id`

const sqlCountUnsent = `
select count(*)
from mail
where sent_at is null and created_at < now() - interval '15 minutes'`
