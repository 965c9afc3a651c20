package shop

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
)

// nearest is how many pickup points a shopper chooses from, searched how many are looked at to find
// so many that a tariff reaches.
const (
	nearest  = 12
	searched = 80
)

// Around says where a shopper looks for a pickup point: near another postal code than their own, for
// a method or (under no name) for all; and what they have chosen already, which stays in the list
// wherever it lies.
type Around struct {
	Near   map[string]string
	Chosen Choice
}

func (a Around) near(method string) string {
	if code := a.Near[method]; code != "" {
		return code
	}
	return a.Near[""]
}

// termsFor fills in the pickup points near the destination, for the carriers of the conditions'
// pickup methods.
func termsFor(ctx context.Context, q pg.Querier, c Conditions, to Destination, around Around, terms Terms) (Terms, error) {
	for _, m := range c.Methods {
		if m.Kind != KindPickup || terms.Points[m.ID] != nil {
			continue
		}
		near := to
		if code, ok := place.PostalCode(to.Country, around.near(m.ID)); ok {
			near.PostalCode = code
		}
		points, err := PointsNear(ctx, q, m.Carrier, near, searched)
		if err != nil {
			return terms, err
		}
		points = c.reachedAlike(points, to)
		points = points[:min(len(points), nearest)]
		if chosen := around.Chosen; chosen.Method == m.ID && !slices.ContainsFunc(points, func(s Stop) bool { return s.Code == chosen.Stop }) {
			kept, err := pointAt(ctx, q, m.Carrier, chosen.Stop)
			if err != nil {
				return terms, err
			}
			points = append(c.reachedAlike(kept, to), points...)
		}
		if terms.Points == nil {
			terms.Points = map[string][]Stop{}
		}
		terms.Points[m.ID] = points
	}
	return terms, nil
}

// reachedAlike keeps the points that cost the same to reach as the destination and bear the same VAT:
// nobody pays the mainland's price for a parcel to Corsica by choosing a point there.
func (c Conditions) reachedAlike(points []Stop, to Destination) []Stop {
	zone, ok := c.ZoneOf(to)
	if !ok {
		return nil
	}
	var list []Stop
	for _, s := range points {
		at := Destination{s.Address.Country, s.Address.PostalCode}
		found, _ := c.ZoneOf(at)
		if found.Code == zone.Code && place.TerritoryOf(at.Country, at.PostalCode) == place.TerritoryOf(to.Country, to.PostalCode) {
			list = append(list, s)
		}
	}
	return list
}

// QuoteFor quotes a basket on the given conditions with the carriers' points as they are: what the
// simulator and the orders' replays ask.
func (s *Service) QuoteFor(ctx context.Context, c Conditions, items []Item, to Destination, lang text.Lang) (Quote, error) {
	terms, err := termsFor(ctx, s.Pool, c, to, Around{}, Terms{At: s.Clock.Now(), Lang: lang})
	if err != nil {
		return Quote{}, err
	}
	return c.QuoteOn(items, to, terms), nil
}

// PointsNear lists a carrier's pickup points in the destination's country, those whose postal codes
// lie nearest first: the same code, then the same beginning.
func PointsNear(ctx context.Context, q pg.Querier, carrier string, to Destination, limit int) ([]Stop, error) {
	rows, err := q.Query(ctx, sqlPointsNear, pgx.NamedArgs{"carrier": carrier, "country": string(to.Country), "code": to.compact(), "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanStop)
}

func pointAt(ctx context.Context, q pg.Querier, carrier, code string) ([]Stop, error) {
	rows, err := q.Query(ctx, sqlPointAt, pgx.NamedArgs{"carrier": carrier, "code": code})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanStop)
}

func scanStop(row pgx.CollectableRow) (Stop, error) {
	var s Stop
	var country string
	err := row.Scan(&s.Carrier, &s.Code, &s.Name, &s.Address.Line1, &s.Address.Line2, &s.Address.PostalCode, &s.Address.City, &country, &s.Hours)
	s.Address.Country, s.Address.Name = place.Country(country), s.Name
	return s, err
}

// PointsOf counts the pickup points of each carrier.
func PointsOf(ctx context.Context, q pg.Querier) (map[string]int, error) {
	rows, err := q.Query(ctx, sqlCountPoints)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	var carrier string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&carrier, &n}, func() error {
		counts[carrier] = n
		return nil
	})
	return counts, err
}

// ReplacePoints puts a carrier's new list of pickup points in the place of its old one. Orders keep
// the points that they were placed with.
func (s *Service) ReplacePoints(ctx context.Context, carrier string, points []Stop, actor string) error {
	if carrier == "" || len(carrier) > 60 {
		var fields fault.Fields
		fields.Add("carrier", "required", "is missing")
		return fields.Err()
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlDeletePoints, pgx.NamedArgs{"carrier": carrier}); err != nil {
			return err
		}
		for _, p := range points {
			a := p.Address
			if _, err := tx.Exec(ctx, sqlInsertPoint, pgx.NamedArgs{"carrier": carrier, "code": p.Code, "name": p.Name, "line1": a.Line1, "line2": a.Line2,
				"postal_code": a.PostalCode, "city": a.City, "country": string(a.Country), "hours": p.Hours}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "shipping.points", Subject: "carrier:" + carrier, Detail: map[string]any{"points": len(points)}})
	})
}
