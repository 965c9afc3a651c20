package shop

const sqlInsertReturn = `
insert into order_return (id, number, order_id, state, name, email, reason, declared_at, refund_by, due, due_shipping, history_seq)
values (@id, @number, @order_id, 'declared', @name, @email, @reason, @declared_at, @refund_by, @due, @due_shipping, 1)`

const sqlInsertReturnLine = `
insert into return_line (return_id, sku, quantity, unsent)
values (@return_id, @sku, @quantity, @unsent)`

const sqlInsertReturnHistory = `
insert into return_history (return_id, seq, from_state, event, to_state, actor, reason)
values (@return_id, @seq, @from, @event, @to, @actor, @reason)`

const sqlMoveReturn = `
update order_return
set state = @state, history_seq = @seq, refund_id = coalesce(@refund_id, refund_id)
where id = @id and history_seq = @seq - 1`

const sqlInsertOutcome = `
insert into return_outcome (return_id, sku, restocked, written_off)
values (@return_id, @sku, @restocked, @written_off)`

const sqlReturnsOfOrder = `
select r.id, r.number, r.order_id, o.number as order_number, r.state, r.name, r.email, r.reason, r.declared_at, r.refund_by, r.due, r.due_shipping, r.refund_id, r.history_seq
from order_return r join orders o on o.id = r.order_id
where r.order_id = @order_id
order by r.declared_at, r.number`

const sqlReturnByNumber = `
select r.id, r.number, r.order_id, o.number as order_number, r.state, r.name, r.email, r.reason, r.declared_at, r.refund_by, r.due, r.due_shipping, r.refund_id, r.history_seq
from order_return r join orders o on o.id = r.order_id
where r.number = @number`

const sqlListReturns = `
select r.id, r.number, r.order_id, o.number as order_number, r.state, r.name, r.email, r.reason, r.declared_at, r.refund_by, r.due, r.due_shipping, r.refund_id, r.history_seq
from order_return r join orders o on o.id = r.order_id
where (not @open::bool or r.state in ('declared', 'received'))
order by r.state in ('declared', 'received') desc, r.refund_by, r.declared_at desc
limit 200`

const sqlCountOpenReturns = `
select count(*)
from order_return
where state in ('declared', 'received')`

const sqlReturnLines = `
select l.sku, l.quantity, l.unsent, coalesce(o.restocked, 0) as restocked, coalesce(o.written_off, 0) as written_off, o.return_id is not null as back
from return_line l left join return_outcome o on o.return_id = l.return_id and o.sku = l.sku
where l.return_id = @return_id
order by l.sku`

const sqlReturnHistory = `
select seq, from_state, event, to_state, actor, reason, at
from return_history
where return_id = @return_id
order by seq`

const sqlReturnSteps = `
select from_state, event, to_state, count(*)
from return_history
group by from_state, event, to_state`

const sqlCountReturns = `select count(*) from order_return`

const sqlOverReturned = `
select o.number || ': ' || l.sku
from orders o
join order_line l on l.order_id = o.id
join (
  select r.order_id, p.sku, sum(p.quantity) as quantity
  from order_return r join return_line p on p.return_id = r.id
  where r.state <> 'closed'
  group by r.order_id, p.sku) as given on given.order_id = o.id and given.sku = l.sku
where given.quantity > l.quantity
order by 1`

const sqlReturnsNotPaidBack = `
select number || ' is refunded without a refund'
from order_return
where state = 'refunded' and refund_id is null and due > 0
order by 1`
