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
	for _, s := range b.Series {
		b.row(b.t.T("summary_"+s.Kind, "first", s.First, "last", s.Last, "n", s.Documents), b.t.Money(s.Gross))
	}
	b.row(b.t.T("summary_distance"), b.t.Money(b.Distance.ThisYear))
}

// days draws a bar for each day of the period, with the highest one's amount.
func (b *brief) days() {
	const height = 34.0
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
	b.y = base + sheetSmall.Leading() + 2
}

// length draws one labelled bar and its amount.
func (b *brief) length(label string, amount, top money.Amount) {
	const name, figure = 56.0, 30.0
	room := sheetInner - name - figure
	b.room(6)
	b.d.Text(sheetMargin, b.y+sheetText.Ascent(), label, b.d.Fit(label, sheetText, name-3), pdf.Left)
	width := room * float64(max(0, amount)) / float64(max(1, top))
	b.d.Frame(sheetMargin+name, b.y+.6, room, 3.4, 0, .1, pdf.Hairline)
	b.d.Box(sheetMargin+name, b.y+.6, width, 3.4, pdf.Slate)
	b.d.Text(sheetRight, b.y+sheetText.Ascent(), b.t.Money(amount), sheetStrong, pdf.Right)
	b.y += sheetText.Leading() + 1.2
}

func (b *brief) rates() {
	b.title(b.t.T("summary_rates"), 8)
	top := money.Amount(1)
	for _, r := range b.Rates {
		top = max(top, money.Amount(r.Gross))
	}
	for _, r := range b.Rates {
		b.length(b.t.T("summary_rate", "rate", b.t.Percent(r.VATRate), "vat", b.t.Money(money.Amount(r.VAT))), money.Amount(r.Gross), top)
	}
}

// maxShares is how many parts a plot names; the others are one.
const maxShares = 12

func (b *brief) shares(title string, list []Share, name func(string) string) {
	b.title(title, 8)
	top := money.Amount(1)
	for _, s := range list {
		top = max(top, s.Gross)
	}
	var rest money.Amount
	for i, s := range list {
		if i >= maxShares {
			rest += s.Gross
			continue
		}
		b.length(name(s.Name), s.Gross, top)
	}
	if rest != 0 {
		b.length(b.t.T("summary_rest", "n", len(list)-maxShares), rest, top)
	}
}

// money draws what the provider kept and paid out against what reached the bank, and what is open.
func (b *brief) money() {
	b.title(b.t.T("summary_money"), 40)
	provider, bank, fees, cards, owed := b.Accounts[AccountStripe], b.Accounts[AccountBank], b.Accounts[AccountFees], b.Accounts[AccountGiftCards], b.Accounts[AccountCustomers]
	top := max(provider.Debit, provider.Credit, bank.Debit, 1)
	b.length(b.t.T("summary_collected"), provider.Debit, top)
	b.length(b.t.T("summary_fees"), fees.Debit-fees.Credit, top)
	b.length(b.t.T("summary_left"), provider.Credit-(fees.Debit-fees.Credit), top)
	b.length(b.t.T("summary_banked"), bank.Debit-bank.Credit, top)
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
