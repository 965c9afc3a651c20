package storefront

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"boutique/internal/pdf"
	"boutique/payments/desk"
	"boutique/shop"
)

func orderHeading(v OrderView) string {
	switch {
	case v.Order.PaymentStatus == shop.Refunded:
		return v.T("order_refunded")
	case v.Pending:
		return v.T("order_pending")
	case v.AtDesk():
		return v.T("order_desk")
	case v.Just && v.Order.Status == shop.Confirmed:
		return v.T("order_thanks", "name", firstName(v.Order.Address.Name))
	case v.Order.Status == "":
		return v.T("order_lines")
	}
	return v.T("order_" + v.Order.Status)
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return first
}

func orderLead(v OrderView) string {
	switch {
	case v.Pending:
		return v.T("order_pending_lead")
	case v.AtDesk():
		return v.T("order_desk_lead", "day", v.P.Day(v.Order.KeptUntil()), "total", v.P.Money(v.Order.Total-v.Order.GiftTotal))
	case v.Order.Status == shop.Expired && v.Order.AtDesk():
		return v.T("order_desk_expired_lead")
	case v.Order.Status == shop.AwaitingPayment:
		return v.T("order_awaiting_lead", "until", v.P.DateTime(v.Order.ExpiresAt))
	case waitingCollection(v) != nil:
		return v.T("order_ready_lead")
	case v.Order.Status == shop.Confirmed && v.Order.Collected():
		return v.T("order_collect_lead", "email", v.Order.Email)
	case v.Order.Status == shop.Confirmed:
		return v.T("order_confirmed_lead", "email", v.Order.Email)
	case v.Order.Status == shop.Expired, v.Order.Status == shop.Cancelled:
		return v.T("order_" + v.Order.Status + "_lead")
	}
	return v.T("order_completed_lead")
}

// moment is one mark of an order's timeline.
type moment struct {
	Name, When string
	Done       bool
}

func timeline(v OrderView) []moment {
	o := v.Order
	if o.Status == shop.Expired || (o.Status == shop.Cancelled && o.ConfirmedAt == nil) {
		return nil
	}
	list := []moment{{v.T("step_placed"), v.P.DateTime(o.PlacedAt), true}}
	paid := moment{Name: v.T("step_paid"), Done: o.ConfirmedAt != nil}
	if o.ConfirmedAt != nil {
		paid.When = v.P.DateTime(*o.ConfirmedAt)
	}
	list = append(list, paid)
	if o.Status == shop.Cancelled {
		return list
	}
	ends := []struct{ event, name string }{{shop.EventShip, "step_shipped"}, {shop.EventDeliver, "step_delivered"}}
	if o.Collected() {
		ends = []struct{ event, name string }{{shop.EventMakeReady, "step_ready"}, {shop.EventCollect, "step_collected"}}
	}
	for _, e := range ends {
		part, whole, last := reached(o.Order, o.Shipments, e.event)
		m := moment{Name: v.T(e.name), Done: whole}
		if part && !whole {
			m.Name = v.T(e.name + "_part")
		}
		if part {
			m.When = v.P.DateTime(last)
		}
		// Whether it arrived is known of some carriers only; and what is over has nothing left to send.
		if !part && (e.event == shop.EventDeliver || o.Status == shop.Completed) {
			continue
		}
		list = append(list, m)
	}
	return list
}

// reached tells whether the event came to some and to all of the pieces that leave the office, and when it last did.
// What a withdrawal or a refund took out of the order before it left is not waited for. Gift cards count only in an
// order of nothing else: their mail says nothing of the goods beside them.
func reached(o shop.Order, shipments []shop.Shipment, event string) (part, whole bool, last time.Time) {
	waited := map[string]int{}
	for _, l := range o.Lines {
		if !l.GiftCard || !o.Physical() {
			waited[l.SKU] += l.Quantity - l.Dropped
		}
	}
	for _, sh := range shipments {
		i := slices.IndexFunc(sh.History, func(s shop.Step) bool { return s.Event == event })
		if i < 0 || sh.State == shop.Unpacked {
			continue
		}
		for _, l := range sh.Lines {
			if _, ok := waited[l.SKU]; !ok {
				continue
			}
			waited[l.SKU] -= l.Quantity
			part = true
			if at := sh.History[i].At; at.After(last) {
				last = at
			}
		}
	}
	whole = part
	for _, left := range waited {
		whole = whole && left <= 0
	}
	return part, whole, last
}

// parcels are the shipments that a carrier brings: a gift card's mail is none.
func parcels(v OrderView) []shop.Shipment {
	var list []shop.Shipment
	for _, sh := range v.Order.Shipments {
		if sh.Kind == "delivery" && sh.Carrier != shop.CarrierMail {
			list = append(list, sh)
		}
	}
	return list
}

// track is a tracking number and the carrier's page for it.
type track struct{ number, url string }

// tracked are the tracking numbers of a shipment's parcels; that of the shipment when they have none.
func tracked(sh shop.Shipment) []track {
	var list []track
	for _, p := range sh.Parcels {
		if t := (track{p.TrackingNumber, p.TrackingURL}); t.number != "" && !slices.Contains(list, t) {
			list = append(list, t)
		}
	}
	if len(list) == 0 && sh.TrackingNumber != "" {
		list = append(list, track{sh.TrackingNumber, sh.TrackingURL})
	}
	return list
}

// waitingCollection is the collection that lies ready for the order's holder; nil when there is none.
func waitingCollection(v OrderView) *shop.Collection {
	for _, sh := range v.Order.Shipments {
		if sh.State == shop.Ready && sh.Collection != nil {
			return sh.Collection
		}
	}
	return nil
}

// qrData is a QR code as a picture within the page.
func qrData(content string) string {
	const size, quiet = 30, 4
	d := pdf.New(pdf.Options{Width: size, Height: size, Traced: true})
	d.AddPage()
	d.QR(quiet, quiet, size-2*quiet, content)
	return "data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString([]byte(d.Picture(1)))
}

func parcelLines(v OrderView, sh shop.Shipment) string {
	var list []string
	for _, l := range sh.Lines {
		for _, o := range v.Order.Lines {
			if o.SKU == l.SKU {
				list = append(list, fmt.Sprintf("%d × %s", l.Quantity, o.Name))
			}
		}
	}
	return strings.Join(list, ", ")
}

func addressHeading(v OrderView) string {
	if v.Order.Collected() || v.Order.Quote.Stop != nil {
		return v.T("collected_at")
	}
	return v.T("sent_to")
}

func addressLines(v OrderView) []string {
	if stop := v.Order.Quote.Stop; stop != nil {
		lines := stop.Address
		lines.Name = stop.Name
		return append(lines.Lines(v.Lang()), stop.Hours)
	}
	if v.Order.Collected() {
		a := v.Office.Address
		a.Name = v.Office.LegalName
		return append(a.Lines(v.Lang()), officeHours(v.Page))
	}
	return v.Order.Address.Lines(v.Lang())
}

// promised is the order's delivery with the promise that was kept with it.
func promised(o shop.Order) shop.Option {
	option := o.Quote
	option.Promise = *o.Promise
	if o.Collected() {
		option.Kind = shop.KindCollection
	}
	return option
}

func promiseOf(v OrderView) string {
	return promiseLong(v.Page, promised(v.Order.Order))
}

func receiptName(p Page, r desk.Receipt) string {
	if r.Kind == desk.KindRefund {
		return p.T("receipt_given_back")
	}
	return p.T("receipt_taken")
}

func documentName(p Page, credit bool) string {
	if credit {
		return p.T("credit_note")
	}
	return p.T("invoice")
}
