package catalog

const sqlMakerPhoto = `
select f.sha256, f.ext, f.width, f.height, f.bytes, f.thumbhash, f.made, f.focal_x, f.focal_y, f.credit,
       coalesce((select jsonb_object_agg(t.lang, t.alt) from maker_photo_text t where t.maker_id = f.maker_id), '{}')
from maker_photo f join maker m on m.id = f.maker_id
where m.slug = @slug`

const sqlLockMaker = `
select id
from maker
where slug = @slug
for update`

const sqlPutMakerPhoto = `
insert into maker_photo (maker_id, sha256, ext, width, height, bytes, created_by, thumbhash, made)
values (@maker_id, @sha256, @ext, @width, @height, @bytes, @actor,
        (select p.thumbhash from photo p where p.sha256 = @sha256 and p.thumbhash is not null limit 1), coalesce((select max(p.made) from photo p where p.sha256 = @sha256), ''))`

const sqlDescribeMakerPhoto = `
update maker_photo
set focal_x = @x, focal_y = @y, credit = @credit
where maker_id = @maker_id`

const sqlPutMakerAlt = `
insert into maker_photo_text (maker_id, lang, alt)
values (@maker_id, @lang, @alt)
on conflict (maker_id, lang) do update set alt = excluded.alt`

const sqlDeleteMakerPhoto = `
delete from maker_photo
where maker_id = @maker_id`

const sqlSetMakerMade = `
update maker_photo
set thumbhash = @thumbhash, made = @made
where sha256 = @sha256`
