package desk

const sqlTakenOf = `
select reference, taken_by
from desk_session
where payment_id = @payment_id and state = 'complete'`

const sqlNextNumber = `
insert into desk_counter as c (year, last)
values (@year, 1)
on conflict (year) do update set last = c.last + 1
returning last`

const sqlLockNumbers = `
insert into desk_counter as c (year)
values (@year)
on conflict (year) do update set last = c.last`

const sqlInsertReceipt = `
insert into desk_receipt (number, year, n, kind, payment_id, refund_id, order_id, order_number, means, amount, reference, actor, at)
values (@number, @year, @n, @kind, @payment_id, @refund_id, @order_id, @order_number, @means, @amount, @reference, @actor, @at)`

const sqlJournal = `
select r.number, r.kind, r.payment_id, r.refund_id, r.order_id, r.order_number, r.means, r.amount, r.reference, r.actor, r.at,
       exists (select from desk_deposit_line l where l.number = r.number)
from desk_receipt r
where r.at >= @from and r.at < @until
order by r.year, r.n`

const sqlReceiptsOfOrder = `
select r.number, r.kind, r.payment_id, r.refund_id, r.order_id, r.order_number, r.means, r.amount, r.reference, r.actor, r.at,
       exists (select from desk_deposit_line l where l.number = r.number)
from desk_receipt r
where r.order_id = @order_id
order by r.year, r.n`

const sqlInHand = `
select r.number, r.kind, r.payment_id, r.refund_id, r.order_id, r.order_number, r.means, r.amount, r.reference, r.actor, r.at, false
from desk_receipt r
where r.means <> 'transfer' and not exists (select from desk_deposit_line l where l.number = r.number)
order by r.year, r.n`

const sqlGivenBack = `
select number, refund_id::text, amount, at
from desk_receipt
where payment_id = @payment_id and kind = 'refund'
order by year, n`

// Two people who count the till at once are served one after the other.
const sqlLockDeposits = `select pg_advisory_xact_lock(hashtext('desk_deposit'))`

const sqlInsertDeposit = `
insert into desk_deposit (id, means, amount, reference, actor, at)
values (@id, @means, @amount, @reference, @actor, @at)`

const sqlInsertDepositLines = `
insert into desk_deposit_line (deposit_id, number)
select @id, n.number from unnest(@numbers::text[]) as n (number)`

const sqlDeposits = `
select d.id, d.means, d.amount, d.reference, d.actor, d.at, (select count(*) from desk_deposit_line l where l.deposit_id = d.id)::int
from desk_deposit d
order by d.at desc, d.id
limit @limit`
