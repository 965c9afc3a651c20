-- +goose Up

-- When a stock moved, so that what is left can be followed each second by what has moved since, however
-- many articles there are.
alter table stock add column moved_at timestamptz not null default clock_timestamp();

-- +goose StatementBegin
create function stock_moves() returns trigger language plpgsql as $$
begin
  new.moved_at := clock_timestamp();
  return new;
end
$$;
-- +goose StatementEnd

create trigger stock_says_when_it_moved before insert or update on stock for each row execute function stock_moves();
create index stock_moved on stock (moved_at) where location = 'web';
