package catalog

const sqlListProducts = `
with page as (
  select p.id, p.slug, p.state, p.family, p.category_id, p.updated_at
  from product p
  where (@state::text = '' or p.state = @state)
    and (@category::bigint = 0 or p.category_id = @category)
    and (@after::text = '' or p.slug > @after)
  order by p.slug
  limit @limit
)
select p.id, p.slug, coalesce(nullif(t.name, ''), p.slug) as name, p.state, p.family, coalesce(c.slug, '') as category,
       coalesce((select sha256 from photo where product_id = p.id order by position limit 1), '') as photo_sha256,
       coalesce(v.price, 0) as price, coalesce(v.variants, 0)::int as variants, coalesce(v.available, 0)::int as available, p.updated_at
from page p
left join product_text t on t.product_id = p.id and t.lang = 'fr'
left join category c on c.id = p.category_id
left join lateral (
  select min(price.amount) as price, count(*) as variants, sum(coalesce(s.on_hand - s.reserved, 0)) as available
  from variant v
  left join stock s on s.variant_id = v.id and s.location = 'web'
  left join lateral (
    select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1
  ) as price on true
  where v.product_id = p.id and v.retired_at is null
) as v on true
order by p.slug`

// What was found is looked up one by one in its order, until the page is full: offset keeps PostgreSQL
// from reading the whole table instead.
const sqlListFound = `
with found as (
  select f.id, f.n from unnest(@ids::bigint[]) with ordinality as f(id, n)
), page as (
  select p.id, p.slug, p.state, p.family, p.category_id, p.updated_at, f.n
  from (
    select id, n from found
    where @after::text = '' or n > (select g.n from found g join product a on a.id = g.id where a.slug = @after)
    order by n
  ) f
  cross join lateral (
    select id, slug, state, family, category_id, updated_at from product
    where id = f.id and (@state::text = '' or state = @state) and (@category::bigint = 0 or category_id = @category)
    offset 0
  ) p
  order by f.n
  limit @limit
)
select p.id, p.slug, coalesce(nullif(t.name, ''), p.slug) as name, p.state, p.family, coalesce(c.slug, '') as category,
       coalesce((select sha256 from photo where product_id = p.id order by position limit 1), '') as photo_sha256,
       coalesce(v.price, 0) as price, coalesce(v.variants, 0)::int as variants, coalesce(v.available, 0)::int as available, p.updated_at
from page p
left join product_text t on t.product_id = p.id and t.lang = 'fr'
left join category c on c.id = p.category_id
left join lateral (
  select min(price.amount) as price, count(*) as variants, sum(coalesce(s.on_hand - s.reserved, 0)) as available
  from variant v
  left join stock s on s.variant_id = v.id and s.location = 'web'
  left join lateral (
    select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1
  ) as price on true
  where v.product_id = p.id and v.retired_at is null
) as v on true
order by p.n`

const sqlCategoryID = `
select id
from category
where slug = @slug`

const sqlCategoryNames = `
select c.slug, t.lang, t.name
from category c join category_text t on t.category_id = c.id
order by c.position, c.slug, t.lang`

const sqlMakerNames = `
select slug, name
from maker
order by name`
