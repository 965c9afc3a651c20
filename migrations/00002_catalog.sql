-- +goose Up

create table maker (
  id         bigint generated always as identity primary key,
  slug       text not null constraint "a maker's slug is used once" unique,
  name       text not null constraint "a maker has a name" check (name <> ''),
  town       text not null default '',
  address    text not null default '',
  website    text not null default ''
);

create table maker_text (
  maker_id bigint not null references maker on delete cascade,
  lang     text   not null,
  story    text   not null,
  primary key (maker_id, lang)
);

create table category (
  id        bigint generated always as identity primary key,
  slug      text    not null constraint "a category's slug is used once" unique,
  parent_id bigint  references category,
  position  integer not null default 0,
  photo_sha256 text
);

create table category_text (
  category_id bigint not null references category on delete cascade,
  lang        text   not null,
  name        text   not null constraint "a category has a name" check (name <> ''),
  description text   not null default '',
  primary key (category_id, lang)
);

create table product (
  id             bigint generated always as identity primary key,
  slug           text        not null constraint "a product's slug is used once" unique,
  family         text        not null,
  category_id    bigint      references category,
  maker_id       bigint      references maker,
  vat_class      text        not null,
  state          text        not null default 'draft' constraint "a product is draft, published or retired" check (state in ('draft', 'published', 'retired')),
  published_at   timestamptz,
  first_sold_on  timestamptz,
  legal          jsonb       not null default '{}',
  shipping_classes text[]    not null default '{}',
  origin_country text        not null default '',
  customs_code   text        not null default '',
  version        integer     not null default 1,
  created_at     timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  constraint "a published product has its date" check (state <> 'published' or published_at is not null)
);
create index product_by_category on product (category_id);
create index product_by_maker on product (maker_id);

-- Where a product used to be found: old addresses lead to it for good.
create table product_former_slug (
  slug       text   primary key,
  product_id bigint not null references product
);

create table product_text (
  product_id      bigint      not null references product on delete cascade,
  lang            text        not null,
  name            text        not null default '',
  short           text        not null default '',
  description     text        not null default '',
  seo_title       text        not null default '',
  seo_description text        not null default '',
  updated_at      timestamptz not null default now(),
  primary key (product_id, lang)
);

create table product_option (
  product_id bigint  not null references product on delete cascade,
  code       text    not null,
  position   integer not null,
  labels     jsonb   not null,
  primary key (product_id, code)
);

create table product_option_value (
  product_id bigint  not null,
  option     text    not null,
  code       text    not null,
  position   integer not null,
  labels     jsonb   not null,
  swatch     text    not null default '' constraint "a swatch is a colour like #B5472F" check (swatch = '' or swatch ~ '^#[0-9A-Fa-f]{6}$'),
  primary key (product_id, option, code),
  foreign key (product_id, option) references product_option (product_id, code) on delete cascade
);

create table variant (
  id         bigint generated always as identity primary key,
  product_id bigint      not null references product,
  sku        text        not null constraint "a SKU is used once" unique,
  gtin       text        not null default '',
  position   integer     not null default 0,
  cost       bigint      constraint "a cost is not negative" check (cost >= 0),
  weight_g   integer     not null default 0 constraint "a weight is not negative" check (weight_g >= 0),
  length_mm  integer     not null default 0 constraint "a length is not negative" check (length_mm >= 0),
  width_mm   integer     not null default 0 constraint "a width is not negative" check (width_mm >= 0),
  height_mm  integer     not null default 0 constraint "a height is not negative" check (height_mm >= 0),
  retired_at timestamptz,
  created_at timestamptz not null default now()
);
create index variant_by_product on variant (product_id, position);
create unique index "a GTIN is used once" on variant (gtin) where gtin <> '';

create table variant_option_value (
  variant_id bigint not null references variant on delete cascade,
  option     text   not null,
  value      text   not null,
  primary key (variant_id, option)
);

-- Every price a variant ever had or will have; the newest whose day has come is the price.
create table price (
  id         bigint generated always as identity primary key,
  variant_id bigint      not null references variant,
  amount     bigint      not null constraint "a price is at least one cent" check (amount > 0),
  valid_from timestamptz not null default now(),
  set_by     text        not null,
  set_at     timestamptz not null default clock_timestamp()
);
create index price_newest on price (variant_id, valid_from desc, id desc);
call make_append_only('price');

create table stock_location (
  code text primary key,
  name text not null
);
insert into stock_location (code, name) values ('web', 'Web');

create table stock (
  variant_id bigint  not null references variant,
  location   text    not null references stock_location,
  on_hand    integer not null default 0,
  reserved   integer not null default 0,
  primary key (variant_id, location),
  constraint "stock on hand is not negative" check (on_hand >= 0),
  constraint "reserved stock is not negative" check (reserved >= 0),
  constraint "what is reserved is on hand" check (reserved <= on_hand)
);

create table stock_movement (
  id         bigint generated always as identity primary key,
  variant_id bigint      not null references variant,
  location   text        not null references stock_location,
  delta      integer     not null constraint "a movement moves something" check (delta <> 0),
  reason     text        not null,
  reference  text        not null default '',
  actor      text        not null,
  at         timestamptz not null default clock_timestamp()
);
create index stock_movement_of_variant on stock_movement (variant_id, location, id desc);
call make_append_only('stock_movement');

-- What an order keeps back while its shopper pays.
create table stock_hold (
  order_id   uuid        not null,
  variant_id bigint      not null references variant,
  location   text        not null default 'web' references stock_location,
  quantity   integer     not null constraint "a hold keeps something" check (quantity > 0),
  state      text        not null default 'held' constraint "a hold is held, taken or released" check (state in ('held', 'taken', 'released')),
  created_at timestamptz not null default now(),
  ended_at   timestamptz,
  primary key (order_id, variant_id, location)
);
create index stock_hold_live on stock_hold (variant_id, location) where state = 'held';

create table photo (
  id         bigint generated always as identity primary key,
  product_id bigint      not null references product,
  sha256     text        not null constraint "a photo is named by its SHA-256" check (sha256 ~ '^[0-9a-f]{64}$'),
  ext        text        not null constraint "a photo is a JPEG, PNG or WebP" check (ext in ('jpg', 'png', 'webp')),
  position   integer     not null,
  width      integer     not null check (width > 0),
  height     integer     not null check (height > 0),
  bytes      bigint      not null check (bytes > 0),
  thumbhash  bytea,
  focal_x    integer     not null default 50 check (focal_x between 0 and 100),
  focal_y    integer     not null default 50 check (focal_y between 0 and 100),
  created_at timestamptz not null default now(),
  constraint "a product shows a photo once" unique (product_id, sha256),
  constraint "photos of a product are in order" unique (product_id, position) deferrable initially deferred
);
create index photo_by_sha256 on photo (sha256);

create table photo_text (
  photo_id bigint not null references photo on delete cascade,
  lang     text   not null,
  alt      text   not null,
  primary key (photo_id, lang)
);

create table rendition (
  photo_sha256 text    not null,
  recipe       integer not null,
  width        integer not null check (width > 0),
  height       integer not null check (height > 0),
  ext          text    not null check (ext in ('jpg', 'webp')),
  sha256       text    not null,
  bytes        bigint  not null check (bytes > 0),
  created_at   timestamptz not null default now(),
  primary key (photo_sha256, recipe, width, ext)
);

-- One row whose number moves, in the same transaction, with every change that shoppers may see.
create table catalog_version (
  one     boolean primary key default true check (one),
  version bigint  not null
);
insert into catalog_version (version) values (1);

create table search_miss (
  lang    text        not null,
  query   text        not null,
  times   bigint      not null default 0,
  last_at timestamptz not null default now(),
  primary key (lang, query)
);

-- What higher floors may read of stock that orders keep back.
create view catalog_v_hold as
select order_id, variant_id, location, quantity, state
from stock_hold;
grant select on catalog_v_hold to boutique_app;
