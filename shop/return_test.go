package shop

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/payments"
)

func at(s string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", s, text.Paris())
	if err != nil {
		panic(err)
	}
	return t
}

func TestTheWithdrawalPeriod(t *testing.T) {
	t.Parallel()
	confirmed := at("2026-03-02 10:00")
	promise := &Promise{From: at("2026-03-04 12:00"), To: at("2026-03-05 12:00")}
	order := func(sent int) Order {
		return Order{ConfirmedAt: &confirmed, Status: Confirmed, Promise: promise, Lines: []OrderLine{{SKU: "A", Quantity: 2, Sent: sent}}}
	}
	step := func(event, when string) Shipment { return Shipment{History: []Step{{Event: event, At: at(when)}}} }
	for _, c := range []struct {
		name      string
		order     Order
		shipments []Shipment
		now       string
		open      bool
		until     string
	}{
		{"nothing was sent", order(0), nil, "2026-06-01 10:00", true, ""},
		{"half was sent", order(1), []Shipment{step(EventDeliver, "2026-03-04 10:00")}, "2026-06-01 10:00", true, ""},
		{"delivered on a Thursday, across the change of clocks", order(2), []Shipment{step(EventDeliver, "2026-03-19 23:30")}, "2026-04-02 23:59", true, "2026-04-02"},
		{"the first second after", order(2), []Shipment{step(EventDeliver, "2026-03-19 23:30")}, "2026-04-03 00:00", false, "2026-04-02"},
		{"a last day that is a Saturday moves to Monday", order(2), []Shipment{step(EventDeliver, "2026-03-07 09:00")}, "2026-03-23 12:00", true, "2026-03-23"},
		{"a last day that is Easter Monday moves on", order(2), []Shipment{step(EventDeliver, "2026-03-23 09:00")}, "2026-04-07 12:00", true, "2026-04-07"},
		{"the last parcel counts", order(2), []Shipment{step(EventDeliver, "2026-03-04 10:00"), step(EventDeliver, "2026-03-09 10:00")}, "2026-03-23 12:00", true, "2026-03-23"},
		{"nobody knows when it arrived: ten days more than was promised", order(2), []Shipment{step(EventShip, "2026-03-03 10:00")}, "2026-03-30 10:00", true, "2026-03-30"},
		{"collected at the office", order(2), []Shipment{step(EventCollect, "2026-03-03 17:00")}, "2026-03-18 10:00", false, "2026-03-17"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := windowOf(c.order, c.shipments, at(c.now))
			until := ""
			if !w.Until.IsZero() {
				until = w.Until.Format(time.DateOnly)
			}
			if w.Open != c.open || until != c.until {
				t.Errorf("open %v until %q, want %v until %q", w.Open, until, c.open, c.until)
			}
		})
	}
}

func TestPiecesOfALineAreWorthTheLine(t *testing.T) {
	t.Parallel()
	for total := money.Amount(0); total < 200; total += 7 {
		for quantity := 1; quantity <= 9; quantity++ {
			for first := 0; first <= quantity; first++ {
				l := OrderLine{Quantity: quantity, Total: total}
				a := l.worth(first)
				l.Refunded = first
				if b := l.worth(quantity - first); a < 0 || b < 0 || a+b != total {
					t.Fatalf("%d of %d pieces of %d: %d and %d", first, quantity, total, a, b)
				}
			}
		}
	}
}

func TestAPieceIsGivenBackOnceWhateverBecomesOfItsMoney(t *testing.T) {
	t.Parallel()
	sent, bounced := uuid.New(), uuid.New()
	refunds := []payments.Refund{
		{ID: sent, State: payments.Succeeded, Detail: []byte(`{"lines": {"MUG": 1}}`)},
		{ID: bounced, State: payments.RefundFailed, Detail: []byte(`{"lines": {"MUG": 1}}`)},
	}
	mug := []ReturnLine{{SKU: "MUG", Quantity: 1}}
	for _, c := range []struct {
		name   string
		given  Return
		pieces int
	}{
		{"declared, nothing is sent yet", Return{State: ReturnDeclared, Lines: mug}, 1},
		{"refunded, the refund counts the piece", Return{State: ReturnRefunded, RefundID: &sent, Lines: mug}, 0},
		{"refunded, the bank sent the money back", Return{State: ReturnRefunded, RefundID: &bounced, Lines: mug}, 1},
		{"closed, the piece may be given back again", Return{State: ReturnClosed, Lines: mug}, 0},
	} {
		n, err := notCounted([]Return{c.given}, refunds)
		if err != nil || n["MUG"] != c.pieces {
			t.Errorf("%s: %d pieces, want %d (%v)", c.name, n["MUG"], c.pieces, err)
		}
	}
}
