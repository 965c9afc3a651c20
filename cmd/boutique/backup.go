package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog/photo"
	"boutique/internal/archive"
	"boutique/internal/audit"
	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/migrations"
	"boutique/shop/admin"
)

type backupCommand struct {
	File string `arg:"" help:"Where to: a file, written whole or not at all, or - for standard output."`
}

// What a backup holds, by folder: the database as pg_dump writes it, every photograph with its renditions,
// the shop's own keys (without them no seal can be checked and no link of an order opens), and, of a demo,
// what its Stripe and its mail catcher keep.
const (
	dumpName      = "database.dump"
	photosFolder  = "photos"
	secretsFolder = "secrets"
	demoFolder    = "demo"
)

// demoFiles of the data directory belong to a demo's state beside its database.
var demoState = []string{"stripe", "mails", "webhook.secret"}

// backupFormat rises when an older program could not read what a newer one wrote.
const backupFormat = 1

// backupAbout is what a backup says of itself.
type backupAbout struct {
	Format   int       `json:"format"`
	MadeAt   time.Time `json:"made_at"`
	Schema   string    `json:"schema"`
	Postgres string    `json:"postgres"`
	// Figures are those of `boutique verify` for the rows at the moment of the dump; a restore must find
	// the same.
	Figures map[string]int64 `json:"figures"`
	Broken  []string         `json:"broken,omitempty"`
}

// Run writes the backup.
func (c backupCommand) Run(p *program) error {
	return p.withApp(func(a *app) error {
		if c.File == "-" {
			_, err := a.backup(p.ctx, p.out, true)
			return err
		}
		about, size, err := a.backupTo(p.ctx, c.File, true)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s: %.1f MB, of %s; it holds the shop's keys and its customers: keep it as you would keep those\n", c.File, float64(size)/1e6, about.MadeAt.Format(time.RFC3339))
		if len(about.Broken) > 0 {
			fmt.Fprintf(p.err, "what was kept does not hold together (%s): `boutique verify` says more\n", strings.Join(about.Broken, ", "))
		}
		return nil
	})
}

// backupTo writes a backup into a file, which only its owner may read: beside its place, flushed, then
// renamed.
func (a *app) backupTo(ctx context.Context, name string, photos bool) (backupAbout, int64, error) {
	making, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return backupAbout{}, 0, fmt.Errorf("the backup must go into a folder that can be written: %w", err)
	}
	defer os.Remove(making.Name())
	about, err := a.backup(ctx, making, photos)
	var size int64
	if err == nil {
		size, err = making.Seek(0, io.SeekCurrent)
	}
	if err == nil {
		err = making.Sync()
	}
	if closing := making.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(making.Name(), name)
	}
	return about, size, err
}

// backup writes the shop as it is at one moment, beside whoever works. The database comes first: a
// photograph that a row names has lain in the store since before the row, and the sweep leaves what
// somebody spoke of within a day.
func (a *app) backup(ctx context.Context, to io.Writer, photos bool) (backupAbout, error) {
	about := backupAbout{Format: backupFormat, MadeAt: a.clock.Now().UTC().Truncate(time.Second), Figures: map[string]int64{}}
	w := archive.NewWriter(to, about.MadeAt)
	err := pg.InReadTx(ctx, a.database.pool, func(tx pgx.Tx) error {
		var snapshot string
		if err := tx.QueryRow(ctx, sqlExportSnapshot).Scan(&snapshot, &about.Postgres); err != nil {
			return err
		}
		rows, _, err := a.verifyIn(ctx, tx)
		if err != nil {
			return err
		}
		about.note(rows)
		return w.Write(dumpName, func(to io.Writer) error {
			return pgserver.Tools{BinDir: a.config.PGBinDir}.Dump(ctx, a.database.url, snapshot, to)
		})
	})
	if err != nil {
		return about, err
	}
	if about.Schema, err = schemaOf(ctx, a.database.url); err != nil {
		return about, err
	}
	if photos {
		if err := a.keepPhotos(ctx, w); err != nil {
			return about, err
		}
	}
	if err := keepFolder(w, a.config.secretsDir(), secretsFolder); err != nil {
		return about, err
	}
	if _, err := os.Stat(filepath.Join(a.config.DataDir, demoNote)); err == nil {
		for _, name := range demoState {
			if err := keepFolder(w, filepath.Join(a.config.DataDir, name), path.Join(demoFolder, name)); err != nil {
				return about, err
			}
		}
	}
	if err := w.Close(about); err != nil || !photos {
		return about, err
	}
	return about, pg.InTx(ctx, a.database.pool, func(tx pgx.Tx) error {
		return audit.Record(ctx, tx, audit.Entry{Actor: commandLine, Action: admin.BackupMade, Subject: "shop", Detail: map[string]any{"made_at": about.MadeAt}})
	})
}

const sqlExportSnapshot = `select pg_export_snapshot(), current_setting('server_version')`

func (b *backupAbout) note(results []invariant.Result) {
	for _, r := range results {
		b.Figures[r.Name] = r.Figure
		if !r.Holds() {
			b.Broken = append(b.Broken, r.Name)
		}
	}
}

// schemaOf is the newest migration that a database has.
func schemaOf(ctx context.Context, url string) (string, error) {
	owner, err := pg.OpenOwner(ctx, url)
	if err != nil {
		return "", err
	}
	defer owner.Close()
	list, err := migrations.List(ctx, owner)
	newest := ""
	for _, m := range list {
		if m.Applied {
			newest = path.Base(m.File)
		}
	}
	return newest, err
}

func (a *app) keepPhotos(ctx context.Context, w *archive.Writer) error {
	return a.library.Store.List(ctx, func(found photo.Found) error {
		if found.Making {
			return nil
		}
		file, err := a.library.Store.Open(ctx, found.Name)
		if errors.Is(err, fs.ErrNotExist) { // swept since it was listed
			return nil
		}
		if err != nil {
			return err
		}
		defer file.Close()
		return w.Add(path.Join(photosFolder, found.Name), file)
	})
}

// keepFolder copies a folder, or one file, under a name. What is not there is left out.
func keepFolder(w *archive.Writer, from, as string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		within, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		file, err := os.Open(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer file.Close()
		return w.Add(path.Join(as, filepath.ToSlash(within)), file)
	})
}
