package payments

const (
	sqlLineSeen = `select exists (select from balance_line where id = @id)`

	// A source is a charge, a refund or a dispute; whose it is leads to the order.
	sqlWhoseLine = `
select whose.payment_id, whose.refund_id, whose.dispute_id, p.order_id
from (select coalesce(
               (select id from payment where charge_id = @source and charge_id <> '' limit 1),
               (select payment_id from refund where provider_id = @source),
               (select payment_id from dispute where id = @source)) as payment_id,
             (select id from refund where provider_id = @source) as refund_id,
             (select id from dispute where id = @source) as dispute_id) as whose
left join payment p on p.id = whose.payment_id`

	sqlPaymentByCharge = `select id from payment where charge_id = @charge_id and charge_id <> '' limit 1`

	sqlPaymentByRefund = `select payment_id from refund where provider_id = @provider_id`

	sqlKeepLine = `
insert into balance_line (id, kind, source, description, amount, fee, net, currency, at, payment_id, refund_id, dispute_id)
values (@id, @kind, @source, @description, @amount, @fee, @net, @currency, @at, @payment_id, @refund_id, @dispute_id)
on conflict (id) do nothing`

	sqlKeepPayout = `
insert into payout (id, amount, currency, status, automatic, failure, created_at, arrives_on, listed_at)
values (@id, @amount, @currency, @status, @automatic, @failure, @created_at, @arrives_on, case when @listed::bool then now() end)
on conflict (id) do update
set status = excluded.status, failure = excluded.failure, arrives_on = excluded.arrives_on, listed_at = coalesce(payout.listed_at, excluded.listed_at)
where (payout.status, payout.failure, payout.arrives_on, payout.listed_at is null) is distinct from (excluded.status, excluded.failure, excluded.arrives_on, excluded.listed_at is null and payout.listed_at is null)`

	sqlKeepPayoutLine = `
insert into payout_line (payout_id, line_id) values (@payout_id, @line_id) on conflict do nothing`

	sqlPayouts = `
select p.id, p.amount, p.currency, p.status, p.automatic, p.listed_at is not null, p.failure, p.created_at, p.arrives_on::timestamptz,
       coalesce(sum(l.net), 0)::bigint, count(l.id)::int,
       (count(l.id) filter (where l.payment_id is null and l.dispute_id is null and l.kind not in ('fee', 'payout', 'payout_reversal')))::int
from payout p left join payout_line pl on pl.payout_id = p.id left join balance_line l on l.id = pl.line_id
group by p.id
order by p.arrives_on desc, p.created_at desc, p.id
limit @limit`

	sqlPayoutByID = `
select p.id, p.amount, p.currency, p.status, p.automatic, p.listed_at is not null, p.failure, p.created_at, p.arrives_on::timestamptz,
       coalesce(sum(l.net), 0)::bigint, count(l.id)::int,
       (count(l.id) filter (where l.payment_id is null and l.dispute_id is null and l.kind not in ('fee', 'payout', 'payout_reversal')))::int
from payout p left join payout_line pl on pl.payout_id = p.id left join balance_line l on l.id = pl.line_id
where p.id = @id
group by p.id`

	sqlLinesOfPayout = `
select l.id, l.kind, l.source, l.description, l.amount, l.fee, l.net, l.currency, l.at, l.payment_id, l.refund_id, l.dispute_id, p.order_id
from payout_line pl join balance_line l on l.id = pl.line_id left join payment p on p.id = l.payment_id
where pl.payout_id = @id
order by l.at, l.id`

	sqlLinesOfOrder = `
select l.id, l.kind, l.source, l.description, l.amount, l.fee, l.net, l.currency, l.at, l.payment_id, l.refund_id, l.dispute_id, p.order_id
from balance_line l join payment p on p.id = l.payment_id
where p.order_id = @order_id
order by l.at, l.id`

	sqlStrangeLines = `
select l.id, l.kind, l.source, l.description, l.amount, l.fee, l.net, l.currency, l.at, l.payment_id, l.refund_id, l.dispute_id, null::uuid
from balance_line l
where l.payment_id is null and l.dispute_id is null and l.kind not in ('fee', 'payout', 'payout_reversal')
order by l.at desc, l.id limit 50`

	sqlPayoutOfLine = `select payout_id from payout_line where line_id = @id`
)
