package catalog

const sqlLevel = `
select coalesce(max(on_hand), 0), coalesce(max(reserved), 0)
from stock
where variant_id = @variant_id and location = @location`

const sqlMovements = `
select id, location, delta, reason, reference, actor, at
from stock_movement
where variant_id = @variant_id
order by id desc
limit @limit`

const sqlKnownLocation = `
select exists (select from stock_location where code = @code)`

const sqlLowStock = `
select v.sku, p.slug, coalesce(t.name, p.slug) as name, s.on_hand - s.reserved as available
from stock s
join variant v on v.id = s.variant_id
join product p on p.id = v.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
where s.location = 'web' and p.state = 'published' and v.retired_at is null and s.on_hand - s.reserved <= coalesce(s.low_at, @at_most::int)
order by s.on_hand - s.reserved, v.sku
limit @limit`
