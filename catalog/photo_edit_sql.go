package catalog

const sqlEditPhoto = `
update photo
set sha256 = @sha256, ext = @ext, width = @width, height = @height, bytes = @bytes,
    source_sha256 = @source_sha256, source_ext = @source_ext, source_width = @source_width, source_height = @source_height, source_bytes = @source_bytes,
    turn = @turn, cut_x = @x, cut_y = @y, cut_width = @cut_width, cut_height = @cut_height, focal_x = @focal_x, focal_y = @focal_y,
    made = coalesce((select max(p.made) from photo p where p.sha256 = @sha256), '')
where id = @id`

const sqlMakerPhotoBecomes = `
update maker
set photo_sha256 = @after
where photo_sha256 = @before`

const sqlCategoryPhotoBecomes = `
update category
set photo_sha256 = @after
where photo_sha256 = @before`
