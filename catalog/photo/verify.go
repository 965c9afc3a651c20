package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"boutique/catalog"
	"boutique/internal/invariant"
)

// strayAge is how old a file that no row speaks of may become: the nightly sweep takes it after a day,
// and runs at the latest a day later.
const strayAge = 2 * sweepAge

// Verify holds the files against the rows, both ways: every original is there under its own SHA-256,
// every rendition under the one of its row, and nothing lies in the store that no row speaks of, but
// what is younger than the sweep.
func (l *Library) Verify(ctx context.Context, files catalog.Files, now time.Time) ([]invariant.Result, error) {
	originals := invariant.Result{Name: "original photographs", Sentence: "every original is in the store, and its name is its SHA-256"}
	renditions := invariant.Result{Name: "renditions", Sentence: "every rendition is in the store as it was made"}
	stray := invariant.Result{Name: "photo store", Sentence: "every file in the store belongs to a row, or is too young for the sweep"}
	hold := func(r *invariant.Result, name, want string) error {
		r.Figure++
		file, err := l.Store.Open(ctx, name)
		if err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			r.Broken = append(r.Broken, name+" is missing")
			return nil
		}
		defer file.Close()
		h := sha256.New()
		if _, err := io.Copy(h, file); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if hex.EncodeToString(h.Sum(nil)) != want {
			r.Broken = append(r.Broken, name+" was changed")
		}
		return nil
	}
	for _, o := range files.Originals {
		if err := hold(&originals, originalName(o.SHA256, o.Ext), o.SHA256); err != nil {
			return nil, err
		}
	}
	for _, r := range files.Renditions {
		if err := hold(&renditions, name{r.PhotoSHA256, r.Recipe, r.Width, r.Ext}.String(), r.SHA256); err != nil {
			return nil, err
		}
	}
	spoken := spokenOf(files)
	err := l.Store.List(ctx, func(found Found) error {
		stray.Figure++
		if (found.Making || !spoken[found.Name]) && now.Sub(found.Modified) > strayAge {
			stray.Broken = append(stray.Broken, found.Name)
		}
		return nil
	})
	return []invariant.Result{originals, renditions, stray}, err
}

// spokenOf are the names of the files that rows speak of.
func spokenOf(files catalog.Files) map[string]bool {
	spoken := make(map[string]bool, len(files.Originals)+len(files.Renditions)+3*len(files.Kept))
	for _, o := range files.Originals {
		spoken[originalName(o.SHA256, o.Ext)] = true
	}
	for _, sha := range files.Kept {
		for _, ext := range kinds {
			spoken[originalName(sha, ext)] = true
		}
	}
	for _, r := range files.Renditions {
		spoken[name{r.PhotoSHA256, r.Recipe, r.Width, r.Ext}.String()] = true
	}
	return spoken
}
