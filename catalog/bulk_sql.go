package catalog

const sqlProductsOfSKUs = `
select distinct product_id
from variant
where sku = any(@skus) and retired_at is null`

const sqlInsertBulkEdit = `
insert into bulk_edit (changes, undoes, actor)
values (@changes, @undoes, @actor)
returning id`

const sqlBulkEdits = `
select b.id, b.at, b.actor, b.changes, b.undoes, u.id
from bulk_edit b left join bulk_edit u on u.undoes = b.id
where @id::bigint = 0 or b.id = @id
order by b.id desc
limit @limit`
