package shop

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/internal/pg"
)

// TidyArgs is the hourly job that forgets what nobody needs any more.
type TidyArgs struct{}

// Kind names the job in the queue.
func (TidyArgs) Kind() string { return "shop_tidy" }

// TidyWorker deletes old carts and idempotency keys, and reminds of what lies ready.
type TidyWorker struct {
	river.WorkerDefaults[TidyArgs]
	Service *Service
}

// Work tidies up.
func (w *TidyWorker) Work(ctx context.Context, _ *river.Job[TidyArgs]) error {
	return errors.Join(w.Service.SweepCarts(ctx), w.Service.RemindCollections(ctx), pg.InTx(ctx, w.Service.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlForgetKeys)
		return err
	}))
}

// PeriodicJobs are the shop's own.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return TidyArgs{}, nil }, nil)}
}
