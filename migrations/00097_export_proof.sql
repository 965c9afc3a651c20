-- +goose Up

-- What became of the proof that goods left the territory of VAT (CGI art. 262 I and 294-2, ann. III
-- art. 74), for each invoice without VAT: held, withdrawn, or replaced by the VAT that is then due.
-- The last step of an invoice is its state; an invoice without a step waits.
create table export_proof (
  document_id uuid        not null references document,
  seq         integer     not null check (seq > 0),
  event       text        not null constraint "a proof is held, withdrawn or replaced by VAT" check (event in ('held', 'withdrawn', 'taxed')),
  kind        text        not null default '' constraint "a proof is of a known kind" check (kind in ('', 'exit_certificate', 'import_declaration', 'transport_document', 'postal_receipt', 'other')),
  reference   text        not null default '',
  proved_on   date,
  vat         bigint      not null default 0,
  reason      text        not null default '',
  actor       text        not null,
  at          timestamptz not null default clock_timestamp(),
  primary key (document_id, seq),
  constraint "a held proof has its kind, its reference and its day" check ((event = 'held') = (kind <> '') and (event = 'held') = (reference <> '') and (event = 'held') = (proved_on is not null)),
  constraint "VAT stands where there is no proof" check ((event = 'taxed') = (vat > 0)),
  constraint "a proof is withdrawn for a reason" check (event <> 'withdrawn' or reason <> '')
);
call make_append_only('export_proof');

create index document_exported on document (issued_at) where regime = 'export';

-- Every invoice without VAT because its goods leave, what its credit notes leave of it, and the last
-- step of its proof.
create view ledger_v_export as
select d.id, d.number, d.order_id, d.order_number, d.country, d.issued_at, d.gross + coalesce(c.credited, 0) as gross,
       coalesce(e.seq, 0) as step, coalesce(e.event, '') as event, coalesce(e.kind, '') as kind, coalesce(e.reference, '') as reference, e.proved_on, coalesce(e.vat, 0)::bigint as vat, coalesce(e.actor, '') as actor, e.at
from document d
left join (
  select refers_to, sum(gross)::bigint as credited
  from document
  where regime = 'export' and kind = 'credit_note'
  group by refers_to
) as c on c.refers_to = d.id
left join lateral (
  select seq, event, kind, reference, proved_on, vat, actor, at
  from export_proof
  where document_id = d.id
  order by seq desc
  limit 1
) as e on true
where d.regime = 'export' and d.kind = 'invoice';
grant select on ledger_v_export to boutique_app;
