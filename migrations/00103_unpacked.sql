-- +goose Up

-- What lies ready at the office is taken apart when pieces of it are not fetched any more.
alter table shipment
  drop constraint "a shipment is in a known state",
  add constraint "a shipment is in a known state" check (state in ('preparing', 'shipped', 'delivered', 'ready', 'collected', 'unpacked'));
