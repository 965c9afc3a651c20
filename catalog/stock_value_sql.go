package catalog

const sqlStockValue = `
select s.location, v.sku, p.slug, s.on_hand - coalesce(m.since, 0) as quantity, v.cost
from stock s
join variant v on v.id = s.variant_id
join product p on p.id = v.product_id
left join (
  select variant_id, location, sum(delta) as since
  from stock_movement
  where at >= @until
  group by variant_id, location
) as m on m.variant_id = s.variant_id and m.location = s.location
where s.on_hand - coalesce(m.since, 0) <> 0
order by s.location, v.sku`
