package audit

const sqlInsert = `
insert into audit_log (actor, action, subject, detail, request_id)
values (@actor, @action, @subject, @detail, @request_id)`

const sqlList = `
select id, at, actor, action, subject, detail
from audit_log
where (@subject::text = '' or subject = @subject) and (@before::bigint = 0 or id < @before)
order by id desc
limit @limit`

const sqlLast = `
select max(at) from audit_log where action = @action`
