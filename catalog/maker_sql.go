package catalog

const sqlMakers = `
select m.slug, m.name, m.town, m.local, m.latitude_e6 is not null as placed,
       exists (select from maker_text t where t.maker_id = m.id and t.lang = 'fr' and t.story <> '') as story,
       (select count(*) from product p where p.maker_id = m.id)::int as products,
       (select count(*) from product p where p.maker_id = m.id and p.state = 'published')::int as published
from maker m
order by m.name, m.slug`

const sqlMaker = `
select m.slug, m.name, m.town, m.address, m.website, m.latitude_e6, m.longitude_e6, m.local, m.photo_sha256,
       coalesce((select jsonb_object_agg(t.lang, t.story) from maker_text t where t.maker_id = m.id), '{}'),
       coalesce((select array_agg(distinct f.sha256) from photo f join product p on p.id = f.product_id where p.maker_id = m.id), '{}')
from maker m
where m.slug = @slug`

const sqlSaveMaker = `
insert into maker (slug, name, town, address, website, latitude_e6, longitude_e6, local, photo_sha256)
values (@slug, @name, @town, @address, @website, @latitude, @longitude, @local, @photo)
on conflict (slug) do update set name = excluded.name, town = excluded.town, address = excluded.address, website = excluded.website,
  latitude_e6 = excluded.latitude_e6, longitude_e6 = excluded.longitude_e6, local = excluded.local, photo_sha256 = excluded.photo_sha256
returning id`

const sqlMap = `
select svg, width, height, north_e6, south_e6, west_e6, east_e6, set_at
from maker_map
order by id desc
limit 1`

const sqlInsertMap = `
insert into maker_map (svg, width, height, north_e6, south_e6, west_e6, east_e6, set_by)
values (@svg, @width, @height, @north, @south, @west, @east, @actor)`
