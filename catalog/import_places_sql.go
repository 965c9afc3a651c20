package catalog

const sqlPutCategory = `
insert into category (slug, position)
values (@slug, @position)
on conflict (slug) do update set position = excluded.position
returning id`

const sqlPutCategoryText = `
insert into category_text (category_id, lang, name, description)
values (@category_id, @lang, @name, @description)
on conflict (category_id, lang) do update set name = excluded.name, description = excluded.description`

const sqlPutMaker = `
insert into maker (slug, name, town, address, website)
values (@slug, @name, @town, @address, @website)
on conflict (slug) do update set name = excluded.name, town = excluded.town, address = excluded.address, website = excluded.website
returning id`

const sqlPutMakerText = `
insert into maker_text (maker_id, lang, story)
values (@maker_id, @lang, @story)
on conflict (maker_id, lang) do update set story = excluded.story`

const sqlSetCategoryPhoto = `
update category
set photo_sha256 = @sha256
where slug = @slug`
