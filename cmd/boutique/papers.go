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

// Paper draws a paper of an order: packing-slip, label, invoice, receipt:NUMBER of the desk, credit-note:N counted from 1, or
// an invoice or credit note by its number. A packing slip speaks lang, the language of who packs; the others have one of their own.
func (a *app) Paper(ctx context.Context, d shop.Dossier, kind string, lang text.Lang) ([]byte, error) {
	missing := fault.New(fault.NotFound, "document_not_found", "this order has no such document")
	if number, ok := strings.CutPrefix(kind, "receipt:"); ok {
		return a.receipt(ctx, d, number)
	}
	switch kind {
	case "packing-slip", "label", "label-thermal", "label-sheet", "cn22", "cn23", "pickup-code", "evidence":
		office, err := a.labelOffice(ctx)
		if err != nil {
			return nil, err
		}
		switch kind {
		case "label", "label-thermal", "label-sheet":
			return label.AddressesOn(labelPapers[kind], addressLabels(d, office), 1)
		case "cn22", "cn23":
			return a.customsPaper(ctx, d, office, kind)
		case "evidence":
			return a.evidence(d, office)
		case "pickup-code":
			return pickupCode(d, office)
		}
		slip, err := a.slip(ctx, d, office, lang)
		if err != nil {
			return nil, err
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
	for _, doc := range d.Documents {
		if doc.Number == kind {
			return a.files.PDF(ctx, doc.ID)
		}
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

// labelPapers are the papers of an order's own labels.
var labelPapers = map[string]string{"label": string(label.A6), "label-thermal": string(label.Thermal), "label-sheet": "a4-4"}

// Slips draws the packing slips of a batch as one file, in the language of who packs.
func (a *app) Slips(ctx context.Context, list []shop.Dossier, lang text.Lang) ([]byte, error) {
	office, err := a.labelOffice(ctx)
	if err != nil {
		return nil, err
	}
	slips := make([]label.Slip, len(list))
	for n, d := range list {
		if slips[n], err = a.slip(ctx, d, office, lang); err != nil {
			return nil, err
		}
	}
	return label.PackingSlips(slips)
}

// Labels draws the address labels of a batch as one file, on one of the papers for them.
func (a *app) Labels(ctx context.Context, list []shop.Dossier, paper string, start int) ([]byte, error) {
	office, err := a.labelOffice(ctx)
	if err != nil {
		return nil, err
	}
	var labels []label.AddressLabel
	for _, d := range list {
		labels = append(labels, addressLabels(d, office)...)
	}
	return label.AddressesOn(paper, labels, start)
}

// slip names the articles as those who pack them do, whatever language the shopper ordered in.
func (a *app) slip(ctx context.Context, d shop.Dossier, office label.Office, lang text.Lang) (label.Slip, error) {
	var skus []string
	for _, l := range d.Lines {
		skus = append(skus, l.SKU)
	}
	sold, err := catalog.Sellables(ctx, a.database.pool, lang, skus)
	if err != nil {
		return label.Slip{}, err
	}
	slip := label.Slip{Lang: lang, Office: office, OrderNumber: d.Number, OrderedAt: d.PlacedAt, To: d.Address, Phone: d.Phone, Email: d.Email, Method: d.Quote.Names.Reworded(d.ShippingLabel, lang), Collected: d.Collected()}
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
	return slip, nil
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

// addressLabels are the labels of an order, one for each parcel.
func addressLabels(d shop.Dossier, office label.Office) []label.AddressLabel {
	to, phone := d.Address, ""
	if stop := d.Quote.Stop; stop != nil {
		// The parcel goes to the point; the shopper's name tells it who fetches it.
		to = stop.Address
		to.Name, to.Company = d.Address.Name, stop.Name
		phone = " · " + stop.Code
	}
	parcels, _ := d.PackedParcels()
	labels := make([]label.AddressLabel, max(1, len(parcels)))
	for n := range labels {
		labels[n] = label.AddressLabel{Lang: text.FR, Office: office, To: to, OrderNumber: d.Number, Method: d.Quote.Names.Reworded(d.ShippingLabel, text.FR) + phone, Parcel: n + 1, Parcels: len(labels), Created: d.PlacedAt}
	}
	return labels
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
