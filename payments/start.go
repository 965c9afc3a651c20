package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// Start asks the provider for the attempt's payment page, outside any transaction, with the stored
// parameters and the stored key, so that asking again after a lost answer finds the same page. An
// attempt that is no longer being created is answered as it is.
//
// A definite refusal fails the attempt (Settler.Failed) and answers Unavailable
// "payment_unavailable"; so does a provider that could not be asked at all, when it is asked for the
// first time. A refusal that another request can avoid (an address that the provider does not
// like, a method that the account does not have) is followed by a new attempt at once, which is then
// the one answered. A lost answer leaves the attempt being created and answers Unavailable
// "payment_unknown": whether there is a page is found out later.
func (s *Service) Start(ctx context.Context, id uuid.UUID) (Payment, error) {
	renewed := false
	for {
		p, first, err := s.prepare(ctx, id)
		first = first || renewed
		if err != nil || p.State != Creating {
			return p, err
		}
		if p.stale {
			// The provider may have forgotten the key, and the session has ended long ago.
			return s.giveUp(ctx, p, "no answer within the life of the key")
		}
		session, err := s.gatewayOf(p).CreateSession(ctx, p.key, p)
		// What the provider has answered is written down even when the shopper has left meanwhile.
		ctx := context.WithoutCancel(ctx)
		if refusal, ok := asRefusal(err); ok {
			next, again, err := s.refused(ctx, p, refusal)
			if err != nil || !again {
				return next, err
			}
			id, renewed = next.ID, true
			continue
		}
		if first && certainlyNotMade(err) {
			s.Logger.ErrorContext(ctx, "payment page: the provider could not be asked", "payment", p.ID, "order", p.OrderID, "error", err)
			return s.giveUp(ctx, p, "the provider could not be asked")
		}
		if err != nil {
			if p.overdue && outcomeStored(err) {
				// Nobody has seen the page's address, and a page that old has ended by itself.
				return s.giveUp(ctx, p, "the provider failed")
			}
			s.Logger.WarnContext(ctx, "payment page: no answer", "payment", p.ID, "order", p.OrderID, "error", err)
			return p, unavailable(err)
		}
		return s.opened(ctx, p, session)
	}
}

// prepare stores the configured methods with the request before it is sent for the first time; first
// tells that nobody has sent it before.
func (s *Service) prepare(ctx context.Context, id uuid.UUID) (p Payment, first bool, err error) {
	p, err = ByID(ctx, s.Pool, id)
	if err != nil || p.State != Creating || p.Request.Methods != nil {
		return p, false, err
	}
	offered, err := s.methodsOf(ctx, p)
	if err != nil {
		return p, false, err
	}
	methods, err := json.Marshal(offered)
	if err != nil {
		return p, false, err
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlStoreMethods, pgx.NamedArgs{"id": id, "methods": string(methods)})
		first = tag.RowsAffected() == 1
		return err
	})
	if err != nil {
		return p, false, err
	}
	p, err = ByID(ctx, s.Pool, id)
	return p, first, err
}

// methodsOf are the methods that the office offers for an attempt.
func (s *Service) methodsOf(ctx context.Context, p Payment) ([]string, error) {
	if p.Gateway != Stripe || s.Methods == nil {
		return s.gatewayOf(p).Methods(), nil
	}
	return s.Methods(ctx)
}

// opened stores the session. A page whose amount is not the order's is ended and the attempt fails;
// so is a page that nobody waits for any more.
func (s *Service) opened(ctx context.Context, p Payment, session Session) (Payment, error) {
	if session.Amount != p.Amount || session.Currency != "EUR" || session.Livemode != s.gatewayOf(p).Livemode() {
		s.Logger.ErrorContext(ctx, "payment page differs from the order: ended", "payment", p.ID, "order", p.OrderID,
			"wanted", int64(p.Amount), "got", int64(session.Amount), "currency", session.Currency, "livemode", session.Livemode)
		if _, err := s.gatewayOf(p).ExpireSession(ctx, session.ID); err != nil {
			return p, unavailable(err)
		}
		return s.giveUp(ctx, p, "the page's amount, currency or mode differs from the order's")
	}
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		now, err := lockPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		p = now
		if p.State != Creating {
			return nil
		}
		p.SessionID, p.SessionURL = session.ID, session.URL
		p, err = movePayment(ctx, tx, p, "start", "system", "")
		return err
	})
	if err != nil {
		return p, fmt.Errorf("store session of payment %s: %w", p.ID, err)
	}
	if p.Live() || p.State == Captured {
		return p, nil
	}
	// The attempt was given up while the answer was on its way: nobody may pay on this page.
	ended, err := s.gatewayOf(p).ExpireSession(ctx, session.ID)
	if err != nil {
		return p, unavailable(err)
	}
	return s.settle(ctx, p, ended)
}

// refused ends the attempt after a definite no. When another request may do, it writes that down as
// the order's next attempt, in the same transaction, and says again.
func (s *Service) refused(ctx context.Context, p Payment, refusal *Refusal) (next Payment, again bool, err error) {
	remedied, again := remedy(p.Request, refusal)
	if !again {
		s.Logger.ErrorContext(ctx, "payment page refused", "payment", p.ID, "order", p.OrderID, "error", refusal)
		p, err := s.giveUp(ctx, p, refusal.Error())
		return p, false, err
	}
	s.Logger.WarnContext(ctx, "payment page refused: trying without what was refused; look at the account's payment methods",
		"payment", p.ID, "order", p.OrderID, "error", refusal)
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		now, err := lockPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		next, again = now, now.State == Creating
		if !again {
			return nil
		}
		if _, err := movePayment(ctx, tx, now, "refuse", byProvider(p), refusal.Error()); err != nil {
			return err
		}
		next, err = OpenPayment(ctx, tx, New{OrderID: p.OrderID, Amount: p.Amount, Request: remedied})
		return err
	})
	return next, again, err
}

// remedy is the request without what was refused, or false when there is nothing to leave out.
func remedy(r Request, refusal *Refusal) (Request, bool) {
	switch {
	case r.Email != "" && (refusal.Param == "customer_email" || refusal.Code == "email_invalid"):
		r.Email = ""
		return r, true
	case strings.HasPrefix(refusal.Param, "payment_method_types") && !slices.Equal(r.Methods, []string{"card"}):
		r.Methods = []string{"card"}
		return r, true
	}
	return r, false
}

// giveUp fails an attempt that never had a page.
func (s *Service) giveUp(ctx context.Context, p Payment, reason string) (Payment, error) {
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if err := s.Settler.Lock(ctx, tx, p.OrderID); err != nil {
			return err
		}
		now, err := lockPayment(ctx, tx, p.ID)
		if err != nil {
			return err
		}
		p = now
		if p.State != Creating {
			return nil
		}
		if p, err = movePayment(ctx, tx, p, "refuse", byProvider(p), reason); err != nil {
			return err
		}
		return s.tell(ctx, tx, p, decision{Event: "refuse"})
	})
	if err != nil {
		return p, err
	}
	if p.State != Failed {
		return p, nil
	}
	return p, ErrUnavailable()
}

// ErrUnavailable says that the provider has no payment page for an attempt, and that it was given up.
func ErrUnavailable() error {
	return fault.New(fault.Unavailable, "payment_unavailable", "payment by card is not possible right now: try again later")
}
