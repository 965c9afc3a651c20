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

const sqlCountRules = `select count(*) from criterion`

const sqlCountPlans = `select count(*) from publication_plan`

const sqlRulesWithoutHistory = `
select c.code
from criterion c
where not exists (
  select from criterion_history h
  where h.criterion_id = c.id and h.version = c.version and h.rule->>'level' = c.level and h.rule->'params' = c.params and h.rule->>'expression' = c.expression)
order by 1`

const sqlPlansWithoutAnswer = `
select p.slug || ' at ' || l.publish_at
from publication_plan l join product p on p.id = l.product_id
where l.state = 'refused' and l.failing = '{}'
   or l.state = 'done' and not exists (select from product_signature s where s.product_id = p.id and s.what = 'publication')
order by 1`

const sqlPhotoNames = `
select sha256, ext
from photo
union
select source_sha256, source_ext
from photo
where source_sha256 is not null
union
select sha256, ext
from maker_photo
order by 1`

const sqlRenditionNames = `
select photo_sha256, recipe, width, ext, sha256
from rendition
order by photo_sha256, recipe, width, ext`

const sqlCountPrices = `select count(*) from price`

const sqlCountReductions = `select count(*) from reduction`

const sqlPriceNotOfReduction = `
select v.sku || ': ' || now_is.amount || ' is charged, ' || coalesce(r.amount, ordinary.amount) || ' is due'
from variant v
join lateral (
  select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1
) as now_is on true
left join lateral (
  select amount from price where variant_id = v.id and reduction_id is null and valid_from <= now() order by valid_from desc, id desc limit 1
) as ordinary on true
left join catalog_v_reduction r on r.variant_id = v.id and r.starts_at <= now() and r.ends_at > now()
where now_is.amount is distinct from coalesce(r.amount, ordinary.amount)
order by 1`

const sqlReducedBook = `
select v.sku
from catalog_v_reduction r
join variant v on v.id = r.variant_id
join product p on p.id = v.product_id
join family f on f.code = p.family
where r.ends_at > now() and f.follows = 'book' and coalesce(p.legal ->> 'book_condition', 'new') <> 'used'
order by 1`

const sqlReducedTwice = `
select v.sku
from catalog_v_reduction a
join catalog_v_reduction b on b.variant_id = a.variant_id and b.id > a.id and b.starts_at < a.ends_at and b.ends_at > a.starts_at
join variant v on v.id = a.variant_id
order by 1`

const sqlPlacePhotos = `
select photo_sha256
from category
where photo_sha256 <> ''
union
select photo_sha256
from maker
where photo_sha256 <> ''`

const sqlCountOwnPhotos = `select count(*) from variant_photo`

const sqlOwnPhotoOfNone = `
select v.sku
from variant_photo o
join variant v on v.id = o.variant_id
left join photo p on p.id = o.photo_id and p.product_id = v.product_id
where p.id is null
order by 1`

const sqlCountUploads = `select count(*) from upload`

const sqlUploadsTorn = `
select u.id || ': ' || u.received || ' received, ' || coalesce(sum(length(p.data)), 0) || ' kept'
from upload u left join upload_part p on p.upload_id = u.id
group by u.id, u.received
having u.received <> coalesce(sum(length(p.data)), 0)
order by 1`

const sqlCountMade = `select (select count(*) from photo where made <> '') + (select count(*) from maker_photo where made <> '')`

const sqlMadeWithoutRow = `
select p.sha256 || ' ' || w || '.' || e
from (select sha256, made from photo union all select sha256, made from maker_photo) p,
     unnest(string_to_array(split_part(p.made, ' ', 2), ',')) as w, unnest(string_to_array(split_part(p.made, ' ', 3), ',')) as e
where p.made <> ''
  and not exists (select from rendition r where r.photo_sha256 = p.sha256 and r.recipe::text = split_part(p.made, ' ', 1) and r.width::text = w and r.ext = e)
order by 1`

const sqlCountCandidates = `select count(*) from candidate`

const sqlCandidatesAstray = `
select c.name || ' at ' || c.stage
from candidate c
left join candidate_history h on h.candidate_id = c.id and h.seq = c.history_seq
where h.to_state is distinct from c.stage
   or exists (select from candidate_history l where l.candidate_id = c.id and l.seq > c.history_seq)
   or (c.stage = 'online' and c.product_id is null)
order by 1`
