package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"boutique/internal/money"
)

// Gateway is a payment provider. Its calls go over the network and are never made inside a
// transaction. A call that changes something fails with a *Refusal when the provider said no to the
// request, with a *NotMade when it was not even asked, or not heard; both have made nothing. Any
// other error leaves the outcome unknown.
type Gateway interface {
	// Livemode tells whether the keys move real money.
	Livemode() bool
	// APIVersion is the version of the provider's interface that the calls speak.
	APIVersion() string
	// Methods are the payment methods that the office has configured, in the page's order.
	Methods() []string
	// CreateSession asks for a payment page. The same key and payment give the same session.
	CreateSession(ctx context.Context, key string, p Payment) (Session, error)
	// Session fetches a session with its intent, charge and balance transaction.
	Session(ctx context.Context, id string) (Session, error)
	// ExpireSession ends an open session. Asked for a session that is not open, it answers with the
	// session as it is.
	ExpireSession(ctx context.Context, id string) (Session, error)
	// CreateRefund gives an intent's money back, in part or in full.
	CreateRefund(ctx context.Context, key string, intentID string, r Refund) (ProviderRefund, error)
	// Refunds lists every refund of an intent, whoever made it.
	Refunds(ctx context.Context, intentID string) ([]ProviderRefund, error)
	// Intent fetches an intent.
	Intent(ctx context.Context, id string) (Intent, error)
	// Dispute fetches a dispute.
	Dispute(ctx context.Context, id string) (ProviderDispute, error)
	// BalanceLines lists every movement of the provider's balance since a moment, oldest first.
	BalanceLines(ctx context.Context, since time.Time) ([]BalanceLine, error)
	// Payout fetches a payout, Payouts those since a moment, PayoutLines what one consists of.
	Payout(ctx context.Context, id string) (Payout, error)
	Payouts(ctx context.Context, since time.Time) ([]Payout, error)
	PayoutLines(ctx context.Context, id string) ([]BalanceLine, error)
	// PayoutMoves are the movements by which a payout itself left the balance, and came back when the bank
	// refused it.
	PayoutMoves(ctx context.Context, payout string) ([]BalanceLine, error)
	// Events lists the events since the time that concern payments, oldest first.
	Events(ctx context.Context, since time.Time) ([]Event, error)
	// VerifyWebhook checks the signature of a webhook's raw body: ErrSignature when it is none of
	// ours, too old or from the future.
	VerifyWebhook(body []byte, signature string) (Event, error)
	// ReadEvent reads a stored event.
	ReadEvent(payload []byte) (Event, error)
}

// What a session can say about itself.
const (
	SessionOpen     = "open"
	SessionComplete = "complete"
	SessionExpired  = "expired"

	SessionPaid   = "paid"
	SessionUnpaid = "unpaid"
)

// Session is a payment page at the provider, as fetched.
type Session struct {
	ID, URL                     string
	Status, PaymentStatus, Mode string
	Amount                      money.Amount
	Currency                    string // upper case, ISO 4217
	Livemode                    bool
	// OrderID and PaymentID are what the shop wrote into the metadata, Reference the order id a
	// second time.
	OrderID, PaymentID, Reference string
	ExpiresAt                     time.Time
	Intent                        *Intent
	// By is the member of staff who took the money, when a person did.
	By string
}

// What an intent can say about itself, as far as it decides something.
const (
	IntentProcessing            = "processing"
	IntentRequiresPaymentMethod = "requires_payment_method"
	IntentCanceled              = "canceled"
	IntentSucceeded             = "succeeded"
)

// Intent is the provider's attempt to collect the money of a session.
type Intent struct {
	ID, Status         string
	OrderID, PaymentID string
	Received           money.Amount
	Currency           string
	Livemode           bool
	ChargeID, Method   string
	Balance            *Balance
}

// Balance is one movement of the provider's balance.
type Balance struct {
	ID, Kind, Currency string
	Amount, Fee, Net   money.Amount
	At                 time.Time
}

// What a refund at the provider can say about itself.
const (
	RefundRequiresAction = "requires_action"
	RefundCanceled       = "canceled"
)

// ProviderRefund is a refund at the provider, as fetched. RefundID is what the shop wrote into the
// metadata; it is empty for a refund made in the provider's dashboard. Status is pending,
// requires_action, succeeded, failed or canceled.
type ProviderRefund struct {
	ID, IntentID, RefundID  string
	Status, Failure         string
	Amount                  money.Amount
	Currency                string
	CreatedAt               time.Time
	Balance, FailureBalance *Balance
}

// Event is something that happened at the provider. Only its identity is believed; what it says is
// fetched again.
type Event struct {
	ID, Type, APIVersion string
	Livemode             bool
	CreatedAt            time.Time
	Subject              Subject
	ObjectID             string
	// IntentID is the intent that the object belongs to, when it names one.
	IntentID string
	Payload  []byte
}

// Subject says what kind of thing an event is about.
type Subject string

// The subjects that payments acts on; every other event is kept and ignored.
const (
	AboutSession Subject = "session"
	AboutRefund  Subject = "refund"
	AboutDispute Subject = "dispute"
	AboutWarning Subject = "warning"
	AboutPayout  Subject = "payout"
	AboutOther   Subject = ""
)

// ErrSignature is a webhook that the provider has not signed, or not now.
var ErrSignature = errors.New("the webhook's signature is not valid now")

// ErrNotThere is an object that the provider does not know.
var ErrNotThere = errors.New("the provider does not know this object")

// Refusal is a definite no: the provider understood and made nothing. Message is the provider's own
// sentence; it may repeat what a shopper typed, so Error leaves it out.
type Refusal struct {
	Status                        int
	Code, Param, Message, Request string
}

func (r *Refusal) Error() string {
	return fmt.Sprintf("refused with status %d, code %q, parameter %q (request %s)", r.Status, r.Code, r.Param, r.Request)
}

// NotMade is a call that certainly had no effect, for a reason that is not the request's: the
// provider could not be reached, did not accept our key, or had too much to do.
type NotMade struct{ Cause error }

func (n *NotMade) Error() string { return "not made: " + n.Cause.Error() }

// Unwrap gives the cause.
func (n *NotMade) Unwrap() error { return n.Cause }

// UnknownOutcome is a call whose effect is not known. Stored tells that the provider will give this
// same answer to the same key for as long as it remembers it, so that repeating is no use.
type UnknownOutcome struct {
	Stored bool
	Cause  error
}

func (u *UnknownOutcome) Error() string { return "outcome unknown: " + u.Cause.Error() }

// Unwrap gives the cause.
func (u *UnknownOutcome) Unwrap() error { return u.Cause }

func outcomeStored(err error) bool {
	var u *UnknownOutcome
	return errors.As(err, &u) && u.Stored
}

func certainlyNotMade(err error) bool {
	var n *NotMade
	return errors.As(err, &n)
}

func asRefusal(err error) (*Refusal, bool) {
	var r *Refusal
	ok := errors.As(err, &r)
	return r, ok
}
