package payments

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// Receive takes a webhook: the signature over the raw body is checked, the event is stored together
// with the job that works on it, and only after that commit does Receive return nil. An event that
// is already stored wakes its job again when it is unfinished. Invalid "bad_signature": nothing is
// stored. Unavailable "inbox_unavailable": send it again.
func (s *Service) Receive(ctx context.Context, body []byte, signature string) error {
	e, err := s.Gateway.VerifyWebhook(body, signature)
	if errors.Is(err, ErrSignature) {
		return fault.New(fault.Invalid, "bad_signature", "the webhook is not signed by the payment provider, or its clock is off").Because(err)
	}
	if err != nil {
		return fault.New(fault.Invalid, "bad_event", "the webhook's body is no event").Because(err)
	}
	if err := s.take(ctx, e); err != nil {
		return fault.New(fault.Unavailable, "inbox_unavailable", "the event could not be stored: send it again").Because(err)
	}
	return nil
}

// ApplyEvent works on one stored event: whatever it is about is fetched again and settled. An error
// leaves the event unfinished, with the error beside it. The other events about the same object that
// were there before the fetch are finished with it: it has told all that they could say.
func (s *Service) ApplyEvent(ctx context.Context, id string) error {
	payload, waits, err := s.unfinished(ctx, id)
	if err != nil || !waits {
		return err
	}
	e, err := s.Gateway.ReadEvent(payload)
	if err != nil {
		return errors.Join(err, s.tried(ctx, []string{id}, "", err))
	}
	done, err := s.turns.take(ctx, e.ObjectID)
	if err != nil {
		return err
	}
	defer done()
	rows, err := s.Pool.Query(ctx, sqlEventsAbout, pgx.NamedArgs{"object_id": e.ObjectID})
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	if !slices.Contains(ids, id) {
		return nil
	}
	outcome, err := s.applyEvent(ctx, e)
	if err != nil || strings.HasPrefix(outcome, "ignored") {
		ids = []string{id}
	}
	return errors.Join(err, s.tried(ctx, ids, outcome, err))
}

// unfinished reads an event that still asks for work.
func (s *Service) unfinished(ctx context.Context, id string) (payload []byte, waits bool, err error) {
	rows, err := s.Pool.Query(ctx, sqlUnfinishedEvent, pgx.NamedArgs{"id": id})
	if err != nil {
		return nil, false, err
	}
	payload, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, false, nil
	}
	return payload, err == nil, err
}

// tried notes what became of events.
func (s *Service) tried(ctx context.Context, ids []string, outcome string, because error) error {
	failed := ""
	if because != nil {
		failed = clip(because.Error(), 500)
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlEventsTried, pgx.NamedArgs{"ids": ids, "outcome": outcome, "error": failed})
		return err
	})
}

// applyEvent says what became of the event.
func (s *Service) applyEvent(ctx context.Context, e Event) (string, error) {
	outcome, err := s.settleEvent(ctx, e)
	if errors.Is(err, ErrNotThere) {
		return "ignored: foreign object", nil
	}
	return outcome, err
}

// settleEvent settles what an event is about; ErrNotThere when it is nothing of ours.
func (s *Service) settleEvent(ctx context.Context, e Event) (string, error) {
	switch e.Subject {
	case AboutDispute:
		return "dispute settled", s.ReconcileDispute(ctx, e.ObjectID)
	case AboutWarning:
		return "warning kept", s.warn(ctx, e)
	case AboutPayout:
		return "payout kept", s.ReconcilePayout(ctx, e.ObjectID)
	}
	id, err := s.paymentOf(ctx, e)
	if err != nil {
		return "", err
	}
	switch e.Subject {
	case AboutSession:
		p, err := s.Reconcile(ctx, id)
		return "payment " + p.State, err
	case AboutRefund:
		return "refunds settled", s.ReconcileRefunds(ctx, id)
	}
	return "ignored: type", nil
}

// paymentOf finds the attempt that an event is about: by its session or intent when that is stored,
// else by what we wrote into the fetched object's metadata. ErrNotThere: none of ours.
func (s *Service) paymentOf(ctx context.Context, e Event) (uuid.UUID, error) {
	if e.Subject == AboutSession {
		id, ok, err := paymentID(ctx, s.Pool, sqlPaymentBySession, pgx.NamedArgs{"session_id": e.ObjectID})
		if ok || err != nil {
			return id, err
		}
		session, err := s.Gateway.Session(ctx, e.ObjectID)
		if err != nil {
			return id, err
		}
		p, err := s.named(ctx, session.PaymentID)
		if err != nil || p.SessionID != "" {
			return p.ID, err
		}
		// The answer that named this session never came, or has not come yet: the session itself says whose it is.
		if p.State == Creating && session.PaymentStatus != SessionPaid {
			p, err = s.opened(ctx, p, session)
		} else {
			p, err = s.settle(ctx, p, session)
		}
		return p.ID, err
	}
	if e.IntentID == "" {
		return uuid.UUID{}, ErrNotThere
	}
	id, ok, err := paymentID(ctx, s.Pool, sqlPaymentByIntent, pgx.NamedArgs{"intent_id": e.IntentID})
	if ok || err != nil {
		return id, err
	}
	intent, err := s.Gateway.Intent(ctx, e.IntentID)
	if err != nil {
		return id, err
	}
	p, err := s.named(ctx, intent.PaymentID)
	return p.ID, err
}

// named reads the attempt that an object's metadata names; ErrNotThere when it is none of ours.
func (s *Service) named(ctx context.Context, id string) (Payment, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return Payment{}, ErrNotThere
	}
	p, err := ByID(ctx, s.Pool, parsed)
	if fault.Is(err, "payment_not_found") {
		return p, ErrNotThere
	}
	return p, err
}

// Poll asks the provider for the events that webhooks may have lost and puts them into the inbox,
// then asks about every payment and refund that is on its way.
func (s *Service) Poll(ctx context.Context) error {
	var since time.Time
	if err := s.Pool.QueryRow(ctx, sqlPollSince).Scan(&since); err != nil {
		return err
	}
	events, err := s.Gateway.Events(ctx, since)
	if err != nil {
		return unavailable(err)
	}
	for some := range slices.Chunk(events, storedTogether) {
		if err := s.store(ctx, some); err != nil {
			return fmt.Errorf("store %d events from %s on: %w", len(some), some[0].ID, err)
		}
	}
	return errors.Join(
		s.each(ctx, sqlUnsettledPayments, nil, func(ctx context.Context, id uuid.UUID) error {
			_, err := s.Reconcile(ctx, id)
			return err
		}),
		s.each(ctx, sqlPaymentsWithPendingRefund, nil, s.ReconcileRefunds),
	)
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n]
}
