-- +goose Up

-- A maker may have a photograph of its own: of a person, a workshop, a place. It takes the way of every
-- other photograph: the original in the store, renditions by the queue, its name in a row.
create table maker_photo (
  maker_id   bigint      primary key references maker on delete cascade,
  sha256     text        not null constraint "a maker's photo is named by its SHA-256" check (sha256 ~ '^[0-9a-f]{64}$'),
  ext        text        not null constraint "a maker's photo is a JPEG, PNG or WebP" check (ext in ('jpg', 'png', 'webp')),
  width      integer     not null check (width > 0),
  height     integer     not null check (height > 0),
  bytes      bigint      not null check (bytes > 0),
  thumbhash  bytea,
  made       text        not null default '',
  focal_x    integer     not null default 50 check (focal_x between 0 and 100),
  focal_y    integer     not null default 50 check (focal_y between 0 and 100),
  credit     text        not null default '',
  created_by text        not null,
  created_at timestamptz not null default now()
);
create index maker_photo_by_name on maker_photo (sha256);

create table maker_photo_text (
  maker_id bigint not null references maker_photo on delete cascade,
  lang     text   not null,
  alt      text   not null,
  primary key (maker_id, lang)
);

alter table upload
  alter column product_id drop not null,
  add column maker_id bigint references maker on delete cascade,
  add constraint "an upload is for one product or one maker" check (num_nonnulls(product_id, maker_id) = 1);
create index upload_by_maker on upload (maker_id) where maker_id is not null;
