package desk

const sqlFigureReceipts = `select count(*) from desk_receipt`

const sqlFigureDeposits = `select count(*) from desk_deposit`

const sqlBrokenReceipts = `
select 'payment or refund ' || coalesce(m.id, r.id) || ' moved ' || coalesce(m.amount, 0) || ', the desk wrote down ' || coalesce(r.amount, 0)
from (select id, amount from payments_v_movement where gateway = 'desk' and state in ('captured', 'succeeded')) m
full join (select coalesce(refund_id, payment_id) as id, case when kind = 'refund' then -amount else amount end as amount from desk_receipt) r on r.id = m.id
where m.amount is distinct from r.amount`

const sqlBrokenNumbers = `
select 'year ' || year || ' has ' || count(*) || ' receipts, the last one is ' || max(n)
from desk_receipt
group by year
having count(*) <> max(n)`

const sqlBrokenDeposits = `
select 'deposit ' || d.id || ' is ' || d.amount || ', its receipts make ' || coalesce(sum(case when r.kind = 'refund' then -r.amount else r.amount end), 0)
from desk_deposit d left join desk_deposit_line l on l.deposit_id = d.id left join desk_receipt r on r.number = l.number
group by d.id
having d.amount <> coalesce(sum(case when r.kind = 'refund' then -r.amount else r.amount end), 0)`
