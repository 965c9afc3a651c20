package catalog

const sqlListProducts = `
select p.id, p.slug, coalesce(nullif(t.name, ''), p.slug) as name, p.state, p.family, coalesce(c.slug, '') as category,
       coalesce((select sha256 from photo where product_id = p.id order by position limit 1), '') as photo_sha256,
       coalesce(v.price, 0) as price, coalesce(v.variants, 0)::int as variants, coalesce(v.available, 0)::int as available, p.updated_at
from product p
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
where (@state::text = '' or p.state = @state)
  and (@category::text = '' or c.slug = @category)
  and (@q::text = '' or t.name ilike @pattern or p.slug ilike @pattern
       or exists (select from variant x where x.product_id = p.id and (x.sku ilike @pattern or x.gtin = @q)))
  and (@after::text = '' or p.slug > @after)
order by p.slug
limit @limit`

const sqlCategoryNames = `
select c.slug, t.lang, t.name
from category c join category_text t on t.category_id = c.id
order by c.position, c.slug, t.lang`

const sqlMakerNames = `
select slug, name
from maker
order by name`
