package catalog

const sqlDeskHead = `
select version, now()
from catalog_version`

const sqlDeskProducts = `
select p.id, p.slug,
       coalesce((select string_agg(t.name, ' ' order by t.lang) from product_text t where t.product_id = p.id), ''),
       coalesce((select string_agg(v.sku || ' ' || v.gtin, ' ' order by v.position) from variant v where v.product_id = p.id), '')
from product p
where p.updated_at >= @since
order by p.slug`
