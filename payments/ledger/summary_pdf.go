package ledger

import (
	"fmt"
	"strings"
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// SummaryHead is what a summary says of the shop.
type SummaryHead struct {
	Shop string
	// Families names families in the reader's language; one that is not named goes by its code.
	Families map[string]string
	Closing  *Closing
}

// brief is a summary on its way to paper.
type brief struct {
	Summary
	head SummaryHead
	d    *pdf.Document
	t    text.Printer
	y    float64
}

// DrawSummary draws a period at a glance on A4, with plots that are read by their labels and lengths,
// never by a colour, and each with its figures. The same summary gives the same bytes.
func DrawSummary(s Summary, head SummaryHead, lang text.Lang) ([]byte, error) {
	t := documentWords.In(lang)
	b := &brief{Summary: s, head: head, t: t}
	b.d = pdf.New(pdf.Options{Title: t.T("summary_title", "from", t.Date(s.Period.From), "to", t.Date(s.Period.To)), Author: head.Shop, Lang: string(t.Lang()), Created: s.Period.Until()})
	b.d.AddPage()
	b.y = 18
	b.y += b.d.Paragraph(sheetMargin, b.y, sheetInner, head.Shop, sheetStrong)
	b.y += b.d.Paragraph(sheetMargin, b.y, sheetInner, t.T("summary_title", "from", t.Date(s.Period.From), "to", t.Date(s.Period.To)), sheetTitle) + 3
	b.figures()
	b.days()
	b.rates()
	b.returns()
	b.shares(t.T("summary_families"), s.Families, b.familyName)
	b.shares(t.T("summary_countries"), s.Countries, func(code string) string { return place.Name(place.Country(code), t.Lang()) })
	b.shares(t.T("summary_methods"), s.Methods, b.methodName)
	b.money()
	b.seal()
	b.d.EachPage(func(page, pages int) {
		b.d.Text(sheetMargin, pdf.A4Height-12, head.Shop, sheetSmall, pdf.Left)
		b.d.Text(sheetRight, pdf.A4Height-12, fmt.Sprintf("%d / %d", page, pages), sheetSmall, pdf.Right)
	})
	return b.d.Bytes()
}

func (b *brief) familyName(code string) string {
	switch name := b.head.Families[code]; {
	case name != "":
		return name
	case code == "":
		return b.t.T("summary_other")
	}
	return code
}

func (b *brief) methodName(method string) string {
	var parts []string
	for _, m := range strings.Split(method, "+") {
		if id := "method_" + m; b.t.Has(id) {
			m = b.t.T(id)
		}
		parts = append(parts, m)
	}
	return strings.Join(parts, " + ")
}

// room begins a new page when height millimetres are not left on this one.
func (b *brief) room(height float64) {
	if b.y+height > sheetBottom {
		b.d.AddPage()
		b.y = 18
	}
}

func (b *brief) title(s string, height float64) {
	b.room(height + 12)
	b.y += 5
	b.y += b.d.Lines(sheetMargin, b.y, []string{s}, pdf.Style{Face: pdf.Heading, Size: 13, Color: pdf.Slate}, pdf.Left) + 1.5
}

func (b *brief) row(label, value string) {
	b.room(6)
	b.d.Text(sheetMargin, b.y+sheetText.Ascent(), label, b.d.Fit(label, sheetText, sheetInner-45), pdf.Left)
	b.d.Text(sheetRight, b.y+sheetText.Ascent(), value, sheetStrong, pdf.Right)
	b.y += sheetText.Leading() + 1
	b.d.Rule(sheetMargin, b.y-.4, sheetRight, b.y-.4, .15, pdf.Hairline)
}

func (b *brief) figures() {
	gross, net, vat := b.Gross()
	b.row(b.t.T("summary_gross"), b.t.Money(gross))
	b.row(b.t.T("summary_net"), b.t.Money(net))
	b.row(b.t.T("summary_vat"), b.t.Money(vat))
	var unproved money.Amount
	for _, r := range b.Returns {
		if r.Regime == UnprovedExports {
			unproved += money.Amount(r.VAT)
		}
	}
	if unproved != 0 {
		b.row(b.t.T("summary_unproved"), b.t.Money(unproved))
	}
	for _, s := range b.Series {
		b.row(b.t.T("summary_"+s.Kind, "first", s.First, "last", s.Last, "n", s.Documents), b.t.Money(s.Gross))
	}
	b.row(b.t.T("summary_distance"), b.t.Money(b.Distance.ThisYear))
}

// days draws a bar for each day of the period, with the highest one's amount, and under them the
// amount of each day that sold.
func (b *brief) days() {
	const height = 34.0
	if len(b.Days) == 0 {
		b.title(b.t.T("summary_days"), 8)
		b.nothing()
		return
	}
	b.title(b.t.T("summary_days"), height+10)
	sums := map[string]money.Amount{}
	top := money.Amount(1)
	for _, d := range b.Days {
		sums[d.Day.Format(time.DateOnly)] += money.Amount(d.Gross)
		top = max(top, money.Amount(d.Gross))
	}
	count := 0
	for day := b.Period.From; !day.After(b.Period.To); day = day.AddDate(0, 0, 1) {
		count++
	}
	step := sheetInner / float64(max(1, count))
	b.d.Text(sheetMargin, b.y+sheetSmall.Ascent(), b.t.T("summary_top", "amount", b.t.Money(top)), sheetSmall, pdf.Left)
	b.y += sheetSmall.Leading() + 1
	base := b.y + height
	i := 0
	for day := b.Period.From; !day.After(b.Period.To); day = day.AddDate(0, 0, 1) {
		x := sheetMargin + float64(i)*step
		if gross := sums[day.Format(time.DateOnly)]; gross > 0 {
			h := height * float64(gross) / float64(top)
			b.d.Box(x+step*.15, base-h, step*.7, h, pdf.Slate)
		}
		if count <= 31 || day.Day() == 1 {
			b.d.Text(x+step/2, base+sheetSmall.Ascent()+.6, day.Format("2"), pdf.Style{Size: 6.5, Color: pdf.Quiet}, pdf.Center)
		}
		i++
	}
	b.d.Rule(sheetMargin, base, sheetRight, base, .2, pdf.Slate)
	b.y = base + sheetSmall.Leading() + 3
	b.dayFigures(sums)
}

// dayFigures are the days' amounts, read down each of four columns.
func (b *brief) dayFigures(sums map[string]money.Amount) {
	const columns, gap = 4, 6.0
	var days []time.Time
	for day := b.Period.From; !day.After(b.Period.To); day = day.AddDate(0, 0, 1) {
		if sums[day.Format(time.DateOnly)] != 0 {
			days = append(days, day)
		}
	}
	width, line := (sheetInner-gap*(columns-1))/columns, sheetSmall.Leading()+.8
	for len(days) > 0 {
		b.room(line)
		lines := min((len(days)+columns-1)/columns, max(1, int((sheetBottom-b.y)/line)))
		shown := min(len(days), lines*columns)
		for i, day := range days[:shown] {
			x, y := sheetMargin+float64(i/lines)*(width+gap), b.y+float64(i%lines)*line
			said := b.t.Date(day)
			b.d.Text(x, y+sheetSmall.Ascent(), said, b.d.Fit(said, sheetSmall, width*.6), pdf.Left)
			b.d.Text(x+width, y+sheetSmall.Ascent(), b.t.Money(sums[day.Format(time.DateOnly)]), pdf.Style{Size: sheetSmall.Size, Color: pdf.Slate}, pdf.Right)
			b.d.Rule(x, y+line-.4, x+width, y+line-.4, .1, pdf.Hairline)
		}
		b.y += float64(lines) * line
		days = days[shown:]
	}
}

// summaryName and summaryFigure are how wide the label of a bar and each of its amounts are.
const summaryName, summaryFigure = 56.0, 27.0

// length draws one labelled bar and its amounts: the last of them is the bar's.
func (b *brief) length(label string, top money.Amount, amounts ...money.Amount) {
	room := sheetInner - summaryName - summaryFigure*float64(len(amounts))
	b.room(6)
	b.d.Text(sheetMargin, b.y+sheetText.Ascent(), label, b.d.Fit(label, sheetText, summaryName-3), pdf.Left)
	width := room * float64(max(0, amounts[len(amounts)-1])) / float64(max(1, top))
	b.d.Frame(sheetMargin+summaryName, b.y+.6, room, 3.4, 0, .1, pdf.Hairline)
	b.d.Box(sheetMargin+summaryName, b.y+.6, width, 3.4, pdf.Slate)
	b.amounts(amounts)
	b.y += sheetText.Leading() + 1.2
}

// amounts stand in columns at the right edge, the last one strong.
func (b *brief) amounts(list []money.Amount) {
	for i, amount := range list {
		style, said := sheetText, b.t.Money(amount)
		if i == len(list)-1 {
			style = sheetStrong
		}
		b.d.Text(sheetRight-summaryFigure*float64(len(list)-1-i), b.y+sheetText.Ascent(), said, b.d.Fit(said, style, summaryFigure-2), pdf.Right)
	}
}

// heads name the columns of what follows.
func (b *brief) heads(names ...string) {
	for i, name := range names {
		name = b.t.T(name)
		b.d.Text(sheetRight-summaryFigure*float64(len(names)-1-i), b.y+sheetSmall.Ascent(), name, b.d.Fit(name, sheetSmall, summaryFigure-2), pdf.Right)
	}
	b.y += sheetSmall.Leading() + 1
}

func (b *brief) nothing() {
	b.y += b.d.Paragraph(sheetMargin, b.y, sheetInner, b.t.T("summary_nothing"), sheetSmall)
}

func (b *brief) rates() {
	b.title(b.t.T("summary_rates"), 14)
	if len(b.Rates) == 0 {
		b.nothing()
		return
	}
	b.heads("summary_column_net", "summary_column_vat", "summary_column_gross")
	top := money.Amount(1)
	for _, r := range b.Rates {
		top = max(top, money.Amount(r.Gross))
	}
	for _, r := range b.Rates {
		b.length(b.t.Percent(r.VATRate), top, money.Amount(r.Net), money.Amount(r.VAT), money.Amount(r.Gross))
	}
}

// returns are the figures of the VAT return: regime, country and rate.
func (b *brief) returns() {
	if len(b.Returns) == 0 {
		return
	}
	b.title(b.t.T("summary_returns"), 14)
	b.heads("summary_column_net", "summary_column_vat", "summary_column_gross")
	for _, r := range b.Returns {
		b.room(6)
		label := b.t.T("summary_regime_" + r.Regime)
		if country := place.Name(place.Country(r.Country), b.t.Lang()); country != label {
			label += ", " + country
		}
		label += ", " + b.t.Percent(r.VATRate)
		b.d.Text(sheetMargin, b.y+sheetText.Ascent(), label, b.d.Fit(label, sheetText, sheetInner-3*summaryFigure-3), pdf.Left)
		b.amounts([]money.Amount{money.Amount(r.Net), money.Amount(r.VAT), money.Amount(r.Gross)})
		b.y += sheetText.Leading() + 1
		b.d.Rule(sheetMargin, b.y-.4, sheetRight, b.y-.4, .15, pdf.Hairline)
	}
}

// maxShares is how many parts a plot names; the others are one.
const maxShares = 12

func (b *brief) shares(title string, list []Share, name func(string) string) {
	b.title(title, 14)
	if len(list) == 0 {
		b.nothing()
		return
	}
	b.heads("summary_column_net", "summary_column_vat", "summary_column_gross")
	top := money.Amount(1)
	for _, s := range list {
		top = max(top, s.Gross)
	}
	var rest Share
	for i, s := range list {
		if i >= maxShares {
			rest.Net, rest.VAT, rest.Gross = rest.Net+s.Net, rest.VAT+s.VAT, rest.Gross+s.Gross
			continue
		}
		b.length(name(s.Name), top, s.Net, s.VAT, s.Gross)
	}
	if len(list) > maxShares {
		b.length(b.t.T("summary_rest", "n", len(list)-maxShares), top, rest.Net, rest.VAT, rest.Gross)
	}
}

// money draws what the provider kept and paid out against what reached the bank, and what is open.
func (b *brief) money() {
	b.title(b.t.T("summary_money"), 40)
	provider, bank, fees, cards, owed := b.Accounts[AccountStripe], b.Accounts[AccountBank], b.Accounts[AccountFees], b.Accounts[AccountGiftCards], b.Accounts[AccountCustomers]
	top := max(provider.Debit, provider.Credit, bank.Debit, 1)
	b.length(b.t.T("summary_collected"), top, provider.Debit)
	b.length(b.t.T("summary_fees"), top, fees.Debit-fees.Credit)
	b.length(b.t.T("summary_left"), top, provider.Credit-(fees.Debit-fees.Credit))
	b.length(b.t.T("summary_banked"), top, bank.Debit-bank.Credit)
	b.y += 2
	b.row(b.t.T("summary_provider"), b.t.Money(provider.After()))
	b.row(b.t.T("summary_owed"), b.t.Money(owed.After()))
	b.row(b.t.T("summary_cards_sold"), b.t.Money(cards.Credit))
	b.row(b.t.T("summary_cards_used"), b.t.Money(cards.Debit))
	b.row(b.t.T("summary_cards_open"), b.t.Money(-cards.After()))
}

func (b *brief) seal() {
	if b.head.Closing == nil {
		return
	}
	c := b.head.Closing
	b.title(b.t.T("summary_seal"), 26)
	b.y += b.d.Paragraph(sheetMargin, b.y, sheetInner, b.t.T("seal_number", "n", c.N, "seq", c.EntrySeq), sheetText) + 1
	for _, one := range []struct {
		name string
		hash []byte
	}{{"seal_hash", c.Hash}, {"seal_signature", c.Signature}, {"seal_key", c.PublicKey}} {
		b.y += b.d.Paragraph(sheetMargin, b.y, sheetInner, fmt.Sprintf("%s : %x", b.t.T(one.name), one.hash), sheetSmall) + 1
	}
}
