package catalog

const sqlForgetImports = `
delete from product_import
where state not in ('judging', 'importing') and (created_at < now() - @age::text::interval or state = 'arriving' and created_at < now() - interval '1 day')`

const sqlInsertImport = `
insert into product_import (name, bytes, zipped, state, actor)
values (@name, 0, false, 'arriving', @actor)
returning id`

const sqlBroughtImport = `
update product_import
set bytes = @bytes, zipped = @zipped, state = 'judging'
where id = @id`

const sqlPutImportPart = `
insert into product_import_part (import_id, n, data)
values (@id, @n, @data)`

const sqlImportPart = `
select data
from product_import_part
where import_id = @id and n = @n`

const sqlMoveImport = `
update product_import
set state = @to, actor = @actor, done = 0
where id = @id and state = @from`

const sqlDropImport = `
delete from product_import
where id = @id and state not in ('judging', 'importing')`

const sqlImports = `
select id, name, bytes, zipped, state, done, total, report, problem, actor, created_at, ended_at
from product_import
where state <> 'arriving' and (@id::bigint = 0 or id = @id)
order by id desc
limit @limit`

const sqlImportProgress = `
update product_import
set done = @done, total = @total
where id = @id`

const sqlImportAlone = `
select pg_try_advisory_xact_lock(hashtext('boutique product import'))`

const sqlEndImport = `
update product_import
set state = @state, report = @report, problem = @problem, total = @total, done = case when @state::text in ('done', 'judged') then @total else done end, ended_at = clock_timestamp()
where id = @id and state = @from`

const sqlForgetImportParts = `
delete from product_import_part
where import_id = @id`
