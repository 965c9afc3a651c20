package shop

const sqlBalanceDifferences = `
select b.id, b.kind, b.net, coalesce(sum(v.amount), 0)::bigint, b.quarantined
from payments_v_balance b
left join ledger_v_provider v on v.cause in (
  'fee:' || b.id, 'balance:' || b.id,
  case when b.kind = 'charge' then 'capture:' || b.payment_id end,
  case when b.kind = 'refund' then 'refund:' || b.refund_id end,
  case when b.kind = 'refund_failure' then 'refund-failed:' || b.refund_id end)
where b.at >= @since
group by b.id, b.kind, b.net, b.at, b.quarantined
having b.net <> coalesce(sum(v.amount), 0)
order by b.at, b.id
limit 200`

const sqlCountBalance = `select count(*) from payments_v_balance`

const sqlBrokenBalance = `
select 'balance transaction ' || b.id || ' (' || b.kind || ') is ' || b.net || ', the books say ' || coalesce(sum(v.amount), 0)
from payments_v_balance b
left join ledger_v_provider v on v.cause in (
  'fee:' || b.id, 'balance:' || b.id,
  case when b.kind = 'charge' then 'capture:' || b.payment_id end,
  case when b.kind = 'refund' then 'refund:' || b.refund_id end,
  case when b.kind = 'refund_failure' then 'refund-failed:' || b.refund_id end)
where not b.quarantined
group by b.id, b.kind, b.net
having b.net <> coalesce(sum(v.amount), 0)
limit 50`

const sqlNumbersOf = `
select id, number
from orders
where id = any(@ids)`
