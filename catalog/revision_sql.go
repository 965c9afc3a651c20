package catalog

const sqlInsertRevision = `
insert into product_revision (product_id, version, content, author)
values (@product_id, @version, @content, @author)
on conflict (product_id, version) do nothing`

const sqlRevisions = `
select version, author, at, content
from product_revision
where product_id = @product_id and version <= @up_to
order by version desc
limit @limit`

const sqlPutDraft = `
insert into product_draft (product_id, author, version, content)
select id, @author, @version, @content
from product
where slug = @slug
on conflict (product_id, author) do update set version = excluded.version, content = excluded.content, saved_at = clock_timestamp()`

const sqlDraft = `
select version, content, saved_at
from product_draft
where product_id = @product_id and author = @author`

const sqlDropDraft = `
delete from product_draft
where author = @author and product_id = (select id from product where slug = @slug)`

const sqlConfirmText = `
update product_text
set updated_at = clock_timestamp()
where product_id = @product_id and lang = @lang`
