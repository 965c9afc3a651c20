package catalog

const sqlAllProductIDs = `
select id
from product
order by slug`
