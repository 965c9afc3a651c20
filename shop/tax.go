package shop

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// TaxPlace is where VAT sees goods delivered. Business tells that they go to one that has a VAT number.
type TaxPlace struct {
	Country   place.Country
	Territory place.Territory
	Business  bool
}

// TaxDestination tells where VAT sees goods delivered: at the desk when they are collected there.
func TaxDestination(country place.Country, postalCode string, collected bool) TaxPlace {
	if collected {
		return TaxPlace{Country: "FR", Territory: place.Mainland}
	}
	return TaxPlace{Country: country, Territory: place.TerritoryOf(country, postalCode)}
}

// Taxes computes a basket's VAT, and under which regime it is due. To another member state it is
// the French one until the sale with which the year's distance sales cross their threshold: that
// sale and those after it bear the VAT of the shopper's country, as do all of the year after one
// that crossed it (CGI art. 259 D), and of an office that chose so. Only sales to private customers are
// distance sales (CGI art. 258 A): a business pays the French VAT and the price is the same.
func Taxes(ctx context.Context, q pg.Querier, lines []CartLine, shipping money.Amount, to TaxPlace, now time.Time) (vat.Sum, ledger.Regime, error) {
	books, err := setting.GetBooks(ctx, q, now)
	if err != nil {
		return vat.Sum{}, "", err
	}
	taxed := make([]vat.Line, len(lines))
	for i, l := range lines {
		taxed[i] = vat.Line{Class: l.taxClass(), Gross: l.Total}
	}
	sale := vat.Sale{Territory: to.Territory, Country: to.Country, Franchise: books.Regime == setting.RegimeFranchise}
	sum, err := vat.ComputeSale(taxed, shipping, sale, now)
	if err != nil || sale.Franchise {
		return sum, ledger.RegimeFranchise, err
	}
	switch to.Territory {
	case place.Export:
		return sum, ledger.RegimeExport, nil
	case place.Union:
	default:
		return sum, ledger.RegimeDomestic, nil
	}
	if to.Business {
		return sum, ledger.RegimeDomestic, nil
	}
	chosen := books.OSSFrom != "" && books.OSSFrom <= now.In(text.Paris()).Format(time.DateOnly)
	if !chosen {
		sold, err := ledger.DistanceSales(ctx, q, now)
		if err != nil {
			return vat.Sum{}, "", err
		}
		if !sold.Crosses(sum.Net, money.Amount(books.ThresholdCents)) {
			return sum, ledger.RegimeDistance, nil
		}
	}
	sale.Destination = true
	sum, err = vat.ComputeSale(taxed, shipping, sale, now)
	return sum, ledger.RegimeOSS, err
}

// addTaxedLines gives the order the cart's lines with their VAT, and its regime.
func (o *Order) addTaxedLines(ctx context.Context, tx pgx.Tx, cart Cart, now time.Time) error {
	to := TaxDestination(o.Address.Country, o.Address.PostalCode, o.Collected())
	to.Business = o.VATNumber != ""
	sum, regime, err := Taxes(ctx, tx, cart.Lines, o.Shipping, to, now)
	if err != nil {
		return err
	}
	o.Regime = regime
	o.addLines(cart, sum)
	return nil
}

func insertTax(ctx context.Context, tx pgx.Tx, o Order) error {
	_, err := tx.Exec(ctx, sqlInsertTax, pgx.NamedArgs{"order_id": o.ID, "regime": string(o.Regime), "country": taxCountry(o)})
	return err
}

// regimeOf reads under which regime an order was sold; empty for one that was placed before regimes
// were kept.
func regimeOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) (ledger.Regime, error) {
	rows, err := q.Query(ctx, sqlRegimeOf, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return "", err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(found) == 0 {
		return "", err
	}
	return ledger.Regime(found[0]), nil
}
