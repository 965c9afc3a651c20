package main

import "github.com/jackc/pgx/v5"

// followsDesk computes what an order that is paid at the desk must be from what the desk wrote down.
func (h *house) followsDesk(o keptOrder, pages int) {
	h.t.Helper()
	standing := o.state == "confirmed" || o.state == "completed"
	due := o.total - o.gift
	switch {
	case pages > 0:
		h.t.Errorf("order %s is paid at the desk, and has %d payment pages at Stripe", o.number, pages)
	case o.took != 0 && o.took != due:
		h.t.Errorf("the desk took %d for order %s of %d", o.took, o.number, due)
	case o.took == 0 && due > 0 && (standing || o.gave != 0):
		h.t.Errorf("the desk took nothing for order %s: it is %s, and %d went back", o.number, o.state, o.gave)
	case o.took > 0 && o.gave < o.took && !standing:
		h.t.Errorf("order %s is %s, and %d of %d lie at the desk", o.number, o.state, o.took-o.gave, o.took)
	case o.gave > o.took:
		h.t.Errorf("the desk gave %d back of the %d of order %s", o.gave, o.took, o.number)
	}
	want := "paid"
	switch {
	case o.took == 0 || o.gift > 0:
		return
	case o.gave == o.took:
		want = "refunded"
	case o.gave > 0:
		want = "partially_refunded"
	}
	if o.payment != want {
		h.t.Errorf("order %s is shown as %s, the desk took %d and gave %d back: %s", o.number, o.payment, o.took, o.gave, want)
	}
}

// tillHoldsItsReceipts: the desk's receipts are numbered 1..n each year, and the till by the books is what
// the receipts that nobody carried to the bank come to.
func (h *house) tillHoldsItsReceipts() {
	h.t.Helper()
	if n := h.count(`select count(*) from (select year from desk_receipt group by year having min(n) <> 1 or max(n) <> count(*) or count(distinct n) <> count(*)) y`); n > 0 {
		h.t.Errorf("the receipts of %d years have gaps", n)
	}
	for account, means := range map[string]string{"530": "cash", "5112": "cheque", "5115": "card_terminal"} {
		lies := h.count(`
			select coalesce(sum(case when kind = 'refund' then -amount else amount end), 0)::bigint
			from desk_receipt r where means = $1 and not exists (select from desk_deposit_line l where l.number = r.number)`, means)
		if booked := h.count(`select coalesce(sum(debit - credit), 0)::bigint from entry_line where standard = $1`, account); booked != lies {
			h.t.Errorf("of %s %d lie at the desk, the books have %d", means, lies, booked)
		}
	}
}

// vouchersAreCounted: an order that stands or waits has used its voucher, one that ended unpaid has not; the
// count is theirs, never above the limit, and who may use a voucher once has used it once.
func (h *house) vouchersAreCounted() {
	h.t.Helper()
	rows, err := h.owner.Query(h.t.Context(), `
		select v.code::text, v.used, coalesce(v.usage_limit, 1000000), v.once_per_customer,
		       count(o.id) filter (where o.state in ('awaiting_payment', 'confirmed', 'completed') or o.confirmed_at is not null),
		       coalesce(max(o.customers), 0)
		from voucher v left join (
		       select o.*, count(*) filter (where o.state <> 'expired' and (o.state <> 'cancelled' or o.confirmed_at is not null)) over (partition by o.voucher_code, lower(o.email::text)) as customers
		       from orders o) o on o.voucher_code = v.code::text
		group by v.id`)
	if err != nil {
		h.t.Fatal(err)
	}
	var code string
	var used, limit, want, most int64
	var once bool
	if _, err := pgx.ForEachRow(rows, []any{&code, &used, &limit, &once, &want, &most}, func() error {
		if used != want || used > limit || once && most > 1 {
			h.t.Errorf("the voucher %s counts %d of %d uses, its orders are %d, one customer's %d", code, used, limit, want, most)
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
}

// giftCardsAddUp: on each card lies what it was sold for, less what orders hold and have spent of it and what a
// lost dispute took, plus what came back; never less than nothing. All of it together is what the books owe to those who hold cards.
func (h *house) giftCardsAddUp() {
	h.t.Helper()
	if n := h.count(`select count(*) from gift_card where balance < 0 or balance > initial or voided_at is not null and balance <> 0`); n > 0 {
		h.t.Errorf("%d gift cards hold what no card may hold", n)
	}
	rows, err := h.owner.Query(h.t.Context(), `
		select c.hint, c.balance, c.initial - coalesce(sum(u.amount), 0)::bigint + coalesce(sum((
		         select sum(r.amount) from refund r where r.payment_id = u.payment_id and r.state = 'succeeded')), 0)::bigint
		       + coalesce((select sum(m.amount) from gift_card_movement m where m.card_id = c.id and m.kind = 'dispute'), 0)::bigint
		from gift_card c left join gift_card_use u on u.card_id = c.id and u.state in ('held', 'spent')
		where c.voided_at is null
		group by c.id`)
	if err != nil {
		h.t.Fatal(err)
	}
	var hint string
	var lies, want int64
	if _, err := pgx.ForEachRow(rows, []any{&hint, &lies, &want}, func() error {
		if lies != want {
			h.t.Errorf("on the gift card %s lie %d, its orders leave %d", hint, lies, want)
		}
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	if n := h.count(`select count(*) from (
		select c.order_id, -sum(m.amount) as gone from gift_card_movement m join gift_card c on c.id = m.card_id where m.kind = 'dispute' group by c.order_id) g
		where gone > (select coalesce(sum(d.amount), 0) from dispute d where d.order_id = g.order_id and d.status = 'lost')`); n > 0 {
		h.t.Errorf("from the cards of %d orders more was taken than their lost disputes cost", n)
	}
	owed := h.count(`select coalesce(sum(credit - debit), 0)::bigint from entry_line where standard = '4191'`)
	if lies := h.count(`select (coalesce((select sum(balance) from gift_card), 0) + coalesce((select sum(amount) from gift_card_use where state = 'held'), 0))::bigint`); lies != owed {
		h.t.Errorf("%d lie on all gift cards, the books owe %d", lies, owed)
	}
}
