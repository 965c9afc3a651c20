package shop

const sqlLatestNumbers = `
select number
from orders
order by placed_at desc
limit 500`
