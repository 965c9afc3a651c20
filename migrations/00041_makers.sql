-- +goose Up

-- Where a maker works, in millionths of a degree; local is who the office calls one of the country's own.
alter table maker
  add column latitude_e6  integer constraint "a latitude is on the globe" check (latitude_e6 between -90000000 and 90000000),
  add column longitude_e6 integer constraint "a longitude is on the globe" check (longitude_e6 between -180000000 and 180000000),
  add column local        boolean not null default false,
  add column photo_sha256 text    not null default '',
  add constraint "a place has both its coordinates" check ((latitude_e6 is null) = (longitude_e6 is null));

-- The outline map on which makers are dots, with the degrees of its edges; the newest one is shown.
create table maker_map (
  id       bigint generated always as identity primary key,
  svg      text        not null,
  width    integer     not null check (width > 0),
  height   integer     not null check (height > 0),
  north_e6 integer     not null,
  south_e6 integer     not null,
  west_e6  integer     not null,
  east_e6  integer     not null,
  set_by   text        not null,
  set_at   timestamptz not null default now(),
  constraint "a map has a height in degrees" check (north_e6 > south_e6),
  constraint "a map has a width in degrees" check (east_e6 > west_e6)
);
call make_append_only('maker_map');
