-- +goose Up

-- A VAT row bears what reports read of its document beside it: a year's rows are read from one index, in
-- the order in which they are written, and are joined to nothing. The database itself copies it.
alter table document_vat
  add column issued_at      timestamptz,
  add column number         text,
  add column kind           text,
  add column order_number   text,
  add column country        text,
  add column regime         text,
  add column payment_method text;
alter table document_vat disable trigger user;
update document_vat v
set issued_at = d.issued_at, number = d.number, kind = d.kind, order_number = d.order_number, country = d.country, regime = d.regime, payment_method = d.payment_method
from document d
where d.id = v.document_id;
alter table document_vat enable trigger user;
alter table document_vat
  alter column issued_at set not null,
  alter column number set not null,
  alter column kind set not null,
  alter column order_number set not null,
  alter column country set not null,
  alter column regime set not null,
  alter column payment_method set not null;

-- +goose StatementBegin
create function vat_row_bears_its_document() returns trigger language plpgsql as $$
begin
  select issued_at, number, kind, order_number, country, regime, payment_method
  into new.issued_at, new.number, new.kind, new.order_number, new.country, new.regime, new.payment_method
  from document
  where id = new.document_id;
  return new;
end
$$;
-- +goose StatementEnd
create trigger "a VAT row bears its document" before insert on document_vat for each row execute function vat_row_bears_its_document();

create index document_vat_figures on document_vat (issued_at, number, rate desc, exemption)
  include (kind, order_number, country, regime, payment_method, goods_gross, shipping_gross, gross, net, vat);

-- What an entry of the sales journal comes to, added up by the database when its lines come in: all of
-- them at once. Nobody else writes it, and nobody changes it.
create table booked_sale (
  entry_seq bigint not null constraint "a sale's lines come in at once" primary key references entry,
  reference text   not null,
  booked_on date   not null,
  gross     bigint not null,
  net       bigint not null,
  vat       bigint not null
);
call make_append_only('booked_sale');
revoke insert on booked_sale from boutique_app;

insert into booked_sale (entry_seq, reference, booked_on, gross, net, vat)
select e.seq, e.reference, e.booked_on,
       coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0),
       coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%'), 0),
       coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0)
from entry e join entry_line l on l.entry_seq = e.seq
where e.journal = 'VE'
group by e.seq;

create index booked_sale_figures on booked_sale (booked_on, entry_seq) include (reference, gross, net, vat);

-- +goose StatementBegin
create function sale_is_added_up() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into booked_sale (entry_seq, reference, booked_on, gross, net, vat)
  select e.seq, e.reference, e.booked_on,
         coalesce(sum(l.debit - l.credit) filter (where l.standard = '411'), 0),
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '70%'), 0),
         coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0)
  from come_in l join entry e on e.seq = l.entry_seq
  where e.journal = 'VE'
  group by e.seq;
  return null;
end
$$;
-- +goose StatementEnd
create trigger "a sale is added up" after insert on entry_line referencing new table as come_in for each statement execute function sale_is_added_up();
