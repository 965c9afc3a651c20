package catalog

const sqlInsertPhoto = `
insert into photo (product_id, sha256, ext, position, width, height, bytes, thumbhash, made, view)
values (@product_id, @sha256, @ext, @position, @width, @height, @bytes, (select p.thumbhash from photo p where p.sha256 = @sha256 and p.thumbhash is not null limit 1),
        coalesce((select max(p.made) from photo p where p.sha256 = @sha256), ''),
        coalesce((select f.shots -> 0 ->> 'code' from product p join family f on f.code = p.family where p.id = @product_id and @position = 0), ''))
returning id`

const sqlPutAlt = `
insert into photo_text (photo_id, lang, alt)
values (@photo_id, @lang, @alt)
on conflict (photo_id, lang) do update set alt = excluded.alt`

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

const sqlVariantBySKU = `
select v.id, p.slug
from variant v join product p on p.id = v.product_id
where v.sku = @sku`
