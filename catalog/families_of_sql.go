package catalog

const sqlFamiliesOf = `
select v.sku, p.family
from variant v join product p on p.id = v.product_id
where v.sku = any(@skus)`
