package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"boutique/catalog/photo"
	"boutique/internal/archive"
	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/migrations"
)

type restoreCommand struct {
	File    string `arg:"" help:"What boutique backup wrote."`
	Discard bool   `help:"Do not keep a copy of what is there, as when it is too broken to be read."`
}

// errServing is the refusal to replace what somebody works on.
var errServing = errors.New("a boutique, or another program, works on this database: stop it first, then restore again")

// Run replaces database, photographs and keys by those of a backup. The whole file is checked before
// anything is touched; the database is replaced in one transaction; what was there before is kept in a
// backup of its own. Cut off in the middle, it is run again.
func (c restoreCommand) Run(p *program) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	var about backupAbout
	kept, err := archive.NewReader(file, info.Size(), &about)
	if err == nil {
		fmt.Fprintln(p.err, "checking the backup…")
		err = kept.Check()
	}
	if err != nil {
		return fmt.Errorf("%s %w; nothing was changed", c.File, err)
	}
	if about.Format > backupFormat {
		return fmt.Errorf("%s was made by a newer boutique (its schema is %s): restore it with that one; nothing was changed", c.File, about.Schema)
	}
	release, err := pgserver.Claim(p.config.DataDir)
	if err != nil {
		return err
	}
	defer release()
	address, stop, err := p.databaseToReplace()
	if err != nil {
		return err
	}
	defer stop()
	if !c.Discard {
		if err := p.keepWhatWas(address); err != nil {
			return fmt.Errorf("what is there could not be kept (--discard does without), so nothing was changed: %w", err)
		}
	}
	fmt.Fprintln(p.err, "restoring…")
	if err := p.restoreFiles(kept); err != nil {
		return err
	}
	open := func() (io.ReadCloser, error) { return kept.Open(dumpName) }
	if err := (pgserver.Tools{BinDir: p.config.PGBinDir}).Restore(p.ctx, address, open, migrations.DefaultPrivileges); err != nil {
		return fmt.Errorf("the database was left as it was: %w", err)
	}
	return p.provesRestored(address, about)
}

// databaseToReplace gives the address of the database, with nobody at work in it, and whatever must be
// stopped afterwards.
func (p *program) databaseToReplace() (address string, stop func(), err error) {
	address, stop = p.config.DatabaseURL, func() {}
	if address == "" {
		server, err := pgserver.Start(p.ctx, pgserver.Config{Dir: p.config.DataDir, BinDir: p.config.PGBinDir, OSUser: p.config.PGOSUser, Logger: p.logger, Own: true,
			Progress: func(step string) { fmt.Fprintln(p.err, step+"…") }})
		if err != nil {
			return "", nil, err
		}
		address, stop = server.URL(), func() { _ = server.Stop(context.WithoutCancel(p.ctx)) }
	}
	others, err := othersIn(p.ctx, address)
	if err == nil && others > 0 {
		err = errServing
	}
	if err != nil {
		stop()
		return "", nil, err
	}
	return address, stop, nil
}

const sqlOthers = `
select count(*) from pg_stat_activity
where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()`

// othersIn counts the connections that others hold to a database.
func othersIn(ctx context.Context, address string) (n int, err error) {
	owner, err := pg.OpenOwner(ctx, address)
	if err != nil {
		return 0, err
	}
	defer owner.Close()
	conn, err := owner.Acquire(ctx)
	if err != nil {
		return 0, fmt.Errorf("DATABASE_URL must name a PostgreSQL that answers: %w", err)
	}
	defer conn.Release()
	if err := conn.QueryRow(ctx, sqlOthers).Scan(&n); err != nil {
		return 0, err
	}
	return n, migrations.EnsureRole(ctx, conn.Conn())
}

// keepWhatWas writes a backup of the shop that is about to be replaced, if there is one, without its
// photographs, which a restore never takes away.
func (p *program) keepWhatWas(address string) error {
	owner, err := pg.OpenOwner(p.ctx, address)
	if err != nil {
		return err
	}
	defer owner.Close()
	list, err := migrations.List(p.ctx, owner)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(list, func(m migrations.Status) bool { return m.Applied }) {
		return nil
	}
	d, err := p.openDatabase(p.ctx, false, true)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	a, err := p.newApp(p.ctx, d, false)
	if err != nil {
		return err
	}
	name := filepath.Join(p.config.DataDir, replacedPrefix+time.Now().UTC().Format("20060102T150405Z")+".backup")
	if _, _, err := a.backupTo(p.ctx, name, false); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "what was there is kept in %s: restore that to have it back\n", name)
	return nil
}

// replacedPrefix begins the names of the backups that restores leave in the data directory.
const replacedPrefix = "replaced-"

// restoreFiles puts photographs, keys and a demo's state back, each file whole. The photographs that are
// already there stay.
func (p *program) restoreFiles(kept *archive.Reader) error {
	store, err := photo.OpenStore(p.config.photosURL(), photo.Keys{ID: p.config.AWSAccessKeyID, Secret: p.config.AWSSecretAccessKey})
	if err != nil {
		return err
	}
	for _, name := range kept.Names() {
		folder, rest, _ := strings.Cut(name, "/")
		switch {
		case name == dumpName:
			continue
		case folder == photosFolder && rest != "":
			err = restorePhoto(p.ctx, store, kept, name, rest)
		case folder == secretsFolder && rest != "":
			err = restoreFile(kept, name, filepath.Join(p.config.secretsDir(), filepath.FromSlash(rest)))
		case folder == demoFolder && rest != "":
			err = restoreFile(kept, name, filepath.Join(p.config.DataDir, filepath.FromSlash(rest)))
		default:
			err = fmt.Errorf("%q is not known to this boutique: restore it with the one that made it", name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func restorePhoto(ctx context.Context, store photo.Store, kept *archive.Reader, name, as string) error {
	data, err := readKept(kept, name)
	if err != nil {
		return err
	}
	return store.Put(ctx, as, data)
}

func readKept(kept *archive.Reader, name string) ([]byte, error) {
	file, err := kept.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

// restoreFile writes one file that only its owner may read: beside its place, flushed, then renamed.
func restoreFile(kept *archive.Reader, name, to string) error {
	data, err := readKept(kept, name)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	making, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(making.Name())
	_, err = making.Write(data)
	if err == nil {
		err = making.Sync()
	}
	if closing := making.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(making.Name(), to)
	}
	return err
}

// provesRestored brings the restored database up to this program's schema, verifies all of it, and holds
// the figures to those that the backup was made with.
func (p *program) provesRestored(address string, about backupAbout) error {
	d, err := p.openDatabase(p.ctx, false, true)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	a, err := p.newApp(p.ctx, d, false)
	if err != nil {
		return err
	}
	results, err := a.verify(p.ctx)
	if err != nil {
		return err
	}
	var wrong []string
	for _, r := range results {
		if !r.Holds() {
			wrong = append(wrong, fmt.Sprintf("%s: %s", r.Name, strings.Join(r.Broken, "; ")))
		}
		if figure, known := about.Figures[r.Name]; known && figure != r.Figure {
			wrong = append(wrong, fmt.Sprintf("%s: %d were kept, %d are here", r.Name, figure, r.Figure))
		}
	}
	if len(wrong) > 0 {
		return fmt.Errorf("the backup of %s is restored, but it does not hold together:\n  %s", about.MadeAt.Format(time.RFC3339), strings.Join(wrong, "\n  "))
	}
	fmt.Fprintf(p.out, "the shop is as it was on %s: all %d invariants hold, with the figures of then\n", about.MadeAt.Format(time.RFC3339), len(results))
	return nil
}
