package catalog

const sqlPlaces = `
select 'category', slug, id from category
union all
select 'maker', slug, id from maker
union all
select 'family', code, 0 from family`

const sqlPlacesOf = `
select 'category', slug, id from category where slug = @category
union all
select 'maker', slug, id from maker where slug = @maker
union all
select 'family', code, 0 from family where code = @family`

const sqlProductIDsBySlugs = `
select id
from product
where slug = any(@slugs)`

const sqlKnownPhoto = `
select coalesce(source_sha256, sha256), coalesce(source_ext, ext), coalesce(source_width, width), coalesce(source_height, height), coalesce(source_bytes, bytes)
from photo where coalesce(source_sha256, sha256) = @sha256
limit 1`
