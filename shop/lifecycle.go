package shop

import "boutique/internal/machine"

// The states of an order.
const (
	AwaitingPayment = "awaiting_payment"
	Confirmed       = "confirmed"
	Completed       = "completed"
	Expired         = "expired"
	Cancelled       = "cancelled"
)

// The events of an order's story.
const (
	EventPlace    = "place"
	EventPay      = "pay"
	EventExpire   = "expire"
	EventCancel   = "cancel"
	EventRevive   = "revive"
	EventComplete = "complete"
)

// OrderMachine is an order's story. A late payment revives an expired or cancelled order when
// stock allows; when it doesn't, the money goes back and the order stays as it is.
var OrderMachine = machine.Machine{Name: "an order", Steps: []machine.Step{
	{From: "", Event: EventPlace, To: AwaitingPayment},
	{From: AwaitingPayment, Event: EventPay, To: Confirmed},
	{From: AwaitingPayment, Event: EventExpire, To: Expired},
	{From: AwaitingPayment, Event: EventCancel, To: Cancelled},
	{From: Expired, Event: EventRevive, To: Confirmed},
	{From: Cancelled, Event: EventRevive, To: Confirmed},
	{From: Confirmed, Event: EventComplete, To: Completed},
	{From: Confirmed, Event: EventCancel, To: Cancelled},
	// Closing the payment page ends the order before staff can: their cancellation is said after it.
	{From: Expired, Event: EventCancel, To: Cancelled},
}}

// The states of a shipment. A collection is prepared, ready, collected, or unpacked when pieces of it are not
// fetched any more; a parcel is prepared, shipped, delivered.
const (
	Preparing = "preparing"
	Shipped   = "shipped"
	Delivered = "delivered"
	Ready     = "ready"
	Collected = "collected"
	Unpacked  = "unpacked"
)

// The events of a shipment's story.
const (
	EventPrepare   = "prepare"
	EventShip      = "ship"
	EventDeliver   = "deliver"
	EventMakeReady = "make_ready"
	EventCollect   = "collect"
	EventUnpack    = "unpack"
)

// ShipmentMachine is a shipment's story.
var ShipmentMachine = machine.Machine{Name: "a shipment", Steps: []machine.Step{
	{From: "", Event: EventPrepare, To: Preparing},
	{From: Preparing, Event: EventShip, To: Shipped},
	{From: Shipped, Event: EventDeliver, To: Delivered},
	{From: Preparing, Event: EventMakeReady, To: Ready},
	{From: Ready, Event: EventCollect, To: Collected},
	{From: Ready, Event: EventUnpack, To: Unpacked},
}}

// Payment statuses of an order, derived from sums and never stored.
const (
	Unpaid            = "unpaid"
	PaymentProcessing = "processing"
	Paid              = "paid"
	PartiallyRefunded = "partially_refunded"
	Refunded          = "refunded"
	PaymentFailed     = "failed"
)

// Fulfilment statuses of an order, derived from quantities and never stored.
const (
	Unfulfilled        = "unfulfilled"
	PartiallyFulfilled = "partially_fulfilled"
	Fulfilled          = "fulfilled"
	Returned           = "returned"
)

// MoneySums is what an order's payments come to.
type MoneySums struct {
	Captured, Refunded          int64
	Processing, Waiting, Failed bool
	// Confirmed tells an order that was paid, if only with nothing.
	Confirmed bool
}

// PaymentStatus derives the status from the sums. The view shop_v_status says the same in SQL.
func (m MoneySums) PaymentStatus() string {
	switch {
	case m.Captured > 0 && m.Refunded >= m.Captured:
		return Refunded
	case m.Captured > 0 && m.Refunded > 0:
		return PartiallyRefunded
	case m.Captured > 0 || m.Confirmed:
		return Paid
	case m.Processing:
		return PaymentProcessing
	case m.Failed && !m.Waiting:
		return PaymentFailed
	}
	return Unpaid
}

// FulfilmentStatus derives the status from how many pieces were ordered, how many left the office and
// how many of those came back. The view shop_v_status says the same in SQL.
func FulfilmentStatus(ordered, sent, cameBack int) string {
	switch {
	case sent == 0:
		return Unfulfilled
	case cameBack >= ordered:
		return Returned
	case sent < ordered:
		return PartiallyFulfilled
	}
	return Fulfilled
}
