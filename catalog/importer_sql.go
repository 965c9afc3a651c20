package catalog

const sqlPlaceSlugs = `
select slug, false
from category
union all
select slug, true
from maker`

const sqlKnownPhoto = `
select coalesce(source_sha256, sha256), coalesce(source_ext, ext), coalesce(source_width, width), coalesce(source_height, height), coalesce(source_bytes, bytes)
from photo where coalesce(source_sha256, sha256) = @sha256
limit 1`
