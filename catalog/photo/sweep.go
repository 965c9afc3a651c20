package photo

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/catalog"
	"boutique/internal/clock"
	"boutique/internal/pg"
)

// sweepAge is how old a file must be that the sweep takes: what is younger may be waiting for its row.
const sweepAge = 24 * time.Hour

// Sweep deletes the files that no row speaks of and that are older than a day, also those that a writer
// died over. files must have been read after nothing younger than a day could lose its row: files first,
// rows last is the rule by which they came. It answers how many went.
func (l *Library) Sweep(ctx context.Context, files catalog.Files, now time.Time) (int, error) {
	spoken := spokenOf(files)
	var going []Found
	err := l.Store.List(ctx, func(found Found) error {
		if (found.Making || !spoken[found.Name]) && now.Sub(found.Modified) > sweepAge {
			going = append(going, found)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for n, found := range going {
		if err := l.Store.Delete(ctx, found.Name); err != nil {
			return n, err
		}
	}
	return len(going), nil
}

// TidyArgs is the nightly job that keeps store and rows together: it orders the renditions that are
// missing or of an older recipe, forgets uploads that stopped, and sweeps files that nobody speaks of.
type TidyArgs struct{}

// Kind names the job in the queue.
func (TidyArgs) Kind() string { return "photo_tidy" }

// InsertOpts lets one copy of the program tidy at a time.
func (TidyArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{MaxAttempts: 3, UniqueOpts: river.UniqueOpts{ByState: unfinished}}
}

// TidyWorker tidies.
type TidyWorker struct {
	river.WorkerDefaults[TidyArgs]
	Library *Library
	Catalog *catalog.Service
	Pool    *pgxpool.Pool
	// Kept lists the originals that others than the catalogue speak of.
	Kept   func(ctx context.Context, q pg.Querier) ([]string, error)
	Clock  clock.Clock
	Logger *slog.Logger
}

// Timeout is long: a store may hold a million files.
func (w *TidyWorker) Timeout(*river.Job[TidyArgs]) time.Duration { return 30 * time.Minute }

// Work tidies once.
func (w *TidyWorker) Work(ctx context.Context, _ *river.Job[TidyArgs]) error {
	ordered, err := w.Catalog.EnqueueMissing(ctx, MeasureRecipe, MadeOf)
	if err != nil {
		return err
	}
	if ordered > 0 {
		w.Logger.Info("photographs are to be rendered", "count", ordered)
	}
	now := w.Clock.Now()
	kept, err := w.Kept(ctx, w.Pool)
	if err != nil {
		return err
	}
	if err := errors.Join(w.Catalog.SweepUploads(ctx), w.Catalog.ForgetRenditions(ctx, kept)); err != nil {
		return err
	}
	var files catalog.Files
	if err := pg.InReadTx(ctx, w.Pool, func(tx pgx.Tx) error {
		var err error
		if files, err = catalog.PhotoFiles(ctx, tx); err != nil {
			return err
		}
		others, err := w.Kept(ctx, tx)
		files.Kept = append(files.Kept, others...)
		return err
	}); err != nil {
		return err
	}
	swept, err := w.Library.Sweep(ctx, files, now)
	if swept > 0 {
		w.Logger.Info("files that no photograph speaks of were swept", "count", swept)
	}
	return err
}

// nightly is every night at a quarter past three, when nobody photographs.
type nightly struct{ place *time.Location }

// Next is the next quarter past three.
func (n nightly) Next(after time.Time) time.Time {
	local := after.In(n.place)
	at := time.Date(local.Year(), local.Month(), local.Day(), 3, 15, 0, 0, n.place)
	if !at.After(after) {
		at = time.Date(local.Year(), local.Month(), local.Day()+1, 3, 15, 0, 0, n.place)
	}
	return at
}

// PeriodicJobs is the nightly tidying, which is also done at the start: a new recipe comes with one.
func PeriodicJobs(place *time.Location) []*river.PeriodicJob {
	return []*river.PeriodicJob{river.NewPeriodicJob(nightly{place}, func() (river.JobArgs, *river.InsertOpts) { return TidyArgs{}, nil }, &river.PeriodicJobOpts{RunOnStart: true})}
}
