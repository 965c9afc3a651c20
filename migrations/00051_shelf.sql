-- +goose Up

-- Where articles lie in the stock room: picking lists go along the shelves.
create table shelf (
  sku   text primary key,
  place text not null constraint "a place is at most 20 characters" check (length(place) <= 20)
);
