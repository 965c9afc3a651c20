-- +goose Up

-- A discount that a code gives. Books are left out of every one (loi 81-766).
create table voucher (
  id            uuid        primary key,
  code          citext      not null constraint "a voucher's code is used once" unique,
  kind          text        not null constraint "a voucher is an amount, a percentage or free shipping" check (kind in ('amount', 'percent', 'free_shipping')),
  value         bigint      not null constraint "a voucher's value is sensible" check (kind = 'free_shipping' and value = 0 or kind = 'amount' and value > 0 or kind = 'percent' and value between 1 and 100),
  products      text[]      not null default '{}',
  minimum_goods bigint      not null default 0 check (minimum_goods >= 0),
  starts_at     timestamptz,
  ends_at       timestamptz,
  once_per_customer boolean not null default false,
  usage_limit   integer     check (usage_limit > 0),
  used          integer     not null default 0,
  disabled_at   timestamptz,
  created_by    text        not null,
  created_at    timestamptz not null default now(),
  constraint "a voucher is not used more often than its limit" check (used >= 0 and (usage_limit is null or used <= usage_limit))
);

create table voucher_use (
  order_id   uuid        primary key references orders,
  voucher_id uuid        not null references voucher,
  customer   text        not null,
  once       boolean     not null,
  active     boolean     not null default true,
  at         timestamptz not null default now()
);
create index voucher_use_of_voucher on voucher_use (voucher_id);
create unique index "a customer uses a voucher once" on voucher_use (voucher_id, customer) where once and active;

alter table cart add column voucher_code text not null default '';
alter table cart add column gift_codes text[] not null default '{}';

alter table order_line add column discount bigint not null default 0;
alter table order_line add column gift_card boolean not null default false;
alter table order_line drop constraint "a line's total is quantity times price";
alter table order_line add constraint "a line's total is quantity times price less its discount" check (total = quantity * unit_price - discount and discount >= 0 and total >= 0);

alter table orders add column voucher_code text not null default '';
alter table orders add column shipping_discount bigint not null default 0 check (shipping_discount >= 0);
alter table orders add column gift_total bigint not null default 0;
alter table orders add constraint "gift cards pay no more than the order" check (gift_total between 0 and total);

-- A gift card is money that was paid before: its balance is the sum of its movements.
create table gift_card (
  id         uuid        primary key,
  code_hash  bytea       not null constraint "a gift card's code is used once" unique,
  hint       text        not null,
  initial    bigint      not null check (initial > 0),
  balance    bigint      not null constraint "a gift card is never overspent" check (balance >= 0),
  order_id   uuid        not null,
  expires_at timestamptz not null,
  voided_at  timestamptz,
  issued_at  timestamptz not null default now()
);
create index gift_card_of_order on gift_card (order_id);

create table gift_card_movement (
  id         bigint      generated always as identity primary key,
  card_id    uuid        not null references gift_card,
  kind       text        not null check (kind in ('issue', 'hold', 'release', 'refund', 'void')),
  amount     bigint      not null check (amount <> 0),
  order_id   uuid        not null,
  at         timestamptz not null default clock_timestamp()
);
create index gift_card_movement_of_card on gift_card_movement (card_id);
call make_append_only('gift_card_movement');

-- What an order takes from a card: held while it waits, spent when it is paid, else released.
create table gift_card_use (
  order_id   uuid        not null,
  card_id    uuid        not null references gift_card,
  amount     bigint      not null check (amount > 0),
  state      text        not null check (state in ('held', 'spent', 'released')),
  payment_id uuid        references payment,
  constraint "spent money is a payment" check ((state = 'spent') = (payment_id is not null)),
  primary key (order_id, card_id)
);

alter table payment drop constraint payment_gateway_check;
alter table payment add constraint "a payment is made by a known gateway" check (gateway in ('stripe', 'desk', 'none', 'gift_card'));

create view payments_v_gift as
select p.order_id, sum(p.amount)::bigint as amount,
       coalesce(sum((select sum(r.amount) from refund r where r.payment_id = p.id and r.state in ('requested', 'pending', 'succeeded'))), 0)::bigint as refunded
from payment p
where p.gateway = 'gift_card' and p.state = 'captured'
group by p.order_id;
grant select on payments_v_gift to boutique_app;

-- The derived statuses again: gift cards are paid with the payment that an order stands on, and an
-- order of nothing is paid when it is confirmed.
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
         when sums.captured > 0 or o.confirmed_at is not null then 'paid'
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
left join payments_v_gift g on g.order_id = o.id
cross join lateral (
  select case when c.payment_id is not null then c.amount + coalesce(g.amount, 0) else coalesce(m.captured, 0) end as captured,
         case when c.payment_id is not null then c.refunded + coalesce(g.refunded, 0) else coalesce(m.refunded, 0) end as refunded
) as sums;
