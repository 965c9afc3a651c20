package catalog

const sqlPhotoWarnings = `
with shown as (
  select f.product_id, f.licence_until, greatest(f.width, f.height) as side, q.sharpness, q.dark, q.bright, q.ground_spread, q.ground_detail, q.tilt
  from photo f
  join product p on p.id = f.product_id and p.state = 'published'
  left join photo_quality q on q.sha256 = f.sha256
)
select (select count(distinct product_id) from shown where licence_until < @today::text::date)::int,
       (select count(distinct product_id) from shown where licence_until >= @today::text::date and licence_until < @today::text::date + @warning::int)::int,
       (select count(*)
        from product p join family y on y.code = p.family
        where p.state = 'published' and exists (
          select from jsonb_array_elements(y.shots) as s (shot)
          where not exists (select from photo f where f.product_id = p.id and f.view = s.shot ->> 'code')))::int,
       (select count(distinct product_id)
        from shown
        where side < @side::int or sharpness < @sharpness::int or bright < @bright::int or dark > @dark::int
           or bright - dark < @contrast::int or ground_spread > @spread::int or ground_detail > @detail::int or abs(tilt) > @tilt::int)::int`
