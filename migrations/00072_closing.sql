-- +goose Up

-- Sealed closings: days and years by themselves, months by the accountant. Each seals the chain of
-- entries up to a number, its totals and the grand total of all time, and the seal before it; the
-- signature's key lies outside the database.
create table closing (
  n          bigint      primary key check (n > 0),
  kind       text        not null constraint "a closing is of a day, a month or a year" check (kind in ('day', 'month', 'year')),
  first      date        not null,
  last       date        not null,
  entry_seq  bigint      not null,
  entry_hash bytea       not null,
  data       text        not null,
  prev_hash  bytea       not null,
  hash       bytea       not null,
  signature  bytea       not null,
  public_key bytea       not null,
  sealed_by  text        not null,
  sealed_at  timestamptz not null default clock_timestamp(),
  constraint "a period is closed once" unique (kind, first),
  constraint "a closing ends after it begins" check (last >= first)
);
call make_append_only('closing');
