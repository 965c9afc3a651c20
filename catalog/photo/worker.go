package photo

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"boutique/catalog"
	"boutique/internal/jobs"
)

// RenderArgs is the job that makes a photograph's renditions.
type RenderArgs struct {
	SHA256 string `json:"sha256" river:"unique"`
}

// unfinished are the states of a job that is still to be worked on: one that is done does not keep the
// same photograph from being rendered by a new recipe.
var unfinished = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStateScheduled}

// Kind names the job in the queue.
func (RenderArgs) Kind() string { return "photo_render" }

// The priorities of renditions: what somebody looks at goes before what is imported or made anew.
const (
	Soon  = 1
	Later = 3
)

// InsertOpts puts renditions in a queue of their own, each once.
func (RenderArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: jobs.QueuePhotos, MaxAttempts: 8, Priority: Later, UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: unfinished}}
}

// Rows records what was rendered.
type Rows interface {
	SaveRenditions(ctx context.Context, sha256 string, done catalog.Rendered) error
}

// Worker makes renditions: files first, rows last.
type Worker struct {
	river.WorkerDefaults[RenderArgs]
	Library *Library
	Rows    Rows
}

// Timeout is long: a large photograph waits behind a crowd of shoppers.
func (w *Worker) Timeout(*river.Job[RenderArgs]) time.Duration { return 30 * time.Minute }

// Work renders one photograph.
func (w *Worker) Work(ctx context.Context, job *river.Job[RenderArgs]) error {
	done, err := w.Library.Render(ctx, job.Args.SHA256)
	if errors.Is(err, fs.ErrNotExist) {
		// Nothing shows it any more and it was swept away, or it is lost: no other try helps.
		return river.JobCancel(err)
	}
	if err != nil {
		return err
	}
	return w.Rows.SaveRenditions(ctx, job.Args.SHA256, done)
}
