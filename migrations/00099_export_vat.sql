-- +goose Up

-- An export that bears VAT for want of a proof owes it for what its credit notes leave: each later credit
-- note is a step of its own, which takes the VAT of what was given back out of the books again.
alter table export_proof drop constraint "a proof is held, withdrawn or replaced by VAT";
alter table export_proof add constraint "a proof is held, withdrawn or replaced by VAT" check (event in ('held', 'withdrawn', 'taxed', 'credited'));
alter table export_proof drop constraint "VAT stands where there is no proof";
alter table export_proof add constraint "VAT stands where there is no proof" check (case event when 'taxed' then vat > 0 when 'credited' then vat >= 0 else vat = 0 end);

-- What a step changed at each rate: what it added to the VAT return, or took out of it.
create table export_vat (
  document_id  uuid    not null,
  seq          integer not null,
  rate         integer not null,
  goods_net    bigint  not null,
  goods_vat    bigint  not null,
  shipping_net bigint  not null,
  shipping_vat bigint  not null,
  booked_on    date    not null,
  primary key (document_id, seq, rate),
  foreign key (document_id, seq) references export_proof
);
call make_append_only('export_vat');
create index export_vat_by_day on export_vat (booked_on);

-- What was booked before: the journal knows the VAT of each rate and the goods' part without it.
insert into export_vat (document_id, seq, rate, goods_net, goods_vat, shipping_net, shipping_vat, booked_on)
select p.document_id, p.seq, right(l.standard, 3)::int * 10,
       coalesce(sum(l.credit - l.debit) filter (where l.standard like '707%'), 0), coalesce(sum(l.credit - l.debit) filter (where l.standard like '4457%'), 0), 0, 0, e.booked_on
from export_proof p
join document d on d.id = p.document_id
join entry e on e.cause = 'export-vat:' || d.number || ':' || p.seq
join entry_line l on l.entry_seq = e.seq
where l.standard ~ '^(707|44571)[0-9]{3}$' and l.standard <> '707000'
group by p.document_id, p.seq, right(l.standard, 3), e.booked_on;
