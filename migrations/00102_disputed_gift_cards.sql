-- +goose Up

-- A dispute that is lost takes back the money that a gift card was bought with: what is still on it goes too.
alter table gift_card_movement drop constraint gift_card_movement_kind_check;
alter table gift_card_movement add constraint "a gift card moves for a known reason" check (kind in ('issue', 'hold', 'release', 'refund', 'void', 'dispute'));

-- When a lost dispute emptied the card: what comes back onto it later pays nothing.
alter table gift_card add column lost_at timestamptz;

-- The orders whose money a bank takes back or took back for good.
create view payments_v_disputed as
select distinct order_id
from dispute
where open or status = 'lost';
grant select on payments_v_disputed to boutique_app;
