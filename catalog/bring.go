package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// bringing brings the products of a file in, in the one transaction of its import: some at a time, so
// that what is there already is read at once, and what is new is written in few messages.
type bringing struct {
	s      *Service
	tx     pgx.Tx
	new    *pg.Together
	report *Report
	places *places
	o      ImportOptions

	some []imported
	done int
}

// broughtAtOnce is how many products are held until they are brought in.
const broughtAtOnce = 200

func (b *bringing) take(ctx context.Context, in imported) error {
	if b.some = append(b.some, in); len(b.some) < broughtAtOnce {
		return nil
	}
	return b.bring(ctx)
}

// end brings in what is left, and sends what still waits.
func (b *bringing) end(ctx context.Context) error {
	if err := b.bring(ctx); err != nil {
		return err
	}
	return b.new.Flush(ctx)
}

func (b *bringing) bring(ctx context.Context) error {
	if len(b.some) == 0 {
		return nil
	}
	slugs := make([]string, len(b.some))
	for i, in := range b.some {
		slugs[i] = in.content.Slug
	}
	there, err := productsBySlugs(ctx, b.tx, slugs)
	if err != nil {
		return err
	}
	for _, in := range b.some {
		if err := b.one(ctx, in, there[in.content.Slug]); err != nil {
			return b.refused(in, err)
		}
		if b.done++; b.o.Progress != nil {
			b.o.Progress(b.done, b.report.Products)
		}
	}
	b.some = b.some[:0]
	return nil
}

func productsBySlugs(ctx context.Context, q pg.Querier, slugs []string) (map[string]Product, error) {
	rows, err := q.Query(ctx, sqlProductIDsBySlugs, pgx.NamedArgs{"slugs": slugs})
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	list, err := loadProducts(ctx, q, ids)
	found := make(map[string]Product, len(list))
	for _, p := range list {
		found[p.Slug] = p
	}
	return found, err
}

// refused notes why a product is not taken; a fault of ours stays one.
func (b *bringing) refused(in imported, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind == fault.Internal || f.Kind == fault.Unavailable {
		return err
	}
	b.report.note(issuesOf(in.line, f)...)
	return errRefused
}

func (b *bringing) one(ctx context.Context, in imported, existing Product) (err error) {
	id := existing.ID
	switch after := in.over(existing.Content); {
	case id == 0:
		if id, err = b.s.insert(ctx, b.new, in.content, b.places, b.o.Actor); err == nil {
			b.report.Created++
			b.report.detail(in, Content{}, in.content)
		}
	case existing.says(after):
		b.report.Unchanged++
	default:
		err = b.change(ctx, in, existing.Slug)
	}
	if err != nil || b.o.DryRun || len(in.photos) == 0 && !in.publish {
		return err
	}
	if err := b.new.Flush(ctx); err != nil {
		return err
	}
	return b.show(ctx, in, id, existing.Photos)
}

// change makes a product say what the file says, beside what somebody may have said a moment ago.
func (b *bringing) change(ctx context.Context, in imported, slug string) error {
	if err := b.new.Flush(ctx); err != nil {
		return err
	}
	now, err := b.s.lock(ctx, b.tx, slug)
	if err != nil {
		return err
	}
	after := in.over(now.Content)
	changed, err := b.s.update(ctx, b.tx, now, after, b.o.Actor)
	switch {
	case err != nil:
		return err
	case changed:
		b.report.Changed++
		b.report.detail(in, now.Content, after)
	default:
		b.report.Unchanged++
	}
	return nil
}

// show gives a product its photographs, and puts it online when the file says so and nothing is missing.
func (b *bringing) show(ctx context.Context, in imported, id int64, had []Photo) error {
	pictured, err := b.s.importPhotos(ctx, b.tx, id, had, in.photos)
	if err != nil {
		return err
	}
	own, err := b.s.importOwnPhotos(ctx, b.tx, id, in)
	if err != nil {
		return err
	}
	if pictured || own {
		b.report.Pictured++
	}
	if !in.publish {
		return nil
	}
	p, err := productByID(ctx, b.tx, id)
	if err != nil || p.State == Published {
		return err
	}
	err = b.s.publish(ctx, b.tx, p, b.o.Actor)
	if fault.Is(err, "criteria_not_met") {
		list, err := b.s.Criteria(ctx, p)
		if err != nil {
			return err
		}
		b.report.warn(staysDraft(in.line, Failing(list)))
		return nil
	}
	if err == nil {
		b.report.Published++
	}
	return err
}

func (s *Service) importPhotos(ctx context.Context, tx pgx.Tx, productID int64, had []Photo, photos []importedPhoto) (changed bool, err error) {
	known := map[string]Photo{}
	for _, p := range had {
		known[p.SHA256], known[p.Source.SHA256] = p, p
	}
	next := len(had)
	for _, ph := range photos {
		if old, there := known[ph.staged.SHA256]; there {
			for lang, alt := range ph.alts {
				if old.Alts[lang] == alt {
					delete(ph.alts, lang)
				}
			}
			if err := putAlts(ctx, tx, old.ID, ph.alts); err != nil {
				return false, err
			}
			changed = changed || len(ph.alts) > 0
			continue
		}
		if err := s.attach(ctx, tx, productID, next, ph.staged, ph.alts, s.EnqueueRender); err != nil {
			return false, err
		}
		changed = true
		next++
	}
	return changed, nil
}
