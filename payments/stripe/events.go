package stripe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/stripe/stripe-go/v76"

	"boutique/payments"
)

// subjects are the event types that are worked on. At this API version refunds speak through
// charge.refunded and charge.refund.updated; refund.* is understood as well.
var subjects = map[string]payments.Subject{
	"checkout.session.completed":               payments.AboutSession,
	"checkout.session.expired":                 payments.AboutSession,
	"checkout.session.async_payment_succeeded": payments.AboutSession,
	"checkout.session.async_payment_failed":    payments.AboutSession,
	"charge.refunded":                          payments.AboutRefund,
	"charge.refund.updated":                    payments.AboutRefund,
	"refund.created":                           payments.AboutRefund,
	"refund.updated":                           payments.AboutRefund,
	"refund.failed":                            payments.AboutRefund,
	"charge.dispute.created":                   payments.AboutDispute,
	"charge.dispute.updated":                   payments.AboutDispute,
	"charge.dispute.closed":                    payments.AboutDispute,
	"charge.dispute.funds_withdrawn":           payments.AboutDispute,
	"charge.dispute.funds_reinstated":          payments.AboutDispute,
	"radar.early_fraud_warning.created":        payments.AboutWarning,
	"payout.created":                           payments.AboutPayout,
	"payout.paid":                              payments.AboutPayout,
	"payout.failed":                            payments.AboutPayout,
	"payout.reconciliation_completed":          payments.AboutPayout,
}

// polled are the types that Events asks for; refund.failed does not exist at this API version.
var polled = []string{
	"checkout.session.completed", "checkout.session.expired",
	"checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"charge.refunded", "charge.refund.updated",
	"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed", "radar.early_fraud_warning.created",
	"payout.created", "payout.paid", "payout.failed", "payout.reconciliation_completed",
}

// envelope is the little of an event that is read.
type envelope struct {
	ID         string `json:"id"`
	Object     string `json:"object"`
	Type       string `json:"type"`
	APIVersion string `json:"api_version"`
	Created    int64  `json:"created"`
	Livemode   bool   `json:"livemode"`
	Data       *struct {
		Object json.RawMessage `json:"object"`
	} `json:"data"`
}

// ReadEvent reads the identity of a stored event and of what it is about.
func (g *Gateway) ReadEvent(payload []byte) (payments.Event, error) {
	var e envelope
	if err := json.Unmarshal(payload, &e); err != nil {
		return payments.Event{}, fmt.Errorf("event: %w", err)
	}
	if e.ID == "" || e.Type == "" {
		return payments.Event{}, errors.New("event: it has no id or no type")
	}
	if !storable(e.ID) || !storable(e.Type) || !storable(e.APIVersion) {
		return payments.Event{}, errors.New("event: its id, type or version is none that Stripe gives")
	}
	out := payments.Event{
		ID: e.ID, Type: e.Type, APIVersion: e.APIVersion, Livemode: e.Livemode,
		CreatedAt: time.Unix(e.Created, 0).UTC(), Payload: payload,
	}
	if e.Data == nil || len(e.Data.Object) == 0 {
		return out, nil
	}
	// A field of another type than expected belongs to an object that is none of ours.
	var about struct {
		ID     any `json:"id"`
		Intent any `json:"payment_intent"`
	}
	if err := json.Unmarshal(e.Data.Object, &about); err != nil {
		return out, nil
	}
	if id, _ := about.ID.(string); storable(id) {
		out.ObjectID = id
	}
	if id, _ := about.Intent.(string); storable(id) {
		out.IntentID = id
	}
	if out.ObjectID != "" {
		out.Subject = subjects[e.Type]
	}
	return out, nil
}

// maxIdentity is the longest id or type that Stripe gives.
const maxIdentity = 255

// storable tells whether a name can be written down and looked up: what no database takes would come again
// and again.
func storable(name string) bool {
	return len(name) <= maxIdentity && !strings.ContainsFunc(name, unicode.IsControl)
}

// Events lists the events since the time, oldest first. Stripe keeps them for 30 days.
func (g *Gateway) Events(ctx context.Context, since time.Time) ([]payments.Event, error) {
	params := &stripe.EventListParams{
		CreatedRange: &stripe.RangeQueryParams{GreaterThanOrEqual: since.Unix()},
		Types:        stripe.StringSlice(polled),
	}
	params.Context = ctx
	params.Limit = stripe.Int64(100)
	var events []payments.Event
	it := g.api.Events.List(params)
	for it.Next() {
		e := it.Event()
		if e.Data == nil {
			continue
		}
		payload, err := json.Marshal(map[string]any{
			"id": e.ID, "object": "event", "type": e.Type, "api_version": e.APIVersion, "created": e.Created,
			"livemode": e.Livemode, "data": map[string]any{"object": e.Data.Raw},
		})
		if err != nil {
			return nil, err
		}
		event, err := g.ReadEvent(payload)
		if err != nil {
			return nil, err
		}
		events = append(events, event)
	}
	slices.Reverse(events)
	return events, reading(it.Err())
}
