package catalog

const sqlLocations = `
select l.code, l.name, coalesce(sum(s.on_hand), 0)::int as on_hand,
       (select id from stock_count where location = l.code and closed_at is null) as counting
from stock_location l left join stock s on s.location = l.code
group by l.code, l.name
order by l.code <> 'web', l.name`

const sqlInsertLocation = `
insert into stock_location (code, name)
values (@code, @name)`

const sqlStockList = `
select v.id, v.sku, p.slug, coalesce(nullif(t.name, ''), p.slug) as name, coalesce(s.on_hand, 0) as on_hand, coalesce(s.reserved, 0) as reserved, s.low_at,
       p.state = 'published' as online,
       (select count(*) from back_in_stock b where b.variant_id = v.id and b.told_at is null)::int as waiting
from variant v
join product p on p.id = v.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
left join stock s on s.variant_id = v.id and s.location = @location
where v.retired_at is null
  and (@q::text = '' or t.name ilike @pattern or v.sku ilike @pattern or v.gtin = @q)
  and (not @low::bool or (p.state = 'published' and coalesce(s.on_hand - s.reserved, 0) <= coalesce(s.low_at, @usual::int)))
  and (@after::text = '' or v.sku > @after)
order by v.sku
limit @limit`

const sqlLevelsOf = `
select l.code as location, l.name, coalesce(s.on_hand, 0) as on_hand, coalesce(s.reserved, 0) as reserved, s.low_at
from stock_location l left join stock s on s.location = l.code and s.variant_id = @variant_id
order by l.code <> 'web', l.name`

const sqlSetThreshold = `
insert into stock (variant_id, location, low_at)
values (@variant_id, @location, @low_at)
on conflict (variant_id, location) do update set low_at = excluded.low_at`

const sqlStartCount = `
insert into stock_count (location, started_by)
values (@location, @actor)
returning id`

const sqlStartLines = `
insert into stock_count_line (count_id, variant_id, expected)
select @id, v.id, coalesce(s.on_hand, 0)
from variant v left join stock s on s.variant_id = v.id and s.location = @location
where v.retired_at is null and (@location = 'web' or s.variant_id is not null) or s.on_hand > 0`

const sqlCounts = `
select c.id, c.location, l.name as location_name, c.started_by, c.started_at, c.closed_by, c.closed_at,
       (select count(*) from stock_count_line where count_id = c.id)::int as lines,
       (select count(*) from stock_count_line where count_id = c.id and counted is not null)::int as counted,
       (select count(*) from stock_count_line where count_id = c.id and counted <> expected)::int as different
from stock_count c join stock_location l on l.code = c.location
where @id::bigint = 0 or c.id = @id
order by c.id desc
limit 50`

const sqlCountLines = `
select v.id as variant_id, v.sku, v.gtin, coalesce(nullif(t.name, ''), p.slug) as name,
       coalesce((
         select string_agg(coalesce(ov.labels ->> 'fr', ''), ', ' order by o.position)
         from variant_option_value x
         join product_option o on o.product_id = p.id and o.code = x.option
         join product_option_value ov on ov.product_id = p.id and ov.option = x.option and ov.code = x.value
         where x.variant_id = v.id), '') as options,
       l.expected, l.counted
from stock_count_line l
join variant v on v.id = l.variant_id
join product p on p.id = v.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
where l.count_id = @id
order by v.sku`

const sqlLockCount = `
select location, closed_at is not null
from stock_count
where id = @id
for update`

const sqlTypeCount = `
update stock_count_line l
set counted = @counted, counted_by = @actor
from variant v
where l.count_id = @id and v.id = l.variant_id and v.sku = @sku and l.counted is distinct from @counted::int`

const sqlCloseCount = `
update stock_count
set closed_by = @actor, closed_at = clock_timestamp()
where id = @id`

const sqlCountedDifferently = `
select l.variant_id, v.sku, l.counted - l.expected as delta
from stock_count_line l join variant v on v.id = l.variant_id
where l.count_id = @id and l.counted <> l.expected
order by l.variant_id`
