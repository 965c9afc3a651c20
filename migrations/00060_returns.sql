-- +goose Up

-- Withdrawals (C. conso. art. L221-18 to L221-28): what was declared, what came back, what was paid.
create table order_return (
  id          uuid        primary key,
  number      text        not null constraint "a return's number is used once" unique,
  order_id    uuid        not null references orders,
  state       text        not null constraint "a return is in a known state" check (state in ('declared', 'received', 'refunded', 'closed')),
  name        text        not null,
  email       text        not null,
  reason      text        not null default '',
  declared_at timestamptz not null,
  refund_by   date        not null,
  due         bigint      not null constraint "what is due is not negative" check (due >= 0),
  due_shipping bigint     not null constraint "the shipping due is part of what is due" check (due_shipping between 0 and due),
  refund_id   uuid,
  history_seq integer     not null default 0
);
create index order_return_of_order on order_return (order_id);
create index order_return_open on order_return (refund_by) where state in ('declared', 'received');

-- unsent is how many of the pieces had not left the office: nothing of them has to come back.
create table return_line (
  return_id uuid    not null references order_return,
  sku       text    not null,
  quantity  integer not null check (quantity > 0),
  unsent    integer not null default 0,
  constraint "what was never sent is part of what is given back" check (unsent between 0 and quantity),
  primary key (return_id, sku)
);
call make_append_only('return_line');

-- What became of the pieces that came back.
create table return_outcome (
  return_id   uuid        not null references order_return,
  sku         text        not null,
  restocked   integer     not null check (restocked >= 0),
  written_off integer     not null check (written_off >= 0),
  at          timestamptz not null default clock_timestamp(),
  primary key (return_id, sku)
);
call make_append_only('return_outcome');

create table return_history (
  return_id  uuid        not null references order_return,
  seq        integer     not null check (seq > 0),
  from_state text        not null,
  event      text        not null,
  to_state   text        not null,
  actor      text        not null,
  reason     text        not null default '',
  at         timestamptz not null default clock_timestamp(),
  before_seq integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text generated always as (case when seq > 1 then from_state end) stored,
  primary key (return_id, seq),
  constraint "a return's step has an end" unique (return_id, seq, to_state),
  constraint "a return's step begins where the last one ended" foreign key (return_id, before_seq, before_state) references return_history (return_id, seq, to_state)
);
call make_append_only('return_history');
alter table order_return add constraint "a return's state is the end of its history"
  foreign key (id, history_seq, state) references return_history (return_id, seq, to_state) deferrable initially deferred;

-- Why an article cannot be given back (C. conso. art. L221-28), as its buyer was told; empty when it can.
alter table order_line add column no_withdrawal text not null default '';
-- What the cheapest delivery would have cost: more than that of a dearer one is not given back.
alter table orders add column standard_shipping bigint;

-- The derived statuses again: an order is returned when every piece of it came back.
create or replace view shop_v_status as
with ordered as (
  select order_id, sum(quantity) as quantity from order_line group by order_id
), sent as (
  select s.order_id, sum(l.quantity) as quantity
  from shipment s join shipment_line l on l.shipment_id = s.id
  where s.state in ('shipped', 'delivered', 'collected')
  group by s.order_id
), came_back as (
  select r.order_id, sum(o.restocked + o.written_off) as quantity
  from order_return r join return_outcome o on o.return_id = r.id
  group by r.order_id
)
select o.id as order_id,
       case
         when sums.captured > 0 and sums.refunded >= sums.captured then 'refunded'
         when sums.captured > 0 and sums.refunded > 0 then 'partially_refunded'
         when sums.captured > 0 then 'paid'
         when coalesce(m.processing, false) then 'processing'
         when coalesce(m.failed, false) and not coalesce(m.waiting, false) then 'failed'
         else 'unpaid'
       end as payment_status,
       case
         when coalesce(sent.quantity, 0) = 0 then 'unfulfilled'
         when coalesce(came_back.quantity, 0) >= ordered.quantity then 'returned'
         when sent.quantity < ordered.quantity then 'partially_fulfilled'
         else 'fulfilled'
       end as fulfilment_status
from orders o
join ordered on ordered.order_id = o.id
left join sent on sent.order_id = o.id
left join came_back on came_back.order_id = o.id
left join payments_v_money m on m.order_id = o.id
left join payments_v_captured c on c.payment_id = o.payment_id
cross join lateral (
  select coalesce(c.amount, m.captured, 0) as captured, coalesce(c.refunded, m.refunded, 0) as refunded
) as sums;
