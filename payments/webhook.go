package payments

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"boutique/internal/fault"
)

const (
	// maxWebhook is the largest webhook body that is read: 1 MiB.
	maxWebhook = 1 << 20
	// webhookBudget is how long storing an event may take: the provider hears 503 rather than wait.
	webhookBudget = 5 * time.Second
)

// WebhookHandler takes the provider's webhooks as raw bytes: 200 after the event is committed, 400
// when the signature is bad and nothing is stored, 413 for a body over 1 MiB, 503 when the database
// is away, so that the provider sends it again. It never redirects. Nothing may stand before it that
// reads or changes the body.
func WebhookHandler(s *Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			w.Header().Set("Allow", http.MethodPost)
			http.Error(w, "webhooks are posted", http.StatusMethodNotAllowed)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxWebhook))
		if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
			http.Error(w, "the body is over 1 MiB", http.StatusRequestEntityTooLarge)
			return
		}
		if err != nil {
			http.Error(w, "the body could not be read", http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), webhookBudget)
		defer cancel()
		err = s.Receive(ctx, body, r.Header.Get("Stripe-Signature"))
		switch {
		case err == nil:
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "{\"received\":true}\n")
		case fault.KindOf(err) == fault.Invalid:
			s.Logger.WarnContext(ctx, "webhook refused", "error", err)
			http.Error(w, "the signature or the body is not valid", http.StatusBadRequest)
		default:
			s.Logger.ErrorContext(ctx, "webhook not stored", "error", err)
			w.Header().Set("Retry-After", "30")
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	})
}
