package catalog

const sqlInsertProduct = `
insert into product (slug, family, category_id, maker_id, vat_class, legal, shipping_classes, origin_country, customs_code, analytic_code)
values (@slug, @family, @category_id, @maker_id, @vat_class, @legal, @shipping_classes, @origin_country, @customs_code, @analytic_code)
returning id`

const sqlUpdateProduct = `
update product
set slug = @slug, family = @family, category_id = @category_id, maker_id = @maker_id, vat_class = @vat_class, legal = @legal,
    shipping_classes = @shipping_classes, origin_country = @origin_country, customs_code = @customs_code, analytic_code = @analytic_code,
    version = version + 1, updated_at = clock_timestamp()
where id = @id`

const sqlTouchProduct = `
update product
set version = version + 1, updated_at = clock_timestamp()
where id = @id`

const sqlLockProduct = `
select id
from product
where slug = @slug
for update`

const sqlKeepFormerSlug = `
insert into product_former_slug (slug, product_id)
values (@slug, @product_id)
on conflict (slug) do update set product_id = excluded.product_id`

const sqlMakerID = `
select id
from maker
where slug = @slug`

const sqlPutText = `
insert into product_text (product_id, lang, name, short, description, seo_title, seo_description)
values (@product_id, @lang, @name, @short, @description, @seo_title, @seo_description)
on conflict (product_id, lang) do update
set name = excluded.name, short = excluded.short, description = excluded.description,
    seo_title = excluded.seo_title, seo_description = excluded.seo_description, updated_at = now()`

const sqlDeleteOptions = `
delete from product_option
where product_id = @product_id`

const sqlInsertOption = `
insert into product_option (product_id, code, position, labels)
values (@product_id, @code, @position, @labels)`

const sqlInsertOptionValue = `
insert into product_option_value (product_id, option, code, position, labels, swatch)
values (@product_id, @option, @code, @position, @labels, @swatch)`

const sqlPutVariant = `
insert into variant (product_id, sku, gtin, position, cost, weight_g, length_mm, width_mm, height_mm, vat_class, customs_code, origin_country, analytic_code, retired_at)
values (@product_id, @sku, @gtin, @position, @cost, @weight_g, @length_mm, @width_mm, @height_mm, @vat_class, @customs_code, @origin_country, @analytic_code,
        case when @retired::bool then now() end)
on conflict (sku) do update
set gtin = excluded.gtin, position = excluded.position, cost = excluded.cost, weight_g = excluded.weight_g, length_mm = excluded.length_mm,
    width_mm = excluded.width_mm, height_mm = excluded.height_mm, vat_class = excluded.vat_class, customs_code = excluded.customs_code,
    origin_country = excluded.origin_country, analytic_code = excluded.analytic_code,
    retired_at = case when @retired::bool then coalesce(variant.retired_at, now()) end
returning id, product_id`

const sqlRetireVariant = `
update variant
set retired_at = now()
where id = @id and retired_at is null`

const sqlDeleteVariantValues = `
delete from variant_option_value
where variant_id = @variant_id`

const sqlInsertVariantValue = `
insert into variant_option_value (variant_id, option, value)
values (@variant_id, @option, @value)`

const sqlInsertPrice = `
insert into price (variant_id, amount, valid_from, set_by)
values (@variant_id, @amount, coalesce(@valid_from::timestamptz, now()), @actor)`

const sqlBump = `
update catalog_version
set version = version + 1
where coalesce(current_setting('catalog.bump', true), '') <> 'later'
returning version`

const sqlBumpLater = `
select set_config('catalog.bump', @when, true)`

const sqlNotify = `
select pg_notify('catalog_changed', (@version::bigint)::text)`

const sqlProducts = `
select p.id, p.slug, p.family, f.follows as law, coalesce(c.slug, '') as category, coalesce(m.slug, '') as maker, p.vat_class, p.state, p.published_at, p.version,
       p.legal, p.shipping_classes, p.origin_country, p.customs_code, p.analytic_code, p.created_at, p.updated_at
from product p
join family f on f.code = p.family
left join category c on c.id = p.category_id
left join maker m on m.id = p.maker_id
where p.id = any(@ids)
order by p.id`

const sqlTextsOf = `
select product_id, lang, name, short, description, seo_title, seo_description, updated_at
from product_text
where product_id = any(@ids)`

const sqlOptionsOf = `
select product_id, code, labels
from product_option
where product_id = any(@ids)
order by product_id, position`

const sqlOptionValuesOf = `
select product_id, option, code, labels, swatch
from product_option_value
where product_id = any(@ids)
order by product_id, option, position`

const sqlVariantsOf = `
select v.product_id, v.id, v.sku, v.gtin, v.cost, v.weight_g, v.length_mm, v.width_mm, v.height_mm, v.retired_at is not null as retired,
       v.vat_class, v.customs_code, v.origin_country, v.analytic_code,
       coalesce(price.amount, 0) as price, coalesce(s.on_hand, 0) as stock, coalesce(s.reserved, 0) as reserved,
       coalesce((
         select array_agg(x.value order by o.position)
         from variant_option_value x join product_option o on o.product_id = v.product_id and o.code = x.option
         where x.variant_id = v.id), '{}') as values
from variant v
left join lateral (
  select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1
) as price on true
left join stock s on s.variant_id = v.id and s.location = 'web'
where v.product_id = any(@ids)
order by v.product_id, v.position, v.id`

const sqlPhotosOf = `
select p.id, p.product_id, p.sha256, p.ext, p.position, p.width, p.height, p.bytes, p.thumbhash, p.focal_x, p.focal_y,
       coalesce((select jsonb_object_agg(t.lang, t.alt) from photo_text t where t.photo_id = p.id), '{}') as alts,
       coalesce(p.source_sha256, p.sha256), coalesce(p.source_ext, p.ext), coalesce(p.source_width, p.width), coalesce(p.source_height, p.height), coalesce(p.source_bytes, p.bytes),
       p.turn, p.cut_x, p.cut_y, p.cut_width, p.cut_height, p.view, p.credit, p.licence, p.licence_until::timestamptz,
       coalesce((select array_agg(v.variant_id order by v.variant_id) from variant_photo v where v.photo_id = p.id), '{}') as shows, p.made,
       case when q.sha256 is not null then jsonb_build_object('recipe', q.recipe, 'sharpness', q.sharpness, 'dark', q.dark, 'middle', q.middle, 'bright', q.bright,
         'ground_spread', q.ground_spread, 'ground_detail', q.ground_detail, 'tilt', q.tilt) end as quality
from photo p left join photo_quality q on q.sha256 = p.sha256
where p.product_id = any(@ids)
order by p.product_id, p.position`

const sqlProductIDBySlug = `
select id
from product
where slug = @slug`

const sqlProductIDByAnySlug = `
select id
from (
  select id, 0 as nth from product where slug = @slug
  union all
  select product_id, 1 from product_former_slug where slug = @slug
) as found
order by nth
limit 1`
