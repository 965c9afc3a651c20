-- +goose Up

-- A file of products that somebody brought: it is judged and brought in by a job, which any copy of
-- the program takes, so its bytes lie here, in pieces, until it has ended.
create table product_import (
  id         bigint      generated always as identity primary key,
  name       text        not null,
  bytes      bigint      not null,
  zipped     boolean     not null,
  state      text        not null constraint "an import arrives, is judged, then brought in" check (state in ('arriving', 'judging', 'judged', 'refused', 'importing', 'done', 'failed')),
  done       integer     not null default 0,
  total      integer     not null default 0,
  report     jsonb,
  problem    text        not null default '',
  actor      text        not null,
  created_at timestamptz not null default now(),
  ended_at   timestamptz
);

create table product_import_part (
  import_id bigint not null references product_import on delete cascade,
  n         integer not null,
  data      bytea  not null,
  primary key (import_id, n)
);
