-- +goose Up

-- When an entry was validated: entries are numbered in this order (LPF art. A47 A-1, VII-3). It is
-- read while the head of the chain is locked, so that it never runs backwards.
alter table entry add column validated_on date;
alter table entry disable trigger user;
update entry e
set validated_on = (select max(b.booked_on) from entry b where b.seq <= e.seq);
alter table entry enable trigger user;
alter table entry alter column validated_on set not null;

-- The account of the plan comptable général that a line stands for, whatever account the office's
-- own chart books it on: controls and journals read this one. The analytic code tells commercial
-- income from public service.
alter table entry_line add column standard text;
alter table entry_line add column analytic text not null default '';
alter table entry_line disable trigger user;
update entry_line set standard = account;
alter table entry_line enable trigger user;
alter table entry_line alter column standard set not null;
create index entry_line_by_standard on entry_line (standard);

create table journal (
  code  text primary key,
  label text not null
);
insert into journal (code, label) values
  ('AN', 'À-nouveaux'),
  ('VE', 'Ventes boutique'),
  ('ST', 'Encaissements Stripe'),
  ('CA', 'Caisse et guichet'),
  ('CC', 'Cartes cadeaux'),
  ('BQ', 'Virements Stripe'),
  ('OD', 'Opérations diverses');

-- The charts of accounts as data: what each account of the PCG is called in M4 and M57 (law of
-- local public services), from a day on. An office's own codes are account_mapping rows.
create table chart_account (
  chart      text not null constraint "a chart is pcg, m4 or m57" check (chart in ('pcg', 'm4', 'm57')),
  standard   text not null,
  valid_from date not null default '2000-01-01',
  account    text not null,
  label      text not null,
  primary key (chart, standard, valid_from)
);
insert into chart_account (chart, standard, account, label) values
  ('m4', '411', '411', 'Clients'),
  ('m4', '4191', '4191', 'Clients - Avances et acomptes reçus'),
  ('m4', '512', '515', 'Compte au Trésor'),
  ('m4', '530', '5412', 'Régisseurs de recettes'),
  ('m4', '6278', '6278', 'Autres frais et commissions sur prestations de services'),
  ('m57', '411', '4111', 'Redevables - Amiable'),
  ('m57', '4191', '4191', 'Redevables créditeurs - Avances reçues'),
  ('m57', '512', '515', 'Compte au Trésor'),
  ('m57', '530', '5412', 'Régisseurs de recettes'),
  ('m57', '6278', '627', 'Services bancaires et assimilés');

-- The office's own mapping, dated: which account and analytic code a line is booked on. The most
-- specific row in force wins; a family, rate, country or method that is empty means any.
create table account_mapping (
  id         bigint generated always as identity primary key,
  valid_from date        not null,
  standard   text        not null,
  family     text        not null default '',
  rate       integer     constraint "a mapped rate is in basis points" check (rate between 0 and 10000),
  country    text        not null default '' constraint "a mapped country is ISO 3166-1 alpha-2" check (country ~ '^([A-Z]{2})?$'),
  method     text        not null default '',
  account    text        not null constraint "an account begins with three digits" check (account ~ '^[0-9]{3}[0-9A-Z]{0,17}$'),
  label      text        not null constraint "an account has a label" check (label <> ''),
  analytic   text        not null default '',
  set_by     text        not null,
  set_at     timestamptz not null default clock_timestamp()
);
create index account_mapping_in_force on account_mapping (standard, valid_from);
call make_append_only('account_mapping');

-- How VAT sees a document: taxed in France (domestic), in France under the yearly threshold of
-- distance sales (distance), in the country of the shopper (oss), not at all (export, franchise).
alter table document add column regime text not null default '';
alter table document add column buyer_siren text not null default '';
alter table document disable trigger user;
update document d
set regime = case
      when exists (select from document_vat v where v.document_id = d.id and v.exemption = 'export') then 'export'
      when d.country in ('FR', 'MC') then 'domestic'
      else 'distance'
    end,
    buyer_siren = coalesce(d.data::jsonb -> 'buyer' ->> 'siren', '');
alter table document enable trigger user;
alter table document add constraint "a document has a known VAT regime"
  check (regime in ('domestic', 'distance', 'oss', 'export', 'franchise'));
alter table document alter column regime drop default;

-- What higher floors may read of the movements of payments.
create view payments_v_movement as
select p.id, p.order_id, 'payment' as kind, p.captured_at as at, p.gateway, p.method, coalesce(p.intent_id, '') as provider_id, p.amount, p.state,
       coalesce((select sum(b.fee) from payment_balance b where b.payment_id = p.id and b.refund_id is null), 0)::bigint as fee
from payment p
where p.state = 'captured'
union all
select r.id, r.order_id, 'refund', r.created_at, p.gateway, p.method, coalesce(r.provider_id, ''), -r.amount, r.state,
       coalesce((select sum(b.fee) from payment_balance b where b.refund_id = r.id), 0)::bigint
from refund r join payment p on p.id = r.payment_id
where r.state in ('pending', 'succeeded', 'failed');
grant select on payments_v_movement to boutique_app;

-- The day totals of B2C e-reporting (CGI ann. II art. 242 nonies M I), and each invoice to a
-- business under its own number.
create view ledger_v_report as
select (d.issued_at at time zone 'Europe/Paris')::date as day,
       case
         when v.exemption = 'voucher' then 'outside_scope'
         when d.regime in ('oss', 'export') then 'not_taxed_in_france'
         when d.regime = 'franchise' then 'franchise'
         when v.exemption <> '' then 'exempt'
         else 'goods_taxed'
       end as category,
       v.rate, case when d.buyer_siren = '' then '' else d.number end as invoice_number,
       sum(v.net)::bigint as net, sum(v.vat)::bigint as vat,
       sum(case when d.regime in ('domestic', 'distance') then v.vat else 0 end)::bigint as vat_in_france,
       count(distinct d.id)::bigint as transactions
from document d join document_vat v on v.document_id = d.id
group by 1, 2, 3, 4;
grant select on ledger_v_report to boutique_app;
