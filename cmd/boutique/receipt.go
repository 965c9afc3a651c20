package main

import (
	"context"
	"strings"
	"time"

	"boutique/internal/fault"
	"boutique/payments/desk"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/label"
)

// receipt draws what the desk hands over for money that it took or gave back, in the order's language.
func (a *app) receipt(ctx context.Context, d shop.Dossier, number string) ([]byte, error) {
	for _, r := range d.Receipts {
		if r.Number != strings.ToUpper(number) {
			continue
		}
		office, err := a.labelOffice(ctx)
		if err != nil {
			return nil, err
		}
		back := r.Kind == desk.KindRefund
		drawn := label.Receipt{Lang: d.Lang, Office: office, Number: r.Number, GivenBack: back, At: r.At, Means: r.Means, Reference: r.Reference, Amount: r.Amount, OrderNumber: r.OrderNumber, Payer: d.Address.Name}
		for _, doc := range d.Documents {
			// The invoice of what was paid; the credit note that was numbered in the moment of the refund.
			if !back && doc.Kind == ledger.KindInvoice || back && doc.Kind == ledger.KindCreditNote && doc.IssuedAt.Sub(r.At).Abs() < time.Minute && (doc.Gross == r.Amount || doc.Gross == -r.Amount) {
				drawn.Document = doc.Number
			}
		}
		return label.DeskReceipt(drawn)
	}
	return nil, fault.New(fault.NotFound, "document_not_found", "this order has no such document")
}
