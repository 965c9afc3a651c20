package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// Source is the language that translations are made from.
const Source = text.FR

// Revised is what a revision keeps of a product: what editors write. Articles, prices and stock have
// histories of their own.
type Revised struct {
	Slug            string             `json:"slug"`
	Family          string             `json:"family"`
	Category        string             `json:"category"`
	Maker           string             `json:"maker"`
	VATClass        vat.Class          `json:"vat_class"`
	Texts           map[text.Lang]Text `json:"texts"`
	Legal           LegalFacts         `json:"legal"`
	OriginCountry   string             `json:"origin_country"`
	CustomsCode     string             `json:"customs_code"`
	AnalyticCode    string             `json:"analytic_code,omitempty"`
	ShippingClasses []string           `json:"shipping_classes,omitempty"`
}

// RevisedOf is what a revision would keep of the content.
func RevisedOf(c Content) Revised {
	c = c.comparable()
	return Revised{c.Slug, c.Family, c.Category, c.Maker, c.VATClass, c.Texts, c.Legal, c.OriginCountry, c.CustomsCode, c.AnalyticCode, c.ShippingClasses}
}

// Into puts what the revision kept into a content.
func (r Revised) Into(c *Content) {
	c.Slug, c.Family, c.Category, c.Maker, c.VATClass, c.Legal = r.Slug, r.Family, r.Category, r.Maker, r.VATClass, r.Legal
	c.OriginCountry, c.CustomsCode, c.AnalyticCode, c.ShippingClasses = r.OriginCountry, r.CustomsCode, r.AnalyticCode, r.ShippingClasses
	texts := maps.Clone(c.Texts)
	if texts == nil {
		texts = map[text.Lang]Text{}
	}
	for lang := range texts {
		texts[lang] = r.Texts[lang]
	}
	maps.Copy(texts, r.Texts)
	c.Texts = texts
}

// leaves are the values of what editors write, by their places: "texts.fr.name".
func (r Revised) leaves() (map[string]any, error) {
	data, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	var tree map[string]any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil, err
	}
	found := map[string]any{}
	leavesOf("", tree, found)
	return found, nil
}

func leavesOf(place string, tree map[string]any, into map[string]any) {
	for name, value := range tree {
		switch at := place + name; v := value.(type) {
		case map[string]any:
			leavesOf(at+".", v, into)
		case string:
			if v != "" {
				into[at] = v
			}
		default:
			into[at] = v
		}
	}
}

// grown is the opposite of leaves.
func grown(leaves map[string]any) (Revised, error) {
	tree := map[string]any{}
	for place, value := range leaves {
		at := tree
		names := strings.Split(place, ".")
		for _, name := range names[:len(names)-1] {
			next, ok := at[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[name] = next
			}
			at = next
		}
		at[names[len(names)-1]] = value
	}
	data, err := json.Marshal(tree)
	if err != nil {
		return Revised{}, err
	}
	var r Revised
	err = json.Unmarshal(data, &r)
	return r, err
}

// Change is a place whose value differs between two states of a product.
type Change struct {
	Place         string
	Before, After string
}

// Changes lists what differs between two states, in the order of the places.
func Changes(before, after Revised) ([]Change, error) {
	a, err := before.leaves()
	if err != nil {
		return nil, err
	}
	b, err := after.leaves()
	if err != nil {
		return nil, err
	}
	places := map[string]bool{}
	for place := range a {
		places[place] = true
	}
	for place := range b {
		places[place] = true
	}
	var list []Change
	for _, place := range slices.Sorted(maps.Keys(places)) {
		if !reflect.DeepEqual(a[place], b[place]) {
			list = append(list, Change{place, readable(a[place]), readable(b[place])})
		}
	}
	return list, nil
}

func readable(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	data, err := json.Marshal(value)
	if err != nil {
		return ""
	}
	return strings.Trim(string(data), "[]")
}

// Merge is an edit brought together with what others did meanwhile. Theirs is what they changed;
// Conflicts are the places that both changed, each in its own way: Content holds the editor's value
// there, and After of the conflict is theirs.
type Merge struct {
	Version   int
	Content   Content
	Theirs    []Change
	Conflicts []Change
	By        string
	At        time.Time
}

// merge brings together two states that were made from one.
func merge(base, mine, theirs Revised) (merged Revised, conflicts []Change, err error) {
	b, err := base.leaves()
	if err != nil {
		return merged, nil, err
	}
	m, err := mine.leaves()
	if err != nil {
		return merged, nil, err
	}
	changed, err := Changes(base, theirs)
	if err != nil {
		return merged, nil, err
	}
	t, err := theirs.leaves()
	if err != nil {
		return merged, nil, err
	}
	for _, c := range changed {
		at := c.Place
		switch {
		case reflect.DeepEqual(m[at], b[at]):
			if t[at] == nil {
				delete(m, at)
			} else {
				m[at] = t[at]
			}
		case reflect.DeepEqual(m[at], t[at]):
		default:
			my, isText := m[at].(string)
			if together, ok := MergeText(readable(b[at]), my, readable(t[at])); isText && ok {
				m[at] = together
				continue
			}
			conflicts = append(conflicts, Change{at, readable(m[at]), readable(t[at])})
		}
	}
	merged, err = grown(m)
	return merged, conflicts, err
}

// MergeEdit brings an edit that is based on an old version together with what is there now. Theirs is
// empty when nothing that editors write has changed since.
func (s *Service) MergeEdit(ctx context.Context, slug string, version int, typed Content) (Merge, error) {
	now, err := GetProduct(ctx, s.Pool, slug)
	if err != nil {
		return Merge{}, err
	}
	m := Merge{Version: now.Version, Content: typed}
	last, found, err := revisionUpTo(ctx, s.Pool, now.ID, now.Version)
	if err != nil || !found {
		return m, err
	}
	base, found, err := revisionUpTo(ctx, s.Pool, now.ID, version)
	if err != nil || !found {
		return m, err
	}
	if m.Theirs, err = Changes(base.Content, RevisedOf(now.Content)); err != nil {
		return m, err
	}
	m.By, m.At = last.Author, last.At
	merged, conflicts, err := merge(base.Content, RevisedOf(typed), RevisedOf(now.Content))
	if err != nil {
		return m, err
	}
	m.Conflicts = conflicts
	merged.Into(&m.Content)
	return m, nil
}

// Revision is what a product said from a version on.
type Revision struct {
	Version int
	Author  string
	At      time.Time
	Content Revised
}

// Revisions lists a product's revisions, the newest first, from one version down.
func Revisions(ctx context.Context, q pg.Querier, productID int64, upTo, limit int) ([]Revision, error) {
	rows, err := q.Query(ctx, sqlRevisions, pgx.NamedArgs{"product_id": productID, "up_to": upTo, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Revision, error) {
		var r Revision
		var content []byte
		if err := row.Scan(&r.Version, &r.Author, &r.At, &content); err != nil {
			return r, err
		}
		return r, json.Unmarshal(content, &r.Content)
	})
}

func revisionUpTo(ctx context.Context, q pg.Querier, productID int64, version int) (Revision, bool, error) {
	list, err := Revisions(ctx, q, productID, version, 1)
	if err != nil || len(list) == 0 {
		return Revision{}, false, err
	}
	return list[0], true, nil
}

// keepRevision writes down what a product says from a version on. What it said before is written too
// when no revision has it yet.
func keepRevision(ctx context.Context, tx pgx.Tx, id int64, before *Product, after Content, version int, actor string) error {
	put := func(version int, c Revised, author string) error {
		data, err := json.Marshal(c)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlInsertRevision, pgx.NamedArgs{"product_id": id, "version": version, "content": data, "author": author})
		return err
	}
	now := RevisedOf(after)
	if before != nil {
		was := RevisedOf(before.Content)
		if reflect.DeepEqual(was, now) {
			return nil
		}
		_, found, err := revisionUpTo(ctx, tx, id, before.Version)
		if err != nil {
			return err
		}
		if !found {
			if err := put(before.Version, was, ""); err != nil {
				return err
			}
		}
	}
	return put(version, now, actor)
}

// RestoreRevision makes a product say again what a revision says; its address stays.
func (s *Service) RestoreRevision(ctx context.Context, slug string, version int, actor string) (Product, error) {
	p, err := GetProduct(ctx, s.Pool, slug)
	if err != nil {
		return Product{}, err
	}
	revision, err := GetRevision(ctx, s.Pool, p.ID, version)
	if err != nil {
		return Product{}, err
	}
	return s.UpdateProduct(ctx, slug, 0, actor, func(c *Content) error {
		address := c.Slug
		revision.Content.Into(c)
		c.Slug = address
		return nil
	})
}

// GetRevision reads one revision. An unknown one is NotFound.
func GetRevision(ctx context.Context, q pg.Querier, productID int64, version int) (Revision, error) {
	r, found, err := revisionUpTo(ctx, q, productID, version)
	if err == nil && (!found || r.Version != version) {
		err = fault.New(fault.NotFound, "revision_not_found", "the product has no such revision")
	}
	return r, err
}

// Unsaved is what somebody typed and has not saved.
type Unsaved struct {
	Version int
	Content Revised
	SavedAt time.Time
}

// SaveDraft keeps what somebody typed, beside the product.
func (s *Service) SaveDraft(ctx context.Context, slug string, version int, typed Content, actor string) error {
	data, err := json.Marshal(RevisedOf(typed))
	if err != nil {
		return err
	}
	if len(data) > 512<<10 {
		return fault.New(fault.TooLarge, "draft_too_large", "the draft is too long")
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlPutDraft, pgx.NamedArgs{"slug": slug, "author": actor, "version": version, "content": data})
		return err
	})
}

// DropDraft forgets what somebody typed.
func (s *Service) DropDraft(ctx context.Context, slug, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlDropDraft, pgx.NamedArgs{"slug": slug, "author": actor})
		return err
	})
}

// DraftOf reads what somebody typed; nil when they have saved everything.
func DraftOf(ctx context.Context, q pg.Querier, productID int64, actor string) (*Unsaved, error) {
	var d Unsaved
	var content []byte
	err := q.QueryRow(ctx, sqlDraft, pgx.NamedArgs{"product_id": productID, "author": actor}).Scan(&d.Version, &content, &d.SavedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &d, json.Unmarshal(content, &d.Content)
}

// Outdated tells whether a translation is older than its source.
func (p Product) Outdated(lang text.Lang) bool {
	return lang != Source && p.Texts[lang].Name != "" && p.TextsAt[lang].Before(p.TextsAt[Source])
}

// ConfirmTranslation says that a translation still says what its source says.
func (s *Service) ConfirmTranslation(ctx context.Context, slug string, lang text.Lang, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlConfirmText, pgx.NamedArgs{"product_id": p.ID, "lang": string(lang)}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.confirm_translation", Subject: "product:" + slug, Detail: map[string]any{"lang": lang}})
	})
}
