package shop

// A refund and its failure are one: a refund that had failed before the shop saw it is in no book, and its two
// movements are nothing together.
const sqlBalanceDifferences = `
select id, kind, net, booked, quarantined
from (select min(b.id) as id, min(b.kind) as kind, max(b.at) as at, bool_or(b.quarantined) as quarantined, sum(b.net)::bigint as net,
         sum((select coalesce(sum(v.amount), 0) from ledger_v_provider v where v.cause in (
           'fee:' || b.id, 'balance:' || b.id,
           case when b.kind = 'charge' then 'capture:' || b.payment_id end,
           case when b.kind = 'refund' then 'refund:' || b.refund_id end,
           case when b.kind = 'refund_failure' then 'refund-failed:' || b.refund_id end)))::bigint as booked
  from payments_v_balance b
  where b.at >= @since or b.kind = 'refund'
  group by case when b.kind in ('refund', 'refund_failure') and b.source <> '' then b.source else b.id end) moved
where net <> booked and at >= @since
order by at, id
limit 200`

const sqlCountBalance = `select count(*) from payments_v_balance`

const sqlBrokenBalance = `
select 'balance transaction ' || id || ' (' || kind || ') is ' || net || ', the books say ' || booked
from (select min(b.id) as id, min(b.kind) as kind, min(b.at) as at, bool_or(b.quarantined) as quarantined, sum(b.net)::bigint as net,
         sum((select coalesce(sum(v.amount), 0) from ledger_v_provider v where v.cause in (
           'fee:' || b.id, 'balance:' || b.id,
           case when b.kind = 'charge' then 'capture:' || b.payment_id end,
           case when b.kind = 'refund' then 'refund:' || b.refund_id end,
           case when b.kind = 'refund_failure' then 'refund-failed:' || b.refund_id end)))::bigint as booked
  from payments_v_balance b
  where not b.quarantined
  group by case when b.kind in ('refund', 'refund_failure') and b.source <> '' then b.source else b.id end) moved
where net <> booked
order by id
limit 50`

const sqlNumbersOf = `
select id, number
from orders
where id = any(@ids)`
