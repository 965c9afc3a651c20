package payments

import (
	"fmt"
	"strings"

	"boutique/internal/money"
)

// decision is what a fetched session means for a payment: an event of PaymentMachine, or "" for
// nothing. Quarantine says why money that has arrived may not be used for the order.
type decision struct {
	Event      string
	Reason     string
	Quarantine string
}

// decide is the whole table of settling: it compares a fetched session with what is stored. It is
// monotone: nothing leads away from captured, and money that is there is never overlooked.
func decide(p Payment, s Session, livemode bool) decision {
	if p.State == Captured {
		return decision{}
	}
	switch {
	case s.Status == SessionComplete && s.PaymentStatus == SessionPaid:
		return decision{Event: "capture", Quarantine: strings.Join(mismatches(p, s, livemode), "; ")}
	case s.Status == SessionComplete && s.Intent != nil && s.Intent.Status == IntentProcessing:
		if p.State == Open {
			return decision{Event: "process"}
		}
	case s.Status == SessionComplete && s.Intent != nil &&
		(s.Intent.Status == IntentRequiresPaymentMethod || s.Intent.Status == IntentCanceled):
		if p.State == Open || p.State == Processing {
			return decision{Event: "fail", Reason: "the payment did not go through: " + s.Intent.Status}
		}
	case s.Status == SessionExpired:
		if p.State == Open {
			return decision{Event: "expire", Reason: "the session has ended unpaid"}
		}
	}
	return decision{}
}

// mismatches compares identity, amount, currency and mode of a paid session with the attempt.
func mismatches(p Payment, s Session, livemode bool) []string {
	var found []string
	differs := func(what, got, want string) {
		if got != want {
			found = append(found, fmt.Sprintf("%s is %q instead of %q", what, got, want))
		}
	}
	if p.SessionID != "" {
		differs("session", s.ID, p.SessionID)
	}
	differs("payment in the metadata", s.PaymentID, p.ID.String())
	differs("order in the metadata", s.OrderID, p.OrderID.String())
	differs("order reference", s.Reference, p.OrderID.String())
	differs("mode", s.Mode, "payment")
	differs("livemode", fmt.Sprint(s.Livemode), fmt.Sprint(livemode))
	differs("currency", s.Currency, money.Currency)
	differs("amount", s.Amount.Point(), p.Amount.Point())
	switch {
	case s.Intent == nil:
		found = append(found, "the session has no intent")
	default:
		differs("order in the intent's metadata", s.Intent.OrderID, p.OrderID.String())
		differs("currency received", s.Intent.Currency, money.Currency)
		differs("amount received", s.Intent.Received.Point(), p.Amount.Point())
	}
	return found
}
