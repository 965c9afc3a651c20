package shop

const sqlClaimKey = `
insert into idempotency (scope, key, request_hash, subject)
values (@scope, @key, @hash, '')
on conflict (scope, key) do nothing`

const sqlReadKey = `
select subject, request_hash
from idempotency
where scope = @scope and key = @key
for update`

const sqlSettleKey = `
update idempotency
set subject = @subject
where scope = @scope and key = @key`

const sqlForgetKeys = `
delete from idempotency
where created_at < now() - interval '7 days'`
