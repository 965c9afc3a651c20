package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// soldYear is a year of a shop in a few seconds: Stripe's, the shop's and the database's clocks move
// together.
type soldYear struct {
	*house
	copy *shopCopy
	// eu is what the test itself adds up of distance sales, without French VAT, by calendar year.
	eu    map[int]int64
	money yearMoney
}

const yearThreshold = 40_000

// yearRates are the rates of mugs and of books, as the test knows them.
var yearRates = map[string][2]int64{
	"FR": {2000, 550}, "BE": {2100, 600}, "DE": {1900, 700}, "NL": {2100, 900}, "LU": {1700, 300}, "IT": {2200, 400}, "AT": {2000, 1000}, "IE": {2300, 0}, "PT": {2300, 600}, "CH": {0, 0},
}

var yearPlaces = []struct{ country, postal, city string }{
	{"BE", "1000", "Bruxelles"}, {"DE", "10115", "Berlin"}, {"NL", "1012 AB", "Amsterdam"}, {"LU", "1009", "Luxembourg"}, {"IT", "00118", "Roma"}, {"AT", "1010", "Wien"}, {"CH", "1201", "Genève"}, {"PT", "1000-001", "Lisboa"}, {"IE", "D02 AF30", "Dublin"},
}

func newYear(t *testing.T) *soldYear {
	t.Helper()
	y := &soldYear{house: newHouse(t, houseOptions{seed: 11}), eu: map[int]int64{}}
	// Statements and defaults ask now() and clock_timestamp() what time it is: in this database they
	// answer with the time that has passed here.
	for _, s := range []string{
		`create schema calendar`,
		`create table calendar.passed (shift interval not null)`,
		`insert into calendar.passed values ('0')`,
		`grant usage on schema calendar to boutique_app`,
		`grant select on calendar.passed to boutique_app`,
		`alter function pg_catalog.clock_timestamp() rename to machine_timestamp`,
		`create function pg_catalog.clock_timestamp() returns timestamptz language sql volatile as $$ select machine_timestamp() + (select shift from calendar.passed) $$`,
		`alter function pg_catalog.now() rename to machine_now`,
		`create function pg_catalog.now() returns timestamptz language sql stable as $$ select machine_now() + (select shift from calendar.passed) $$`,
		`do $$
		declare c record;
		begin
		  for c in select table_name, column_name, column_default from information_schema.columns where table_schema = 'public' and column_default like '%machine_%' loop
		    execute format('alter table %I alter column %I set default %s', c.table_name, c.column_name, replace(replace(c.column_default, 'machine_now', 'now'), 'machine_timestamp', 'clock_timestamp'));
		  end loop;
		end $$`,
	} {
		y.exec(s)
	}
	books := setting.DefaultBooks()
	books.ThresholdCents, books.Accountant = yearThreshold, "odile@beffroy.example"
	if err := pg.InTx(t.Context(), y.owner, func(tx pgx.Tx) error {
		return setting.Set(t.Context(), tx, setting.KeyBooks, books, time.Time{}, "test")
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range y.living() {
		c.stop()
	}
	y.gone.Wait()
	y.copy = y.open(0)
	for _, sku := range []string{"MUG-BEFFROI", "LIVRE-GEANTS"} {
		y.staff().want(200, "PUT", "/api/v1/staff/variants/"+sku+"/stock", map[string]any{"on_hand": 500, "reason": "the year's stock"})
	}
	return y
}

func (y *soldYear) now() time.Time { return houseClock{y.house, 0}.Now().In(text.Paris()) }

// until moves every clock to a moment.
func (y *soldYear) moveTo(at time.Time) {
	y.t.Helper()
	y.pass(at.Sub(y.now()))
	y.exec(`update calendar.passed set shift = make_interval(secs => $1)`, time.Duration(y.passed.Load()).Seconds())
}

// sell sells mugs and books to a place and says whether the place is served.
func (y *soldYear) sell(country, postal, city string, mugs, books int) (placedOrder, bool) {
	y.t.Helper()
	p, ok, err := y.trySell(country, postal, city, mugs, books)
	if err != nil {
		y.t.Fatal(err)
	}
	if ok {
		y.shopper().until(p, confirmed)
	}
	return p, ok
}

// trySell orders and pays; ok is false when no way leads to the place.
func (y *soldYear) trySell(country, postal, city string, mugs, books int, prepare ...func(cart string) error) (p placedOrder, ok bool, err error) {
	c := y.shopper()
	var cart struct {
		ID string `json:"id"`
	}
	if err := c.expect(201, "POST", "/api/v1/carts", nil, &cart); err != nil {
		return p, false, err
	}
	for sku, n := range map[string]int{"MUG-BEFFROI": mugs, "LIVRE-GEANTS": books} {
		if n > 0 {
			if err := c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/lines/"+sku, map[string]int{"quantity": n}, nil); err != nil {
				return p, false, err
			}
		}
	}
	if err := c.expect(200, "PUT", "/api/v1/carts/"+cart.ID+"/destination", map[string]string{"country": country, "postal_code": postal}, nil); err != nil {
		return p, false, err
	}
	var offered struct {
		Items []struct {
			ID   string `json:"id"`
			Kind string `json:"kind"`
		} `json:"items"`
	}
	if err := c.expect(200, "GET", "/api/v1/carts/"+cart.ID+"/shipping-options", nil, &offered); err != nil {
		return p, false, err
	}
	for _, ready := range prepare {
		if err := ready(cart.ID); err != nil {
			return p, false, err
		}
	}
	for _, o := range offered.Items {
		body := checkoutBody(o.ID)
		body["address"] = map[string]string{"line1": "12 rue de la Cloche", "postal_code": postal, "city": city, "country": country}
		if c.expect(201, "POST", "/api/v1/carts/"+cart.ID+"/checkout", body, &p, "Idempotency-Key", "key-"+cart.ID+o.ID) == nil {
			_, err := payPage(p, goodCard)
			return p, true, err
		}
	}
	return p, false, nil
}

// rest waits until everything that was sold is settled and booked.
func (y *soldYear) settle() {
	y.t.Helper()
	deadline := time.Now().Add(time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for y.unrest() != "" {
		if time.Now().After(deadline) {
			y.t.Fatalf("the shop does not come to rest: %s", y.unrest())
		}
		y.pass(2 * time.Second)
		y.bank.Deliver(y.t.Context())
		<-tick.C
	}
}

// export is an export as the command writes it.
func (y *soldYear) export(kind string, p ledger.Period, format string) []byte {
	y.t.Helper()
	var b bytes.Buffer
	if err := y.copy.a.export(y.t.Context(), kind, p.From.Format(time.DateOnly), p.To.Format(time.DateOnly), format, func(string, string) io.Writer { return &b }); err != nil {
		y.t.Fatalf("%s: %v", kind, err)
	}
	return b.Bytes()
}

// bankMonth is what Stripe's own record says of a month.
type bankMonth struct{ charged, refunded, disputed, reinstated, paidOut, fees, net int64 }

func (y *soldYear) bankMonths() map[string]bankMonth {
	y.t.Helper()
	var dump struct {
		Objects struct {
			Lines []struct {
				Category string `json:"reporting_category"`
				Amount   int64  `json:"amount"`
				Fee      int64  `json:"fee"`
				Net      int64  `json:"net"`
				Created  int64  `json:"created"`
			} `json:"balance_transaction"`
		} `json:"objects"`
	}
	y.bankCaller().want(200, "GET", "/_emu/dump", nil).into(y.t, &dump)
	months := map[string]bankMonth{}
	for _, l := range dump.Objects.Lines {
		month := time.Unix(l.Created, 0).In(text.Paris()).Format("2006-01")
		m := months[month]
		switch l.Category {
		case "charge":
			m.charged += l.Amount
		case "refund":
			m.refunded -= l.Amount
		case "dispute":
			m.disputed -= l.Amount
		case "dispute_reversal":
			m.reinstated += l.Amount
		case "payout":
			m.paidOut -= l.Amount
		}
		m.fees, m.net = m.fees+l.Fee, m.net+l.Net
		months[month] = m
	}
	return months
}

type soldRow struct {
	Number  string  `json:"document_number"`
	Kind    string  `json:"document_type"`
	Order   string  `json:"order_number"`
	Country string  `json:"country"`
	Rate    float64 `json:"vat_rate"`
	Gross   amount  `json:"gross"`
	Net     amount  `json:"net"`
	VAT     amount  `json:"vat"`
}

// A year of sales in seven countries, with books, refunds, vouchers, gift cards, disputes won and lost, payouts,
// exports with and without proof, and a threshold that is crossed: each month
// is closed in its turn, its package holds by itself, and every total is what Stripe's own record and
// the test's own arithmetic say.
func TestAYearIsClosedMonthByMonth(t *testing.T) {
	t.Parallel()
	y := newYear(t)
	y.stockMoney()
	regimes := map[string]string{}
	served := map[string]bool{}
	var closed int64
	next := 0
	for n := range 12 {
		month := y.now()
		first := time.Date(month.Year(), month.Month(), 1, 0, 0, 0, 0, text.Paris())
		period := ledger.Period{From: first, To: first.AddDate(0, 1, -1)}
		home, _ := y.sell("FR", "59500", "Douai", 1, 2)
		for sold := 0; sold < 2; next++ {
			if next > 200 {
				t.Fatalf("too few countries are served: %v", served)
			}
			to := yearPlaces[next%len(yearPlaces)]
			p, ok := y.sell(to.country, to.postal, to.city, 1, 1)
			if !ok {
				continue
			}
			sold++
			served[to.country] = true
			regimes[p.Number] = y.regime(to.country, p, month.Year())
			if to.country == "CH" {
				y.money.exported = append(y.money.exported, p)
			}
			if y.count(`select count(*) from document where order_number = $1 and regime = $2`, p.Number, regimes[p.Number]) != 1 {
				t.Errorf("%s to %s is not invoiced as %s", p.Number, to.country, regimes[p.Number])
			}
		}
		y.settle()
		refund := map[string]any{"reason": "kindness"}
		if month.Month()%2 == 0 {
			refund["amount"] = amount{500, "EUR"}
		}
		y.staff().want(201, "POST", "/api/v1/staff/orders/"+home.Number+"/refunds", refund, "Idempotency-Key", "refund-"+home.Number)
		y.settle()
		y.trouble(n)
		y.moveTo(period.Until().AddDate(0, 0, 1).Add(3 * time.Hour))
		y.closeAndCompare(period, regimes)
		closed++
	}
	if served["FR"] = true; len(served) < 7 {
		t.Errorf("sold to %d countries: %v", len(served), served)
	}
	if n := y.count(`select count(distinct regime) from document where regime in ('distance', 'oss')`); n != 2 {
		t.Errorf("the threshold was not crossed: %d regimes", n)
	}
	y.proveExports()
	y.compareYear(closed)
}

// regime is how the test itself sees a sale abroad: at French rates until the sale with which the
// year's total passes the threshold.
func (y *soldYear) regime(country string, p placedOrder, year int) string {
	if country == "CH" {
		return "export"
	}
	french := y.frenchNet(p)
	before := y.eu[year]
	y.eu[year] = before + y.count(`select coalesce(sum(v.net), 0) from document d join document_vat v on v.document_id = d.id where d.order_number = $1`, p.Number)
	if y.eu[year-1] > yearThreshold || before+french > yearThreshold {
		return "oss"
	}
	return "distance"
}

// frenchNet is what the sale would come to without VAT at the French rates of a mug, a book and their
// shares of shipping.
func (y *soldYear) frenchNet(p placedOrder) int64 {
	mug := y.count(`select l.total from order_line l join orders o on o.id = l.order_id where o.number = $1 and l.sku = 'MUG-BEFFROI'`, p.Number)
	book := y.count(`select l.total from order_line l join orders o on o.id = l.order_id where o.number = $1 and l.sku = 'LIVRE-GEANTS'`, p.Number)
	shipping := p.Total.Amount - mug - book
	// The part of the larger one takes what does not come out even.
	small, large, rates := mug, book, [2]int64{2000, 550}
	if mug > book {
		small, large, rates = book, mug, [2]int64{550, 2000}
	}
	part := shipping * small / (small + large)
	return small + part - carved(small+part, rates[0]) + large + shipping - part - carved(large+shipping-part, rates[1])
}

// carved is the VAT within an amount, half cents up.
func carved(gross, rate int64) int64 { return (2*gross*rate + 10000 + rate) / (2 * (10000 + rate)) }

// closeAndCompare closes a month and holds everything that it exports against Stripe and arithmetic.
func (y *soldYear) closeAndCompare(p ledger.Period, regimes map[string]string) {
	y.t.Helper()
	t, ctx := y.t, y.t.Context()
	closing, err := y.copy.a.closer.CloseMonth(ctx, p, "staff:odile@beffroy.example")
	if err != nil {
		t.Fatalf("%s: %v", p.From.Format("2006-01"), err)
	}
	month := p.From.Format("2006-01")
	bank := y.bankMonths()[month]
	var rows []soldRow
	if err := json.Unmarshal(y.export("sales", p, "json"), &rows); err != nil {
		t.Fatal(err)
	}
	var invoiced, credited int64
	for _, r := range rows {
		sign := int64(1)
		if r.Kind == "credit_note" {
			sign, credited = -1, credited-r.Gross.Amount
		} else {
			invoiced += r.Gross.Amount
		}
		rate := int64(r.Rate*100 + .5)
		if r.Kind == "invoice" && (r.VAT.Amount != sign*carved(sign*r.Gross.Amount, rate) || r.Net.Amount+r.VAT.Amount != r.Gross.Amount) {
			t.Errorf("%s: %s at %d: %d = %d + %d", month, r.Number, rate, r.Gross.Amount, r.Net.Amount, r.VAT.Amount)
		}
		where := "FR"
		switch regimes[r.Order] {
		case "oss", "export":
			where = r.Country
		}
		if known := yearRates[where]; rate != known[0] && rate != known[1] {
			t.Errorf("%s: %s to %s (%s) bears %d", month, r.Number, r.Country, regimes[r.Order], rate)
		}
	}
	if invoiced != bank.charged-y.money.cardsSold[month]+y.money.cardsUsed[month] || credited != bank.refunded || int64(closing.Invoiced) != invoiced || int64(closing.Credited) != credited {
		t.Errorf("%s: invoiced %d and credited %d, Stripe has %+v, the seal %d and %d", month, invoiced, credited, bank, closing.Invoiced, closing.Credited)
	}
	if fees := y.count(`select coalesce(sum(l.debit - l.credit), 0) from entry e join entry_line l on l.entry_seq = e.seq where l.standard = '6278' and to_char(e.booked_on, 'YYYY-MM') = $1`, month); fees != bank.fees {
		t.Errorf("%s: fees of %d are booked, Stripe kept %d", month, fees, bank.fees)
	}
	y.compareMoney(p, bank)
	zip := y.export("package", p, "zip")
	results, err := ledger.VerifyPackage(bytes.NewReader(zip), int64(len(zip)), closing.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Holds() {
			t.Errorf("%s: %s: %v", month, r.Name, r.Broken)
		}
	}
}

// compareYear holds the whole against Stripe's balance, the FEC against its checker, and what each
// document was taxed as against what the test expected.
func (y *soldYear) compareYear(closed int64) {
	y.t.Helper()
	t, ctx := y.t, y.t.Context()
	var net int64
	for _, m := range y.bankMonths() {
		net += m.net
	}
	if held := y.count(`select coalesce(sum(debit - credit), 0) from entry_line where standard = '517'`); held != net {
		t.Errorf("the books have %d at Stripe, Stripe has %d", held, net)
	}
	if n := y.count(`select count(*) from closing where kind = 'month'`); n != closed {
		t.Errorf("%d months are closed, want %d", n, closed)
	}
	if n := y.count(`select count(*) from mail where kind = 'seal' and recipient = 'odile@beffroy.example'`); n <= closed {
		t.Errorf("%d seals were mailed for %d months and their days", n, closed)
	}
	now := y.now()
	for year := now.Year() - 1; year <= now.Year(); year++ {
		p := ledger.Period{From: time.Date(year, 1, 1, 0, 0, 0, 0, text.Paris()), To: time.Date(year, 12, 31, 0, 0, 0, 0, text.Paris())}
		report, err := ledger.CheckFEC(fmt.Sprintf("732829320FEC%d1231.txt", year), bytes.NewReader(y.export("fec", p, "")))
		if err != nil || !report.Accepted() {
			t.Errorf("FEC of %d: %+v %v", year, report, err)
		}
	}
	results, err := y.copy.a.verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if !r.Holds() && !strings.Contains(r.Name, "photo") {
			t.Errorf("%s: %v", r.Name, r.Broken)
		}
	}
}
