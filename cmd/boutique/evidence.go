package main

import (
	"context"
	"strconv"
	"strings"

	"boutique/internal/pdf"
	"boutique/internal/setting"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/label"
)

// evidence draws what the office can say when the payment of an order is disputed.
func (a *app) evidence(d shop.Dossier, office label.Office) ([]byte, error) {
	book := label.NewEvidence(d.Lang)
	e := label.Evidence{Lang: d.Lang, Office: office, OrderNumber: d.Number, OrderedAt: d.PlacedAt, To: d.Address, Email: d.Email, Phone: d.Phone, Shipping: d.ShippingLabel, Total: d.Total, Drawn: a.clock.Now()}
	for _, l := range d.Lines {
		e.Lines = append(e.Lines, label.SlipLine{SKU: l.SKU, Name: l.Name, Options: l.Options, Quantity: l.Quantity})
	}
	for _, p := range d.Payments {
		if p.State == payments.Captured && p.CapturedAt != nil {
			e.Sections = append(e.Sections, book.Payment(*p.CapturedAt, p.Method, strings.Trim(p.IntentID+" "+p.ChargeID, " ")))
		}
	}
	e.Sections = append(e.Sections, book.Terms(d.TermsVersion, d.PlacedAt))
	sent := book.Sent()
	for _, sh := range d.Shipments {
		sent.Facts = append(sent.Facts, book.Parcel(sh.N, d.Collected(), sh.Carrier, sh.TrackingNumber, sh.TrackingURL)...)
		for _, p := range sh.Parcels {
			if p.TrackingNumber != "" && p.TrackingNumber != sh.TrackingNumber {
				sent.Facts = append(sent.Facts, book.Parcel(sh.N, false, sh.Carrier, p.TrackingNumber, p.TrackingURL)...)
			}
		}
		for _, step := range sh.History {
			if f, ok := book.Step(step.Event, step.At); ok {
				sent.Facts = append(sent.Facts, f)
			}
		}
	}
	documents := book.Documents()
	for _, doc := range d.Documents {
		documents.Facts = append(documents.Facts, book.Document(doc.Kind == ledger.KindCreditNote, doc.Number, doc.IssuedAt, doc.Gross))
	}
	for _, r := range d.Refunds {
		if r.State == payments.Succeeded {
			documents.Facts = append(documents.Facts, book.Refund(r.CreatedAt, r.Amount))
		}
	}
	for _, r := range d.Returns {
		pieces := 0
		for _, l := range r.Lines {
			pieces += l.Quantity
		}
		documents.Facts = append(documents.Facts, book.Withdrawal(r.Number, r.DeclaredAt, pieces))
	}
	e.Sections = append(e.Sections, sent, documents)
	return label.DisputeEvidence(e)
}

// accentOf is the office's one colour.
func accentOf(brand setting.Brand) pdf.Color {
	n, err := strconv.ParseUint(strings.TrimPrefix(brand.Accent, "#"), 16, 32)
	if err != nil || len(brand.Accent) != 7 {
		return pdf.Brick
	}
	return pdf.Color{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}
}

// giftCards draws the cards that an order bought, for who holds its key.
func (a *app) giftCards(ctx context.Context, o shop.Order) ([]byte, error) {
	cards, err := a.shop.GiftCardsOf(ctx, o)
	if err != nil {
		return nil, err
	}
	office, err := a.labelOffice(ctx)
	if err != nil {
		return nil, err
	}
	said, err := setting.GetOffice(ctx, a.database.pool)
	if err != nil {
		return nil, err
	}
	brand, err := setting.GetBrand(ctx, a.database.pool)
	if err != nil {
		return nil, err
	}
	if brand.Logo != "" {
		// A card to give is in the office's colours.
		if office.Logo, err = pdf.ReadSVG([]byte(brand.Logo)); err != nil {
			return nil, err
		}
	}
	var drawn []label.GiftCard
	for _, c := range cards {
		drawn = append(drawn, label.GiftCard{Lang: o.Lang, Office: office, ShopName: said.ShopName, Code: c.Code, Amount: c.Amount, ExpiresAt: c.ExpiresAt,
			Where: a.config.PublicURL + "/" + string(o.Lang) + "/cart", Created: o.PlacedAt, Ink: accentOf(brand)})
	}
	return label.GiftCards(drawn)
}
