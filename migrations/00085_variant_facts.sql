-- +goose Up

-- An article may differ from its product in what VAT, customs and the accountant want to know of it.
-- What is empty is the product's. The analytic code is the accountant's own word for what is sold: it
-- goes along with an order's line to the books.
alter table product add column analytic_code text not null default '';
alter table variant
  add column vat_class text not null default '',
  add column customs_code text not null default '',
  add column origin_country text not null default '',
  add column analytic_code text not null default '';

alter table order_line add column analytic_code text not null default '';
