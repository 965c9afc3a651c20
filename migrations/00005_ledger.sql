-- +goose Up

-- The next number of each series and year. A row, not a sequence: a rolled-back invoice leaves no gap.
create table document_counter (
  series text    not null,
  year   integer not null,
  last   integer not null default 0,
  primary key (series, year)
);

create table document (
  id           uuid        primary key,
  kind         text        not null constraint "a document is an invoice or a credit note" check (kind in ('invoice', 'credit_note')),
  series       text        not null,
  year         integer     not null,
  n            integer     not null check (n > 0),
  number       text        not null constraint "a document's number is used once" unique,
  order_id     uuid        not null,
  order_number text        not null,
  refund_id    uuid        constraint "a refund has one credit note" unique,
  refers_to    uuid        references document,
  country      text        not null,
  payment_method text      not null,
  issued_at    timestamptz not null,
  gross        bigint      not null,
  data         text        not null,
  constraint "a series counts up without a double" unique (series, year, n),
  constraint "a credit note refers to its invoice" check ((kind = 'credit_note') = (refers_to is not null and refund_id is not null))
);
create unique index "an order has one invoice" on document (order_id) where kind = 'invoice';
create index document_by_date on document (issued_at, number);
call make_append_only('document');

-- One row per document and VAT rate; credit notes are negative.
create table document_vat (
  document_id    uuid    not null references document,
  rate           integer not null,
  goods_gross    bigint  not null,
  shipping_gross bigint  not null,
  gross          bigint  not null,
  net            bigint  not null,
  vat            bigint  not null,
  exemption      text    not null default '',
  primary key (document_id, rate, exemption),
  constraint "goods and shipping make the gross" check (goods_gross + shipping_gross = gross),
  constraint "net and VAT make the gross" check (net + vat = gross)
);
call make_append_only('document_vat');

create table document_file (
  document_id uuid        primary key references document,
  sha256      text        not null,
  pdf         bytea       not null,
  drawn_at    timestamptz not null default now()
);
call make_append_only('document_file');

create table account (
  number text primary key,
  label  text not null
);
insert into account (number, label) values
  ('411', 'Clients'),
  ('4191', 'Clients - Avances et acomptes reçus sur commandes'),
  ('471', 'Comptes d''attente'),
  ('512', 'Banques'),
  ('517', 'Autres organismes financiers'),
  ('530', 'Caisse'),
  ('6278', 'Autres frais et commissions sur prestations de services'),
  ('44571000', 'TVA collectée 0 %'),
  ('44571021', 'TVA collectée 2,1 %'),
  ('44571055', 'TVA collectée 5,5 %'),
  ('44571100', 'TVA collectée 10 %'),
  ('44571200', 'TVA collectée 20 %'),
  ('707000', 'Ventes de marchandises exonérées'),
  ('707021', 'Ventes de marchandises 2,1 %'),
  ('707055', 'Ventes de marchandises 5,5 %'),
  ('707100', 'Ventes de marchandises 10 %'),
  ('707200', 'Ventes de marchandises 20 %'),
  ('7085', 'Ports et frais accessoires facturés');

create table entry (
  seq       bigint      primary key check (seq > 0),
  journal   text        not null check (journal in ('VE', 'ST', 'CA', 'OD')),
  booked_at timestamptz not null,
  booked_on date        not null,
  reference text        not null,
  label     text        not null,
  order_id  uuid,
  cause     text        not null constraint "a fact is booked once" unique,
  data      text        not null,
  prev_hash bytea       not null,
  hash      bytea       not null
);
create index entry_by_day on entry (booked_on, seq);
call make_append_only('entry');

create table entry_line (
  entry_seq bigint  not null references entry,
  n         integer not null,
  account   text    not null references account,
  debit     bigint  not null default 0,
  credit    bigint  not null default 0,
  primary key (entry_seq, n),
  constraint "a line is a debit or a credit" check ((debit > 0 and credit = 0) or (credit > 0 and debit = 0))
);
create index entry_line_by_account on entry_line (account);
call make_append_only('entry_line');

-- +goose StatementBegin
create function entry_must_balance() returns trigger language plpgsql as $$
begin
  if (select sum(debit) - sum(credit) from entry_line where entry_seq = new.entry_seq) <> 0 then
    raise exception 'entry % does not balance', new.entry_seq using errcode = 'check_violation';
  end if;
  return null;
end
$$;
-- +goose StatementEnd
create constraint trigger "debits equal credits" after insert on entry_line
  deferrable initially deferred for each row execute function entry_must_balance();

-- The head of the hash chain: one row, locked last.
create table journal_head (
  one  boolean primary key default true check (one),
  seq  bigint  not null,
  hash bytea   not null
);
insert into journal_head (seq, hash) values (0, '\x');

-- What higher floors may read of invoices.
create view ledger_v_invoice as
select order_id, number, issued_at, gross
from document
where kind = 'invoice';
grant select on ledger_v_invoice to boutique_app;
