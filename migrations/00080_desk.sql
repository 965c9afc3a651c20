-- +goose Up

-- Payment at the desk: an order that is to be paid there has a session, which is open until staff take
-- the money or it ends. The row is what decides between the two.
create table desk_session (
  payment_id uuid        primary key references payment,
  order_id   uuid        not null,
  number     text        not null,
  amount     bigint      not null check (amount > 0),
  state      text        not null default 'open' constraint "a desk session is in a known state" check (state in ('open', 'complete', 'expired')),
  expires_at timestamptz not null,
  means      text        not null default '' constraint "the desk takes cash, cheques and cards" check (means in ('', 'cash', 'cheque', 'card_terminal')),
  reference  text        not null default '',
  taken_by   text        not null default '',
  taken_at   timestamptz,
  constraint "money that was taken has its means, its date and who took it" check ((state = 'complete') = (means <> '' and taken_by <> '' and taken_at is not null))
);

-- The next number of each year: a row, so that what is rolled back leaves no gap.
create table desk_counter (
  year integer primary key,
  last integer not null default 0
);

-- The journal of the desk (CGCT art. R1617-16): every sum that was taken and every one that was given back,
-- numbered without a gap.
create table desk_receipt (
  number       text        primary key,
  year         integer     not null,
  n            integer     not null check (n > 0),
  kind         text        not null constraint "the desk takes or gives back" check (kind in ('receipt', 'refund')),
  payment_id   uuid        not null references payment,
  refund_id    uuid        constraint "a refund is given back once" unique references refund,
  order_id     uuid        not null,
  order_number text        not null,
  means        text        not null constraint "the desk's means are known" check (means in ('cash', 'cheque', 'card_terminal', 'transfer')),
  amount       bigint      not null check (amount > 0),
  reference    text        not null default '',
  actor        text        not null,
  at           timestamptz not null,
  constraint "the desk's numbers count up without a double" unique (year, n),
  constraint "what is given back names its refund" check ((kind = 'refund') = (refund_id is not null))
);
create unique index "a payment is taken once at the desk" on desk_receipt (payment_id) where kind = 'receipt';
create index desk_receipt_by_day on desk_receipt (at);
call make_append_only('desk_receipt');

-- What was taken to the bank or the treasury, receipt by receipt.
create table desk_deposit (
  id        uuid        primary key,
  means     text        not null check (means in ('cash', 'cheque', 'card_terminal')),
  amount    bigint      not null check (amount > 0),
  reference text        not null default '',
  actor     text        not null,
  at        timestamptz not null
);
call make_append_only('desk_deposit');

create table desk_deposit_line (
  deposit_id uuid not null references desk_deposit,
  number     text not null references desk_receipt,
  primary key (deposit_id, number),
  constraint "a receipt is deposited once" unique (number)
);
call make_append_only('desk_deposit_line');

insert into account (number, label) values
  ('5112', 'Chèques à encaisser'),
  ('5115', 'Cartes de crédit à encaisser')
on conflict (number) do nothing;

-- An order that is paid at the desk waits for that, whatever its shopper does online.
alter table orders add column pays_at text not null default 'online'
  constraint "an order is paid online or at the desk" check (pays_at in ('online', 'desk'));
