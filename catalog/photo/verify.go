package photo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"boutique/catalog"
	"boutique/internal/invariant"
)

// Verify holds the files against the rows: every original is there under its own SHA-256, every
// rendition under the one of its row, and nothing lies in the store that no rule makes.
func (l *Library) Verify(ctx context.Context, files catalog.Files) ([]invariant.Result, error) {
	originals := invariant.Result{Name: "original photographs", Sentence: "every original is in the store, and its name is its SHA-256"}
	renditions := invariant.Result{Name: "renditions", Sentence: "every rendition is in the store as it was made"}
	stray := invariant.Result{Name: "photo store", Sentence: "every file in the store is an original or a rendition"}
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
	err := l.Store.List(ctx, func(found string) error {
		stray.Figure++
		if _, ok := parseName(found); !ok && !originalForm.MatchString(found) {
			stray.Broken = append(stray.Broken, found)
		}
		return nil
	})
	return []invariant.Result{originals, renditions, stray}, err
}
