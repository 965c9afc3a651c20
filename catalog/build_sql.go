package catalog

const sqlSnapshotHead = `
select version, now(), (select min(valid_from) from price where valid_from > now())
from catalog_version`

const sqlVersion = `
select version, now()
from catalog_version`

const sqlSnapshotCategories = `
select c.slug, c.position, coalesce(c.photo_sha256, ''), t.lang, t.name, t.description
from category c join category_text t on t.category_id = c.id
order by c.position, c.slug, t.lang`

const sqlSnapshotMakers = `
select m.slug, m.name, m.town, m.address, m.website, m.latitude_e6, m.longitude_e6, m.local, m.photo_sha256, coalesce(t.lang, ''), coalesce(t.story, ''),
       case when f.sha256 is not null then jsonb_build_object('sha256', f.sha256, 'width', f.width, 'height', f.height, 'focal_x', f.focal_x, 'focal_y', f.focal_y, 'credit', f.credit,
         'alts', coalesce((select jsonb_object_agg(a.lang, a.alt) from maker_photo_text a where a.maker_id = m.id), '{}')) end, f.thumbhash, coalesce(f.made, '')
from maker m
left join maker_text t on t.maker_id = m.id
left join maker_photo f on f.maker_id = m.id
order by m.name, m.slug, t.lang`

const sqlPublishedIDs = `
select id
from product
where state = 'published'
order by published_at desc, slug`

const sqlFormerSlugs = `
select f.slug, p.slug
from product_former_slug f join product p on p.id = f.product_id
where f.slug <> p.slug`

const sqlAvailability = `
select variant_id, on_hand - reserved
from stock
where location = 'web'`

const sqlMovedAvailability = `
select variant_id, on_hand - reserved
from stock
where location = 'web' and moved_at >= @since`

const sqlListen = `listen catalog_changed`

const sqlCountMiss = `
insert into search_miss (lang, query, times)
values (@lang, @query, @times)
on conflict (lang, query) do update set times = search_miss.times + excluded.times, last_at = now()`
