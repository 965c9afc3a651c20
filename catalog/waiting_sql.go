package catalog

const sqlAskBackInStock = `
insert into back_in_stock (variant_id, email, lang)
select v.id, @email, @lang
from variant v join product p on p.id = v.product_id
where v.sku = @sku and v.retired_at is null and p.state = 'published'
on conflict (variant_id, email) where told_at is null do nothing`

const sqlWaitingNow = `
select b.id, b.email, b.lang, v.sku, p.slug, coalesce(nullif(t.name, ''), f.name, p.slug) as name
from back_in_stock b
join variant v on v.id = b.variant_id
join product p on p.id = v.product_id
join stock s on s.variant_id = v.id and s.location = 'web'
left join product_text t on t.product_id = p.id and t.lang = b.lang
left join product_text f on f.product_id = p.id and f.lang = 'fr'
where b.told_at is null and s.on_hand - s.reserved > 0 and p.state = 'published' and v.retired_at is null
order by b.asked_at
limit 50
for update of b skip locked`

const sqlTold = `
update back_in_stock
set told_at = clock_timestamp()
where id = @id`

const sqlForgetTold = `
delete from back_in_stock
where told_at < now() - interval '30 days'`

const sqlWaiter = `
select b.id, b.email, b.lang, v.sku, p.slug, coalesce(nullif(t.name, ''), p.slug) as name
from back_in_stock b
join variant v on v.id = b.variant_id
join product p on p.id = v.product_id
left join product_text t on t.product_id = p.id and t.lang = b.lang
where b.id = @id`

const sqlStopTelling = `
delete from back_in_stock
where email = (select email from back_in_stock where id = @id)`
