package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// Sellable is an article as a cart and an order need it, read from the database at the moment of
// asking: today's price, what is available on the web, what VAT and the parcel must know.
type Sellable struct {
	VariantID int64
	SKU       string
	Slug      string
	Name      string
	// Lang is the language that the name is in: French where the one asked for has none.
	Lang                                 text.Lang
	Options                              string
	PhotoSHA256                          string
	Alt                                  string
	Price                                money.Amount
	VATClass                             vat.Class
	AnalyticCode                         string
	Family                               string
	WeightG, LengthMM, WidthMM, HeightMM int
	ShippingClasses                      []string
	Available                            int
	Published                            bool
	// NewBook tells a new book, whose delivery the law prices (loi 81-766).
	NewBook bool
	// NoWithdrawal is the reason why it cannot be sent back; empty where it can.
	NoWithdrawal string
}

// Sellables reads the articles with these SKUs, names in the language (French where it has none).
// An unknown SKU, and one that never had a price, is missing from the answer.
func Sellables(ctx context.Context, q pg.Querier, lang text.Lang, skus []string) (map[string]Sellable, error) {
	found := make(map[string]Sellable, len(skus))
	if len(skus) == 0 {
		return found, nil
	}
	rows, err := q.Query(ctx, sqlSellables, pgx.NamedArgs{"lang": string(lang), "skus": skus})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Sellable, error) {
		var s Sellable
		err := row.Scan(&s.VariantID, &s.SKU, &s.Slug, &s.Name, &s.Lang, &s.Options, &s.PhotoSHA256, &s.Alt, &s.Price, &s.VATClass, &s.AnalyticCode, &s.Family,
			&s.WeightG, &s.LengthMM, &s.WidthMM, &s.HeightMM, &s.ShippingClasses, &s.Available, &s.Published, &s.NewBook, &s.NoWithdrawal)
		return s, err
	})
	for _, s := range list {
		found[s.SKU] = s
	}
	return found, err
}
