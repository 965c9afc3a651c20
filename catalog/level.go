package catalog

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
)

// Level is a variant's stock at a location.
type Level struct {
	SKU       string
	Location  string
	OnHand    int
	Reserved  int
	Available int
}

// Movement is one change of stock on hand.
type Movement struct {
	ID        int64
	Location  string
	Delta     int
	Reason    string
	Reference string
	Actor     string
	At        time.Time
}

// StockOf reads a variant's stock at a location.
func StockOf(ctx context.Context, q pg.Querier, sku, location string) (Level, error) {
	id, _, err := variantBySKU(ctx, q, sku)
	if err != nil {
		return Level{}, err
	}
	return level(ctx, q, id, sku, location)
}

func level(ctx context.Context, q pg.Querier, id int64, sku, location string) (Level, error) {
	l := Level{SKU: sku, Location: location}
	err := q.QueryRow(ctx, sqlLevel, pgx.NamedArgs{"variant_id": id, "location": location}).Scan(&l.OnHand, &l.Reserved)
	l.Available = l.OnHand - l.Reserved
	return l, err
}

// Movements lists a variant's newest movements.
func Movements(ctx context.Context, q pg.Querier, sku string, limit int) ([]Movement, error) {
	id, _, err := variantBySKU(ctx, q, sku)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, sqlMovements, pgx.NamedArgs{"variant_id": id, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Movement])
}

// SetStock says how many pieces are on hand, with the reason (a count, a delivery). Fewer than are
// reserved for orders is a Conflict with code stock_reserved.
func (s *Service) SetStock(ctx context.Context, sku, location string, onHand int, reason, actor string) (Level, error) {
	return s.changeStock(ctx, sku, location, "", reason, actor, func(l Level) int { return onHand - l.OnHand })
}

// MoveStock adds to (or takes from) what is on hand, with the reason. With a destination the pieces
// move there: two movements in one transaction.
func (s *Service) MoveStock(ctx context.Context, sku, location, to string, delta int, reason, actor string) (Level, error) {
	return s.changeStock(ctx, sku, location, to, reason, actor, func(Level) int { return delta })
}

func (s *Service) changeStock(ctx context.Context, sku, location, to, reason, actor string, change func(Level) int) (Level, error) {
	if location == "" {
		location = Web
	}
	var fields fault.Fields
	if reason == "" || len(reason) > 200 {
		fields.Add("reason", "reason_length", "must say why, in at most 200 characters")
	}
	if err := fields.Err(); err != nil {
		return Level{}, err
	}
	var after Level
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		id, slug, err := variantBySKU(ctx, tx, sku)
		if err != nil {
			return err
		}
		if err := knownLocations(ctx, tx, location, to); err != nil {
			return err
		}
		// Adding nothing makes the row if there is none, and locks it.
		if err := addStock(ctx, tx, id, location, 0); err != nil {
			return err
		}
		before, err := level(ctx, tx, id, sku, location)
		if err != nil {
			return err
		}
		delta := change(before)
		if to != "" {
			delta = -max(delta, -delta)
		}
		if next := before.OnHand + delta; next < 0 || next > 1_000_000 {
			return fault.New(fault.Conflict, "stock_out_of_range", "stock on hand must stay between 0 and 1,000,000").With("on_hand", before.OnHand)
		} else if next < before.Reserved {
			return fault.New(fault.Conflict, "stock_reserved", "orders that wait for their payment hold some of it").With("reserved", before.Reserved)
		}
		if err := setStock(ctx, tx, id, location, delta, reason, "", actor); err != nil {
			return err
		}
		if to != "" {
			if err := setStock(ctx, tx, id, to, -delta, reason, "", actor); err != nil {
				return err
			}
		}
		if after, err = level(ctx, tx, id, sku, location); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "stock.change", Subject: "product:" + slug, Detail: map[string]any{"sku": sku, "location": location, "to": to, "delta": delta, "reason": reason}})
	})
	return after, err
}

func knownLocations(ctx context.Context, q pg.Querier, codes ...string) error {
	for _, code := range codes {
		if code == "" {
			continue
		}
		var known bool
		if err := q.QueryRow(ctx, sqlKnownLocation, pgx.NamedArgs{"code": code}).Scan(&known); err != nil {
			return err
		}
		if !known {
			return errNoLocation()
		}
	}
	return nil
}

func errNoLocation() error {
	var fields fault.Fields
	fields.Add("location", "location_unknown", "is none of the office's stock locations")
	return fields.Err()
}

// LowStock is an article of which few are left.
type LowStock struct {
	SKU       string
	Slug      string
	Name      string
	Available int
}

// ListLowStock lists published articles with at most a few pieces left, the fewest first.
func ListLowStock(ctx context.Context, q pg.Querier, atMost, limit int) ([]LowStock, error) {
	rows, err := q.Query(ctx, sqlLowStock, pgx.NamedArgs{"at_most": atMost, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[LowStock])
}
