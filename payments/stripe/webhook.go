package stripe

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/stripe/stripe-go/v76/webhook"

	"boutique/payments"
)

const (
	// maxAge and maxAhead are how far a signature's time may be from ours. The library accepts any
	// time in the future.
	maxAge   = 300 * time.Second
	maxAhead = 60 * time.Second
)

// VerifyWebhook checks the signature over the raw body against each secret, and its time against the
// clock. The API version is not compared: whatever the endpoint's version, the object is fetched
// again with ours.
func (g *Gateway) VerifyWebhook(body []byte, signature string) (payments.Event, error) {
	at, err := signedAt(signature)
	if err != nil {
		return payments.Event{}, fmt.Errorf("%w: %w", payments.ErrSignature, err)
	}
	now := g.clock.Now()
	if at.Before(now.Add(-maxAge)) || at.After(now.Add(maxAhead)) {
		return payments.Event{}, fmt.Errorf("%w: signed at %s, and it is %s", payments.ErrSignature,
			at.UTC().Format(time.RFC3339), now.UTC().Format(time.RFC3339))
	}
	var failures []error
	for _, secret := range g.secrets {
		err := webhook.ValidatePayloadIgnoringTolerance(body, signature, secret)
		if err == nil {
			return g.ReadEvent(body)
		}
		failures = append(failures, err)
	}
	return payments.Event{}, fmt.Errorf("%w: %w", payments.ErrSignature, errors.Join(failures...))
}

// signedAt reads the one time of a signature header.
func signedAt(header string) (time.Time, error) {
	var found []string
	for part := range strings.SplitSeq(header, ",") {
		if t, ok := strings.CutPrefix(part, "t="); ok {
			found = append(found, t)
		}
	}
	if len(found) != 1 {
		return time.Time{}, fmt.Errorf("the header has %d times", len(found))
	}
	seconds, err := strconv.ParseInt(found[0], 10, 64)
	if err != nil {
		return time.Time{}, errors.New("the header's time is no number")
	}
	return time.Unix(seconds, 0), nil
}
