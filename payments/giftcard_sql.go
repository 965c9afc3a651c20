package payments

const (
	sqlInsertGiftCard = `
insert into gift_card (id, code_hash, hint, initial, balance, order_id, expires_at)
values (@id, @code_hash, @hint, @amount, @amount, @order_id, @expires_at)
on conflict (id) do nothing`

	sqlInsertGiftMovement = `
insert into gift_card_movement (card_id, kind, amount, order_id)
values (@card_id, @kind, @amount, @order_id)`

	sqlGiftCardByCode = `
select id, hint, initial, balance, order_id, expires_at, voided_at, issued_at, voided_at is null and lost_at is null and expires_at > now()
       and not exists (select from dispute d where d.order_id = gift_card.order_id and d.open)
from gift_card where code_hash = @code_hash`

	sqlGiftCardsOfOrder = `
select id, hint, initial, balance, order_id, expires_at, voided_at, issued_at, voided_at is null and lost_at is null and expires_at > now()
       and not exists (select from dispute d where d.order_id = gift_card.order_id and d.open)
from gift_card where order_id = @order_id order by issued_at, id`

	sqlListGiftCards = `
select id, hint, initial, balance, order_id, expires_at, voided_at, issued_at, voided_at is null and lost_at is null and expires_at > now()
       and not exists (select from dispute d where d.order_id = gift_card.order_id and d.open)
from gift_card order by issued_at desc, id limit 200`

	// A conditional update: two orders never take the same cent. Nothing comes off a card while the payment
	// that bought it is disputed.
	sqlTakeFromGiftCard = `
update gift_card set balance = balance - @amount
where id = @id and balance >= @amount and voided_at is null and lost_at is null and expires_at > now()
  and not exists (select from dispute d where d.order_id = gift_card.order_id and d.open)`

	sqlGiveToGiftCard = `
update gift_card set balance = balance + @amount where id = @id`

	sqlVoidGiftCard = `
update gift_card set balance = 0, voided_at = now()
where id = @id and balance = initial and voided_at is null`

	sqlDisputedGiftCards = `
select id, balance from gift_card where order_id = @order_id and balance > 0 order by id for update`

	sqlLoseFromGiftCard = `
update gift_card set balance = balance - @amount, lost_at = case when balance = @amount then now() end
where id = @id and balance >= @amount`

	sqlInsertGiftUse = `
insert into gift_card_use (order_id, card_id, amount, state)
values (@order_id, @card_id, @amount, 'held')
on conflict (order_id, card_id) do update set amount = excluded.amount, state = 'held' where gift_card_use.state = 'released'`

	sqlGiftUsesOfOrder = `
select card_id, amount, state, payment_id from gift_card_use where order_id = @order_id order by card_id for update`

	sqlGiftUseOfPayment = `
select card_id from gift_card_use where payment_id = @payment_id`

	sqlEndGiftUse = `
update gift_card_use set state = @state, payment_id = @payment_id
where order_id = @order_id and card_id = @card_id and state = 'held'`

	sqlFigureGiftCards = `select count(*) from gift_card`

	sqlBrokenGiftBalances = `
select 'gift card …' || c.hint || ' has ' || c.balance || ', its movements make ' || coalesce(sum(m.amount), 0)
from gift_card c left join gift_card_movement m on m.card_id = c.id
group by c.id having c.balance <> coalesce(sum(m.amount), 0)`

	sqlBrokenGiftUses = `
select 'order ' || u.order_id || ': a gift card pays ' || u.amount || ', its payment is ' || coalesce(p.amount, 0)
from gift_card_use u left join payment p on p.id = u.payment_id and p.state = 'captured' and p.gateway = 'gift_card'
where u.state = 'spent' and (p.amount is null or p.amount <> u.amount)`
)
