package catalog

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
)

// The states of a file that somebody brought: it is judged, and when nothing is wrong with it and its
// bringer has seen what would change, brought in.
const (
	ImportJudging = "judging"
	ImportJudged  = "judged"
	ImportRefused = "refused"
	ImportRunning = "importing"
	ImportDone    = "done"
	ImportFailed  = "failed"
)

// The limits of a file that is brought through the desk, and of the table in a zip.
const (
	MaxImportFile  = 256 << 20
	maxImportTable = 64 << 20
	importPiece    = 1 << 20
	importsKept    = "7 days"
)

// ImportFile is a file that somebody brought, and how far it has come.
type ImportFile struct {
	ID        int64
	Name      string
	Bytes     int64
	Zipped    bool
	State     string
	Done      int
	Total     int
	Report    *Report
	Problem   string
	Actor     string
	CreatedAt time.Time
	EndedAt   *time.Time
}

// Running tells whether a job is at it.
func (f ImportFile) Running() bool { return f.State == ImportJudging || f.State == ImportRunning }

// BringFile takes a file of products, or a zip of one with its photographs, piece by piece, and has it
// judged. Nothing of the catalogue changes.
func (s *Service) BringFile(ctx context.Context, name string, r io.Reader, actor string) (int64, error) {
	name = strings.ToValidUTF8(path.Base(strings.ReplaceAll(name, `\`, "/")), "")
	name = name[:min(len(name), 200)]
	var id int64
	if err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlForgetImports, pgx.NamedArgs{"age": importsKept}); err != nil {
			return err
		}
		return tx.QueryRow(ctx, sqlInsertImport, pgx.NamedArgs{"name": name, "actor": actor}).Scan(&id)
	}); err != nil {
		return 0, err
	}
	total, zipped, err := s.putPieces(ctx, id, r)
	if err == nil && !zipped && total > maxImportTable {
		err = fault.New(fault.TooLarge, "import_too_large", "the file has more than 64 MB")
	}
	if err == nil {
		err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, sqlBroughtImport, pgx.NamedArgs{"id": id, "bytes": total, "zipped": zipped}); err != nil {
				return err
			}
			return s.EnqueueImport(ctx, tx, id)
		})
	}
	if err != nil {
		if dropped := s.DropImport(context.WithoutCancel(ctx), id); dropped != nil {
			s.Logger.WarnContext(ctx, "a file that did not arrive stays for a day", "import", id, "error", dropped)
		}
	}
	return id, err
}

// putPieces stores a file as it comes, each piece at once: no more of it is held, and a slow line keeps
// no transaction open.
func (s *Service) putPieces(ctx context.Context, id int64, r io.Reader) (total int64, zipped bool, err error) {
	piece := make([]byte, importPiece)
	for n := 0; ; n++ {
		size, err := io.ReadFull(r, piece)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, false, fault.New(fault.Invalid, "import_broken_off", "the file did not arrive whole: bring it again").Because(err)
		}
		if size == 0 {
			break
		}
		if n == 0 {
			zipped = bytes.HasPrefix(piece[:size], []byte("PK\x03\x04"))
		}
		if total += int64(size); total > MaxImportFile {
			return 0, false, fault.New(fault.TooLarge, "import_too_large", "the file has more than 256 MB")
		}
		if err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, sqlPutImportPart, pgx.NamedArgs{"id": id, "n": n, "data": piece[:size]})
			return err
		}); err != nil {
			return 0, false, err
		}
		if size < importPiece {
			break
		}
	}
	if total == 0 {
		return 0, false, fault.New(fault.Invalid, "import_empty", "the file is empty")
	}
	return total, zipped, nil
}

// StartImport has a file that was judged brought in.
func (s *Service) StartImport(ctx context.Context, id int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlMoveImport, pgx.NamedArgs{"id": id, "from": ImportJudged, "to": ImportRunning, "actor": actor})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "import_moved", "this file is not waiting to be brought in")
		}
		return s.EnqueueImport(ctx, tx, id)
	})
}

// DropImport forgets a file that no job is at.
func (s *Service) DropImport(ctx context.Context, id int64) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDropImport, pgx.NamedArgs{"id": id})
		if err == nil && tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "import_moved", "this file is being read just now")
		}
		return err
	})
}

// GetImport reads a file that somebody brought. An unknown one is NotFound.
func GetImport(ctx context.Context, q pg.Querier, id int64) (ImportFile, error) {
	list, err := readImports(ctx, q, id, 1)
	if err == nil && len(list) == 0 {
		return ImportFile{}, fault.New(fault.NotFound, "import_not_found", "there is no such file")
	}
	if err != nil {
		return ImportFile{}, err
	}
	return list[0], nil
}

// ListImports lists the newest files that were brought.
func ListImports(ctx context.Context, q pg.Querier, limit int) ([]ImportFile, error) {
	return readImports(ctx, q, 0, limit)
}

func readImports(ctx context.Context, q pg.Querier, id int64, limit int) ([]ImportFile, error) {
	rows, err := q.Query(ctx, sqlImports, pgx.NamedArgs{"id": id, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ImportFile, error) {
		var f ImportFile
		var report []byte
		if err := row.Scan(&f.ID, &f.Name, &f.Bytes, &f.Zipped, &f.State, &f.Done, &f.Total, &report, &f.Problem, &f.Actor, &f.CreatedAt, &f.EndedAt); err != nil {
			return f, err
		}
		if report == nil {
			return f, nil
		}
		f.Report = &Report{}
		return f, json.Unmarshal(report, f.Report)
	})
}

// ImportArgs is the job that judges a file, or brings it in.
type ImportArgs struct {
	ID int64 `json:"id"`
}

// Kind names the job in the queue.
func (ImportArgs) Kind() string { return "product_import" }

// ImportWorker does the job.
type ImportWorker struct {
	river.WorkerDefaults[ImportArgs]
	Service *Service
}

// Timeout leaves time for a hundred thousand products.
func (w *ImportWorker) Timeout(*river.Job[ImportArgs]) time.Duration { return 30 * time.Minute }

// Work judges the file or brings it in, as its state says. It may be done again after a restart: what
// was not whole is not there, and what is done is done.
func (w *ImportWorker) Work(ctx context.Context, job *river.Job[ImportArgs]) error {
	return w.Service.workImport(ctx, job.Args.ID)
}

func (s *Service) workImport(ctx context.Context, id int64) error {
	f, err := GetImport(ctx, s.Pool, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && !f.Running() {
		return nil
	}
	if err != nil {
		return err
	}
	report, err := s.importFile(ctx, f)
	if known, ok := fault.As(err); ok && (known.Kind == fault.Invalid || known.Kind == fault.TooLarge || known.Kind == fault.Conflict) {
		broken := issueOf(0, "", known)
		report.Broken = &broken
		return s.endImport(ctx, f, ImportRefused, report, known.Detail)
	}
	if err != nil {
		return err
	}
	switch {
	case len(report.Issues) > 0:
		return s.endImport(ctx, f, ImportRefused, report, "")
	case f.State == ImportJudging:
		return s.endImport(ctx, f, ImportJudged, report, "")
	}
	return nil // it was noted as done by the transaction that brought it in
}

func (s *Service) importFile(ctx context.Context, f ImportFile) (Report, error) {
	file, photos, err := s.openImport(ctx, f)
	if err != nil {
		return Report{}, err
	}
	said := s.Clock.Now()
	return s.Import(ctx, file, ImportOptions{DryRun: f.State == ImportJudging, Actor: f.Actor, Photos: photos,
		Progress: func(done, of int) {
			now := s.Clock.Now()
			if now.Sub(said) < time.Second && done < of {
				return
			}
			said = now
			if _, err := s.Pool.Exec(ctx, sqlImportProgress, pgx.NamedArgs{"id": f.ID, "done": done, "total": of}); err != nil {
				s.Logger.WarnContext(ctx, "how far an import has come was not noted", "import", f.ID, "error", err)
			}
		},
		Begin: func(ctx context.Context, tx pgx.Tx) error {
			var alone bool
			if err := tx.QueryRow(ctx, sqlImportAlone).Scan(&alone); err != nil {
				return err
			}
			if !alone {
				return fault.New(fault.Unavailable, "import_waits", "another file is being brought in")
			}
			return nil
		},
		End: func(ctx context.Context, tx pgx.Tx, report Report) error {
			if err := putImportEnd(ctx, tx, f, ImportDone, report, ""); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.Entry{Actor: f.Actor, Action: "product.import", Subject: "import:" + f.Name, Detail: map[string]any{"created": report.Created, "changed": report.Changed, "published": report.Published}})
		}})
}

func (s *Service) endImport(ctx context.Context, f ImportFile, state string, report Report, problem string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return putImportEnd(ctx, tx, f, state, report, problem) })
}

// putImportEnd notes what has become of a file. Its bytes are kept only while it may still be brought in.
func putImportEnd(ctx context.Context, tx pgx.Tx, f ImportFile, state string, report Report, problem string) error {
	data, err := json.Marshal(report)
	if err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlEndImport, pgx.NamedArgs{"id": f.ID, "from": f.State, "state": state, "report": data, "problem": problem, "total": report.Products})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "import_moved", "this file was brought in already")
	}
	if state == ImportJudged {
		return nil
	}
	_, err = tx.Exec(ctx, sqlForgetImportParts, pgx.NamedArgs{"id": f.ID})
	return err
}

// openImport opens the table that a file is or holds, and the photographs beside it.
func (s *Service) openImport(ctx context.Context, f ImportFile) (io.ReadSeeker, fs.FS, error) {
	whole := &pieces{at: -1, read: func(n int) ([]byte, error) {
		var data []byte
		err := s.Pool.QueryRow(ctx, sqlImportPart, pgx.NamedArgs{"id": f.ID, "n": n}).Scan(&data)
		if errors.Is(err, pgx.ErrNoRows) {
			err = io.EOF
		}
		return data, err
	}}
	if !f.Zipped {
		return io.NewSectionReader(whole, 0, f.Bytes), nil, nil
	}
	photos, err := ZipPhotos(whole, f.Bytes)
	if err != nil {
		return nil, nil, err
	}
	archive, err := zip.NewReader(whole, f.Bytes)
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "zip_unreadable", "is no zip that can be read: "+err.Error())
	}
	var table *zip.File
	for _, one := range archive.File {
		name := strings.ToLower(one.Name)
		if strings.HasPrefix(one.Name, "__MACOSX/") || strings.HasPrefix(path.Base(name), ".") || !strings.HasSuffix(name, ".csv") {
			continue
		}
		if table != nil {
			return nil, nil, fault.New(fault.Invalid, "zip_many_tables", "the zip holds several CSV files: which one is meant?")
		}
		table = one
	}
	if table == nil {
		return nil, nil, fault.New(fault.Invalid, "zip_no_table", "the zip holds no CSV file")
	}
	r, err := table.Open()
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "zip_unreadable", "is no zip that can be read: "+err.Error())
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, maxImportTable+1))
	if err != nil {
		return nil, nil, fault.New(fault.Invalid, "zip_unreadable", "is no zip that can be read: "+err.Error())
	}
	if len(data) > maxImportTable {
		return nil, nil, fault.New(fault.TooLarge, "import_too_large", "the CSV file in the zip has more than 64 MB")
	}
	return bytes.NewReader(data), photos, nil
}

// pieces is a file that lies somewhere in pieces, of which it holds one.
type pieces struct {
	read func(n int) ([]byte, error)
	at   int
	data []byte
}

// ReadAt reads from the pieces that hold what is asked for.
func (p *pieces) ReadAt(to []byte, off int64) (int, error) {
	n := 0
	for n < len(to) {
		at := int((off + int64(n)) / importPiece)
		if at != p.at {
			data, err := p.read(at)
			if err != nil {
				return n, err
			}
			p.at, p.data = at, data
		}
		within := int((off + int64(n)) % importPiece)
		if within >= len(p.data) {
			return n, io.EOF
		}
		n += copy(to[n:], p.data[within:])
	}
	return n, nil
}
