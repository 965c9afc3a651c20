// Package jobs is the shop's queue of side effects: mails, renditions, refunds, expiries. A job is
// inserted by the transaction that decides it, and worked by any copy of the program.
package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
)

// The queues. Photographs and papers have one of their own, with one worker each, so that what is drawn
// never keeps a mail or a payment waiting, nor takes every processor from those who wait for an answer.
const (
	QueueDefault = river.QueueDefault
	QueuePhotos  = "photos"
	QueuePapers  = "papers"
	QueueMail    = "mail"
)

// Inserter inserts a job in a transaction: it exists when, and only when, the transaction commits.
type Inserter interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error
}

// Client inserts jobs and, when started, works on them.
type Client struct {
	river *river.Client[pgx.Tx]
}

// rescueAfter is when a job counts as lost with the copy of the program that was working on it. Every
// job can be worked on twice.
const rescueAfter = 90 * time.Second

// Reclaim takes back at once the jobs of a program that was killed. Only a program that knows itself
// to be the only copy may call it, before Start.
func Reclaim(ctx context.Context, pool *pgxpool.Pool) error {
	_, err := pool.Exec(ctx, sqlReclaim)
	return err
}

// Hurry lets all waiting jobs of a kind be worked on now, in the caller's transaction. One that is being worked on
// is left alone.
func Hurry(ctx context.Context, tx pgx.Tx, kind string) error {
	_, err := tx.Exec(ctx, sqlHurry, pgx.NamedArgs{"kind": kind})
	return err
}

// Options are what a client works on.
type Options struct {
	Workers  *river.Workers
	Periodic []*river.PeriodicJob
	Logger   *slog.Logger
}

// New makes a client. Without workers it can only insert.
func New(pool *pgxpool.Pool, o Options) (*Client, error) {
	config := &river.Config{Logger: quiet(o.Logger), MaxAttempts: 25, JobTimeout: time.Minute, RescueStuckJobsAfter: rescueAfter}
	if o.Workers != nil {
		config.Workers = o.Workers
		config.PeriodicJobs = o.Periodic
		config.Queues = map[string]river.QueueConfig{QueueDefault: {MaxWorkers: 8}, QueueMail: {MaxWorkers: 4}, QueuePhotos: {MaxWorkers: 1}, QueuePapers: {MaxWorkers: 1}}
	}
	client, err := river.NewClient(riverpgxv5.New(pool), config)
	if err != nil {
		return nil, err
	}
	return &Client{client}, nil
}

// InsertTx inserts a job in the caller's transaction.
func (c *Client) InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) error {
	_, err := c.river.InsertTx(ctx, tx, args, opts)
	return err
}

// InsertManyTx inserts jobs, as their arguments ask, in the caller's transaction.
func (c *Client) InsertManyTx(ctx context.Context, tx pgx.Tx, many []river.JobArgs) error {
	if len(many) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(many))
	for i, args := range many {
		params[i].Args = args
	}
	_, err := c.river.InsertManyTx(ctx, tx, params)
	return err
}

// Start begins to work on jobs until Stop.
func (c *Client) Start(ctx context.Context) error { return c.river.Start(ctx) }

// Stop lets the jobs at work finish, as long as the context allows, and takes no new ones.
func (c *Client) Stop(ctx context.Context) error { return c.river.Stop(ctx) }

// quiet keeps the queue's own news to what somebody must know.
func quiet(l *slog.Logger) *slog.Logger {
	if l == nil {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(warnings{l.Handler()})
}

type warnings struct{ slog.Handler }

// Enabled lets warnings and errors through.
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}
