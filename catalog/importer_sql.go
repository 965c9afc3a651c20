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

// The slugs are looked up one by one: a table that the import itself fills looks empty to who plans for
// it, and would be read from end to end each time.
const sqlProductIDsBySlugs = `
select p.id
from unnest(@slugs::text[]) as s (slug)
cross join lateral (select id from product where slug = s.slug offset 0) p`

const sqlKnownPhoto = `
select coalesce(source_sha256, sha256), coalesce(source_ext, ext), coalesce(source_width, width), coalesce(source_height, height), coalesce(source_bytes, bytes)
from photo where coalesce(source_sha256, sha256) = @sha256
limit 1`
