package catalog

const sqlInsertOffer = `
insert into market_offer (item, shop, price, delivery, seen_on, source, notes, product_id, created_by)
values (@item, @shop, @price, @delivery, @seen_on::date, @source, @notes, @product_id, @actor)
returning id`

const sqlInsertOfferPhoto = `
insert into market_photo (offer_id, kind, data)
values (@id, @kind, @data)`

const sqlMatchOffer = `
update market_offer
set product_id = @product_id
where id = @id`

const sqlDeleteOffer = `
delete from market_offer
where id = @id`

const sqlOffers = `
select o.id, o.item, o.shop, o.price, o.delivery, o.seen_on, o.source, o.notes, coalesce(p.slug, '') as product,
       coalesce(nullif(t.name, ''), p.slug, '') as name, coalesce(ours.amount, 0) as ours,
       exists (select from market_photo f where f.offer_id = o.id) as photo, o.created_by, o.created_at
from market_offer o
left join product p on p.id = o.product_id
left join product_text t on t.product_id = p.id and t.lang = 'fr'
left join lateral (
  select min(newest.amount) as amount
  from variant v
  cross join lateral (select amount from price where variant_id = v.id and valid_from <= now() order by valid_from desc, id desc limit 1) as newest
  where v.product_id = p.id and v.retired_at is null
) as ours on true
where @product::text = '' or p.slug = @product
order by o.seen_on desc, o.id desc
limit 2000`

const sqlOfferPhoto = `
select kind, data
from market_photo
where offer_id = @id`

const sqlGaps = `
select p.slug, coalesce(nullif(t.name, ''), p.slug) as name, (select max(o.seen_on) from market_offer o where o.product_id = p.id) as seen_on
from product p
left join product_text t on t.product_id = p.id and t.lang = 'fr'
where p.state = 'published'
  and not exists (select from market_offer o where o.product_id = p.id and o.seen_on > current_date - 183)
order by p.slug
limit @limit`
