package ledger

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// SealArgs is the job that seals the days and years that are over.
type SealArgs struct{}

// Kind names the job in the queue.
func (SealArgs) Kind() string { return "ledger_seal" }

// SealWorker seals. Key lies outside the database.
type SealWorker struct {
	river.WorkerDefaults[SealArgs]
	Pool  *pgxpool.Pool
	Clock clock.Clock
	Key   ed25519.PrivateKey
}

// Work seals yesterday, and the year before on the first days of a new one. What is sealed already,
// or not over for an hour, is left for the next time.
func (w *SealWorker) Work(ctx context.Context, _ *river.Job[SealArgs]) error {
	today := w.Clock.Now().In(text.Paris())
	day := time.Date(today.Year(), today.Month(), today.Day()-1, 0, 0, 0, 0, text.Paris())
	year := time.Date(today.Year()-1, 1, 1, 0, 0, 0, 0, text.Paris())
	for _, due := range []struct {
		kind ClosingKind
		p    Period
	}{{ClosingDay, Period{day, day}}, {ClosingYear, Period{year, year.AddDate(1, 0, -1)}}} {
		err := pg.InTx(ctx, w.Pool, func(tx pgx.Tx) error {
			_, err := Close(ctx, tx, due.kind, due.p, w.Key, "system")
			return err
		})
		if err != nil && !fault.Is(err, "period_closed") && !fault.Is(err, "period_not_over") {
			return err
		}
	}
	return nil
}

// PeriodicJobs are the ledger's own.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return SealArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}
