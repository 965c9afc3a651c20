-- +goose Up

-- Under which VAT regime an order was sold, decided when it was placed; its invoice and its credit
-- notes keep it.
create table order_tax (
  order_id uuid primary key references orders,
  regime   text not null constraint "an order has a known VAT regime" check (regime in ('domestic', 'distance', 'oss', 'export', 'franchise')),
  country  text not null
);
call make_append_only('order_tax');

create index document_abroad on document (issued_at) where regime in ('distance', 'oss');
