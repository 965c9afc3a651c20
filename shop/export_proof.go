package shop

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// ExportVAT is what an order that was exported without VAT would bear as a French sale of that day:
// what its credit notes leave of it, at the rates of its goods. The price stays what was paid, so
// that the VAT lies within it.
func ExportVAT(ctx context.Context, q pg.Querier, number string) ([]ledger.ExportRate, error) {
	o, err := GetOrder(ctx, q, number)
	if err != nil {
		return nil, err
	}
	issued, err := ledger.DocumentsOf(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	return exportRates(o, issued)
}

func exportRates(o Order, issued []ledger.Issued) ([]ledger.ExportRate, error) {
	invoice, remaining := remainingVAT(issued)
	var goods, shipping money.Amount
	for _, r := range remaining {
		goods, shipping = goods+r.GoodsGross, shipping+r.ShippingGross
	}
	weights := make([]int64, len(invoice.Document.Lines))
	for i, l := range invoice.Document.Lines {
		weights[i] = int64(l.Gross - creditedOf(issued, l.SKU))
	}
	classes := map[string]vat.Class{}
	for _, l := range o.Lines {
		classes[l.SKU] = l.VATClass
	}
	lines := make([]vat.Line, len(weights))
	for i, share := range money.Share(goods, weights) {
		lines[i] = vat.Line{Class: classes[invoice.Document.Lines[i].SKU], Gross: share}
	}
	sum, err := vat.Compute(lines, shipping, place.Mainland, invoice.IssuedAt)
	if err != nil {
		return nil, err
	}
	rates := make([]ledger.ExportRate, len(sum.Rates))
	for i, r := range sum.Rates {
		carriage := sum.Shipping[i]
		rates[i] = ledger.ExportRate{Rate: int(r.Rate), GoodsNet: r.Net - carriage.Net, GoodsVAT: r.VAT - carriage.VAT, ShippingNet: carriage.Net, ShippingVAT: carriage.VAT}
	}
	return rates, nil
}

// creditedOf is what the credit notes took back of an article's line.
func creditedOf(issued []ledger.Issued, sku string) (sum money.Amount) {
	for _, d := range issued {
		if d.Kind != ledger.KindCreditNote || sku == "" {
			continue
		}
		for _, l := range d.Document.Lines {
			if l.SKU == sku {
				sum += l.Gross
			}
		}
	}
	return sum
}

// TaxExport books the VAT of an export that nothing proves. An accountant decides it, never the shop
// by itself.
func (s *Service) TaxExport(ctx context.Context, invoice, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		sale, _, err := ledger.GetExportSale(ctx, tx, invoice)
		if err != nil {
			return err
		}
		rates, err := ExportVAT(ctx, tx, sale.OrderNumber)
		if err != nil {
			return err
		}
		return ledger.TaxExport(ctx, tx, invoice, rates, s.Clock.Now(), actor)
	})
}

// creditExport lowers the VAT that was booked for an export without proof by what its newest credit note
// gave back. Most orders are no such export.
func creditExport(ctx context.Context, tx pgx.Tx, o Order, invoice string, issued []ledger.Issued) error {
	sale, err := ledger.ExportOfOrder(ctx, tx, o.ID)
	if err != nil || sale == nil || sale.State != ledger.ProofTaxed {
		return err
	}
	rates, err := exportRates(o, issued)
	if err != nil {
		return err
	}
	return ledger.CreditExport(ctx, tx, invoice, rates, issued[len(issued)-1])
}
