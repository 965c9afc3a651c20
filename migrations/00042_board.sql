-- +goose Up

-- What the office thinks of selling, from idea to shelf.
create table candidate (
  id          bigint generated always as identity primary key,
  name        text        not null constraint "a candidate has a name" check (name <> ''),
  stage       text        not null constraint "a candidate is at a known stage" check (stage in ('idea', 'selected', 'preparation', 'review', 'online', 'retired')),
  owner       text        not null default '',
  supplier    text        not null default '',
  cost        bigint      constraint "a candidate's cost is not negative" check (cost >= 0),
  notes       text        not null default '',
  product_id  bigint      references product,
  version     integer     not null default 1,
  created_by  text        not null,
  created_at  timestamptz not null default now(),
  history_seq integer     not null default 0
);
create index candidate_by_stage on candidate (stage, id);
create unique index "a product comes from one candidate" on candidate (product_id) where product_id is not null;

create table candidate_history (
  candidate_id bigint      not null references candidate,
  seq          integer     not null check (seq > 0),
  from_state   text        not null,
  event        text        not null,
  to_state     text        not null,
  actor        text        not null,
  reason       text        not null default '',
  at           timestamptz not null default clock_timestamp(),
  before_seq   integer generated always as (nullif(seq - 1, 0)) stored,
  before_state text    generated always as (case when seq > 1 then from_state end) stored,
  primary key (candidate_id, seq),
  constraint "a candidate's move has an end" unique (candidate_id, seq, to_state),
  constraint "a candidate's move begins where the last one ended" foreign key (candidate_id, before_seq, before_state) references candidate_history (candidate_id, seq, to_state)
);
call make_append_only('candidate_history');

alter table candidate add constraint "a candidate's stage is the end of its history"
  foreign key (id, history_seq, stage) references candidate_history (candidate_id, seq, to_state) deferrable initially deferred;
