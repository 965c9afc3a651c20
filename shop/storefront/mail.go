package storefront

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"boutique/internal/mail"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/shop"
)

// mailStyle is the one style of the shop's mails, which programs that read mail understand.
const mailStyle = `<style>
body{margin:0;background:#FBF8F3;color:#2E3A46;font:16px/1.5 Figtree,"Segoe UI",Helvetica,Arial,sans-serif}
.sheet{max-width:560px;margin:0 auto;padding:24px 20px;background:#fff}
.shop{margin:0 0 24px;color:#B5472F;font:600 18px Fraunces,Georgia,serif}
h1{margin:0 0 16px;font:600 26px/1.2 Fraunces,Georgia,serif}
a{color:#2F6F8F}
.button{display:inline-block;padding:12px 20px;border-radius:6px;background:#B5472F;color:#fff;text-decoration:none;font-weight:600}
table{width:100%;margin:24px 0;border-collapse:collapse}
td{padding:8px 0;border-top:1px solid #E6DFD3;vertical-align:top}
.sum{text-align:right;white-space:nowrap;padding-left:12px}
.total td{font-weight:600}
.small,.small td{font-size:14px;color:#55606B}
.kept{margin-top:32px;padding-top:16px;border-top:1px solid #E6DFD3;font-size:13px;color:#55606B}
.kept h2,.kept h3{margin:20px 0 6px;font:600 15px/1.3 Figtree,"Segoe UI",Helvetica,Arial,sans-serif}
.kept h3{font-size:13px}
.kept blockquote{margin:0;padding-left:12px;border-left:2px solid #E6DFD3}
.kept ul,.kept ol{padding-left:20px}
@media (prefers-color-scheme:dark){body{background:#1D252D;color:#EDE7DC}.sheet{background:#252F39}.shop{color:#F0937D}a{color:#8CC3DE}td{border-color:#3A4652}.small,.small td,.kept{color:#B6BEC6}.kept,.kept blockquote{border-color:#3A4652}.button{color:#fff}}
</style>`

// Mails writes the shop's mails. Its zero value is not ready: it needs the office that writes.
type Mails struct {
	Office func() setting.Office
	// PublicURL stands before the addresses of the shop's own pages.
	PublicURL string
}

var _ shop.Mails = Mails{}

func (m Mails) write(o shop.OrderMail, subject string, lines bool, track string, intro ...string) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	v := MailView{P: p, Office: m.Office(), Subject: p.T(subject, "number", o.Order.Number), Order: o.Order, Link: o.Link, Button: p.T("mail_button"), Lines: lines, Track: track, Print: o.Print, Withdrawal: o.Withdrawal}
	v.Intro = append([]string{p.T("mail_hello", "name", o.Order.Address.Name)}, intro...)
	if lines {
		page := Page{P: p, Office: v.Office}
		terms, err := termsFor(page, m.PublicURL)
		if err != nil {
			return mail.Message{}, err
		}
		v.Terms = terms
		if o.Order.Physical() {
			to := OrderView{Page: page, Order: shop.Dossier{Order: o.Order}}
			v.ToHeading, v.To = addressHeading(to), addressLines(to)
		}
	}
	html, err := render(context.Background(), mailPage(v))
	if err != nil {
		return mail.Message{}, err
	}
	return mail.Message{Subject: v.Subject, Text: plainMail(v), HTML: string(html)}, nil
}

func nameWithOptions(l shop.OrderLine) string {
	if l.Options == "" {
		return l.Name
	}
	return l.Name + " (" + l.Options + ")"
}

// paidOrDue is the word for what an order comes to after its gift cards.
func paidOrDue(o shop.Order) string {
	if o.Status == shop.Confirmed {
		return "mail_paid"
	}
	return "left_to_pay"
}

// plainMail is the mail for those who read text.
func plainMail(v MailView) string {
	var b strings.Builder
	for _, s := range v.Intro {
		b.WriteString(s + "\n\n")
	}
	if v.Track != "" {
		b.WriteString(v.T("mail_track") + v.P.Colon() + "\n" + v.Track + "\n\n")
	}
	if v.Print != "" {
		b.WriteString(v.T("gift_card_pdf") + v.P.Colon() + "\n" + v.Print + "\n\n")
	}
	b.WriteString(v.Button + v.P.Colon() + "\n" + v.Link + "\n")
	if v.Lines {
		b.WriteString("\n")
		row := func(what, sum string) { fmt.Fprintf(&b, "%s  %s\n", what, sum) }
		for _, l := range v.Order.Lines {
			row(fmt.Sprintf("%d × %s", l.Quantity, nameWithOptions(l)), v.P.Money(l.Total))
		}
		row(v.Order.ShippingLabel, v.P.Money(v.Order.Shipping))
		row(v.T("mail_total"), v.P.Money(v.Order.Total))
		for _, r := range vatRows(v.Order.VAT) {
			row(v.T("vat_of", "rate", v.P.Percent(r.Rate)), v.P.Money(r.VAT))
		}
		if v.Order.GiftTotal > 0 {
			row(v.T("gift_cards_pay"), v.P.Money(-v.Order.GiftTotal))
			row(v.T(paidOrDue(v.Order)), v.P.Money(v.Order.Total-v.Order.GiftTotal))
		}
	}
	if len(v.To) > 0 {
		b.WriteString("\n" + v.ToHeading + v.P.Colon() + "\n" + strings.Join(v.To, "\n") + "\n")
	}
	b.WriteString("\n" + v.T("mail_withdrawal") + "\n")
	if v.Withdrawal != "" {
		b.WriteString(v.T("withdraw_here") + v.P.Colon() + "\n" + v.Withdrawal + "\n")
	}
	b.WriteString("\n-- \n" + v.Office.ShopName + "\n" + v.Office.LegalName + "\n" + v.Office.AddressLine() + "\n" + v.Office.Phone + " · " + v.Office.Email + "\n")
	if v.Terms != nil {
		b.WriteString("\n" + v.Terms.Heading + "\n\n" + v.Terms.Text + "\n")
	}
	return b.String()
}

// OrderConfirmed thanks for a paid order: it is the confirmation on a durable medium (C. conso. art.
// L221-13), and says of which articles there is no withdrawal, and why.
func (m Mails) OrderConfirmed(o shop.OrderMail) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	first := "mail_confirmed"
	if o.Order.Collected() {
		first = "mail_confirmed_collect"
	}
	intro := []string{p.T(first)}
	if o.Order.Promise != nil && !o.Order.Collected() {
		intro = append(intro, promiseLong(Page{P: p}, promised(o.Order))+".")
	}
	if o.Invoice != "" {
		intro = append(intro, p.T("mail_invoice", "number", o.Invoice))
	}
	for _, l := range o.Order.Lines {
		if l.NoWithdrawal != "" {
			intro = append(intro, l.Name+p.Colon()+" "+p.T("no_withdrawal")+" "+p.T("no_withdrawal_"+l.NoWithdrawal))
		}
	}
	return m.write(o, "mail_confirmed_subject", true, "", intro...)
}

// OrderShipped says that a parcel is on its way.
func (m Mails) OrderShipped(o shop.OrderMail) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	carrier, track := o.Order.Quote.Carrier, ""
	var intro []string
	if sh := o.Shipment; sh != nil {
		if sh.Carrier != "" {
			carrier = sh.Carrier
		}
		track = sh.TrackingURL
		intro = append(intro, p.T("mail_shipped", "carrier", carrier))
		for _, number := range trackingOf(*sh) {
			intro = append(intro, p.T("mail_tracking", "number", number))
		}
	}
	return m.write(o, "mail_shipped_subject", false, track, intro...)
}

// trackingOf lists the tracking numbers of a shipment's parcels, each once.
func trackingOf(sh shop.Shipment) []string {
	var list []string
	for _, number := range append([]string{sh.TrackingNumber}, parcelNumbers(sh)...) {
		if number != "" && !slices.Contains(list, number) {
			list = append(list, number)
		}
	}
	return list
}

func parcelNumbers(sh shop.Shipment) []string {
	var list []string
	for _, p := range sh.Parcels {
		list = append(list, p.TrackingNumber)
	}
	return list
}

// OrderReady says that an order waits at the office.
func (m Mails) OrderReady(o shop.OrderMail) (mail.Message, error) {
	p, office := words.In(o.Order.Lang), m.Office()
	return m.write(o, "mail_ready_subject", false, "", append([]string{p.T("mail_ready", "number", o.Order.Number)}, m.whereToCollect(p, o, office)...)...)
}

// OrderWaits reminds of an order that lies ready.
func (m Mails) OrderWaits(o shop.OrderMail) (mail.Message, error) {
	p, office := words.In(o.Order.Lang), m.Office()
	return m.write(o, "mail_waits_subject", false, "", append([]string{p.T("mail_waits", "number", o.Order.Number)}, m.whereToCollect(p, o, office)...)...)
}

// whereToCollect is the code that opens a collection, and the desk where it lies.
func (m Mails) whereToCollect(p text.Printer, o shop.OrderMail, office setting.Office) []string {
	var lines []string
	if o.Shipment != nil && o.Shipment.Collection != nil {
		lines = append(lines, p.T("mail_code", "code", o.Shipment.Collection.Code))
	}
	if stop := o.Order.Quote.Stop; stop != nil {
		return append(lines, stop.Line(), stop.Hours)
	}
	return append(lines, office.LegalName+", "+office.AddressLine(), officeHours(Page{P: p, Office: office}))
}

// OrderRefunded says that money was given back.
func (m Mails) OrderRefunded(o shop.OrderMail) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	intro := []string{}
	if o.Refund != nil {
		intro = append(intro, p.T("mail_refunded", "amount", p.Money(o.Refund.Amount)))
	}
	if o.Invoice != "" {
		intro = append(intro, p.T("mail_credit_note", "number", o.Invoice))
	}
	return m.write(o, "mail_refunded_subject", false, "", intro...)
}

// PaymentReturned says that a late payment is given back, because its goods are gone.
func (m Mails) PaymentReturned(o shop.OrderMail) (mail.Message, error) {
	return m.write(o, "mail_returned_subject", false, "", words.In(o.Order.Lang).T("mail_returned"))
}

// WithdrawalReceived acknowledges a withdrawal: what was declared, and when (C. conso. art. L221-21).
func (m Mails) WithdrawalReceived(o shop.OrderMail) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	var intro []string
	if r := o.Return; r != nil {
		intro = append(intro, p.T("mail_withdrawn", "name", r.Name, "order", o.Order.Number, "at", dated(p, r.DeclaredAt)), p.T("mail_withdrawn_number", "number", r.Number))
		for _, l := range r.Lines {
			intro = append(intro, strconv.Itoa(l.Quantity)+" × "+nameOfLine(o.Order, l.SKU))
		}
		if r.Reason != "" {
			intro = append(intro, p.T("mail_withdrawn_reason", "reason", r.Reason))
		}
		intro = append(intro, p.T("mail_withdrawn_due", "amount", p.Money(r.Due), "day", p.Day(r.RefundBy)))
		if r.Expected() > 0 {
			office := m.Office()
			intro = append(intro, p.T("mail_withdrawn_send", "address", office.LegalName+", "+office.AddressLine()))
		}
	}
	return m.write(o, "mail_withdrawn_subject", false, "", intro...)
}

// GiftCardSold brings the codes of gift cards: they are written nowhere else.
func (m Mails) GiftCardSold(o shop.OrderMail) (mail.Message, error) {
	p := words.In(o.Order.Lang)
	intro := []string{p.T("mail_gift_card")}
	for _, c := range o.Cards {
		intro = append(intro, p.T("mail_gift_card_code", "code", c.Code, "amount", p.Money(c.Amount), "day", p.Date(c.ExpiresAt.Add(-time.Hour))))
	}
	intro = append(intro, p.T("mail_gift_card_use"))
	return m.write(o, "mail_gift_card_subject", false, "", intro...)
}

// DeskReserved says that goods are kept at the desk, until when, and what is to be paid there.
func (m Mails) DeskReserved(o shop.OrderMail) (mail.Message, error) {
	p, office := words.In(o.Order.Lang), m.Office()
	intro := []string{p.T("mail_desk", "day", p.Day(o.Order.KeptUntil()), "total", p.Money(o.Order.Total-o.Order.GiftTotal)), p.T("mail_desk_number", "number", o.Order.Number)}
	return m.write(o, "mail_desk_subject", true, "", append(intro, m.whereToCollect(p, o, office)...)...)
}

// DeskEnded says that goods that nobody fetched are on sale again.
func (m Mails) DeskEnded(o shop.OrderMail) (mail.Message, error) {
	return m.write(o, "mail_desk_ended_subject", false, "", words.In(o.Order.Lang).T("mail_desk_ended"))
}

// dated is a moment in Europe/Paris with its offset, as a receipt must say it.
func dated(p text.Printer, at time.Time) string {
	return p.DateTime(at) + at.In(text.Paris()).Format(":05 (MST, UTC-07:00)")
}

func nameOfLine(o shop.Order, sku string) string {
	for _, l := range o.Lines {
		if l.SKU == sku {
			if l.Options != "" {
				return l.Name + " – " + l.Options
			}
			return l.Name
		}
	}
	return sku
}
