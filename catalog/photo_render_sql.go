package catalog

const sqlPutRendition = `
insert into rendition (photo_sha256, recipe, width, height, ext, sha256, bytes)
values (@photo_sha256, @recipe, @width, @height, @ext, @sha256, @bytes)
on conflict (photo_sha256, recipe, width, ext) do update set sha256 = excluded.sha256, bytes = excluded.bytes, height = excluded.height, created_at = now()`

const sqlPutQuality = `
insert into photo_quality (sha256, recipe, sharpness, dark, middle, bright, ground_spread, ground_detail, tilt, fingerprint)
values (@sha256, @recipe, @sharpness, @dark, @middle, @bright, @ground_spread, @ground_detail, @tilt, (@fingerprint::text)::bit(115))
on conflict (sha256) do update
set recipe = excluded.recipe, sharpness = excluded.sharpness, dark = excluded.dark, middle = excluded.middle, bright = excluded.bright,
    ground_spread = excluded.ground_spread, ground_detail = excluded.ground_detail, tilt = excluded.tilt, fingerprint = excluded.fingerprint, measured_at = now()`

const sqlSetMade = `
update photo
set thumbhash = @thumbhash, made = @made
where sha256 = @sha256`

const sqlTwins = `
select p.id, o.id, x.slug, bit_count(q.fingerprint # other.fingerprint)::int as bits
from photo p
join photo_quality q on q.sha256 = p.sha256
join photo_quality other on bit_count(q.fingerprint # other.fingerprint) <= @bits
join photo o on o.sha256 = other.sha256 and o.id <> p.id
join product x on x.id = o.product_id
where p.product_id = @product_id
order by p.position, bits, o.id
limit 100`

const sqlMadeOf = `
select p.sha256, min(p.width), min(p.made), coalesce(min(q.recipe), 0)
from (select sha256, width, made from photo union all select sha256, width, made from maker_photo) p
left join photo_quality q on q.sha256 = p.sha256
where p.sha256 > @after
group by p.sha256
order by p.sha256
limit @limit`

const sqlForgetRenditions = `
delete from rendition r
where r.created_at < now() - interval '1 day'
  and not (r.photo_sha256 = any(@keep::text[]))
  and not exists (
    select from photo p
    where p.source_sha256 = r.photo_sha256
       or (p.sha256 = r.photo_sha256 and (p.made = '' or (split_part(p.made, ' ', 1) = r.recipe::text
           and r.width::text = any(string_to_array(split_part(p.made, ' ', 2), ',')) and r.ext = any(string_to_array(split_part(p.made, ' ', 3), ','))))))
  and not exists (
    select from maker_photo p
    where p.sha256 = r.photo_sha256 and (p.made = '' or (split_part(p.made, ' ', 1) = r.recipe::text
          and r.width::text = any(string_to_array(split_part(p.made, ' ', 2), ',')) and r.ext = any(string_to_array(split_part(p.made, ' ', 3), ',')))))`

const sqlForgetQuality = `
delete from photo_quality q
where q.measured_at < now() - interval '1 day'
  and not exists (select from photo p where p.sha256 = q.sha256)
  and not exists (select from maker_photo p where p.sha256 = q.sha256)`
