-- +goose Up

-- One attempt to pay an order. Its parameters and its idempotency key are stored before anything
-- is sent, so that a lost answer can be asked for again, word for word.
create table payment (
  id              uuid        primary key,
  order_id        uuid        not null,
  n               integer     not null,
  gateway         text        not null check (gateway in ('stripe', 'desk', 'none')),
  state           text        not null constraint "a payment is in a known state" check (state in ('creating', 'open', 'processing', 'captured', 'failed', 'expired')),
  amount          bigint      not null check (amount >= 0),
  currency        text        not null default 'EUR' constraint "payments are in euros" check (currency = 'EUR'),
  idempotency_key text        not null constraint "a payment's key is used once" unique,
  request         jsonb       not null,
  session_id      text        constraint "a session pays one order" unique,
  session_url     text        not null default '',
  intent_id       text        constraint "an intent is captured once" unique,
  charge_id       text        not null default '',
  method          text        not null default '',
  fee             bigint,
  quarantined     text        not null default '',
  expires_at      timestamptz not null,
  created_at      timestamptz not null default now(),
  captured_at     timestamptz,
  history_seq     integer     not null default 0,
  constraint "an order's attempts are counted" unique (order_id, n),
  constraint "captured money has its date" check ((state = 'captured') = (captured_at is not null))
);
create index payment_of_order on payment (order_id);
create index payment_unsettled on payment (expires_at) where state in ('creating', 'open', 'processing');
create unique index "an order has one live attempt" on payment (order_id) where state in ('creating', 'open', 'processing');

create table payment_history (
  payment_id uuid        not null references payment,
  seq        integer     not null check (seq > 0),
  from_state text        not null,
  event      text        not null,
  to_state   text        not null,
  actor      text        not null,
  reason     text        not null default '',
  at         timestamptz not null default clock_timestamp(),
  before_seq integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text generated always as (case when seq > 1 then from_state end) stored,
  primary key (payment_id, seq),
  constraint "a payment's step has an end" unique (payment_id, seq, to_state),
  constraint "a payment's step begins where the last one ended" foreign key (payment_id, before_seq, before_state) references payment_history (payment_id, seq, to_state)
);
call make_append_only('payment_history');
alter table payment add constraint "a payment's state is the end of its history"
  foreign key (id, history_seq, state) references payment_history (payment_id, seq, to_state) deferrable initially deferred;

create table refund (
  id              uuid        primary key,
  payment_id      uuid        not null references payment,
  order_id        uuid        not null,
  state           text        not null constraint "a refund is in a known state" check (state in ('requested', 'pending', 'succeeded', 'failed')),
  amount          bigint      not null check (amount > 0),
  reason          text        not null default '',
  origin          text        not null check (origin in ('shop', 'dashboard')),
  detail          jsonb       not null default '{}',
  idempotency_key text        not null constraint "a refund's key is used once" unique,
  provider_id     text        constraint "a refund at the provider is recorded once" unique,
  failure         text        not null default '',
  created_at      timestamptz not null default now(),
  history_seq     integer     not null default 0
);
create index refund_of_order on refund (order_id);
create index refund_unsettled on refund (created_at) where state in ('requested', 'pending');

create table refund_history (
  refund_id  uuid        not null references refund,
  seq        integer     not null check (seq > 0),
  from_state text        not null,
  event      text        not null,
  to_state   text        not null,
  actor      text        not null,
  reason     text        not null default '',
  at         timestamptz not null default clock_timestamp(),
  before_seq integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text generated always as (case when seq > 1 then from_state end) stored,
  primary key (refund_id, seq),
  constraint "a refund's step has an end" unique (refund_id, seq, to_state),
  constraint "a refund's step begins where the last one ended" foreign key (refund_id, before_seq, before_state) references refund_history (refund_id, seq, to_state)
);
call make_append_only('refund_history');
alter table refund add constraint "a refund's state is the end of its history"
  foreign key (id, history_seq, state) references refund_history (refund_id, seq, to_state) deferrable initially deferred;

-- The inbox of the provider's webhooks: stored first, answered, then worked on until done.
create table payment_event (
  id          text        primary key,
  type        text        not null,
  api_version text        not null default '',
  livemode    boolean     not null,
  object_id   text        not null,
  payload     bytea       not null,
  received_at timestamptz not null default now(),
  done_at     timestamptz,
  outcome     text        not null default '',
  tries       integer     not null default 0,
  last_error  text        not null default ''
);
create index payment_event_unfinished on payment_event (received_at) where done_at is null;

-- What higher floors may read of an order's money.
create view payments_v_money as
select p.order_id,
       coalesce(sum(p.amount) filter (where p.state = 'captured' and p.quarantined = ''), 0)::bigint as captured,
       coalesce((select sum(r.amount) from refund r where r.order_id = p.order_id and r.state in ('requested', 'pending', 'succeeded')), 0)::bigint as refunded,
       bool_or(p.state = 'processing') as processing,
       bool_or(p.state in ('creating', 'open')) as waiting,
       bool_or(p.state in ('failed', 'expired')) as failed,
       bool_or(p.quarantined <> '') as quarantined
from payment p
group by p.order_id;
grant select on payments_v_money to boutique_app;

-- Every movement of the provider's balance that concerns a payment, seen once.
create table payment_balance (
  id         text        primary key,
  payment_id uuid        not null references payment,
  refund_id  uuid        references refund,
  kind       text        not null,
  amount     bigint      not null,
  fee        bigint      not null,
  net        bigint      not null,
  at         timestamptz not null,
  seen_at    timestamptz not null default clock_timestamp()
);
create index payment_balance_of_payment on payment_balance (payment_id);
call make_append_only('payment_balance');

-- Money that arrived and stands for an order.
create view payments_v_captured as
select p.id as payment_id, p.order_id, p.amount,
       coalesce((select sum(r.amount) from refund r where r.payment_id = p.id and r.state in ('requested', 'pending', 'succeeded')), 0)::bigint as refunded
from payment p
where state = 'captured' and quarantined = '';
grant select on payments_v_captured to boutique_app;
