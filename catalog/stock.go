package catalog

import (
	"context"
	"sort"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
)

// Web is the location that shoppers buy from.
const Web = "web"

// Quantity is a number of pieces of a variant.
type Quantity struct {
	VariantID int64
	Quantity  int
}

// Shortage is an article of which less is available than was wanted.
type Shortage struct {
	SKU       string `json:"sku"`
	Wanted    int    `json:"wanted"`
	Available int    `json:"available"`
}

// merged adds up repeated variants and sorts by variant, the one order in which stock is locked.
func merged(want []Quantity) []Quantity {
	sums := map[int64]int{}
	for _, w := range want {
		sums[w.VariantID] += w.Quantity
	}
	list := make([]Quantity, 0, len(sums))
	for id, n := range sums {
		list = append(list, Quantity{id, n})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].VariantID < list[j].VariantID })
	return list
}

// Hold keeps pieces back for an order, all of them or none: one conditional update per variant, in
// the order of their ids. When some are short it fails with Conflict, code out_of_stock, and every
// short line in the parameter "lines"; the caller's transaction must then be rolled back. An order
// that had given its pieces up may hold them again. Call it last: it locks what others want.
func Hold(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, want []Quantity) error {
	var short []Shortage
	for _, w := range merged(want) {
		tag, err := tx.Exec(ctx, sqlReserve, pgx.NamedArgs{"variant_id": w.VariantID, "location": Web, "quantity": w.Quantity})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			if _, err := tx.Exec(ctx, sqlInsertHold, pgx.NamedArgs{"order_id": orderID, "variant_id": w.VariantID, "location": Web, "quantity": w.Quantity}); err != nil {
				return err
			}
			continue
		}
		s := Shortage{Wanted: w.Quantity}
		if err := tx.QueryRow(ctx, sqlShortage, pgx.NamedArgs{"variant_id": w.VariantID, "location": Web}).Scan(&s.SKU, &s.Available); err != nil {
			return err
		}
		short = append(short, s)
	}
	if short != nil {
		return fault.New(fault.Conflict, "out_of_stock", "less is left than was asked for").With("lines", short)
	}
	return nil
}

type heldRow struct {
	VariantID int64
	Location  string
	Quantity  int
}

func endHolds(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, state string) ([]heldRow, error) {
	rows, err := tx.Query(ctx, sqlEndHolds, pgx.NamedArgs{"order_id": orderID, "state": state})
	if err != nil {
		return nil, err
	}
	held, err := pgx.CollectRows(rows, pgx.RowToStructByName[heldRow])
	sort.Slice(held, func(i, j int) bool { return held[i].VariantID < held[j].VariantID })
	return held, err
}

// Take turns what an order holds into a sale: the pieces leave stock, each with its movement. An
// order that holds nothing is a Conflict with code not_held.
func Take(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, reference, actor string) error {
	held, err := endHolds(ctx, tx, orderID, "taken")
	if err != nil {
		return err
	}
	if len(held) == 0 {
		return fault.New(fault.Conflict, "not_held", "nothing is held for this order")
	}
	for _, h := range held {
		if _, err := tx.Exec(ctx, sqlTakeStock, pgx.NamedArgs{"variant_id": h.VariantID, "location": h.Location, "quantity": h.Quantity}); err != nil {
			return err
		}
		if err := insertMovement(ctx, tx, h.VariantID, h.Location, -h.Quantity, "sale", reference, actor); err != nil {
			return err
		}
	}
	return nil
}

// Release gives back what an order holds; an order that holds nothing is left alone.
func Release(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	held, err := endHolds(ctx, tx, orderID, "released")
	if err != nil {
		return err
	}
	for _, h := range held {
		if _, err := tx.Exec(ctx, sqlReleaseStock, pgx.NamedArgs{"variant_id": h.VariantID, "location": h.Location, "quantity": h.Quantity}); err != nil {
			return err
		}
	}
	return nil
}

// PutBack brings sold pieces back on sale, with a movement each.
func PutBack(ctx context.Context, tx pgx.Tx, want []Quantity, reference, actor, reason string) error {
	for _, w := range merged(want) {
		if err := addStock(ctx, tx, w.VariantID, Web, w.Quantity); err != nil {
			return err
		}
		if err := insertMovement(ctx, tx, w.VariantID, Web, w.Quantity, reason, reference, actor); err != nil {
			return err
		}
	}
	return nil
}

func addStock(ctx context.Context, tx pgx.Tx, variantID int64, location string, delta int) error {
	_, err := tx.Exec(ctx, sqlAddStock, pgx.NamedArgs{"variant_id": variantID, "location": location, "delta": delta})
	return err
}

func insertMovement(ctx context.Context, tx pgx.Tx, variantID int64, location string, delta int, reason, reference, actor string) error {
	_, err := tx.Exec(ctx, sqlInsertMovement, pgx.NamedArgs{"variant_id": variantID, "location": location, "delta": delta, "reason": reason, "reference": reference, "actor": actor})
	return err
}
