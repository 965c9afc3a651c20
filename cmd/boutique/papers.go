package main

import (
	"context"
	"fmt"
	"strings"

	"boutique/internal/fault"
	"boutique/internal/pdf"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/label"
)

// Paper draws a paper of an order: packing-slip, label, invoice, or credit-note:N counted from 1.
func (a *app) Paper(ctx context.Context, d shop.Dossier, kind string) ([]byte, error) {
	missing := fault.New(fault.NotFound, "document_not_found", "this order has no such document")
	switch kind {
	case "packing-slip", "label", "label-thermal":
		office, err := a.labelOffice(ctx)
		if err != nil {
			return nil, err
		}
		if kind != "packing-slip" {
			format := label.A6
			if kind == "label-thermal" {
				format = label.Thermal
			}
			return label.Address(label.AddressLabel{Format: format, Lang: text.FR, Office: office, To: d.Address, OrderNumber: d.Number, Method: d.ShippingLabel, Created: d.PlacedAt})
		}
		slip := label.Slip{Lang: text.FR, Office: office, OrderNumber: d.Number, OrderedAt: d.PlacedAt, To: d.Address, Phone: d.Phone, Email: d.Email, Method: d.ShippingLabel, Collected: d.Collected()}
		for _, l := range d.Lines {
			if n := l.Quantity - l.Refunded; n > 0 {
				slip.Lines = append(slip.Lines, label.SlipLine{SKU: l.SKU, Name: l.Name, Options: l.Options, Quantity: n})
			}
		}
		return label.PackingSlip(slip)
	case "invoice":
		for _, doc := range d.Documents {
			if doc.Kind == ledger.KindInvoice {
				return a.files.PDF(ctx, doc.ID)
			}
		}
		return nil, missing
	}
	number, ok := strings.CutPrefix(kind, "credit-note:")
	var n int
	if _, err := fmt.Sscan(number, &n); !ok || err != nil {
		return nil, missing
	}
	for _, doc := range d.Documents {
		if doc.Kind == ledger.KindCreditNote {
			if n--; n == 0 {
				return a.files.PDF(ctx, doc.ID)
			}
		}
	}
	return nil, missing
}

func (a *app) labelOffice(ctx context.Context) (label.Office, error) {
	o, err := setting.GetOffice(ctx, a.database.pool)
	if err != nil {
		return label.Office{}, err
	}
	brand, err := setting.GetBrand(ctx, a.database.pool)
	if err != nil {
		return label.Office{}, err
	}
	office := label.Office{Name: o.LegalName, Address: o.Address, Email: o.Email, Phone: o.Phone}
	if artwork := brand.Black; artwork != "" {
		if office.Logo, err = pdf.ReadSVG([]byte(artwork)); err != nil {
			return label.Office{}, fmt.Errorf("the office's logo: %w", err)
		}
	}
	return office, nil
}
