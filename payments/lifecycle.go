package payments

import "boutique/internal/machine"

// The states of a payment.
const (
	Creating   = "creating"
	Open       = "open"
	Processing = "processing"
	Captured   = "captured"
	Failed     = "failed"
	Expired    = "expired"
)

// PaymentMachine is the life of a payment. Captured is left by nothing: a late failure or expiry
// never touches money that is there, and money that arrives late is always recorded.
var PaymentMachine = machine.Machine{Name: "payment", Steps: []machine.Step{
	{From: "", Event: "open", To: Creating},
	{From: Creating, Event: "start", To: Open},
	{From: Creating, Event: "refuse", To: Failed},
	{From: Creating, Event: "capture", To: Captured},
	{From: Open, Event: "process", To: Processing},
	{From: Open, Event: "capture", To: Captured},
	{From: Open, Event: "fail", To: Failed},
	{From: Open, Event: "expire", To: Expired},
	{From: Processing, Event: "capture", To: Captured},
	{From: Processing, Event: "fail", To: Failed},
	{From: Failed, Event: "capture", To: Captured},
	{From: Expired, Event: "capture", To: Captured},
}}

// The states of a refund; Pending and Succeeded are also the provider's own words.
const (
	Requested    = "requested"
	Pending      = "pending"
	Succeeded    = "succeeded"
	RefundFailed = "failed"
)

// RefundMachine is the life of a refund. The adopting steps are those of a refund that was made
// in the provider's dashboard and is first seen in that state.
var RefundMachine = machine.Machine{Name: "refund", Steps: []machine.Step{
	{From: "", Event: "request", To: Requested},
	{From: "", Event: "adopt_pending", To: Pending},
	{From: "", Event: "adopt_succeeded", To: Succeeded},
	{From: "", Event: "adopt_failed", To: RefundFailed},
	{From: Requested, Event: "accept", To: Pending},
	{From: Requested, Event: "succeed", To: Succeeded},
	{From: Requested, Event: "fail", To: RefundFailed},
	{From: Pending, Event: "succeed", To: Succeeded},
	{From: Pending, Event: "fail", To: RefundFailed},
	{From: Succeeded, Event: "fail", To: RefundFailed},
}}
