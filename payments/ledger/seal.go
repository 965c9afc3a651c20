package ledger

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// SealArgs is the job that seals the days and years that are over.
type SealArgs struct{}

// Kind names the job in the queue.
func (SealArgs) Kind() string { return "ledger_seal" }

// SealWorker seals.
type SealWorker struct {
	river.WorkerDefaults[SealArgs]
	Closer *Closer
}

// Timeout is long: a shop that stood still for a year has its days to make up.
func (w *SealWorker) Timeout(*river.Job[SealArgs]) time.Duration { return 15 * time.Minute }

// Work seals what is over and has not been sealed yet.
func (w *SealWorker) Work(ctx context.Context, _ *river.Job[SealArgs]) error {
	return w.Closer.MakeUp(ctx)
}

// PeriodicJobs are the ledger's own.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(river.PeriodicInterval(time.Hour), func() (river.JobArgs, *river.InsertOpts) { return SealArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}
