package shop

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/text"
)

// nearest is how many pickup points a shopper chooses from.
const nearest = 12

// termsFor fills in the pickup points near the destination, for the carriers of the conditions'
// pickup methods.
func termsFor(ctx context.Context, q pg.Querier, c Conditions, to Destination, terms Terms) (Terms, error) {
	for _, m := range c.Methods {
		if m.Kind != KindPickup || terms.Points[m.Carrier] != nil {
			continue
		}
		points, err := PointsNear(ctx, q, m.Carrier, to, nearest)
		if err != nil {
			return terms, err
		}
		if terms.Points == nil {
			terms.Points = map[string][]Stop{}
		}
		terms.Points[m.Carrier] = points
	}
	return terms, nil
}

// QuoteFor quotes a basket on the given conditions with the carriers' points as they are: what the
// simulator and the orders' replays ask.
func (s *Service) QuoteFor(ctx context.Context, c Conditions, items []Item, to Destination, lang text.Lang) (Quote, error) {
	terms, err := termsFor(ctx, s.Pool, c, to, Terms{At: s.Clock.Now(), Lang: lang})
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
