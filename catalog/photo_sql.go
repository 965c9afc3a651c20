package catalog

const sqlInsertPhoto = `
insert into photo (product_id, sha256, ext, position, width, height, bytes, thumbhash)
values (@product_id, @sha256, @ext, @position, @width, @height, @bytes, (select p.thumbhash from photo p where p.sha256 = @sha256 and p.thumbhash is not null limit 1))
returning id`

const sqlPutAlt = `
insert into photo_text (photo_id, lang, alt)
values (@photo_id, @lang, @alt)
on conflict (photo_id, lang) do update set alt = excluded.alt`

const sqlSetFocal = `
update photo
set focal_x = @x, focal_y = @y
where id = @id`

const sqlSetPosition = `
update photo
set position = @position
where id = @id`

const sqlDeletePhoto = `
delete from photo
where id = @id`

const sqlCloseRanks = `
update photo
set position = position - 1
where product_id = @product_id and position > @position`

const sqlPutRendition = `
insert into rendition (photo_sha256, recipe, width, height, ext, sha256, bytes)
values (@photo_sha256, @recipe, @width, @height, @ext, @sha256, @bytes)
on conflict (photo_sha256, recipe, width, ext) do update set sha256 = excluded.sha256, bytes = excluded.bytes, height = excluded.height`

const sqlSetThumbhash = `
update photo
set thumbhash = @thumbhash
where sha256 = @sha256`

const sqlKnownPhoto = `
select exists (select from photo where sha256 = @sha256)`

const sqlVariantBySKU = `
select v.id, p.slug
from variant v join product p on p.id = v.product_id
where v.sku = @sku`
