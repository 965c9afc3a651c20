package catalog

const sqlPublish = `
update product
set state = 'published', published_at = coalesce(published_at, clock_timestamp())
where id = @id`

const sqlUnpublish = `
update product
set state = 'draft'
where id = @id`
