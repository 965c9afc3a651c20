package shop

const sqlInsertParcel = `
insert into parcel (shipment_id, n, carton, weight_g, tracking_number, pieces, packed_by)
values (@shipment_id, @n, @carton, @weight_g, @tracking_number, @pieces, @actor)`

const sqlParcels = `
select n, carton, weight_g, tracking_number, pieces
from parcel
where shipment_id = @shipment_id
order by n`

const sqlInsertCollection = `
insert into collection (shipment_id, code)
values (@shipment_id, @code)
returning ready_at`

const sqlCollection = `
select code, ready_at, reminded_at, unclaimed_at, handed_to, handed_at
from collection
where shipment_id = @shipment_id`

const sqlHandOver = `
update collection
set handed_to = @name, handed_at = now()
where shipment_id = @shipment_id and handed_at is null`

const sqlOrderOfCode = `
select o.number
from collection c join shipment s on s.id = c.shipment_id join orders o on o.id = s.order_id
where c.code = upper(@code)`

const sqlCollectionsToRemind = `
select o.number
from collection c join shipment s on s.id = c.shipment_id join orders o on o.id = s.order_id
where s.state = 'ready' and c.reminded_at is null and c.ready_at < now() - @after::interval
order by c.ready_at
limit 200`

const sqlNoteReminded = `
update collection
set reminded_at = now()
where shipment_id = @shipment_id`

const sqlNoteUnclaimed = `
update collection c
set unclaimed_at = now()
from shipment s
where s.id = c.shipment_id and s.state = 'ready' and c.unclaimed_at is null and c.ready_at < now() - @after::interval`

const sqlUnclaimed = `
select o.number, o.name, c.ready_at
from collection c join shipment s on s.id = c.shipment_id join orders o on o.id = s.order_id
where s.state = 'ready' and c.unclaimed_at is not null
order by c.ready_at`

const sqlSetShelves = `
insert into shelf (sku, place)
select sku, place
from unnest(@skus::text[], @places::text[]) as given (sku, place)
on conflict (sku) do update set place = excluded.place`

const sqlShelves = `
select sku, place
from shelf
where sku = any(@skus)`
