package staff

const sqlInsertStaff = `
insert into staff (email, name, role, password_hash)
values (@email, @name, @role, @hash)`

const sqlDisableStaff = `
update staff
set disabled_at = now()
where email = @email and disabled_at is null`

const sqlListStaff = `
select id, email::text as email, name, role, disabled_at, created_at
from staff
order by email`

const sqlStaffByEmail = `
select id, email::text, name, role, disabled_at, created_at, password_hash
from staff
where email = @email`

const sqlStaffByID = `
select id, email::text, name, role, disabled_at, created_at
from staff
where id = @id`

const sqlCountAttempts = `
select coalesce(max(failures), 0)
from (
  select count(*)::int as failures
  from attempt
  where scope = 'sign-in' and who = any(@who) and at > now() - @window::interval
  group by who) as counted`

const sqlInsertAttempts = `
insert into attempt (scope, who)
select 'sign-in', unnest(@who::text[])`

const sqlInsertToken = `
insert into staff_token (name, role, hash)
values (@name, @role, @hash)`

const sqlTokenByHash = `
select id, name, role
from staff_token
where hash = @hash and revoked_at is null`
