package payments

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// EventArgs is the job that works on one event of the inbox.
type EventArgs struct {
	EventID string `json:"event_id"`
}

// RefundArgs is the job that carries one refund out.
type RefundArgs struct {
	RefundID uuid.UUID `json:"refund_id"`
}

// SweepArgs is the job of each minute.
type SweepArgs struct{}

// PollArgs is the job of every ten minutes.
type PollArgs struct{}

// CompareArgs is the job of every night.
type CompareArgs struct{}

// Kind names the job in the queue.
func (CompareArgs) Kind() string { return "payments_compare" }

// InsertOpts makes the run unique; the next night is its retry.
func (CompareArgs) InsertOpts() river.InsertOpts { return unfinishedOnce(1) }

// Kind names the job in the queue.
func (EventArgs) Kind() string { return "payments_event" }

// Kind names the job in the queue.
func (RefundArgs) Kind() string { return "payments_refund" }

// Kind names the job in the queue.
func (SweepArgs) Kind() string { return "payments_sweep" }

// Kind names the job in the queue.
func (PollArgs) Kind() string { return "payments_poll" }

// InsertOpts makes the job unique while it is unfinished, and patient: a hundred tries are four days.
func (EventArgs) InsertOpts() river.InsertOpts { return unfinishedOnce(100) }

// InsertOpts makes the job unique while it is unfinished, and patient: a hundred tries are four days.
func (RefundArgs) InsertOpts() river.InsertOpts { return unfinishedOnce(100) }

// InsertOpts makes the run unique; the next one is its retry.
func (SweepArgs) InsertOpts() river.InsertOpts { return unfinishedOnce(1) }

// InsertOpts makes the run unique; the next one is its retry.
func (PollArgs) InsertOpts() river.InsertOpts { return unfinishedOnce(1) }

func unfinishedOnce(tries int) river.InsertOpts {
	return river.InsertOpts{MaxAttempts: tries, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled,
	}}}
}

// backOff doubles from two seconds to an hour, with a fifth of jitter, so that an outage of the
// provider ends without a stampede.
func backOff(attempt int) time.Duration {
	wait := min(time.Hour, 2*time.Second<<min(max(attempt-1, 0), 12))
	return wait - time.Duration(rand.Int64N(int64(wait/5)))
}

type eventWorker struct {
	river.WorkerDefaults[EventArgs]
	s *Service
}

func (w *eventWorker) Work(ctx context.Context, job *river.Job[EventArgs]) error {
	return w.s.ApplyEvent(ctx, job.Args.EventID)
}

func (w *eventWorker) NextRetry(job *river.Job[EventArgs]) time.Time {
	return job.AttemptedAt.Add(backOff(job.Attempt))
}

type refundWorker struct {
	river.WorkerDefaults[RefundArgs]
	s *Service
}

func (w *refundWorker) Work(ctx context.Context, job *river.Job[RefundArgs]) error {
	return w.s.ExecuteRefund(ctx, job.Args.RefundID)
}

func (w *refundWorker) NextRetry(job *river.Job[RefundArgs]) time.Time {
	return job.AttemptedAt.Add(backOff(job.Attempt))
}

type sweepWorker struct {
	river.WorkerDefaults[SweepArgs]
	s *Service
}

func (w *sweepWorker) Work(ctx context.Context, _ *river.Job[SweepArgs]) error { return w.s.Sweep(ctx) }

func (w *sweepWorker) Timeout(*river.Job[SweepArgs]) time.Duration { return 5 * time.Minute }

type pollWorker struct {
	river.WorkerDefaults[PollArgs]
	s *Service
}

func (w *pollWorker) Work(ctx context.Context, _ *river.Job[PollArgs]) error { return w.s.Poll(ctx) }

func (w *pollWorker) Timeout(*river.Job[PollArgs]) time.Duration { return 10 * time.Minute }

type compareWorker struct {
	river.WorkerDefaults[CompareArgs]
	s *Service
}

func (w *compareWorker) Work(ctx context.Context, _ *river.Job[CompareArgs]) error {
	return w.s.CompareDaily(ctx)
}

func (w *compareWorker) Timeout(*river.Job[CompareArgs]) time.Duration { return 30 * time.Minute }

// AddWorkers registers the workers of payments.
func AddWorkers(workers *river.Workers, s *Service) {
	river.AddWorker(workers, &eventWorker{s: s})
	river.AddWorker(workers, &refundWorker{s: s})
	river.AddWorker(workers, &sweepWorker{s: s})
	river.AddWorker(workers, &pollWorker{s: s})
	river.AddWorker(workers, &compareWorker{s: s})
}

// PeriodicJobs are the sweep of each minute, the poll of every ten minutes and the comparison of every day.
// The first two also run at the start, so that a restart finds at once what it has missed.
func PeriodicJobs() []*river.PeriodicJob {
	atStart := &river.PeriodicJobOpts{RunOnStart: true}
	return []*river.PeriodicJob{
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute), func() (river.JobArgs, *river.InsertOpts) { return SweepArgs{}, nil }, atStart),
		river.NewPeriodicJob(river.PeriodicInterval(10*time.Minute), func() (river.JobArgs, *river.InsertOpts) { return PollArgs{}, nil }, atStart),
		river.NewPeriodicJob(river.PeriodicInterval(24*time.Hour), func() (river.JobArgs, *river.InsertOpts) { return CompareArgs{}, nil }, nil),
	}
}
