package catalog

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// JudgeArgs is the job of each minute that answers planned publications whose hour has come and
// judges what changed.
type JudgeArgs struct{}

// Kind names the job in the queue.
func (JudgeArgs) Kind() string { return "catalog_judge" }

// JudgeWorker does the job.
type JudgeWorker struct {
	river.WorkerDefaults[JudgeArgs]
	Service *Service
}

// Timeout leaves time for a catalogue of a hundred thousand products.
func (w *JudgeWorker) Timeout(*river.Job[JudgeArgs]) time.Duration { return 5 * time.Minute }

// Work publishes what is due, then judges.
func (w *JudgeWorker) Work(ctx context.Context, _ *river.Job[JudgeArgs]) error {
	if _, err := w.Service.PublishDue(ctx); err != nil {
		return err
	}
	_, err := w.Service.Rejudge(ctx)
	return err
}

// PeriodicJobs are the catalogue's own.
func PeriodicJobs() []*river.PeriodicJob {
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) { return JudgeArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true}),
		river.NewPeriodicJob(river.PeriodicInterval(tellEach), func() (river.JobArgs, *river.InsertOpts) { return TellArgs{}, nil }, nil),
	}
}
