package setting

import (
	"context"
	"slices"

	"boutique/internal/fault"
)

// KeyPayment names how the office is paid.
const KeyPayment Key = "payment"

// Payment is how the office is paid: online, by the methods of its Stripe account, and at its desk for
// orders that are fetched there.
type Payment struct {
	Methods []string `json:"methods"`
	// Desk tells that an order that is fetched may be paid at the desk; its goods are kept for DeskDays,
	// the whole of the last day included.
	Desk     bool `json:"desk"`
	DeskDays int  `json:"desk_days"`
}

// PaymentMethods are the methods that the payment page knows, in the order in which it shows them. A SEPA
// debit settles after days and can be taken back for eight weeks: an office chooses it knowingly.
func PaymentMethods() []string {
	return []string{"card", "bancontact", "ideal", "paypal", "klarna", "sepa_debit"}
}

// DefaultPayment is a shop that was told nothing: the methods that settle at once and cost no other contract
// than Stripe's, and a week to come and pay at the desk.
func DefaultPayment() Payment {
	return Payment{Methods: []string{"card", "bancontact", "ideal"}, Desk: true, DeskDays: 7}
}

// GetPayment reads how the office is paid, the default when nothing was set.
func GetPayment(ctx context.Context, q Querier) (Payment, error) {
	p := DefaultPayment()
	_, err := Get(ctx, q, KeyPayment, &p)
	return p, err
}

// Check names what the office cannot be paid by.
func (p Payment) Check() error {
	var fields fault.Fields
	if len(p.Methods) == 0 {
		fields.Add("methods", "payment_methods_none", "must be one method at least")
	}
	for _, m := range p.Methods {
		if !slices.Contains(PaymentMethods(), m) {
			fields.Add("methods", "payment_method_unknown", "has a method that the payment page does not know")
		}
	}
	if p.DeskDays < 1 || p.DeskDays > 30 {
		fields.Add("desk_days", "desk_days_out_of_range", "must be 1 to 30 days")
	}
	return fields.Err()
}
