package catalog

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Renderer tells what only the photo store knows: the addresses that a photograph's renditions
// have, made or to be made, those that pages show meanwhile, and the tiny picture of a thumbhash.
type Renderer interface {
	Renditions(sha256 string, width, height int) []Rendition
	// Shown are the renditions that lie in the store, by Photo.Made; all that are to be made when
	// none does.
	Shown(sha256 string, width, height int, made string) []Rendition
	// Ready tells whether every rendition that is to be made lies in the store.
	Ready(width int, made string) bool
	Placeholder(thumbhash []byte) string
}

// build reads the published catalogue in one read-only moment.
func build(ctx context.Context, tx pgx.Tx, renderer Renderer) (*Snapshot, error) {
	s := &Snapshot{bySlug: map[string]*Item{}, former: map[string]string{}, categories: map[string]*Category{}, makers: map[string]*Maker{}}
	if err := tx.QueryRow(ctx, sqlSnapshotHead).Scan(&s.Version, &s.BuiltAt, &s.NextChange); err != nil {
		return nil, err
	}
	if err := s.readPlaces(ctx, tx, renderer); err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, sqlPublishedIDs)
	if err != nil {
		return nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, err
	}
	if s.Map, err = GetMap(ctx, tx); err != nil {
		return nil, err
	}
	if s.meanings, err = readMeanings(ctx, tx); err != nil {
		return nil, err
	}
	if err := s.readItems(ctx, tx, ids, renderer); err != nil {
		return nil, err
	}
	var old, now string
	if rows, err = tx.Query(ctx, sqlFormerSlugs); err != nil {
		return nil, err
	}
	if _, err := pgx.ForEachRow(rows, []any{&old, &now}, func() error { s.former[old] = now; return nil }); err != nil {
		return nil, err
	}
	s.finishPlaces()
	s.finishColumns()
	return s, nil
}

// part is how many products are read at once.
const part = 2000

// readItems reads the products in the order of their ids here, and indexes each part of them while
// the next one is read.
func (s *Snapshot) readItems(ctx context.Context, q pg.Querier, ids []int64, renderer Renderer) error {
	s.items = make([]*Item, 0, len(ids))
	reading := newReading()
	s.search = reading.indexes
	defer reading.wait()
	for start := 0; start < len(ids); start += part {
		some := ids[start:min(start+part, len(ids))]
		list, err := loadProducts(ctx, q, some)
		if err != nil {
			return err
		}
		products := make(map[int64]*Product, len(list))
		for n := range list {
			products[list[n].ID] = &list[n]
		}
		first := len(s.items)
		for _, id := range some {
			if item := s.item(*products[id], renderer); item != nil {
				item.at = int32(len(s.items))
				s.items = append(s.items, item)
				s.bySlug[item.Slug] = item
			}
		}
		reading.items <- s.items[first:len(s.items):len(s.items)]
	}
	return nil
}

func (s *Snapshot) readPlaces(ctx context.Context, q pg.Querier, renderer Renderer) error {
	rows, err := q.Query(ctx, sqlSnapshotCategories)
	if err != nil {
		return err
	}
	var slug, photo, lang, name, about string
	var position int
	if _, err := pgx.ForEachRow(rows, []any{&slug, &position, &photo, &lang, &name, &about}, func() error {
		c, ok := s.categories[slug]
		if !ok {
			c = &Category{Slug: slug, Position: position, Names: Labels{}, Descriptions: Labels{}}
			if photo != "" {
				c.Photo = &Picture{SHA256: photo}
			}
			c.at = int32(len(s.Categories))
			s.categories[slug] = c
			s.Categories = append(s.Categories, c)
		}
		c.Names[text.Lang(lang)], c.Descriptions[text.Lang(lang)] = name, about
		return nil
	}); err != nil {
		return err
	}
	if rows, err = q.Query(ctx, sqlSnapshotMakers); err != nil {
		return err
	}
	var town, address, website, story string
	var latitude, longitude *int32
	var local bool
	var own, thumbhash []byte
	var made string
	_, err = pgx.ForEachRow(rows, []any{&slug, &name, &town, &address, &website, &latitude, &longitude, &local, &photo, &lang, &story, &own, &thumbhash, &made}, func() error {
		m, ok := s.makers[slug]
		if !ok {
			m = &Maker{Slug: slug, Name: name, Town: town, Address: address, Website: website, Stories: Labels{}, Latitude: latitude, Longitude: longitude, Local: local, photo: photo}
			if own != nil {
				m.Photo = &Picture{store: renderer, made: made, thumbhash: slices.Clone(thumbhash)}
				if err := json.Unmarshal(own, m.Photo); err != nil {
					return err
				}
				m.own = true
			}
			m.at = int32(len(s.Makers))
			s.makers[slug] = m
			s.Makers = append(s.Makers, m)
		}
		if lang != "" {
			m.Stories[text.Lang(lang)] = story
		}
		return nil
	})
	return err
}

// item makes a product ready for its pages; nil when nothing of it is on sale.
func (s *Snapshot) item(p Product, renderer Renderer) *Item {
	i := &Item{ID: p.ID, Slug: p.Slug, Family: p.Law, Category: s.categories[p.Category], Maker: s.makers[p.Maker], Texts: map[text.Lang]ItemText{},
		Options: p.Options, Legal: p.Legal, Origins: p.Origins(), Classes: p.ShippingClasses}
	if p.PublishedAt != nil {
		i.PublishedAt = *p.PublishedAt
	}
	for lang, t := range p.Texts {
		i.Texts[lang] = ItemText(t)
	}
	for _, v := range p.selling() {
		if v.Price <= 0 {
			continue
		}
		one := ItemVariant{ID: v.ID, SKU: v.SKU, GTIN: v.GTIN, Price: v.Price, Reduction: v.Reduction, WeightG: v.WeightG, LengthMM: v.LengthMM, WidthMM: v.WidthMM, HeightMM: v.HeightMM}
		for n, code := range v.Values {
			for _, value := range p.Options[n].Values {
				if value.Code == code {
					one.Values = append(one.Values, value)
				}
			}
		}
		one.UnitPrice, one.Unit = unitPrice(v.Price, p.Legal.NetQuantity, p.Legal.NetUnit)
		i.Variants = append(i.Variants, one)
		if i.MinPrice == 0 || v.Price < i.MinPrice {
			i.MinPrice = v.Price
		}
		i.MaxPrice = max(i.MaxPrice, v.Price)
		i.Reduced = i.Reduced || v.Reduction.Announced()
	}
	if len(i.Variants) == 0 {
		return nil
	}
	for _, ph := range p.Photos {
		i.Pictures = append(i.Pictures, Picture{SHA256: ph.SHA256, Width: ph.Width, Height: ph.Height, FocalX: ph.FocalX, FocalY: ph.FocalY, Alts: ph.Alts,
			Credit: ph.Credit, Shows: ph.Shows, store: renderer, made: ph.Made, thumbhash: ph.Thumbhash})
	}
	return i
}

// unitPrice is the price per kilogram, litre or metre, rounded half up; nil where none is wanted.
func unitPrice(price money.Amount, quantity int, unit string) (*money.Amount, string) {
	per, name := int64(1000), "kg"
	switch unit {
	case "g":
	case "ml":
		name = "l"
	case "kg", "l", "m":
		per, name = 1, unit
	default:
		return nil, ""
	}
	if quantity <= 0 {
		return nil, ""
	}
	amount := money.Amount((2*int64(price)*per + int64(quantity)) / (2 * int64(quantity)))
	return &amount, name
}

// finishPlaces counts products and gives each maker without a photograph of its own, and each category,
// the one chosen, else the first of its newest product.
func (s *Snapshot) finishPlaces() {
	for _, i := range s.items {
		if m := i.Maker; m != nil {
			m.Count++
			for n := range i.Pictures {
				if !m.own && (m.Photo == nil || i.Pictures[n].SHA256 == m.photo) {
					m.Photo = &i.Pictures[n]
				}
			}
		}
		c := i.Category
		if c == nil {
			continue
		}
		c.Count++
		for n := range i.Pictures {
			if c.Photo == nil || (c.Photo.store == nil && c.Photo.SHA256 == i.Pictures[n].SHA256) {
				c.Photo = &i.Pictures[n]
			}
		}
	}
	for _, c := range s.Categories {
		if c.Photo != nil && c.Photo.store == nil {
			c.Photo = nil
			for _, i := range s.items {
				if i.Category == c && len(i.Pictures) > 0 {
					c.Photo = &i.Pictures[0]
					break
				}
			}
		}
	}
}
