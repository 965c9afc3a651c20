package catalog

const sqlBeginUpload = `
insert into upload (id, product_id, maker_id, name, bytes, actor)
select @id, @product_id, @maker_id, @name, @bytes, @actor
where (select count(*) from upload where product_id = @product_id or maker_id = @maker_id) < @most::int`

const sqlLockUpload = `
select id
from upload
where id = @id
for update`

const sqlUpload = `
select u.id, coalesce(p.slug, ''), coalesce(m.slug, ''), u.name, u.bytes, u.received, u.updated_at
from upload u
left join product p on p.id = u.product_id
left join maker m on m.id = u.maker_id
where u.id = @id`

const sqlUploads = `
select u.id, p.slug, '', u.name, u.bytes, u.received, u.updated_at
from upload u join product p on p.id = u.product_id
where u.product_id = @product_id
order by u.created_at, u.id`

const sqlPutPart = `
insert into upload_part (upload_id, start, data)
values (@id, @start, @data)`

const sqlMoveUpload = `
update upload
set received = @received, updated_at = now()
where id = @id`

const sqlParts = `
select data
from upload_part
where upload_id = @id
order by start`

const sqlForgetUpload = `
delete from upload
where id = @id`

const sqlSweepUploads = `
delete from upload
where updated_at < now() - @age::text::interval`
