-- +goose Up

-- How few are few, for an article at a place; null is the office's usual.
alter table stock add column low_at integer constraint "a threshold is not negative" check (low_at >= 0);

-- A count of what lies at a place. Its sheet is of the moment it began: what is sold or moved while
-- people count stays sold and moved.
create table stock_count (
  id         bigint generated always as identity primary key,
  location   text        not null references stock_location,
  started_by text        not null,
  started_at timestamptz not null default now(),
  closed_by  text,
  closed_at  timestamptz,
  constraint "a closed count was closed by somebody" check ((closed_by is null) = (closed_at is null))
);
create unique index "a place is counted once at a time" on stock_count (location) where closed_at is null;

create table stock_count_line (
  count_id   bigint  not null references stock_count,
  variant_id bigint  not null references variant,
  expected   integer not null,
  counted    integer constraint "a count is not negative" check (counted between 0 and 1000000),
  counted_by text    not null default '',
  primary key (count_id, variant_id)
);

-- Shoppers who asked to be told when an article is back. A row is one request and one mail.
create table back_in_stock (
  id         uuid        primary key default gen_random_uuid(),
  variant_id bigint      not null references variant,
  email      citext      not null,
  lang       text        not null,
  asked_at   timestamptz not null default now(),
  told_at    timestamptz
);
create unique index "an address waits once for an article" on back_in_stock (variant_id, email) where told_at is null;
