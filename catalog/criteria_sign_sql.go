package catalog

const sqlSign = `
insert into product_signature (product_id, what, value, fingerprint, note, actor)
values (@product_id, @what, @value, @fingerprint, @note, @actor)`

const sqlAuthored = `
insert into product_author (product_id, actor)
values (@product_id, @actor)
on conflict (product_id, actor) do update set edited_at = excluded.edited_at`

const sqlAuthors = `
select a.actor
from product_author a
where a.product_id = @product_id
  and a.edited_at > coalesce((select max(at) from product_signature where product_id = @product_id and what = 'review' and value = 'approved'), '-infinity')
order by a.edited_at`

const sqlSignatures = `
select what, value, fingerprint, note, actor, at
from product_signature
where product_id = @product_id
order by id desc
limit 100`

const sqlSignaturesOf = `
select distinct on (product_id, what) product_id, what, value, fingerprint, note, actor, at
from product_signature
where product_id = any(@ids)
order by product_id, what, id desc`
