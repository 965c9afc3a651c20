-- +goose Up

-- Where carriers hand parcels over: one list per carrier, replaced as a whole. Orders keep a copy of
-- the point that they go to.
create table pickup_point (
  carrier     text not null,
  code        text not null constraint "a pickup point has a code" check (code <> ''),
  name        text not null,
  line1       text not null,
  line2       text not null default '',
  postal_code text not null,
  city        text not null,
  country     text not null,
  hours       text not null default '',
  primary key (carrier, code)
);
create index pickup_point_by_place on pickup_point (carrier, country, postal_code);

-- The parcels of a shipment, as they left: the carton, what the scales said, what is in it.
create table parcel (
  shipment_id     uuid    not null references shipment,
  n               integer not null check (n > 0),
  carton          text    not null default '',
  weight_g        integer not null constraint "a parcel has a weight" check (weight_g between 1 and 200000),
  tracking_number text    not null default '',
  pieces          jsonb   not null,
  packed_by       text    not null,
  packed_at       timestamptz not null default now(),
  primary key (shipment_id, n)
);
call make_append_only('parcel');

-- A collection that lies ready: the code that opens it, and what became of it.
create table collection (
  shipment_id  uuid        primary key references shipment,
  code         text        not null constraint "a collection's code is used once" unique,
  ready_at     timestamptz not null default now(),
  reminded_at  timestamptz,
  unclaimed_at timestamptz,
  handed_to    text        not null default '',
  handed_at    timestamptz
);
