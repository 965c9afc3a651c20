package catalog

const sqlShowOwn = `
with wanted as (
  select w.variant_id, w.photo_id
  from unnest(@variants::bigint[], @photos::bigint[]) as w (variant_id, photo_id)
), gone as (
  delete from variant_photo
  where variant_id in (select variant_id from wanted where photo_id = 0)
)
insert into variant_photo (variant_id, photo_id, product_id)
select variant_id, photo_id, @product_id
from wanted
where photo_id <> 0
on conflict (variant_id) do update set photo_id = excluded.photo_id`
