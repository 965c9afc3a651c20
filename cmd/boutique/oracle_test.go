package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/jobs"
	"boutique/internal/mail"
	"boutique/internal/mail/catcher"
	"boutique/payments/stripe/emulator"
)

// calm ends every trouble and lets the shop come to rest: all copies stop, one starts, the night's
// comparison with Stripe runs until nothing is left to do. What is open is then past its time, unless
// waiting is to stay as it is.
func (h *house) calm(waiting bool) *shopCopy {
	h.t.Helper()
	ctx := h.t.Context()
	h.control("fault", map[string]any{"kind": "none"})
	h.bank.Network(emulator.Delivery{})
	h.post.Store(postWorks)
	h.seen = nil
	for _, c := range h.living() {
		c.stop()
	}
	h.gone.Wait()
	if err := jobs.Reclaim(ctx, h.owner); err != nil {
		h.t.Fatal(err)
	}
	c := h.open(0)
	if !waiting {
		h.exec(`update payment set created_at = created_at - interval '45 minutes', expires_at = expires_at - interval '45 minutes'`)
		h.pass(45 * time.Minute)
	}
	deadline := time.Now().Add(90 * time.Second)
	quiet := 0
	for quiet < 2 {
		if time.Now().After(deadline) {
			h.t.Fatalf("the shop does not come to rest: %s", h.unrest())
		}
		h.pass(10 * time.Second)
		h.bank.Deliver(ctx)
		h.hurry()
		h.askAgain(c)
		if _, err := c.a.payments.Compare(ctx, time.Now().AddDate(0, 0, -2)); err != nil {
			quiet = 0
			continue
		}
		h.awaitJobs(deadline)
		if quiet++; h.unrest() != "" {
			quiet = 0
		}
	}
	return c
}

// hurry lets what waits for another try be due: jobs that failed, and mails that no server took.
func (h *house) hurry() {
	h.t.Helper()
	h.exec(`update river_job set state = 'available', scheduled_at = now() where state = 'retryable' or state = 'scheduled' and kind = 'mail_send'`)
}

// askAgain is staff who send again what the shop has given up.
func (h *house) askAgain(c *shopCopy) {
	h.t.Helper()
	list, err := mail.List(h.t.Context(), h.owner, true, 0, 1000)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, m := range list {
		if m.GivenUpAt != nil {
			if err := c.a.shop.Outbox.SendAgain(h.t.Context(), c.a.database.pool, m.ID, houseClerk); err != nil && !fault.Is(err, "mail_not_given_up") {
				h.t.Error(err)
			}
		}
	}
}

// awaitJobs waits until the queue has nothing that could be done now.
func (h *house) awaitJobs(deadline time.Time) {
	h.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for h.count(`select count(*) from river_job where state in ('available', 'running') and scheduled_at <= now() and queue <> 'photos'`) > 0 {
		if time.Now().After(deadline) {
			return
		}
		<-tick.C
	}
}

// unrest says what is still to be done; "" when nothing is.
func (h *house) unrest() string {
	var list []string
	for what, statement := range map[string]string{
		"events":   `select count(*) from payment_event where done_at is null`,
		"refunds":  `select count(*) from refund where state in ('requested', 'pending')`,
		"payments": `select count(*) from payment where state in ('creating', 'processing') or state = 'captured' and gateway = 'stripe' and fee is null`,
		"mails":    `select count(*) from mail where sent_at is null`,
		"jobs":     `select count(*) from river_job where state in ('available', 'running', 'retryable') and queue <> 'photos'`,
	} {
		if n := h.count(statement); n > 0 {
			list = append(list, fmt.Sprintf("%d %s", n, what))
		}
	}
	slices.Sort(list)
	return strings.Join(list, ", ")
}

// keptOrder is an order as the shop's rows have it.
type keptOrder struct {
	id, number, state, payment string
	total, gift                int64
	confirmed                  bool
	// atDesk tells an order that is paid at the desk; took and gave is what the desk has written down of it.
	atDesk     bool
	took, gave int64
	lines      map[string]int64
}

func (h *house) keptOrders() []keptOrder {
	h.t.Helper()
	rows, err := h.owner.Query(h.t.Context(), `
		select o.id::text, o.number, o.state, v.payment_status, o.total, o.gift_total, o.confirmed_at is not null, o.pays_at = 'desk',
		       coalesce((select sum(amount) from desk_receipt where order_id = o.id and kind = 'receipt'), 0)::bigint,
		       coalesce((select sum(amount) from desk_receipt where order_id = o.id and kind = 'refund'), 0)::bigint,
		       (select json_object_agg(l.sku, l.quantity) from order_line l where l.order_id = o.id)
		from orders o join shop_v_status v on v.order_id = o.id order by o.placed_at`)
	if err != nil {
		h.t.Fatal(err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (o keptOrder, err error) {
		var lines []byte
		if err := row.Scan(&o.id, &o.number, &o.state, &o.payment, &o.total, &o.gift, &o.confirmed, &o.atDesk, &o.took, &o.gave, &lines); err != nil {
			return o, err
		}
		return o, json.Unmarshal(lines, &o.lines)
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return list
}

// agree holds the shop at rest against Stripe's own account of what happened, and against itself. stock is
// what each article began with, staff's own changes included.
func (h *house) agree(c *shopCopy, stock map[string]int64) {
	h.t.Helper()
	books := h.bankBooks()
	orders := h.keptOrders()
	h.ordersFollowStripe(orders, books)
	h.stockAddsUp(orders, stock)
	h.ledgerEqualsStripe(books)
	h.numbersHaveNoGap()
	h.mailsWentOnce()
	h.tillHoldsItsReceipts()
	h.vouchersAreCounted()
	h.giftCardsAddUp()
	h.noCardNumber()
	found, err := c.a.payments.Compare(h.t.Context(), time.Now().AddDate(0, 0, -2))
	if err != nil || len(found.Different) > 0 || len(found.Mended) > 0 {
		h.t.Errorf("compared with Stripe once more: %v, %q differ, %q were mended", err, found.Different, found.Mended)
	}
	results, err := c.a.verify(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range results {
		if !r.Holds() {
			h.t.Errorf("verify: %s: %s: %q", r.Name, r.Sentence, r.Broken)
		}
	}
}

// ordersFollowStripe computes what each order must be from Stripe's objects alone.
func (h *house) ordersFollowStripe(orders []keptOrder, books bankBooks) {
	h.t.Helper()
	sent, failed := map[string]int64{}, map[string]bool{}
	for _, r := range books.Objects.Refunds {
		switch r.Status {
		case "failed", "canceled":
			failed[r.Intent] = true
		default:
			sent[r.Intent] += r.Amount
		}
	}
	// What a bank has taken back for good is kept no more, and no refund either.
	taken := map[string]int64{}
	for _, d := range books.Objects.Disputes {
		if d.Status == "lost" {
			taken[d.Intent] += d.Amount
		}
	}
	sessions := map[string][]bankSession{}
	for _, s := range books.Objects.Sessions {
		sessions[s.Reference] = append(sessions[s.Reference], s)
	}
	for _, o := range orders {
		var paid []bankSession
		open := 0
		for _, s := range sessions[o.id] {
			if s.PaymentStatus == "paid" {
				paid = append(paid, s)
				if s.Amount != o.total-o.gift {
					h.t.Errorf("order %s of %d was charged %d", o.number, o.total-o.gift, s.Amount)
				}
			}
			if s.Status == "open" {
				open++
			}
		}
		delete(sessions, o.id)
		if o.atDesk {
			h.followsDesk(o, len(paid)+open)
			continue
		}
		if o.took != 0 {
			h.t.Errorf("the desk took %d for order %s, which is paid online", o.took, o.number)
		}
		if open > 1 {
			h.t.Errorf("order %s has %d open payment pages", o.number, open)
		}
		standing := o.state == "confirmed" || o.state == "completed"
		if len(paid) == 0 {
			if o.total-o.gift > 0 && (standing || o.payment != "unpaid" && o.payment != "failed") {
				h.t.Errorf("nobody paid order %s: it is %s and %s", o.number, o.state, o.payment)
			}
			if !standing && open == 0 && o.state == "awaiting_payment" {
				h.t.Errorf("order %s waits for a payment that nobody can make any more", o.number)
			}
			continue
		}
		// One payment stands, every other one has gone back; none stands when the order does not.
		var left []int64
		var lost int64
		bounced := false
		if h.count(`select count(*) from refund where state = 'failed' and order_id = $1::uuid`, o.id) > 0 {
			bounced = true
		}
		for _, s := range paid {
			left = append(left, s.Amount-sent[s.Intent])
			lost += taken[s.Intent]
			bounced = bounced || failed[s.Intent]
		}
		slices.Sort(left)
		for i, l := range left {
			last := i == len(left)-1
			if l < 0 || l > lost && !bounced && (!last || !standing) {
				h.t.Errorf("order %s is %s, and of its %d payments %v is kept", o.number, o.state, len(paid), left)
			}
		}
		want := "paid"
		switch kept := left[len(left)-1]; {
		case kept == 0:
			want = "refunded"
		case kept < o.total-o.gift:
			want = "partially_refunded"
		}
		if standing && len(paid) == 1 && o.gift == 0 && o.payment != want {
			h.t.Errorf("order %s is shown as %s; at Stripe %d of %d are left: %s", o.number, o.payment, left[0], o.total, want)
		}
	}
	for reference, list := range sessions {
		h.t.Errorf("%d payment pages at Stripe belong to no order: %s", len(list), reference)
	}
}

// stockAddsUp: what lies on the shelf is what was there, less what was sold, plus what came back.
func (h *house) stockAddsUp(orders []keptOrder, begin map[string]int64) {
	h.t.Helper()
	want, held := map[string]int64{}, map[string]int64{}
	for sku, n := range begin {
		want[sku] = n
	}
	for _, o := range orders {
		for sku, n := range o.lines {
			switch {
			case o.confirmed && o.state != "cancelled":
				want[sku] -= n
			case o.state == "awaiting_payment":
				held[sku] += n
			}
		}
		if o.state == "cancelled" {
			continue
		}
		for sku, n := range h.cameBack(o.id) {
			want[sku] += n
		}
	}
	rows, err := h.owner.Query(h.t.Context(), `select v.sku, s.on_hand, s.reserved from stock s join variant v on v.id = s.variant_id where s.location = 'web'`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var sku string
		var lies, reserved int64
		if err := rows.Scan(&sku, &lies, &reserved); err != nil {
			h.t.Fatal(err)
		}
		if lies != want[sku] || reserved != held[sku] {
			h.t.Errorf("of %s %d lie on the shelf and %d are held: %d and %d should", sku, lies, reserved, want[sku], held[sku])
		}
	}
}

// cameBack is how many pieces of an order went back on sale: those refunded before they were sent, those given
// up then without any money due, and those that staff took back and found good.
func (h *house) cameBack(order string) map[string]int64 {
	h.t.Helper()
	rows, err := h.owner.Query(h.t.Context(), `
		select b.sku, sum(b.n)::bigint
		from (select p.key as sku, p.value::bigint as n
		      from refund r, jsonb_each_text(coalesce(r.detail->'unsent', '{}')) p
		      where r.order_id = $1
		      union all
		      select l.sku, l.unsent
		      from order_return t join return_line l on l.return_id = t.id
		      where t.order_id = $1 and t.state = 'refunded' and t.refund_id is null
		      union all
		      select c.sku, c.restocked
		      from order_return t join return_outcome c on c.return_id = t.id
		      where t.order_id = $1) b
		group by b.sku`, order)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	back := map[string]int64{}
	for rows.Next() {
		var sku string
		var n int64
		if err := rows.Scan(&sku, &n); err != nil {
			h.t.Fatal(err)
		}
		back[sku] = n
	}
	return back
}

// ledgerEqualsStripe: the account at Stripe in the books is Stripe's own balance, to the cent.
func (h *house) ledgerEqualsStripe(books bankBooks) {
	h.t.Helper()
	var net, captured, refunded int64
	for _, l := range books.Objects.Lines {
		net += l.Net
		switch l.Category {
		case "charge":
			captured += l.Amount
		case "refund", "refund_failure", "dispute", "dispute_reversal":
			refunded -= l.Amount
		}
	}
	if got := h.count(`select coalesce(sum(debit - credit), 0) from entry_line where standard = '517'`); got != net {
		h.t.Errorf("the books have %d at Stripe, Stripe has %d", got, net)
	}
	if got := h.count(`select coalesce(sum(l.credit - l.debit), 0) from entry_line l join entry e on e.seq = l.entry_seq where e.journal = 'ST' and l.standard like '411%'`); got != captured-refunded {
		h.t.Errorf("customers have paid %d by the books, %d by Stripe", got, captured-refunded)
	}
}

// numbersHaveNoGap: documents are numbered 1..n in each series.
func (h *house) numbersHaveNoGap() {
	h.t.Helper()
	if n := h.count(`select count(*) from (select series, year from document group by series, year having min(n) <> 1 or max(n) <> count(*) or count(distinct n) <> count(*)) s`); n > 0 {
		h.t.Errorf("%d series of documents have gaps", n)
	}
}

// mailsWentOnce: each fact was mailed, and once; twice only after a copy died between the server's yes and
// the mark, and then under the same Message-ID.
func (h *house) mailsWentOnce() {
	h.t.Helper()
	caught, err := catcher.List(h.t.Context(), h.mailDir)
	if err != nil {
		h.t.Fatal(err)
	}
	times := map[string]int{}
	for _, m := range caught {
		times[strings.Trim(m.MessageID, "<>")]++
	}
	rows, err := h.owner.Query(h.t.Context(), `select message_id, kind, subject_ref from mail`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, kind, ref string
		if err := rows.Scan(&id, &kind, &ref); err != nil {
			h.t.Fatal(err)
		}
		id = strings.Trim(id, "<>")
		if n := times[id]; n == 0 || n > 1 && h.kills.Load() == 0 && !h.shaken.Load() {
			h.t.Errorf("the mail %s about %s went %d times", kind, ref, n)
		}
		delete(times, id)
	}
	for id := range times {
		h.t.Errorf("a mail that nobody wrote: %s", id)
	}
}

// onShelf is what lies at the web.
func (h *house) onShelf() map[string]int64 {
	h.t.Helper()
	rows, err := h.owner.Query(context.Background(), `select v.sku, s.on_hand from stock s join variant v on v.id = s.variant_id where s.location = 'web'`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	all := map[string]int64{}
	for rows.Next() {
		var sku string
		var n int64
		if err := rows.Scan(&sku, &n); err != nil {
			h.t.Fatal(err)
		}
		all[sku] = n
	}
	return all
}
