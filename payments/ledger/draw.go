package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/fault"
	"boutique/internal/jobs"
	"boutique/internal/pg"
)

// DrawArgs is the job that draws a document's PDF after its transaction has ended.
type DrawArgs struct {
	DocumentID uuid.UUID `json:"document_id"`
}

// Kind names the job in the queue.
func (DrawArgs) Kind() string { return "ledger_draw" }

// InsertOpts says where the job waits: behind other papers only.
func (DrawArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: jobs.QueuePapers} }

// Files keeps the PDFs of issued documents. Each is drawn once, and its bytes never change.
type Files struct {
	Pool *pgxpool.Pool
	// Logo is the office's logo, as SVG; nil draws its name.
	Logo []byte
}

// Worker draws PDFs.
type Worker struct {
	river.WorkerDefaults[DrawArgs]
	Files *Files
}

// Work draws a document whose PDF is not kept yet.
func (w *Worker) Work(ctx context.Context, job *river.Job[DrawArgs]) error {
	_, err := w.Files.keep(ctx, job.Args.DocumentID)
	return err
}

// FindDocument reads a document by its number; an unknown one is NotFound.
func FindDocument(ctx context.Context, q pg.Querier, number string) (Issued, error) {
	rows, err := q.Query(ctx, sqlDocumentByNumber, pgx.NamedArgs{"number": number})
	if err != nil {
		return Issued{}, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[issuedRow])
	if errors.Is(err, pgx.ErrNoRows) {
		return Issued{}, fault.New(fault.NotFound, "document_not_found", "no document has this number")
	}
	if err != nil {
		return Issued{}, err
	}
	return row.issued()
}

// PDF answers a document's kept bytes, and draws them first when the job has not come to it yet.
func (f *Files) PDF(ctx context.Context, id uuid.UUID) ([]byte, error) {
	pdf, err := f.read(ctx, id)
	if !errors.Is(err, pgx.ErrNoRows) {
		return pdf, err
	}
	return f.keep(ctx, id)
}

func (f *Files) read(ctx context.Context, id uuid.UUID) ([]byte, error) {
	var pdf []byte
	var sum string
	if err := f.Pool.QueryRow(ctx, sqlDocumentFile, pgx.NamedArgs{"document_id": id}).Scan(&pdf, &sum); err != nil {
		return nil, err
	}
	if got := sha256.Sum256(pdf); hex.EncodeToString(got[:]) != sum {
		return nil, fmt.Errorf("the PDF of document %s is not the one that was kept", id)
	}
	return pdf, nil
}

// keep draws a document and stores its bytes. When two draw at once, the first one's are kept.
func (f *Files) keep(ctx context.Context, id uuid.UUID) ([]byte, error) {
	rows, err := f.Pool.Query(ctx, sqlDocumentByID, pgx.NamedArgs{"id": id})
	if err != nil {
		return nil, err
	}
	row, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[issuedRow])
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", id, err)
	}
	issued, err := row.issued()
	if err != nil {
		return nil, err
	}
	pdf, err := DrawDocument(issued.Document, f.Logo)
	if err != nil {
		return nil, fmt.Errorf("document %s: %w", issued.Number, err)
	}
	sum := sha256.Sum256(pdf)
	if err := pg.InTx(ctx, f.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlInsertDocumentFile, pgx.NamedArgs{"document_id": id, "sha256": hex.EncodeToString(sum[:]), "pdf": pdf})
		return err
	}); err != nil {
		return nil, err
	}
	return f.read(ctx, id)
}
