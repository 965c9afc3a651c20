-- +goose Up

create table cart (
  id           uuid        primary key,
  lang         text        not null default 'fr',
  country      text        not null default 'FR',
  postal_code  text        not null default '',
  shown_shipping jsonb     not null default '{}',
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now()
);

create table cart_line (
  cart_id     uuid    not null references cart on delete cascade,
  sku         text    not null,
  quantity    integer not null constraint "a cart line has 1 to 99 pieces" check (quantity between 1 and 99),
  shown_price bigint  not null,
  added_at    timestamptz not null default clock_timestamp(),
  primary key (cart_id, sku)
);

-- The shipping conditions as one dated document per edit: zones, methods, tariffs. Old orders keep
-- the version they were quoted on.
create table shipping_conditions (
  version    integer     generated always as identity primary key,
  valid_from timestamptz not null default now(),
  document   jsonb       not null,
  set_by     text        not null,
  set_at     timestamptz not null default now()
);
call make_append_only('shipping_conditions');

create table orders (
  id             uuid        primary key,
  number         text        not null constraint "an order's number is used once" unique,
  key_hash       bytea       not null,
  cart_id        uuid        constraint "a cart becomes one order" unique,
  payment_id     uuid,
  state          text        not null constraint "an order is in a known state" check (state in ('awaiting_payment', 'confirmed', 'completed', 'expired', 'cancelled')),
  lang           text        not null,
  email          text        not null,
  name           text        not null,
  phone          text        not null default '',
  company        text        not null default '',
  siren          text        not null default '',
  vat_number     text        not null default '',
  line1          text        not null,
  line2          text        not null default '',
  postal_code    text        not null,
  city           text        not null,
  country        text        not null,
  shipping_kind  text        not null constraint "an order is delivered or collected" check (shipping_kind in ('delivery', 'collection')),
  shipping_method text       not null,
  shipping_label text        not null,
  quote          jsonb       not null,
  promise_from   date,
  promise_to     date,
  goods_total    bigint      not null check (goods_total >= 0),
  shipping_total bigint      not null check (shipping_total >= 0),
  total          bigint      not null,
  terms_version  text        not null,
  birth_date     date,
  placed_at      timestamptz not null default now(),
  expires_at     timestamptz not null,
  confirmed_at   timestamptz,
  history_seq    integer     not null default 0,
  constraint "an order's total is goods plus shipping" check (total = goods_total + shipping_total),
  constraint "a paid order knows its payment" check ((payment_id is null) = (confirmed_at is null))
);
create index orders_by_placed on orders (placed_at desc, id);
create index orders_by_email on orders (lower(email));
create index orders_awaiting on orders (expires_at) where state = 'awaiting_payment';

create table order_line (
  order_id     uuid    not null references orders,
  position     integer not null,
  variant_id   bigint  not null,
  sku          text    not null,
  name         text    not null,
  options      text    not null default '',
  quantity     integer not null check (quantity > 0),
  unit_price   bigint  not null check (unit_price > 0),
  total        bigint  not null,
  vat_class    text    not null,
  vat_rate     integer not null check (vat_rate between 0 and 10000),
  net          bigint  not null,
  vat          bigint  not null,
  weight_g     integer not null default 0,
  photo_sha256 text    not null default '',
  slug         text    not null default '',
  primary key (order_id, position),
  constraint "a line's total is quantity times price" check (total = quantity * unit_price),
  constraint "a line's net and VAT make its total" check (net + vat = total)
);
create unique index "an order names a SKU once" on order_line (order_id, sku);
call make_append_only('order_line');

create table order_vat (
  order_id       uuid    not null references orders,
  rate           integer not null,
  goods_gross    bigint  not null,
  shipping_gross bigint  not null,
  gross          bigint  not null,
  net            bigint  not null,
  vat            bigint  not null,
  exemption      text    not null default '',
  primary key (order_id, rate, exemption),
  constraint "a rate's goods and shipping make its gross" check (goods_gross + shipping_gross = gross),
  constraint "a rate's net and VAT make its gross" check (net + vat = gross)
);
call make_append_only('order_vat');

-- The stories of orders and shipments: each step names the one before, so that a state is always
-- the end of a legal, attributed chain.
create table order_history (
  order_id   uuid        not null references orders,
  seq        integer     not null check (seq > 0),
  from_state text        not null,
  event      text        not null,
  to_state   text        not null,
  actor      text        not null,
  reason     text        not null default '',
  at         timestamptz not null default clock_timestamp(),
  before_seq integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text generated always as (case when seq > 1 then from_state end) stored,
  primary key (order_id, seq),
  constraint "a step's end is known" unique (order_id, seq, to_state),
  constraint "a step begins where the last one ended" foreign key (order_id, before_seq, before_state) references order_history (order_id, seq, to_state)
);
call make_append_only('order_history');
alter table orders add constraint "an order's state is the end of its history"
  foreign key (id, history_seq, state) references order_history (order_id, seq, to_state) deferrable initially deferred;

create table shipment (
  id              uuid        primary key,
  order_id        uuid        not null references orders,
  n               integer     not null,
  kind            text        not null check (kind in ('delivery', 'collection')),
  state           text        not null constraint "a shipment is in a known state" check (state in ('preparing', 'shipped', 'delivered', 'ready', 'collected')),
  carrier         text        not null default '',
  tracking_number text        not null default '',
  created_at      timestamptz not null default now(),
  history_seq     integer     not null default 0,
  constraint "an order's shipments are counted" unique (order_id, n)
);

create table shipment_line (
  shipment_id uuid    not null references shipment,
  sku         text    not null,
  quantity    integer not null check (quantity > 0),
  primary key (shipment_id, sku)
);
call make_append_only('shipment_line');

create table shipment_history (
  shipment_id uuid       not null references shipment,
  seq        integer     not null check (seq > 0),
  from_state text        not null,
  event      text        not null,
  to_state   text        not null,
  actor      text        not null,
  reason     text        not null default '',
  at         timestamptz not null default clock_timestamp(),
  before_seq integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text generated always as (case when seq > 1 then from_state end) stored,
  primary key (shipment_id, seq),
  constraint "a shipment's step has an end" unique (shipment_id, seq, to_state),
  constraint "a shipment's step begins where the last one ended" foreign key (shipment_id, before_seq, before_state) references shipment_history (shipment_id, seq, to_state)
);
call make_append_only('shipment_history');
alter table shipment add constraint "a shipment's state is the end of its history"
  foreign key (id, history_seq, state) references shipment_history (shipment_id, seq, to_state) deferrable initially deferred;
