package shop

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
)

// defaultConditions are what a new office starts from: its own prices stand here, the carriers'
// grids are entered by staff.
//
//go:embed conditions.json
var defaultConditions []byte

// ParseConditions reads the conditions of dispatch from JSON and names what is wrong with them.
func ParseConditions(data []byte) (Conditions, error) {
	var c Conditions
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&c); err != nil {
		return Conditions{}, fault.New(fault.Invalid, "conditions_syntax", err.Error())
	}
	return c, c.check()
}

// CurrentConditions reads the conditions of dispatch in force.
func CurrentConditions(ctx context.Context, q pg.Querier) (Conditions, error) {
	return readConditions(ctx, q, sqlCurrentConditions, nil)
}

// currentConditions is CurrentConditions of a version that is read once: a version never changes.
func (s *Service) currentConditions(ctx context.Context) (Conditions, error) {
	if kept := s.conditions.Load(); kept != nil {
		var version int
		err := s.Pool.QueryRow(ctx, sqlCurrentVersion).Scan(&version)
		if err == nil && version == kept.Version {
			return *kept, nil
		}
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return Conditions{}, err
		}
	}
	c, err := CurrentConditions(ctx, s.Pool)
	if err == nil {
		s.conditions.Store(&c)
	}
	return c, err
}

// ConditionsAt reads one version, for an order that was quoted on it.
func ConditionsAt(ctx context.Context, q pg.Querier, version int) (Conditions, error) {
	return readConditions(ctx, q, sqlConditionsAt, pgx.NamedArgs{"version": version})
}

func readConditions(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (Conditions, error) {
	var version int
	var data []byte
	err := q.QueryRow(ctx, statement, args).Scan(&version, &data)
	if errors.Is(err, pgx.ErrNoRows) {
		return Conditions{}, fault.New(fault.Unavailable, "no_conditions", "the office has not said yet how it sends: no conditions of dispatch are in force")
	}
	if err != nil {
		return Conditions{}, err
	}
	var c Conditions
	if err := json.Unmarshal(data, &c); err != nil {
		return Conditions{}, fmt.Errorf("conditions of dispatch, version %d: %w", version, err)
	}
	c.Version = version
	return c, nil
}

// SetConditions puts new conditions in force, as a new version, and returns its number.
func SetConditions(ctx context.Context, tx pgx.Tx, c Conditions, actor string) (int, error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return 0, err
	}
	var version int
	err = tx.QueryRow(ctx, sqlInsertConditions, pgx.NamedArgs{"document": data, "actor": actor}).Scan(&version)
	return version, err
}

// EnsureConditions gives an office that has none the default conditions.
func (s *Service) EnsureConditions(ctx context.Context) error {
	_, err := CurrentConditions(ctx, s.Pool)
	if !fault.Is(err, "no_conditions") {
		return err
	}
	c, err := ParseConditions(defaultConditions)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := SetConditions(ctx, tx, c, "system")
		return err
	})
}

// home is the destination that every article must be deliverable to: the mainland.
var home = Destination{Country: "FR", PostalCode: "59500"}

// Deliverable tells whether something of this weight and size can be sent to the home zone by any
// method; it implements catalog.Deliverability.
func (c Conditions) Deliverable(weightG, lengthMM, widthMM, heightMM int, classes []string) bool {
	quote := c.QuoteOn([]Item{{SKU: "-", Quantity: 1, UnitPrice: 1, WeightG: weightG, LengthMM: lengthMM, WidthMM: widthMM, HeightMM: heightMM, Classes: classes}}, home, Terms{At: noon, NoStops: true})
	for _, o := range quote.Options {
		if o.Kind != KindCollection {
			return true
		}
	}
	return false
}

// noon is any working moment: whether something can be sent does not hang on it.
var noon = time.Date(2026, 1, 5, 11, 0, 0, 0, time.UTC)
