package catalog

const sqlUnsendable = `
select p.slug, v.sku
from product p join variant v on v.product_id = p.id
where p.state = 'published' and v.retired_at is null and 0 in (v.weight_g, v.length_mm, v.width_mm, v.height_mm)
  and not ('digital' = any (p.shipping_classes)) and not (v.weight_g = 0 and p.family in ('digital_guide', 'gift_card'))
order by p.slug, v.sku
limit @limit`
