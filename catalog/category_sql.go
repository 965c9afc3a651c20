package catalog

const sqlCategories = `
select c.slug, c.position, coalesce((select jsonb_object_agg(t.lang, t.name) from category_text t where t.category_id = c.id), '{}') as labels,
       (select count(*) from product p where p.category_id = c.id)::int as products,
       (select count(*) from product p where p.category_id = c.id and p.state = 'published')::int as published
from category c
order by c.position, c.slug`

const sqlCategory = `
select c.slug, c.position, coalesce(c.photo_sha256, ''),
       coalesce((select jsonb_object_agg(t.lang, t.name) from category_text t where t.category_id = c.id), '{}'),
       coalesce((select jsonb_object_agg(t.lang, t.description) from category_text t where t.category_id = c.id), '{}'),
       coalesce((select array_agg(distinct f.sha256) from photo f join product p on p.id = f.product_id where p.category_id = c.id), '{}'),
       (select count(*) from product p where p.category_id = c.id)::int
from category c
where c.slug = @slug`

const sqlSaveCategory = `
insert into category (slug, position, photo_sha256)
values (@slug, @position, nullif(@photo, ''))
on conflict (slug) do update set position = excluded.position, photo_sha256 = excluded.photo_sha256
returning id`

const sqlDropCategoryText = `
delete from category_text
where category_id = @category_id and lang = @lang`

const sqlLastCategory = `
select coalesce(max(position), 0)
from category`

const sqlRemoveCategory = `
delete from category c
where c.slug = @slug and not exists (select from product p where p.category_id = c.id)`
