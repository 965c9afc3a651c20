package shop

const sqlInsertShipment = `
insert into shipment (id, order_id, n, kind, state, carrier, tracking_number, history_seq)
values (@id, @order_id, (select coalesce(max(n), 0) + 1 from shipment where order_id = @order_id), @kind, 'preparing', @carrier, @tracking_number, 1)
returning n, created_at`

const sqlInsertShipmentLine = `
insert into shipment_line (shipment_id, sku, quantity)
values (@shipment_id, @sku, @quantity)`

const sqlInsertShipmentHistory = `
insert into shipment_history (shipment_id, seq, from_state, event, to_state, actor)
values (@shipment_id, @seq, @from, @event, @to, @actor)`

const sqlMoveShipment = `
update shipment
set state = @state, history_seq = @seq
where id = @id and history_seq = @seq - 1`

const sqlShipments = `
select id, order_id, n, kind, state, carrier, tracking_number, created_at, history_seq
from shipment
where order_id = @order_id
order by n`

const sqlShipmentLines = `
select sku, quantity
from shipment_line
where shipment_id = @shipment_id
order by sku`

const sqlShipmentHistory = `
select seq, from_state, event, to_state, actor, reason, at
from shipment_history
where shipment_id = @shipment_id
order by seq`
