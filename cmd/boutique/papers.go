package main

import (
	"context"
	"fmt"
	"strings"

	"boutique/catalog"
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
	case "packing-slip", "label", "label-thermal", "label-sheet", "cn22", "cn23", "pickup-code", "evidence":
		office, err := a.labelOffice(ctx)
		if err != nil {
			return nil, err
		}
		switch kind {
		case "label", "label-thermal", "label-sheet":
			return addressLabels(d, office, kind)
		case "cn22", "cn23":
			return a.customsPaper(ctx, d, office, kind)
		case "evidence":
			return a.evidence(d, office)
		case "pickup-code":
			return pickupCode(d, office)
		}
		return a.packingSlip(ctx, d, office)
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

// packingSlip names the articles as those who pack them do, whatever language the shopper ordered in.
func (a *app) packingSlip(ctx context.Context, d shop.Dossier, office label.Office) ([]byte, error) {
	var skus []string
	for _, l := range d.Lines {
		skus = append(skus, l.SKU)
	}
	sold, err := catalog.Sellables(ctx, a.database.pool, text.FR, skus)
	if err != nil {
		return nil, err
	}
	slip := label.Slip{Lang: text.FR, Office: office, OrderNumber: d.Number, OrderedAt: d.PlacedAt, To: d.Address, Phone: d.Phone, Email: d.Email, Method: d.Quote.Names.Reworded(d.ShippingLabel, text.FR), Collected: d.Collected()}
	for _, l := range d.Lines {
		n := l.Quantity - l.Refunded
		if n < 1 {
			continue
		}
		line := label.SlipLine{SKU: l.SKU, Name: l.Name, Options: l.Options, Quantity: n}
		if s, known := sold[l.SKU]; known {
			line.Name, line.Options = s.Name, s.Options
		}
		slip.Lines = append(slip.Lines, line)
	}
	return label.PackingSlip(slip)
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

// addressLabels draws a label for each parcel: A6, thermal, or four on A4.
func addressLabels(d shop.Dossier, office label.Office, kind string) ([]byte, error) {
	to, phone := d.Address, ""
	if stop := d.Quote.Stop; stop != nil {
		// The parcel goes to the point; the shopper's name tells it who fetches it.
		to = stop.Address
		to.Name, to.Company = d.Address.Name, stop.Name
		phone = " · " + stop.Code
	}
	format := label.A6
	if kind == "label-thermal" {
		format = label.Thermal
	}
	parcels, _ := d.PackedParcels()
	labels := make([]label.AddressLabel, max(1, len(parcels)))
	for n := range labels {
		labels[n] = label.AddressLabel{Format: format, Lang: text.FR, Office: office, To: to, OrderNumber: d.Number, Method: d.Quote.Names.Reworded(d.ShippingLabel, text.FR) + phone, Parcel: n + 1, Parcels: len(labels), Created: d.PlacedAt}
	}
	if kind == "label-sheet" {
		sheet, _ := label.SheetOf("a4-4")
		return label.AddressSheet(labels, sheet, 1)
	}
	return label.Addresses(labels)
}

// customsPaper draws a declaration for each parcel: as they were packed, else as they were quoted.
func (a *app) customsPaper(ctx context.Context, d shop.Dossier, office label.Office, kind string) ([]byte, error) {
	skus := make([]string, len(d.Lines))
	for i, l := range d.Lines {
		skus[i] = l.SKU
	}
	declared, err := catalog.DeclaredOf(ctx, a.database.pool, skus)
	if err != nil {
		return nil, err
	}
	invoice := ""
	for _, doc := range d.Documents {
		if doc.Kind == ledger.KindInvoice {
			invoice = doc.Number
		}
	}
	var list []label.Customs
	contents := d.CustomsContents()
	for n, p := range contents {
		c := label.Customs{Office: office, To: d.Address, Phone: d.Phone, OrderNumber: d.Number, Parcel: n + 1, Parcels: len(contents), WeightG: p.WeightG, Postage: p.Postage, Invoice: invoice, Created: d.PlacedAt}
		for _, l := range p.Lines {
			item := declared[l.SKU]
			name := item.Name
			if name == "" {
				name = l.Name
			}
			c.Items = append(c.Items, label.CustomsItem{Name: name, Quantity: l.Quantity, WeightG: l.WeightG, Value: l.Value, Code: item.Code, Origin: item.Origin})
		}
		list = append(list, c)
	}
	if kind == "cn22" {
		return label.CN22(list...)
	}
	return label.CN23(list...)
}

func pickupCode(d shop.Dossier, office label.Office) ([]byte, error) {
	for _, sh := range d.Shipments {
		if sh.Collection != nil {
			return label.PickupCode(d.Lang, office, d.Number, sh.Collection.Code, d.PlacedAt)
		}
	}
	return nil, fault.New(fault.NotFound, "document_not_found", "this order does not lie ready yet")
}
