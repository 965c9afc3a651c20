-- +goose Up

-- sha256 is the picture that is shown. When staff cut or turned it, source_… is the original that it
-- was made from, which stays as it came; else they are null. The cut is in ten-thousandths of the
-- turned source. made names the renditions that lie in the store: recipe, widths, formats.
alter table photo
  add column source_sha256 text constraint "a photo's source is named by its SHA-256" check (source_sha256 ~ '^[0-9a-f]{64}$'),
  add column source_ext    text,
  add column source_width  integer,
  add column source_height integer,
  add column source_bytes  bigint,
  add column turn          integer not null default 0 constraint "a photo is turned by quarters" check (turn in (0, 90, 180, 270)),
  add column cut_x         integer not null default 0,
  add column cut_y         integer not null default 0,
  add column cut_width     integer not null default 10000,
  add column cut_height    integer not null default 10000,
  add column made          text    not null default '',
  add column view          text    not null default '',
  add column credit        text    not null default '',
  add column licence       text    not null default '',
  add column licence_until date,
  add constraint "a cut lies within the photo" check (cut_x >= 0 and cut_y >= 0 and cut_width > 0 and cut_height > 0 and cut_x + cut_width <= 10000 and cut_y + cut_height <= 10000),
  add constraint "a photo that was cut or turned has a source" check (
    (source_sha256 is null) = (turn = 0 and cut_x = 0 and cut_y = 0 and cut_width = 10000 and cut_height = 10000)
    and (source_sha256 is null) = (source_ext is null) and (source_sha256 is null) = (source_width is null) and (source_sha256 is null) = (source_height is null) and (source_sha256 is null) = (source_bytes is null)),
  add constraint "a photo belongs to its product" unique (id, product_id);
create unique index "a product takes a photo once" on photo (product_id, coalesce(source_sha256, sha256));
create index photo_by_source on photo (source_sha256) where source_sha256 is not null;
create index photo_by_licence on photo (licence_until) where licence_until is not null;

alter table variant add constraint "a variant belongs to its product" unique (id, product_id);

-- The photograph of its own that a variant has, which is shown when it is chosen.
create table variant_photo (
  variant_id bigint primary key,
  photo_id   bigint not null,
  product_id bigint not null,
  constraint "a variant shows a photo of its product" foreign key (photo_id, product_id) references photo (id, product_id) on delete cascade,
  constraint "a photo shows a variant of its product" foreign key (variant_id, product_id) references variant (id, product_id) on delete cascade
);
create index variant_photo_by_photo on variant_photo (photo_id);

-- What was measured of a picture, by the version of the measuring.
create table photo_quality (
  sha256        text        primary key constraint "what is measured is named by its SHA-256" check (sha256 ~ '^[0-9a-f]{64}$'),
  recipe        integer     not null,
  sharpness     integer     not null,
  dark          integer     not null,
  middle        integer     not null,
  bright        integer     not null,
  ground_spread integer     not null,
  ground_detail integer     not null,
  tilt          integer,
  fingerprint   bit(115)    not null,
  measured_at   timestamptz not null default now()
);

-- A photograph on its way: its pieces, in order, until it is whole.
create table upload (
  id         text        primary key,
  product_id bigint      not null references product on delete cascade,
  name       text        not null,
  bytes      bigint      not null constraint "an upload has a size" check (bytes > 0),
  received   bigint      not null default 0,
  actor      text        not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint "an upload receives what it said" check (received between 0 and bytes)
);
create index upload_by_product on upload (product_id);

create table upload_part (
  upload_id text   not null references upload on delete cascade,
  start     bigint not null,
  data      bytea  not null,
  primary key (upload_id, start)
);

update photo p
set made = m.made
from (
  select photo_sha256, recipe || ' ' || string_agg(distinct width::text, ',') || ' ' || string_agg(distinct ext, ',') as made
  from rendition
  group by photo_sha256, recipe
) m
where m.photo_sha256 = p.sha256;
