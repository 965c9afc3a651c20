package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// breaker is how many calls in a row may find the provider away before a run stops asking.
const breaker = 3

// Sweep settles what time has caught up with: attempts without an answer, and sessions past their
// end. A session is ended at the provider before anything is released here; when the provider cannot
// be asked, everything stays held. Forgotten jobs are inserted again.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(s.each(ctx, sqlOverduePayments, nil, s.sweepOne), s.remember(ctx))
}

func (s *Service) sweepOne(ctx context.Context, id uuid.UUID) error {
	p, err := s.Reconcile(ctx, id)
	if err != nil || p.State != Open || !p.overdue {
		return err
	}
	_, err = s.expire(ctx, p)
	return err
}

// each runs the work for every id of a statement. A failure does not stop the others, but when the
// provider is away several times in a row the rest waits for the next run.
func (s *Service) each(ctx context.Context, statement string, args pgx.NamedArgs, work func(context.Context, uuid.UUID) error) error {
	rows, err := s.Pool.Query(ctx, statement, args)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return err
	}
	var failures []error
	away := 0
	for _, id := range ids {
		err := work(ctx, id)
		if err == nil {
			away = 0
			continue
		}
		failures = append(failures, fmt.Errorf("payment %s: %w", id, err))
		if away++; fault.KindOf(err) != fault.Unavailable {
			away = 0
		}
		if away == breaker || ctx.Err() != nil {
			s.Logger.ErrorContext(ctx, "the payment provider cannot be reached: holds are kept, the rest waits", "left", len(ids)-len(failures))
			break
		}
	}
	return errors.Join(failures...)
}

// remember inserts the jobs of events and refunds that should have been worked on by now. Each job
// is unique while it is unfinished, so that inserting it again changes nothing.
func (s *Service) remember(ctx context.Context) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlForgottenEvents)
		if err != nil {
			return err
		}
		events, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		if rows, err = tx.Query(ctx, sqlForgottenRefunds); err != nil {
			return err
		}
		refunds, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
		if err != nil {
			return err
		}
		for _, id := range events {
			if err := s.Jobs.InsertTx(ctx, tx, EventArgs{EventID: id}, nil); err != nil {
				return err
			}
		}
		for _, id := range refunds {
			if err := s.Jobs.InsertTx(ctx, tx, RefundArgs{RefundID: id}, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReconcileSince compares everything since the day with the provider and repairs it: lost events,
// overdue attempts, and every attempt with its refunds. It is the nightly run, and the command
// `boutique reconcile`.
func (s *Service) ReconcileSince(ctx context.Context, since time.Time) error {
	return errors.Join(
		s.Poll(ctx),
		s.Sweep(ctx),
		s.each(ctx, sqlPaymentsSince, pgx.NamedArgs{"since": since}, s.ReconcileRefunds),
	)
}
