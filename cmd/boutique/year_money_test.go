package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/text"
	"boutique/payments/ledger"
	"boutique/shop"
)

// yearMoney is what the test itself notes of cards, disputes and exports, by month where it says so.
type yearMoney struct {
	cardsSold, cardsUsed, lost map[string]int64
	codes                      []string
	// disputes are those that are open: what each took, by its id at Stripe.
	disputes  map[string]int64
	exported  []placedOrder
	discounts int64
}

// stockMoney puts a gift card on the shelves and gives out a voucher.
func (y *soldYear) stockMoney() {
	y.t.Helper()
	y.money = yearMoney{cardsSold: map[string]int64{}, cardsUsed: map[string]int64{}, lost: map[string]int64{}, disputes: map[string]int64{}}
	ctx := y.t.Context()
	photos, err := fs.Sub(demoFiles, "demo/photos")
	if err != nil {
		y.t.Fatal(err)
	}
	card := strings.Replace(giftCards, ";;;;no\n", ";gift-card-1.jpg;Une carte;A card;yes\n", 1)
	report, err := y.copy.a.catalog.Import(ctx, strings.NewReader(card), catalog.ImportOptions{Actor: commandLine, Photos: photos})
	if err != nil || len(report.Issues)+len(report.Warnings) > 0 {
		y.t.Fatal(err, report.Issues, report.Warnings)
	}
	if _, err := y.copy.a.shop.AddVoucher(ctx, shop.Voucher{Code: "ANNEE", Kind: shop.VoucherPercent, Value: 10}, commandLine); err != nil {
		y.t.Fatal(err)
	}
}

// month is the month of now, as this test names months.
func (y *soldYear) month() string { return y.now().Format("2006-01") }

// trouble is what happens in a month beside sales: a voucher is used, every third month a card is sold and
// a bank takes a payment back, in the month after it the card pays and the bank decides, once so, once so.
func (y *soldYear) trouble(n int) {
	y.t.Helper()
	c := y.shopper()
	p, ok, err := y.trySell("FR", "59500", "Douai", 1, 1, func(cart string) error {
		return c.expect(200, "PUT", "/api/v1/carts/"+cart+"/voucher", map[string]string{"code": "ANNEE"}, nil)
	})
	if err != nil || !ok {
		y.t.Fatalf("a sale with a voucher: %v", err)
	}
	c.until(p, confirmed)
	if off := y.count(`select coalesce(sum(l.discount), 0) from order_line l join orders o on o.id = l.order_id where o.number = $1`, p.Number); off != 129 {
		y.t.Errorf("ten percent of a mug of 12,90 and of no book is %d", off)
	}
	y.money.discounts++
	switch n % 3 {
	case 0:
		card := c.order(map[string]int{"CARTE-30": 1}, "email")
		c.pay(card, goodCard)
		c.until(card, func(o seenOrder) bool { return o.Status == "completed" })
		y.money.cardsSold[y.month()] += 3000
		home, _ := y.sell("FR", "59500", "Douai", 2, 0)
		y.settle()
		y.money.codes = append(y.money.codes, y.newCode())
		y.control("dispute/"+y.chargeOf(home), nil)
		y.hear()
		id := y.word(`select d.id from dispute d join orders o on o.id = d.order_id where o.number = $1`, home.Number)
		y.money.disputes[id] = home.Total.Amount
	case 1:
		code := y.money.codes[len(y.money.codes)-1]
		paid, ok, err := y.trySell("FR", "59500", "Douai", 2, 2, func(cart string) error {
			return c.expect(200, "PUT", "/api/v1/carts/"+cart+"/gift-cards", map[string]any{"codes": []string{code}}, nil)
		})
		if err != nil || !ok || paid.Total.Amount <= 3000 {
			y.t.Fatalf("a sale with a card: %+v %v", paid, err)
		}
		c.until(paid, confirmed)
		y.money.cardsUsed[y.month()] += 3000
		for id, amount := range y.money.disputes {
			status := []string{"won", "lost"}[n/3%2]
			y.control("close-dispute/"+id, map[string]string{"status": status})
			if status == "lost" {
				y.money.lost[y.month()] += amount
			}
			delete(y.money.disputes, id)
		}
	}
	// The money of the month before is Stripe's to pay out.
	if n > 0 {
		y.control("payout", nil)
	}
	y.hear()
	// Every night the shop compares itself with Stripe; what leaves for the bank is booked then.
	found, err := y.copy.a.payments.Compare(y.t.Context(), y.now().AddDate(0, 0, -2))
	if err != nil || len(found.Different) > 0 {
		y.t.Errorf("compared with Stripe: %v, %q differ", err, found.Different)
	}
}

// hear lets what happened at Stripe reach the shop, with what Stripe does a moment later, and settle there.
func (y *soldYear) hear() {
	y.t.Helper()
	for range 2 {
		y.bank.Deliver(y.t.Context())
		y.settle()
		y.pass(2 * time.Second)
	}
	y.bank.Deliver(y.t.Context())
	y.settle()
}

// word reads one text.
func (y *soldYear) word(statement string, args ...any) (s string) {
	y.t.Helper()
	if err := y.owner.QueryRow(y.t.Context(), statement, args...).Scan(&s); err != nil {
		y.t.Fatalf("%v: %s", err, statement)
	}
	return s
}

// chargeOf is an order's charge at Stripe.
func (y *soldYear) chargeOf(p placedOrder) string {
	y.t.Helper()
	intent := y.word(`select p.intent_id from payment p join orders o on o.id = p.order_id where o.number = $1 and p.state = 'captured'`, p.Number)
	var out struct {
		Charge string `json:"latest_charge"`
	}
	y.bankCaller().want(200, "GET", "/v1/payment_intents/"+intent, nil).into(y.t, &out)
	return out.Charge
}

// newCode is the code of a card that came by mail and that nobody has read yet.
func (y *soldYear) newCode() string {
	y.t.Helper()
	files, err := filepath.Glob(filepath.Join(y.mailDir, "*"))
	if err != nil {
		y.t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(data), "Code ") && !strings.Contains(string(data), "carte cadeau") {
			continue
		}
		if code := cardCode.FindString(string(data)); code != "" && !slices.Contains(y.money.codes, code) {
			return code
		}
	}
	y.t.Fatalf("no new card among %d mails", len(files))
	return ""
}

// compareMoney holds a closed month's cards, disputes and payouts against Stripe's record and the notes.
func (y *soldYear) compareMoney(p ledger.Period, bank bankMonth) {
	y.t.Helper()
	t, month := y.t, p.From.Format("2006-01")
	moved := func(account string) int64 {
		return y.count(`select coalesce(sum(l.debit - l.credit), 0) from entry e join entry_line l on l.entry_seq = e.seq where l.standard = $1 and to_char(e.booked_on, 'YYYY-MM') = $2`, account, month)
	}
	var disputed, sold, used int64
	for _, amount := range y.money.disputes {
		disputed += amount
	}
	for m, amount := range y.money.cardsSold {
		if m <= month {
			sold += amount
		}
	}
	for m, amount := range y.money.cardsUsed {
		if m <= month {
			used += amount
		}
	}
	for what, c := range map[string][2]int64{
		"customers owe what banks hold back":         {y.count(`select coalesce(sum(debit - credit), 0) from entry_line where standard = '411'`), disputed},
		"the bank got what Stripe paid out":          {moved(ledger.AccountBank), bank.paidOut},
		"losses are the disputes that were lost":     {moved(ledger.AccountLosses), y.money.lost[month]},
		"cards that were sold less those used":       {-y.count(`select coalesce(sum(debit - credit), 0) from entry_line where standard = '4191'`), sold - used},
		"the money of cards sold less used by month": {-moved(ledger.AccountGiftCards), y.money.cardsSold[month] - y.money.cardsUsed[month]},
		"Stripe's account moved as Stripe's balance": {moved(ledger.AccountStripe), bank.net},
		"payments and refunds, as they are exported": {y.exported("payments", p, func(r map[string]any) bool { return r["gateway"] == "stripe" }), bank.charged - bank.refunded},
		"payouts, as they are exported":              {y.exported("payouts", p, func(map[string]any) bool { return true }), bank.paidOut},
		"what Stripe took back and gave back of it":  {y.bankDisputed(), disputed + y.allLost()},
		"each voucher's use is counted":              {y.count(`select count(*) from voucher_use`), y.money.discounts},
		"nothing is known that nobody can explain":   {y.count(`select coalesce(sum(debit - credit), 0) from entry_line where standard = '471'`), 0},
		"every payout is the sum of its lines":       {y.count(`select count(*) from payout p where listed_at is null or amount <> (select -sum(l.net) from payout_line x join balance_line l on l.id = x.line_id where x.payout_id = p.id and l.kind = 'payout')`), 0},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %s: %d in the shop, %d by Stripe and the notes", month, what, c[0], c[1])
		}
	}
}

func (y *soldYear) allLost() (sum int64) {
	for _, amount := range y.money.lost {
		sum += amount
	}
	return sum
}

// bankDisputed is what Stripe took for disputes less what it brought back.
func (y *soldYear) bankDisputed() (sum int64) {
	for _, m := range y.bankMonths() {
		sum += m.disputed - m.reinstated
	}
	return sum
}

// exported sums the amounts of an export's rows.
func (y *soldYear) exported(kind string, p ledger.Period, which func(map[string]any) bool) (sum int64) {
	y.t.Helper()
	var rows []map[string]any
	if err := json.Unmarshal(y.export(kind, p, "json"), &rows); err != nil {
		y.t.Fatal(err)
	}
	for _, r := range rows {
		if which(r) {
			money, _ := r["amount"].(map[string]any)
			cents, ok := money["amount"].(float64)
			if !ok {
				y.t.Fatalf("%s has no amount: %v", kind, r)
			}
			sum += int64(cents)
		}
	}
	return sum
}

// proveExports lets the time for proofs run out: the exports are missing theirs, one gets it late, the VAT of
// the others is booked as this test's own arithmetic has it.
func (y *soldYear) proveExports() {
	y.t.Helper()
	t, ctx := y.t, y.t.Context()
	if len(y.money.exported) < 2 {
		t.Fatalf("only %d exports in a year", len(y.money.exported))
	}
	y.moveTo(y.now().AddDate(0, 0, 100))
	missing, named, err := ledger.ProofsMissing(ctx, y.copy.a.database.pool, y.now())
	if err != nil || missing != int64(len(y.money.exported)) {
		t.Errorf("%d exports lack their proof, want %d: %v %v", missing, len(y.money.exported), named, err)
	}
	var due int64
	for i, p := range y.money.exported {
		number := y.word(`select number from document where order_number = $1 and kind = 'invoice'`, p.Number)
		if i == 0 {
			if err := y.copy.a.closer.HoldProof(ctx, number, ledger.Proof{Kind: "transport_document", Reference: "CN23 " + p.Number, On: y.now()}, "staff:odile@beffroy.example"); err != nil {
				t.Error(err)
			}
			continue
		}
		if err := y.copy.a.shop.TaxExport(ctx, number, "staff:odile@beffroy.example"); err != nil {
			t.Error(err)
		}
		due += p.Total.Amount - y.frenchNet(p)
	}
	today := time.Date(y.now().Year(), y.now().Month(), y.now().Day(), 0, 0, 0, 0, text.Paris())
	if booked, err := ledger.ExportVATBooked(ctx, y.copy.a.database.pool, ledger.Period{From: today, To: today}); err != nil || int64(booked) != due {
		t.Errorf("VAT of %d is booked for exports without proof, want %d: %v", booked, due, err)
	}
	if left, _, err := ledger.ProofsMissing(ctx, y.copy.a.database.pool, y.now()); err != nil || left != 0 {
		t.Errorf("%d proofs are still missing, %v", left, err)
	}
	if rows := strings.Count(string(y.export("export-proofs", ledger.Period{From: today.AddDate(-2, 0, 0), To: today}, "csv")), "\r\n"); rows != len(y.money.exported)+1 {
		t.Errorf("%s", fmt.Sprint(rows, " rows of exports and proofs"))
	}
}
