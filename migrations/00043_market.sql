-- +goose Up

-- What other shops sell, as somebody of the office saw it on a day.
create table market_offer (
  id         bigint generated always as identity primary key,
  item       text        not null constraint "an offer names its item" check (item <> ''),
  shop       text        not null constraint "an offer names its shop" check (shop <> ''),
  price      bigint      not null constraint "an offer has a price" check (price > 0),
  delivery   bigint      constraint "an offer's delivery is not negative" check (delivery >= 0),
  seen_on    date        not null,
  source     text        not null default '',
  notes      text        not null default '',
  product_id bigint      references product,
  created_by text        not null,
  created_at timestamptz not null default now()
);
create index market_offer_of_product on market_offer (product_id, price);
create index market_offer_by_day on market_offer (seen_on desc, id desc);

create table market_photo (
  offer_id bigint primary key references market_offer on delete cascade,
  kind     text  not null constraint "an offer's photo is a JPEG, PNG or WebP" check (kind in ('image/jpeg', 'image/png', 'image/webp')),
  data     bytea not null constraint "an offer's photo has at most 4 MB" check (octet_length(data) between 1 and 4194304)
);
