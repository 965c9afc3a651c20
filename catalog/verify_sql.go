package catalog

const sqlCountMovements = `select count(*) from stock_movement`

const sqlCountHolds = `select count(*) from stock_hold where state = 'held'`

const sqlCountStock = `select count(*) from stock`

const sqlCountPublished = `select count(*) from product where state = 'published'`

const sqlCountPhotos = `select count(*) from photo`

const sqlStockNotMoved = `
select v.sku || ' at ' || s.location || ': ' || s.on_hand || ' on hand, ' || coalesce(m.moved, 0) || ' moved'
from stock s
join variant v on v.id = s.variant_id
left join (select variant_id, location, sum(delta) as moved from stock_movement group by variant_id, location) m
  on m.variant_id = s.variant_id and m.location = s.location
where s.on_hand <> coalesce(m.moved, 0)
order by 1`

const sqlReservedNotHeld = `
select v.sku || ' at ' || s.location || ': ' || s.reserved || ' reserved, ' || coalesce(h.held, 0) || ' held'
from stock s
join variant v on v.id = s.variant_id
left join (select variant_id, location, sum(quantity) as held from stock_hold where state = 'held' group by variant_id, location) h
  on h.variant_id = s.variant_id and h.location = s.location
where s.reserved <> coalesce(h.held, 0)
order by 1`

const sqlStockOutOfBounds = `
select v.sku || ' at ' || s.location
from stock s join variant v on v.id = s.variant_id
where s.on_hand < 0 or s.reserved < 0 or s.reserved > s.on_hand
order by 1`

const sqlPublishedWithoutPrice = `
select v.sku
from product p join variant v on v.product_id = p.id
where p.state = 'published' and v.retired_at is null
  and not exists (select from price where variant_id = v.id and valid_from <= now())
order by 1`

const sqlPhotosOutOfOrder = `
select p.slug
from product p join photo f on f.product_id = p.id
group by p.slug
having min(f.position) <> 0 or max(f.position) <> count(*) - 1
order by 1`

const sqlPhotoNames = `
select distinct p.sha256, p.ext
from photo p
order by p.sha256`

const sqlRenditionNames = `
select photo_sha256, recipe, width, ext, sha256
from rendition
order by photo_sha256, recipe, width, ext`
