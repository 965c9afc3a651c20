package catalog

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pdf"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// MakerContent is what staff write about a maker. Latitude and Longitude are in millionths of a
// degree, both or neither; PhotoSHA256 names a photograph of one of the maker's products, which is shown
// when the maker has none of its own.
type MakerContent struct {
	Slug, Name, Town, Address, Website string
	Stories                            Labels
	Latitude, Longitude                *int32
	Local                              bool
	PhotoSHA256                        string
}

// MakerSummary is a maker in the staff's list.
type MakerSummary struct {
	Slug      string
	Name      string
	Town      string
	Local     bool
	Placed    bool
	Story     bool
	Products  int
	Published int
}

// ListMakers lists the makers by name.
func ListMakers(ctx context.Context, q pg.Querier) ([]MakerSummary, error) {
	rows, err := q.Query(ctx, sqlMakers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[MakerSummary])
}

// GetMaker reads a maker by its slug, for staff, and the photographs to choose from.
func GetMaker(ctx context.Context, q pg.Querier, slug string) (c MakerContent, photos []string, err error) {
	var stories map[text.Lang]string
	err = q.QueryRow(ctx, sqlMaker, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).
		Scan(&c.Slug, &c.Name, &c.Town, &c.Address, &c.Website, &c.Latitude, &c.Longitude, &c.Local, &c.PhotoSHA256, &stories, &photos)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoMaker()
	}
	c.Stories = stories
	return c, photos, err
}

func (c *MakerContent) check() error {
	var fields fault.Fields
	if !slugForm.MatchString(c.Slug) || len(c.Slug) > 80 {
		fields.Add("slug", "slug_invalid", "must have small letters, digits and hyphens, at most 80")
	}
	for _, f := range []struct {
		place string
		value *string
		most  int
	}{{"name", &c.Name, 200}, {"town", &c.Town, 100}, {"address", &c.Address, 300}, {"website", &c.Website, 300}} {
		*f.value = strings.TrimSpace(*f.value)
		if !text.Valid(*f.value) {
			fields.Add(f.place, "not_text", "must be text")
		} else if utf8.RuneCountInString(*f.value) > f.most {
			fields.Add(f.place, "too_long", "is too long")
		}
	}
	if c.Name == "" {
		fields.Add("name", "required", "is missing")
	}
	if c.Website != "" && !web(c.Website) {
		fields.Add("website", "address_invalid", "must be an address like https://maker.example")
	}
	for lang, story := range c.Stories {
		if !text.Valid(story) {
			fields.Add("story_"+string(lang), "not_text", "must be text")
		} else if utf8.RuneCountInString(story) > 8000 {
			fields.Add("story_"+string(lang), "too_long", "is too long")
		}
	}
	if (c.Latitude == nil) != (c.Longitude == nil) || (c.Latitude != nil && (max(*c.Latitude, -*c.Latitude) > 90_000_000 || max(*c.Longitude, -*c.Longitude) > 180_000_000)) {
		fields.Add("latitude", "coordinates_invalid", "must be degrees like 50.3675 and 3.0797, both or neither")
	}
	if c.PhotoSHA256 != "" && !hexName(c.PhotoSHA256) {
		fields.Add("photo", "photo_unusable", "is none of the maker's photographs")
	}
	return fields.Err()
}

func hexName(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// SaveMaker makes a maker, or changes the one with this slug.
func (s *Service) SaveMaker(ctx context.Context, c MakerContent, actor string) error {
	if err := c.check(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var id int64
		if err := tx.QueryRow(ctx, sqlSaveMaker, pgx.NamedArgs{"slug": c.Slug, "name": c.Name, "town": c.Town, "address": c.Address, "website": c.Website,
			"latitude": c.Latitude, "longitude": c.Longitude, "local": c.Local, "photo": c.PhotoSHA256}).Scan(&id); err != nil {
			return err
		}
		for lang, story := range c.Stories {
			if _, err := tx.Exec(ctx, sqlPutMakerText, pgx.NamedArgs{"maker_id": id, "lang": string(lang), "story": strings.TrimSpace(story)}); err != nil {
				return err
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "maker.save", Subject: "maker:" + c.Slug}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}

// OutlineMap is the map on which makers are dots: artwork, its size, and the degrees of its edges in
// millionths.
type OutlineMap struct {
	SVG                      string
	Width, Height            int
	North, South, West, East int32
	SetAt                    time.Time
}

// Place gives the dot of a place, in the map's own measure; ok is false outside its edges.
func (m OutlineMap) Place(latitude, longitude int32) (x, y int, ok bool) {
	if m.SVG == "" || latitude > m.North || latitude < m.South || longitude < m.West || longitude > m.East {
		return 0, 0, false
	}
	part := func(of, whole int64, size int) int { return int(of * int64(size) / whole) }
	return part(int64(longitude)-int64(m.West), int64(m.East)-int64(m.West), m.Width), part(int64(m.North)-int64(latitude), int64(m.North)-int64(m.South), m.Height), true
}

// GetMap reads the newest outline map; the zero one when there is none.
func GetMap(ctx context.Context, q pg.Querier) (OutlineMap, error) {
	var m OutlineMap
	err := q.QueryRow(ctx, sqlMap).Scan(&m.SVG, &m.Width, &m.Height, &m.North, &m.South, &m.West, &m.East, &m.SetAt)
	if errors.Is(err, pgx.ErrNoRows) {
		err = nil
	}
	return m, err
}

// SetMap replaces the outline map. Artwork with anything but shapes in it is refused, with its place.
func (s *Service) SetMap(ctx context.Context, m OutlineMap, actor string) error {
	var fields fault.Fields
	art, err := pdf.ReadSVG([]byte(m.SVG))
	if err != nil {
		fields.Add("svg", "svg_invalid", err.Error())
	} else if m.Width, m.Height = int(math.Round(art.Width)), int(math.Round(art.Height)); m.Width < 1 || m.Height < 1 || m.Width > 1e6 || m.Height > 1e6 {
		fields.Add("svg", "svg_invalid", fmt.Sprintf("the drawing measures %g by %g", art.Width, art.Height))
	}
	if m.North <= m.South || m.East <= m.West || m.North > 90_000_000 || m.South < -90_000_000 || m.East > 180_000_000 || m.West < -180_000_000 {
		fields.Add("north", "coordinates_invalid", "must be the degrees of the map's edges, north above south and east beyond west")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertMap, pgx.NamedArgs{"svg": m.SVG, "width": m.Width, "height": m.Height, "north": m.North, "south": m.South, "west": m.West, "east": m.East, "actor": actor}); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "maker.map", Subject: "makers"}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}

// Portrait is the maker's own photograph; nil when it has none and is shown by one of its products.
func (m *Maker) Portrait() *Picture {
	if m.own {
		return m.Photo
	}
	return nil
}

// Placed tells whether the maker's place is known.
func (m *Maker) Placed() bool { return m.Latitude != nil && m.Longitude != nil }

// Geo is the maker's place as a geo: address (RFC 5870).
func (m *Maker) Geo() string {
	if !m.Placed() {
		return ""
	}
	return "geo:" + Degrees(m.Latitude) + "," + Degrees(m.Longitude)
}

// Degrees writes millionths of a degree; empty for none.
func Degrees(e6 *int32) string {
	if e6 == nil {
		return ""
	}
	n, sign := *e6, ""
	if n < 0 {
		n, sign = -n, "-"
	}
	return strings.TrimSuffix(strings.TrimRight(fmt.Sprintf("%s%d.%06d", sign, n/1e6, n%1e6), "0"), ".")
}

// ParseDegrees reads degrees like 50.3675 or 3,0797; nil for an empty text.
func ParseDegrees(s string) (*int32, error) {
	s = strings.Replace(strings.TrimSpace(s), ",", ".", 1)
	if s == "" {
		return nil, nil
	}
	var f float64
	if _, err := fmt.Sscanf(s+"\n", "%g\n", &f); err != nil || math.IsNaN(f) || math.Abs(f) > 180 {
		return nil, fault.New(fault.Invalid, "coordinates_invalid", "must be degrees like 50.3675")
	}
	e6 := int32(math.Round(f * 1e6))
	return &e6, nil
}

// LocalShare counts the products online, and those of makers whom the office calls local.
func (s *Snapshot) LocalShare() (local, all int) {
	for _, m := range s.Makers {
		if m.Local {
			local += m.Count
		}
	}
	return local, len(s.items)
}
