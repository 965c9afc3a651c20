package catalog

const sqlPlaceExists = `
select exists (select from category where slug = @category), exists (select from maker where slug = @maker)`

const sqlKnownPhoto = `
select coalesce(source_sha256, sha256), coalesce(source_ext, ext), coalesce(source_width, width), coalesce(source_height, height), coalesce(source_bytes, bytes)
from photo where coalesce(source_sha256, sha256) = @sha256
limit 1`
