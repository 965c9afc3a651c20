package shop

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/vat"
	"boutique/payments"
	"boutique/payments/ledger"
)

// issueInvoice numbers the order's invoice in the settling transaction.
func (s *Service) issueInvoice(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment) (ledger.Issued, error) {
	doc, err := s.document(ctx, tx, o, p)
	if err != nil {
		return ledger.Issued{}, err
	}
	doc.Kind = ledger.KindInvoice
	for _, l := range o.Lines {
		if l.GiftCard {
			continue
		}
		doc.Lines = append(doc.Lines, ledger.DocumentLine{
			Description: description(l), SKU: l.SKU, Quantity: l.Quantity, UnitGross: l.UnitPrice, Discount: l.Discount, Gross: l.Total, Net: l.Net, VAT: l.VAT, Rate: int(l.VATRate),
			Exemption: string(o.exemptionOf(l)), Analytic: l.AnalyticCode,
		})
	}
	doc.Shipping = o.Shipping
	if err := s.addVAT(ctx, tx, &doc, invoiced(o.VAT)); err != nil {
		return ledger.Issued{}, err
	}
	return s.issue(ctx, tx, ledger.New{Kind: ledger.KindInvoice, OrderID: o.ID, OrderNumber: o.Number, Country: taxCountry(o), PaymentMethod: doc.PaymentMethod, Document: doc})
}

// issueCreditNote numbers the credit note of a refund, with the rates of the sale. It credits no more than the
// invoice has left: what was given back in the provider's dashboard beyond that is no sale's. For nothing there
// is no note.
func (s *Service) issueCreditNote(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment, r payments.Refund) (ledger.Issued, error) {
	issued, err := ledger.DocumentsOf(ctx, tx, o.ID)
	if err != nil {
		return ledger.Issued{}, err
	}
	invoice, remaining := remainingVAT(issued)
	detail, err := parseRefundDetail(r.Detail)
	if err != nil {
		return ledger.Issued{}, err
	}
	doc, err := s.document(ctx, tx, o, p)
	if err != nil {
		return ledger.Issued{}, err
	}
	doc.Kind, doc.RefersTo, doc.Reason = ledger.KindCreditNote, invoice.Number, r.Reason
	amount := min(detail.credited(r.Amount), grossOf(remaining))
	if amount <= 0 {
		return ledger.Issued{}, nil
	}
	rates, lines, shipping := creditRates(o, remaining, detail, amount)
	doc.Lines, doc.Shipping = lines, shipping
	if err := s.addVAT(ctx, tx, &doc, rates); err != nil {
		return ledger.Issued{}, err
	}
	id := r.ID
	note, err := s.issue(ctx, tx, ledger.New{
		Kind: ledger.KindCreditNote, OrderID: o.ID, OrderNumber: o.Number, RefundID: &id, RefersTo: &invoice.ID, Country: taxCountry(o),
		PaymentMethod: doc.PaymentMethod, Document: doc,
	})
	if err != nil {
		return note, err
	}
	return note, creditExport(ctx, tx, o, invoice.Number, append(issued, note))
}

// issue numbers a document and has its PDF drawn after the transaction.
func (s *Service) issue(ctx context.Context, tx pgx.Tx, n ledger.New) (ledger.Issued, error) {
	regime, err := regimeOf(ctx, tx, n.OrderID)
	if err != nil {
		return ledger.Issued{}, err
	}
	n.Regime = regime
	mentions, err := setting.GetMentions(ctx, tx)
	if err != nil {
		return ledger.Issued{}, err
	}
	if regime == ledger.RegimeOSS {
		n.Document.Mentions = append(n.Document.Mentions, mentions.Destination)
	}
	if business := n.Document.Buyer; business.SIREN != "" || business.VATNumber != "" || business.Company != "" {
		n.Document.Notes = []ledger.DocumentNote{{Subject: "AAB", Text: mentions.Discount}, {Subject: "PMD", Text: mentions.Penalties}, {Subject: "PMT", Text: mentions.Recovery}}
	}
	if err := addFamilies(ctx, tx, &n.Document); err != nil {
		return ledger.Issued{}, err
	}
	issued, err := ledger.Issue(ctx, tx, n)
	if err != nil {
		return ledger.Issued{}, err
	}
	return issued, s.Jobs.InsertTx(ctx, tx, ledger.DrawArgs{DocumentID: issued.ID}, nil)
}

// exemptionOf is why a line bears no VAT; empty when it does.
func (o Order) exemptionOf(l OrderLine) vat.Exemption {
	switch l.VATClass {
	case vat.VoucherMulti:
		return vat.OutsideScope
	case vat.Exempt:
		return vat.ClassExempt
	}
	for _, r := range o.VAT {
		if r.Rate == l.VATRate && r.Exemption != vat.OutsideScope && r.Exemption != vat.ClassExempt {
			return r.Exemption
		}
	}
	return vat.Taxed
}

func description(l OrderLine) string {
	if l.Options == "" {
		return l.Name
	}
	return l.Name + " – " + l.Options
}

// taxCountry is where VAT sees the goods delivered.
func taxCountry(o Order) string {
	if o.Collected() {
		return "FR"
	}
	return string(o.Address.Country)
}

func (s *Service) document(ctx context.Context, tx pgx.Tx, o Order, p payments.Payment) (ledger.Document, error) {
	office, err := setting.GetOffice(ctx, tx)
	if err != nil {
		return ledger.Document{}, err
	}
	seller := ledger.Party{Name: office.LegalName, Company: office.LegalForm, Country: string(office.Address.Country), SIREN: office.SIREN, VATNumber: office.VATNumber, Email: office.Email}
	sold := office.Address
	sold.Name, sold.Company = "", ""
	seller.PostalCode, seller.City = sold.PostalCode, sold.City
	seller.Lines = sold.Lines(o.Lang)
	to := o.Address
	buyer := ledger.Party{Name: to.Name, Company: to.Company, Country: string(to.Country), SIREN: o.SIREN, VATNumber: o.VATNumber, Email: o.Email}
	to.Name, to.Company = "", ""
	buyer.PostalCode, buyer.City = to.PostalCode, to.City
	buyer.Lines = to.Lines(o.Lang)
	paid := s.Clock.Now()
	if p.CapturedAt != nil {
		paid = *p.CapturedAt
	}
	doc := ledger.Document{
		OrderNumber: o.Number, OrderDate: o.PlacedAt, Lang: o.Lang, Seller: seller, Buyer: buyer, ShippingLabel: o.ShippingLabel,
		PaymentMethod: meansOf(o, p), PaidAt: paid,
	}
	if o.Promise != nil {
		doc.SupplyDate = supplyDate(*o.Promise)
	}
	if stop := o.Quote.Stop; stop != nil && stop.Address.Country != "" {
		at := stop.Address
		at.Name, at.Company = "", ""
		doc.Delivery = &ledger.Party{Name: stop.Name, Lines: at.Lines(o.Lang), Country: string(at.Country), PostalCode: at.PostalCode, City: at.City}
	}
	return doc, nil
}

// meansOf names the means of payment, several joined with "+".
func meansOf(o Order, p payments.Payment) string {
	switch {
	case o.GiftTotal == 0 || p.Method == payments.ByGiftCard:
		return p.Method
	case p.Method == "":
		return payments.ByGiftCard
	}
	return payments.ByGiftCard + "+" + p.Method
}

// invoiced leaves out what is no sale yet: the gift cards of the order.
func invoiced(rates []vat.RateSum) []vat.RateSum {
	var list []vat.RateSum
	for _, r := range rates {
		if r.Exemption != vat.OutsideScope {
			list = append(list, r)
		}
	}
	return list
}

// supplyDate is the day on which the goods are due: the last day promised.
func supplyDate(p Promise) time.Time { return p.To }

func (s *Service) addVAT(ctx context.Context, tx pgx.Tx, doc *ledger.Document, rates []vat.RateSum) error {
	mentions, err := setting.GetMentions(ctx, tx)
	if err != nil {
		return err
	}
	doc.Gross, doc.Net, doc.TotalVAT = 0, 0, 0
	for _, r := range rates {
		doc.VAT = append(doc.VAT, ledger.VATLine{Rate: int(r.Rate), GoodsGross: r.GoodsGross, ShippingGross: r.ShippingGross, Gross: r.Gross, Net: r.Net, VAT: r.VAT, Exemption: string(r.Exemption), Reason: mentions.Of(string(r.Exemption))})
		doc.Gross, doc.Net, doc.TotalVAT = doc.Gross+r.Gross, doc.Net+r.Net, doc.TotalVAT+r.VAT
		if sentence := mentions.Of(string(r.Exemption)); sentence != "" {
			doc.Mentions = append(doc.Mentions, sentence)
		}
	}
	return nil
}

// remainingVAT is what an order's invoice leaves after its credit notes, per rate.
func remainingVAT(issued []ledger.Issued) (invoice ledger.Issued, rates []vat.RateSum) {
	for _, d := range issued {
		if d.Kind == ledger.KindInvoice {
			invoice = d
			for _, v := range d.Document.VAT {
				rates = append(rates, vat.RateSum{Rate: vat.Rate(v.Rate), Exemption: vat.Exemption(v.Exemption), GoodsGross: v.GoodsGross, ShippingGross: v.ShippingGross, Gross: v.Gross, Net: v.Net, VAT: v.VAT})
			}
		}
	}
	for _, d := range issued {
		if d.Kind != ledger.KindCreditNote {
			continue
		}
		for _, v := range d.Document.VAT {
			for i := range rates {
				if int(rates[i].Rate) == v.Rate && string(rates[i].Exemption) == v.Exemption {
					rates[i].GoodsGross -= v.GoodsGross
					rates[i].ShippingGross -= v.ShippingGross
					rates[i].Gross -= v.Gross
					rates[i].Net -= v.Net
					rates[i].VAT -= v.VAT
				}
			}
		}
	}
	return invoice, rates
}

// grossOf is what rates come to.
func grossOf(rates []vat.RateSum) money.Amount {
	var sum money.Amount
	for _, r := range rates {
		sum += r.Gross
	}
	return sum
}

// creditable is what credit notes may still be issued for: what the invoice has left, less the refunds that
// were asked for and have no note yet.
func creditable(ctx context.Context, q pg.Querier, o Order) (money.Amount, error) {
	issued, err := ledger.DocumentsOf(ctx, q, o.ID)
	if err != nil {
		return 0, err
	}
	_, remaining := remainingVAT(issued)
	left := grossOf(remaining)
	refunds, err := payments.RefundsOf(ctx, q, o.ID)
	if err != nil {
		return 0, err
	}
	noted := map[uuid.UUID]bool{}
	for _, d := range issued {
		if d.RefundID != nil {
			noted[*d.RefundID] = true
		}
	}
	for _, r := range refunds {
		detail, err := parseRefundDetail(r.Detail)
		if err != nil {
			return 0, err
		}
		if r.State == payments.Requested && !noted[r.ID] && detail.PartOf == nil && detail.Replaces == nil {
			left -= detail.credited(r.Amount)
		}
	}
	return max(0, left), nil
}

// creditRates shares a refund over what is left of the invoice: the lines named at their own rate,
// the shipping named by what each rate bore of it, and any other amount over the remaining rates by
// largest remainder. Giving back all that is left of a rate gives back exactly its VAT.
func creditRates(o Order, remaining []vat.RateSum, detail refundDetail, amount money.Amount) ([]vat.RateSum, []ledger.DocumentLine, money.Amount) {
	goods := make([]money.Amount, len(remaining))
	shipping := make([]money.Amount, len(remaining))
	var lines []ledger.DocumentLine
	rest := amount
	index := func(l OrderLine) int {
		return max(0, slices.IndexFunc(remaining, func(r vat.RateSum) bool { return r.Rate == l.VATRate && r.Exemption == o.exemptionOf(l) }))
	}
	for _, l := range o.Lines {
		n := detail.Lines[l.SKU]
		if n == 0 || l.GiftCard {
			continue
		}
		gross, known := detail.Worth[l.SKU]
		if !known {
			gross = l.UnitPrice.Times(n)
		}
		// What an amount took before from this rate is not there any more: it goes over the others.
		at := index(l)
		gross = min(gross, remaining[at].GoodsGross-goods[at], rest)
		if gross <= 0 {
			continue
		}
		goods[at] += gross
		rest -= gross
		lines = append(lines, ledger.DocumentLine{Description: description(l), SKU: l.SKU, Quantity: n, UnitGross: l.UnitPrice, Discount: l.UnitPrice.Times(n) - gross, Gross: gross, Rate: int(l.VATRate), Exemption: string(o.exemptionOf(l)), Analytic: l.AnalyticCode})
	}
	if detail.Shipping > 0 {
		weights := make([]int64, len(remaining))
		var left money.Amount
		for i, r := range remaining {
			weights[i] = int64(r.ShippingGross)
			left += r.ShippingGross
		}
		carriage := min(detail.Shipping, left, rest)
		for i, part := range money.Share(carriage, weights) {
			shipping[i] += part
		}
		rest -= carriage
	}
	if rest > 0 {
		weights := make([]int64, len(remaining))
		for i, r := range remaining {
			weights[i] = int64(r.Gross - goods[i] - shipping[i])
		}
		for i, part := range money.Share(rest, weights) {
			fromGoods := min(part, max(0, remaining[i].GoodsGross-goods[i]))
			goods[i] += fromGoods
			shipping[i] += part - fromGoods
			if fromGoods != 0 {
				lines = append(lines, ledger.DocumentLine{Description: "", Quantity: 1, UnitGross: fromGoods, Gross: fromGoods, Rate: int(remaining[i].Rate), Exemption: string(remaining[i].Exemption)})
			}
		}
	}
	var rates []vat.RateSum
	var carried money.Amount
	for i, r := range remaining {
		part := vat.RateSum{Rate: r.Rate, Exemption: r.Exemption, GoodsGross: goods[i], ShippingGross: shipping[i], Gross: goods[i] + shipping[i]}
		if part.Gross == 0 {
			continue
		}
		part.Net, part.VAT = vat.Carve(part.Gross, part.Rate)
		if part.Gross == r.Gross || part.VAT > r.VAT {
			part.VAT = min(r.VAT, part.Gross)
			part.Net = part.Gross - part.VAT
		}
		if part.Net > r.Net {
			part.Net = r.Net
			part.VAT = part.Gross - part.Net
		}
		carried += part.ShippingGross
		rates = append(rates, part)
		shareLines(lines, part)
	}
	return rates, lines, carried
}

// shareLines gives the credit note's lines of a rate their share of its net, by largest remainder.
func shareLines(lines []ledger.DocumentLine, part vat.RateSum) {
	var weights []int64
	var at []int
	for i := range lines {
		if lines[i].Rate == int(part.Rate) && lines[i].Exemption == string(part.Exemption) {
			weights = append(weights, int64(lines[i].Gross))
			at = append(at, i)
		}
	}
	weights = append(weights, int64(part.ShippingGross))
	shares := money.Share(part.Net, weights)
	for i, n := range at {
		lines[n].Net = shares[i]
		lines[n].VAT = lines[n].Gross - shares[i]
	}
}

// addFamilies tells the chart of accounts which family each line is of.
func addFamilies(ctx context.Context, tx pgx.Tx, doc *ledger.Document) error {
	var skus []string
	for _, l := range doc.Lines {
		if l.SKU != "" {
			skus = append(skus, l.SKU)
		}
	}
	families, err := catalog.FamiliesOf(ctx, tx, skus)
	if err != nil {
		return err
	}
	for i := range doc.Lines {
		doc.Lines[i].Family = families[doc.Lines[i].SKU]
	}
	return nil
}
