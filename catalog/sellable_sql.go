package catalog

const sqlSellables = `
select v.id, v.sku, p.slug,
       coalesce(nullif(t.name, ''), f.name, p.slug), case when t.name <> '' then @lang else 'fr' end,
       coalesce((
         select string_agg(coalesce(ov.labels ->> @lang, ov.labels ->> 'fr'), ', ' order by o.position)
         from variant_option_value x
         join product_option o on o.product_id = p.id and o.code = x.option
         join product_option_value ov on ov.product_id = p.id and ov.option = x.option and ov.code = x.value
         where x.variant_id = v.id), ''),
       coalesce(ph.sha256, ''), coalesce(nullif(pt.alt, ''), pf.alt, ''),
       price.amount, coalesce(nullif(v.vat_class, ''), p.vat_class), coalesce(nullif(v.analytic_code, ''), p.analytic_code), law.follows, v.weight_g, v.length_mm, v.width_mm, v.height_mm, p.shipping_classes,
       coalesce(s.on_hand - s.reserved, 0),
       p.state = 'published' and v.retired_at is null,
       law.follows = 'book' and coalesce(p.legal ->> 'book_condition', 'new') <> 'used',
       coalesce(p.legal ->> 'withdrawal', '')
from variant v
join product p on p.id = v.product_id
join family law on law.code = p.family
join lateral (
  select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1
) as price on true
left join product_text t on t.product_id = p.id and t.lang = @lang
left join product_text f on f.product_id = p.id and f.lang = 'fr'
left join stock s on s.variant_id = v.id and s.location = 'web'
left join lateral (
  select photo.id, photo.sha256
  from photo left join variant_photo own on own.photo_id = photo.id and own.variant_id = v.id
  where photo.product_id = p.id
  order by own.photo_id is null, photo.position limit 1
) as ph on true
left join photo_text pt on pt.photo_id = ph.id and pt.lang = @lang
left join photo_text pf on pf.photo_id = ph.id and pf.lang = 'fr'
where v.sku = any(@skus)`
