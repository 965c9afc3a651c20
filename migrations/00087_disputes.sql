-- +goose Up

-- What a bank takes back in its customer's name, as the provider tells it.
create table dispute (
  id         text        primary key,
  payment_id uuid        not null references payment,
  order_id   uuid        not null,
  amount     bigint      not null check (amount > 0),
  reason     text        not null default '',
  status     text        not null,
  open       boolean     not null,
  due_by     timestamptz,
  opened_at  timestamptz not null,
  closed_at  timestamptz,
  constraint "a dispute that is closed has its date" check (open = (closed_at is null))
);
create index dispute_of_order on dispute (order_id);
create index dispute_open on dispute (due_by) where open;

create table dispute_history (
  dispute_id text        not null references dispute,
  status     text        not null,
  at         timestamptz not null default clock_timestamp()
);
create index dispute_history_of_dispute on dispute_history (dispute_id, at);
call make_append_only('dispute_history');

-- A card network's early warning that a payment may be fraud: a task for staff.
create table fraud_warning (
  id         text        primary key,
  payment_id uuid        not null references payment,
  order_id   uuid        not null,
  kind       text        not null default '',
  warned_at  timestamptz not null,
  done_at    timestamptz,
  done_by    text        not null default ''
);
create index fraud_warning_waiting on fraud_warning (warned_at) where done_at is null;

-- Every movement of the provider's balance, whatever it is about: nothing is dropped. What it belongs to is
-- found by its source; a movement that belongs to nothing of ours stays visible as such.
create table balance_line (
  id         text        primary key,
  kind       text        not null,
  source     text        not null default '',
  description text       not null default '',
  amount     bigint      not null,
  fee        bigint      not null,
  net        bigint      not null,
  currency   text        not null,
  at         timestamptz not null,
  payment_id uuid        references payment,
  refund_id  uuid        references refund,
  dispute_id text        references dispute,
  seen_at    timestamptz not null default clock_timestamp(),
  constraint "what is left is the amount less the fee" check (net = amount - fee)
);
create index balance_line_by_time on balance_line (at, id);
create index balance_line_of_payment on balance_line (payment_id);
call make_append_only('balance_line');

-- What the provider pays into the bank, and of which movements.
create table payout (
  id         text        primary key,
  amount     bigint      not null,
  currency   text        not null,
  status     text        not null,
  automatic  boolean     not null,
  failure    text        not null default '',
  created_at timestamptz not null,
  arrives_on date        not null,
  listed_at  timestamptz
);
create index payout_by_day on payout (arrives_on desc, id);

create table payout_line (
  payout_id text not null references payout,
  line_id   text not null references balance_line,
  primary key (payout_id, line_id)
);
call make_append_only('payout_line');

-- What a comparison with the provider found and mended.
create table comparison (
  id         bigint      generated always as identity primary key,
  at         timestamptz not null default clock_timestamp(),
  since      timestamptz not null,
  movements  integer     not null,
  mended     text[]      not null,
  different  text[]      not null,
  failure    text        not null default ''
);
call make_append_only('comparison');

-- What higher floors may read of the provider's balance.
create view payments_v_balance as
select l.id, l.kind, l.net, l.at, l.payment_id, l.refund_id, l.dispute_id,
       coalesce((select p.quarantined <> '' from payment p where p.id = l.payment_id), false) as quarantined
from balance_line l
where l.currency = 'EUR';
grant select on payments_v_balance to boutique_app;

-- What the books say of the provider's balance, fact by fact.
create view ledger_v_provider as
select e.cause, sum(l.debit - l.credit)::bigint as amount
from entry e join entry_line l on l.entry_seq = e.seq
where l.standard = '517'
group by e.cause;
grant select on ledger_v_provider to boutique_app;

insert into account (number, label) values ('654', 'Pertes sur créances irrécouvrables') on conflict (number) do nothing;
