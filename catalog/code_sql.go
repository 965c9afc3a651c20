package catalog

const sqlSKUOfCode = `
select sku
from variant
where sku = @code or (gtin = @code and gtin <> '')
order by sku = @code desc
limit 1`
