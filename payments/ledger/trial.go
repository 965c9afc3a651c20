package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/vat"
)

// TrialSale is a sale that nobody made: what would it be booked on? Gross is the goods', at one
// rate; Shipping is added to it.
type TrialSale struct {
	Family, Country, Method string
	Rate                    int
	Regime                  Regime
	Gross, Shipping         money.Amount
	On                      time.Time
}

// TrialLine is one line of the entries that the sale would make.
type TrialLine struct {
	Journal, Standard, Account, Label, Analytic string
	Debit, Credit                               money.Amount
}

// maxTrial is a million euros: more than any basket.
const maxTrial = 100_000_000

func (s TrialSale) check() error {
	var fields fault.Fields
	for place, amount := range map[string]money.Amount{"gross": s.Gross, "shipping": s.Shipping} {
		if amount < 0 || amount > maxTrial || place == "gross" && amount == 0 {
			fields.Add(place, "amount_invalid", "must be an amount from 0.01 to 1 000 000")
		}
	}
	if s.Rate < 0 || s.Rate > 10000 {
		fields.Add("rate", "rate_invalid", "must be a rate from 0 to 100 %")
	}
	return fields.Err()
}

// Try tells on which accounts a sale and its payment would be booked on a day, by the very functions
// that book them. Nothing is written.
func Try(ctx context.Context, q pg.Querier, s TrialSale) ([]TrialLine, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	chart, err := ChartOn(ctx, q, s.On)
	if err != nil {
		return nil, err
	}
	net, tax := vat.Carve(s.Gross+s.Shipping, vat.Rate(s.Rate))
	goods, goodsVAT := vat.Carve(s.Gross, vat.Rate(s.Rate))
	total := s.Gross + s.Shipping
	doc := Document{
		Lines:    []DocumentLine{{Quantity: 1, UnitGross: s.Gross, Gross: s.Gross, Net: goods, VAT: goodsVAT, Rate: s.Rate, Family: s.Family}},
		Shipping: s.Shipping, VAT: []VATLine{{Rate: s.Rate, GoodsGross: s.Gross, ShippingGross: s.Shipping, Gross: total, Net: net, VAT: tax}},
		Gross: total, Net: net, TotalVAT: tax,
	}
	sale := documentEntry(Issued{Kind: KindInvoice, OrderID: uuid.Nil, IssuedAt: s.On, Gross: total, Document: doc},
		New{Kind: KindInvoice, Country: s.Country, PaymentMethod: s.Method, Regime: s.Regime, Document: doc})
	paid := Entry{Journal: JournalStripe, Lines: Capture{Method: s.Method, Amount: total}.lines()}
	var list []TrialLine
	var numbers []string
	for _, e := range []Entry{sale, paid} {
		for _, l := range e.Lines {
			if l.Debit == 0 && l.Credit == 0 {
				continue
			}
			account, label, analytic := chart.Place(l.Account, l.Dimensions)
			numbers = append(numbers, account)
			list = append(list, TrialLine{Journal: e.Journal, Standard: l.Account, Account: account, Label: label, Analytic: analytic, Debit: l.Debit, Credit: l.Credit})
		}
	}
	known, err := accountLabels(ctx, q, numbers)
	for i, l := range list {
		if label, ok := known[l.Account]; ok {
			list[i].Label = label
		}
	}
	return list, err
}

// accountLabels are the names of the accounts that the books know already.
func accountLabels(ctx context.Context, q pg.Querier, numbers []string) (map[string]string, error) {
	rows, err := q.Query(ctx, sqlAccountLabels, pgx.NamedArgs{"numbers": numbers})
	if err != nil {
		return nil, err
	}
	labels := map[string]string{}
	var number, label string
	_, err = pgx.ForEachRow(rows, []any{&number, &label}, func() error {
		labels[number] = label
		return nil
	})
	return labels, err
}
