package catalog

const sqlDeclared = `
select v.sku, v.gtin, p.slug, coalesce(nullif(v.customs_code, ''), p.customs_code), coalesce(nullif(v.origin_country, ''), p.origin_country), coalesce(nullif(e.name, ''), f.name, p.slug)
from variant v
join product p on p.id = v.product_id
left join product_text e on e.product_id = p.id and e.lang = 'en'
left join product_text f on f.product_id = p.id and f.lang = 'fr'
where v.sku = any(@skus)`
