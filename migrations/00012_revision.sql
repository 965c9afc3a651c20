-- +goose Up

-- What a product said at each version of its content, so that any can be read, compared and restored.
create table product_revision (
  product_id bigint      not null references product,
  version    integer     not null,
  content    jsonb       not null,
  author     text        not null,
  at         timestamptz not null default clock_timestamp(),
  primary key (product_id, version)
);
call make_append_only('product_revision');

-- What somebody typed and has not saved yet; version is the one they saw.
create table product_draft (
  product_id bigint      not null references product on delete cascade,
  author     text        not null,
  version    integer     not null,
  content    jsonb       not null,
  saved_at   timestamptz not null default now(),
  primary key (product_id, author)
);
