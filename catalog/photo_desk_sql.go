package catalog

const sqlDescribePhoto = `
update photo
set focal_x = @x, focal_y = @y, view = @view, credit = @credit, licence = @licence, licence_until = @until::timestamptz::date
where id = @id`

const sqlUnshowVariants = `
delete from variant_photo
where photo_id = @photo_id and not (variant_id = any(@variants::bigint[]))`

const sqlShowVariants = `
insert into variant_photo (variant_id, photo_id, product_id)
select v, @photo_id, @product_id
from unnest(@variants::bigint[]) as v
on conflict (variant_id) do update set photo_id = excluded.photo_id`

const sqlPhotoNeeds = `
select n.slug, n.name, n.state, n.photos, n.views, n.no_alts, n.expired, n.ending, n.better, n.last_day, n.unmade, n.sha256, n.width, n.height, n.id
from (
  select p.id, p.slug, p.state, coalesce(t.name, p.slug) as name,
         (select count(*) from photo f where f.product_id = p.id)::int as photos,
         coalesce((
           select jsonb_agg(s.shot order by s.position)
           from family y, jsonb_array_elements(y.shots) with ordinality as s (shot, position)
           where y.code = p.family and not exists (select from photo f where f.product_id = p.id and f.view = s.shot ->> 'code')), '[]') as views,
         (select count(*) from photo f where f.product_id = p.id
            and exists (select from unnest(@langs::text[]) l where not exists (select from photo_text a where a.photo_id = f.id and a.lang = l and btrim(a.alt) <> '')))::int as no_alts,
         (select count(*) from photo f where f.product_id = p.id and f.licence_until < @today::text::date)::int as expired,
         (select count(*) from photo f where f.product_id = p.id and f.licence_until >= @today::text::date and f.licence_until < @today::text::date + @warning::int)::int as ending,
         (select count(*) from photo f join photo_quality q on q.sha256 = f.sha256 where f.product_id = p.id and (greatest(f.width, f.height) < @side::int or q.sharpness < @sharpness::int
            or q.bright < @bright::int or q.dark > @dark::int or q.bright - q.dark < @contrast::int
            or q.ground_spread > @spread::int or q.ground_detail > @detail::int or abs(q.tilt) > @tilt::int))::int as better,
         (select min(f.licence_until)::timestamptz from photo f where f.product_id = p.id) as last_day,
         (select count(*) from photo f where f.product_id = p.id and f.made = '')::int as unmade,
         first.sha256, coalesce(first.width, 0) as width, coalesce(first.height, 0) as height
  from product p
  left join product_text t on t.product_id = p.id and t.lang = 'fr'
  left join photo first on first.product_id = p.id and first.position = 0
  where p.state <> 'retired' and p.slug > @after
) n
where n.photos = 0 or n.views <> '[]' or n.no_alts > 0 or n.expired > 0 or n.ending > 0 or n.better > 0
order by n.slug
limit @limit`
