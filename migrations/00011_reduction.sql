-- +goose Up

-- A reduction that is announced: it begins and ends by itself. Its beginning and its end are rows of
-- price, so that whoever asks for a price need not know of it.
create table reduction (
  id         bigint generated always as identity primary key,
  variant_id bigint      not null references variant,
  amount     bigint      not null constraint "a reduced price is at least one cent" check (amount > 0),
  starts_at  timestamptz not null,
  ends_at    timestamptz not null,
  set_by     text        not null,
  set_at     timestamptz not null default clock_timestamp(),
  constraint "a reduction ends after it begins" check (ends_at > starts_at)
);
create index reduction_of_variant on reduction (variant_id, starts_at);
call make_append_only('reduction');

-- A reduction that staff ended before its day, or called off before it began.
create table reduction_end (
  reduction_id bigint      primary key references reduction,
  ended_at     timestamptz not null,
  set_by       text        not null,
  set_at       timestamptz not null default clock_timestamp()
);
call make_append_only('reduction_end');

-- A price without reduction is the ordinary one.
alter table price add column reduction_id bigint references reduction;

create view catalog_v_reduction as
select r.id, r.variant_id, r.amount, r.starts_at, coalesce(e.ended_at, r.ends_at) as ends_at, r.set_by, e.reduction_id is not null as ended
from reduction r left join reduction_end e on e.reduction_id = r.id
where coalesce(e.ended_at, r.ends_at) > r.starts_at;
grant select on catalog_v_reduction to boutique_app;

-- The lowest price that was practised in the 30 days before a reduction began (C. conso. art.
-- L112-1-1): a price that was replaced before it came counts for nothing, nor does one from before
-- the article was on sale. Null when the article was not on sale before.
-- +goose StatementBegin
create function lowest_price_before(of_variant bigint, began timestamptz, on_sale timestamptz) returns bigint
language sql stable as $$
  with practised as (
    select distinct on (valid_from) amount, valid_from
    from price
    where variant_id = of_variant and valid_from < began
    order by valid_from, id desc
  ), since as (
    select greatest(began - interval '30 days', on_sale) as day
  )
  select min(amount)
  from practised, since
  where since.day is not null and since.day < began
    and (valid_from > since.day or valid_from = (select max(valid_from) from practised where valid_from <= since.day))
$$;
-- +goose StatementEnd
