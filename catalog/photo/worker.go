package photo

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"boutique/catalog"
	"boutique/internal/jobs"
)

// RenderArgs is the job that makes a photograph's renditions.
type RenderArgs struct {
	SHA256 string `json:"sha256" river:"unique"`
}

// Kind names the job in the queue.
func (RenderArgs) Kind() string { return "photo_render" }

// InsertOpts puts renditions in a queue of their own, each once.
func (RenderArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: jobs.QueuePhotos, MaxAttempts: 8, UniqueOpts: river.UniqueOpts{ByArgs: true}}
}

// Rows records what was rendered.
type Rows interface {
	SaveRenditions(ctx context.Context, sha256 string, thumbhash []byte, list []catalog.RenditionRow) error
}

// Worker makes renditions: files first, rows last.
type Worker struct {
	river.WorkerDefaults[RenderArgs]
	Library *Library
	Rows    Rows
}

// Timeout is long: a large photograph on a busy machine takes its time.
func (w *Worker) Timeout(*river.Job[RenderArgs]) time.Duration { return 5 * time.Minute }

// Work renders one photograph.
func (w *Worker) Work(ctx context.Context, job *river.Job[RenderArgs]) error {
	rows, hash, err := w.Library.Render(ctx, job.Args.SHA256)
	if err != nil {
		return err
	}
	return w.Rows.SaveRenditions(ctx, job.Args.SHA256, hash, rows)
}
