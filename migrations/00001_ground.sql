-- +goose Up

-- The program works as boutique_app, whatever login DATABASE_URL names: it can read and write, but
-- it cannot change the schema nor what is append-only.
-- +goose StatementBegin
do $$
begin
  if not exists (select from pg_roles where rolname = 'boutique_app') then
    create role boutique_app nologin;
  end if;
  execute format('grant boutique_app to %I', current_user);
end
$$;
-- +goose StatementEnd

revoke all on schema public from public;
grant usage on schema public to boutique_app;
alter default privileges in schema public grant select, insert, update, delete on tables to boutique_app;
alter default privileges in schema public grant usage, select on sequences to boutique_app;

create extension if not exists citext;

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: record a correction as a new row', tg_table_name
    using errcode = 'restrict_violation';
end
$$;
-- +goose StatementEnd

-- Makes a table append-only for everyone, its owner included.
-- +goose StatementBegin
create procedure make_append_only(target regclass) language plpgsql as $$
begin
  execute format('revoke update, delete, truncate on %s from public, boutique_app', target);
  execute format('create trigger %I before update or delete on %s for each row execute function refuse_change()',
                 replace(target::text, '.', '_') || '_is_append_only', target);
  execute format('create trigger %I before truncate on %s for each statement execute function refuse_change()',
                 replace(target::text, '.', '_') || '_is_never_emptied', target);
end
$$;
-- +goose StatementEnd

-- internal/setting: the office's settings, typed in Go, dated, never overwritten.
create table setting (
  id         bigint generated always as identity primary key,
  key        text        not null,
  valid_from timestamptz not null default now(),
  value      jsonb       not null,
  set_by     text        not null,
  set_at     timestamptz not null default now()
);
create index setting_newest on setting (key, valid_from desc, id desc);
call make_append_only('setting');

-- internal/staff: people at the desk, their sessions and the programs that act for them.
create table staff (
  id            bigint generated always as identity primary key,
  email         citext      not null constraint "a staff member's address is used once" unique,
  name          text        not null default '',
  role          text        not null constraint "a role is one of four" check (role in ('manager', 'catalog', 'orders', 'accountant')),
  password_hash text        not null,
  disabled_at   timestamptz,
  created_at    timestamptz not null default now()
);

create table staff_token (
  id           bigint generated always as identity primary key,
  name         text        not null,
  role         text        not null constraint "a token's role is one of four" check (role in ('manager', 'catalog', 'orders', 'accountant')),
  hash         bytea       not null constraint "a token is issued once" unique,
  created_at   timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at   timestamptz
);

-- The table of the session library (scs/pgxstore); tokens are stored as their SHA-256.
create table sessions (
  token  text        primary key,
  data   bytea       not null,
  expiry timestamptz not null
);
create index sessions_by_expiry on sessions (expiry);

-- Limits on attempts (sign-in, order look-up, checkout), shared by all copies of the program.
create table attempt (
  scope  text        not null,
  who    text        not null,
  at     timestamptz not null default now()
);
create index attempt_recent on attempt (scope, who, at);

-- internal/audit: who did what, append-only.
create table audit_log (
  id         bigint generated always as identity primary key,
  at         timestamptz not null default clock_timestamp(),
  actor      text        not null,
  action     text        not null,
  subject    text        not null,
  detail     jsonb       not null default '{}',
  request_id text        not null default ''
);
create index audit_log_by_subject on audit_log (subject, id desc);
call make_append_only('audit_log');

-- internal/mail: every mail is a row; a job sends its bytes.
create table mail (
  id           bigint generated always as identity primary key,
  kind         text        not null,
  subject_ref  text        not null,
  message_id   text        not null constraint "a Message-ID is used once" unique,
  recipient    text        not null,
  subject_line text        not null,
  lang         text        not null,
  source       bytea       not null,
  created_at   timestamptz not null default now(),
  sent_at      timestamptz,
  tries        integer     not null default 0,
  last_error   text,
  constraint "a fact is mailed once" unique (kind, subject_ref)
);
create index mail_unsent on mail (id) where sent_at is null;

-- internal/web: the answers to requests that carry an Idempotency-Key, kept seven days.
create table idempotency (
  scope        text        not null,
  key          text        not null,
  request_hash bytea       not null,
  subject      text        not null,
  created_at   timestamptz not null default now(),
  primary key (scope, key)
);
