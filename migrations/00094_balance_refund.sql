-- +goose Up

-- A movement may be seen before the shop knows which refund of its own the provider speaks of: the refund is
-- looked up when it is read. Both movements of a refund that failed have its name as their source.
create or replace view payments_v_balance as
select l.id, l.kind, l.net, l.at, l.payment_id,
       coalesce(l.refund_id, (select r.id from refund r where r.provider_id = l.source and l.kind in ('refund', 'refund_failure'))) as refund_id, l.dispute_id,
       coalesce((select p.quarantined <> '' from payment p where p.id = l.payment_id), false) as quarantined,
       l.source
from balance_line l
where l.currency = 'EUR';
