package shop_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
	"boutique/shop"
)

func sellAbroad(t *testing.T, tx pgx.Tx, net money.Amount) {
	t.Helper()
	gross := net * 12 / 10
	d := ledger.Document{
		Kind: ledger.KindInvoice, OrderNumber: "B", OrderDate: time.Now(), Lang: text.FR, Seller: ledger.Party{Name: "O", Country: "FR"}, Buyer: ledger.Party{Name: "B", Country: "DE"},
		Lines: []ledger.DocumentLine{{Description: "Mug", SKU: "MUG", Quantity: 1, UnitGross: gross, Gross: gross, Net: net, VAT: gross - net, Rate: 2000}},
		VAT:   []ledger.VATLine{{Rate: 2000, GoodsGross: gross, Gross: gross, Net: net, VAT: gross - net}}, Gross: gross, Net: net, TotalVAT: gross - net,
	}
	if _, err := ledger.Issue(context.Background(), tx, ledger.New{Kind: ledger.KindInvoice, OrderID: uuid.New(), OrderNumber: "B", Country: "DE", PaymentMethod: "card", Regime: ledger.RegimeDistance, Document: d}); err != nil {
		t.Fatal(err)
	}
}

// The sale that crosses the threshold bears German VAT; the one before it and those to France never
// notice.
func TestTheSaleThatCrossesTheThresholdIsTaxedAtItsDestination(t *testing.T) {
	t.Parallel()
	ctx, pool, now := context.Background(), pgtest.DB(t), time.Now()
	germany := shop.TaxDestination("DE", "10115", false)
	mug := []shop.CartLine{{Sellable: catalog.Sellable{VATClass: vat.Standard}, Total: 12_000}}
	regime := func(to shop.TaxPlace, net money.Amount, want ledger.Regime, rate vat.Rate) {
		t.Helper()
		lines := []shop.CartLine{{Sellable: catalog.Sellable{VATClass: vat.Standard}, Total: net * 12 / 10}}
		sum, got, err := shop.Taxes(ctx, pool, lines, 0, to, now)
		if err != nil || got != want || sum.Rates[0].Rate != rate {
			t.Errorf("%+v: %s at %d, %v; want %s at %d", to, got, sum.Rates[0].Rate, err, want, rate)
		}
	}
	regime(germany, 1_000, ledger.RegimeDistance, 2000)
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { sellAbroad(t, tx, 990_000); return nil }); err != nil {
		t.Fatal(err)
	}
	sold, err := ledger.DistanceSales(ctx, pool, now)
	if err != nil || sold.ThisYear != 990_000 || !sold.Near(1_000_000) {
		t.Errorf("%+v %v", sold, err)
	}
	// What is sold later does not count before.
	if before, err := ledger.DistanceSales(ctx, pool, now.AddDate(0, 0, -1)); err != nil || before.ThisYear != 0 {
		t.Errorf("the day before: %+v %v", before, err)
	}
	regime(germany, 10_000, ledger.RegimeDistance, 2000)
	regime(germany, 10_100, ledger.RegimeOSS, 1900)
	regime(shop.TaxDestination("DE", "10115", true), 10_100, ledger.RegimeDomestic, 2000)
	regime(shop.TaxDestination("FR", "20000", false), 10_100, ledger.RegimeDomestic, 2000)
	regime(shop.TaxDestination("MC", "98000", false), 10_100, ledger.RegimeDomestic, 2000)
	regime(shop.TaxDestination("DE", "27498", false), 10_100, ledger.RegimeExport, 0)
	regime(shop.TaxDestination("FR", "97400", false), 10_100, ledger.RegimeExport, 0)
	// The year after a year that crossed begins with destination VAT.
	if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { sellAbroad(t, tx, 20_000); return nil }); err != nil {
		t.Fatal(err)
	}
	next := now.AddDate(1, 0, 0)
	if _, got, err := shop.Taxes(ctx, pool, mug, 0, germany, next); err != nil || got != ledger.RegimeOSS {
		t.Errorf("the year after: %s %v", got, err)
	}
}

func TestAnOfficeMayChooseDestinationVATOrBearNone(t *testing.T) {
	t.Parallel()
	ctx, pool, now := context.Background(), pgtest.DB(t), time.Now()
	mug := []shop.CartLine{{Sellable: catalog.Sellable{VATClass: vat.Standard}, Total: 12_000}}
	set := func(b setting.Books) {
		t.Helper()
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return setting.Set(ctx, tx, setting.KeyBooks, b, now.Add(-time.Minute), "test") }); err != nil {
			t.Fatal(err)
		}
	}
	b := setting.DefaultBooks()
	b.OSSFrom = now.In(text.Paris()).Format(time.DateOnly)
	set(b)
	// A business is no private customer: its price is the same, its VAT the French one.
	firm := shop.TaxDestination("BE", "1000", false)
	firm.Business = true
	if sum, got, err := shop.Taxes(ctx, pool, mug, 500, firm, now); err != nil || got != ledger.RegimeDomestic || sum.Rates[0].Rate != 2000 || sum.Gross != 12_500 {
		t.Errorf("a business: %s %+v %v", got, sum, err)
	}
	if sum, got, err := shop.Taxes(ctx, pool, mug, 500, shop.TaxDestination("BE", "1000", false), now); err != nil || got != ledger.RegimeOSS || sum.Rates[0].Rate != 2100 || sum.Gross != 12_500 {
		t.Errorf("by choice: %s %+v %v", got, sum, err)
	}
	b.Regime = setting.RegimeFranchise
	set(b)
	if sum, got, err := shop.Taxes(ctx, pool, mug, 500, shop.TaxDestination("BE", "1000", false), now); err != nil || got != ledger.RegimeFranchise || sum.VAT != 0 || sum.Rates[0].Exemption != vat.FranchiseExempt {
		t.Errorf("franchise: %s %+v %v", got, sum, err)
	}
}
