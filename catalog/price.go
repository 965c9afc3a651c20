package catalog

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// Reduction is a reduction of an article's price that is in force. Was is the lowest price of the 30
// days before it began (C. conso. art. L112-1-1), computed from the prices that were practised; zero
// when the article was not on sale before, and then nothing may be announced.
type Reduction struct {
	Amount money.Amount
	Was    money.Amount
	Began  time.Time
	Ends   time.Time
}

// Announced tells whether the reduction may be shown as one.
func (r *Reduction) Announced() bool { return r != nil && r.Was > r.Amount }

// Percent is by how much the price is lower, rounded down: what is shown is never more than is given.
func (r *Reduction) Percent() int {
	if !r.Announced() {
		return 0
	}
	return int((r.Was - r.Amount) * 100 / r.Was)
}

// longestReduction is how long a reduction may last: one without end is a price.
const longestReduction = 366 * 24 * time.Hour

func checkPrice(fields *fault.Fields, amount int64) {
	if amount < 1 || amount > 100_000_00 {
		fields.Add("price", "price_out_of_range", "must be between 0.01 and 100,000 euros")
	}
}

// NewPrice is a price that an article is to have.
type NewPrice struct {
	SKU   string
	Price int64
}

// SetPrice sets a variant's ordinary price from a moment on; the zero time is now. Every price is
// kept. While the article is reduced at that moment it is a Conflict with code price_reduced.
func (s *Service) SetPrice(ctx context.Context, sku string, price int64, validFrom time.Time, actor string) error {
	return s.SetPrices(ctx, []NewPrice{{sku, price}}, validFrom, actor)
}

// SetPrices is SetPrice for several variants, all or none.
func (s *Service) SetPrices(ctx context.Context, prices []NewPrice, validFrom time.Time, actor string) error {
	var fields fault.Fields
	for _, p := range prices {
		checkPrice(&fields, p.Price)
	}
	if !validFrom.IsZero() && validFrom.Before(s.Clock.Now().Add(-time.Minute)) {
		fields.Add("valid_from", "price_in_the_past", "must not lie in the past")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	var from *time.Time
	if validFrom.After(s.Clock.Now()) {
		from = &validFrom
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for _, p := range bySKU(prices) {
			id, slug, err := variantBySKU(ctx, tx, p.SKU)
			if err != nil {
				return err
			}
			if err := setPrice(ctx, tx, id, p.Price, from, actor); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "price.set", Subject: "product:" + slug, Detail: map[string]any{"sku": p.SKU, "price": p.Price, "valid_from": from}}); err != nil {
				return err
			}
		}
		return bump(ctx, tx)
	})
}

// bySKU sorts prices, so that two editors lock articles in one order.
func bySKU(prices []NewPrice) []NewPrice {
	return slices.SortedFunc(slices.Values(prices), func(a, b NewPrice) int { return cmp.Compare(a.SKU, b.SKU) })
}

// setPrice writes an ordinary price, from now on when from is nil. Reductions that are planned after
// it will end on it.
func setPrice(ctx context.Context, tx pgx.Tx, variantID, amount int64, from *time.Time, actor string) error {
	if _, err := tx.Exec(ctx, sqlLockVariant, pgx.NamedArgs{"id": variantID}); err != nil {
		return err
	}
	args := pgx.NamedArgs{"variant_id": variantID, "at": from}
	var reduced bool
	if err := tx.QueryRow(ctx, sqlReductionAt, args).Scan(&reduced); err != nil {
		return err
	}
	if reduced {
		return fault.New(fault.Conflict, "price_reduced", "the article is reduced at that time: end the reduction first")
	}
	if _, err := tx.Exec(ctx, sqlInsertPrice, pgx.NamedArgs{"variant_id": variantID, "amount": amount, "valid_from": from, "actor": actor}); err != nil {
		return err
	}
	ends, err := reductionEnds(ctx, tx, variantID, from)
	if err != nil {
		return err
	}
	for _, e := range ends {
		if err := backToOrdinary(ctx, tx, variantID, e.ID, e.At, actor); err != nil {
			return err
		}
	}
	return nil
}

type reductionEnd struct {
	ID int64
	At time.Time
}

func reductionEnds(ctx context.Context, tx pgx.Tx, variantID int64, after *time.Time) ([]reductionEnd, error) {
	rows, err := tx.Query(ctx, sqlReductionEndsAfter, pgx.NamedArgs{"variant_id": variantID, "at": after})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[reductionEnd])
}

// backToOrdinary writes the row with which a reduction ends: the ordinary price of that moment, unless
// another reduction is in force then.
func backToOrdinary(ctx context.Context, tx pgx.Tx, variantID, reductionID int64, at time.Time, actor string) error {
	var reduced bool
	if err := tx.QueryRow(ctx, sqlReductionAt, pgx.NamedArgs{"variant_id": variantID, "at": at}).Scan(&reduced); err != nil || reduced {
		return err
	}
	ordinary, err := ordinaryPrice(ctx, tx, variantID, at)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlInsertReductionPrice, pgx.NamedArgs{"variant_id": variantID, "amount": ordinary, "valid_from": at, "actor": actor, "reduction_id": reductionID})
	return err
}

func ordinaryPrice(ctx context.Context, q pg.Querier, variantID int64, at time.Time) (int64, error) {
	var amount int64
	err := q.QueryRow(ctx, sqlOrdinaryPriceAt, pgx.NamedArgs{"variant_id": variantID, "at": at}).Scan(&amount)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, fault.New(fault.Conflict, "price_missing", "the article has no price at that time")
	}
	return amount, err
}

// Reduce plans a reduction of some variants, all or none: it begins (the zero time: now) and ends by
// itself, back to the ordinary price. A new book keeps its publisher's price (loi 81-766 art. 1). An article has one
// reduction at a time, and its ordinary price doesn't change meanwhile.
func (s *Service) Reduce(ctx context.Context, cuts []NewPrice, starts, ends time.Time, actor string) error {
	var fields fault.Fields
	for _, c := range cuts {
		checkPrice(&fields, c.Price)
	}
	now := s.Clock.Now()
	if !starts.IsZero() && starts.Before(now.Add(-time.Minute)) {
		fields.Add("starts_at", "price_in_the_past", "must not lie in the past")
	}
	switch begin := later(starts, now); {
	case !ends.After(begin):
		fields.Add("ends_at", "ends_before", "must lie after the beginning")
	case ends.Sub(begin) > longestReduction:
		fields.Add("ends_at", "reduction_too_long", "must lie within a year of the beginning")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		begin := starts
		if !starts.After(now) {
			if err := tx.QueryRow(ctx, sqlNow).Scan(&begin); err != nil {
				return err
			}
		}
		for _, c := range bySKU(cuts) {
			id, slug, err := variantBySKU(ctx, tx, c.SKU)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlLockVariant, pgx.NamedArgs{"id": id}); err != nil {
				return err
			}
			if err := reduce(ctx, tx, id, c.Price, begin, ends, actor); err != nil {
				return err
			}
			if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "price.reduce", Subject: "product:" + slug, Detail: map[string]any{"sku": c.SKU, "price": c.Price, "starts_at": begin, "ends_at": ends}}); err != nil {
				return err
			}
		}
		return bump(ctx, tx)
	})
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func reduce(ctx context.Context, tx pgx.Tx, variantID, amount int64, starts, ends time.Time, actor string) error {
	var newBook, overlaps, planned bool
	if err := tx.QueryRow(ctx, sqlNewBookVariant, pgx.NamedArgs{"id": variantID}).Scan(&newBook); err != nil {
		return err
	}
	if newBook {
		return fault.New(fault.Conflict, "book_price_fixed", "a new book is sold at the price that its publisher fixed")
	}
	args := pgx.NamedArgs{"variant_id": variantID, "amount": amount, "starts_at": starts, "ends_at": ends, "actor": actor}
	if err := tx.QueryRow(ctx, sqlReductionOverlaps, args).Scan(&overlaps); err != nil {
		return err
	}
	if overlaps {
		return fault.New(fault.Conflict, "reduction_overlaps", "the article is reduced already in these days")
	}
	if err := tx.QueryRow(ctx, sqlPricePlannedWithin, args).Scan(&planned); err != nil {
		return err
	}
	if planned {
		return fault.New(fault.Conflict, "price_planned_within", "another price is planned within these days")
	}
	ordinary, err := ordinaryPrice(ctx, tx, variantID, starts)
	if err != nil {
		return err
	}
	if amount >= ordinary {
		return fault.New(fault.Conflict, "no_reduction", "a reduced price lies below the ordinary one").With("price", ordinary)
	}
	var id int64
	if err := tx.QueryRow(ctx, sqlInsertReduction, args).Scan(&id); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlInsertReductionPrice, pgx.NamedArgs{"variant_id": variantID, "amount": amount, "valid_from": starts, "actor": actor, "reduction_id": id}); err != nil {
		return err
	}
	// Where a reduction that staff ended would have ended, its row must not cut this one short.
	stale, err := reductionEnds(ctx, tx, variantID, &starts)
	if err != nil {
		return err
	}
	for _, e := range stale {
		if e.At.Before(ends) {
			if _, err := tx.Exec(ctx, sqlInsertReductionPrice, pgx.NamedArgs{"variant_id": variantID, "amount": amount, "valid_from": e.At, "actor": actor, "reduction_id": id}); err != nil {
				return err
			}
		}
	}
	return backToOrdinary(ctx, tx, variantID, id, ends, actor)
}

// CallOffPrice takes back an ordinary price that has not begun: the one before it goes on.
func (s *Service) CallOffPrice(ctx context.Context, id int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var variantID int64
		var from time.Time
		var sku, slug string
		err := tx.QueryRow(ctx, sqlPlannedPrice, pgx.NamedArgs{"id": id}).Scan(&variantID, &from, &sku, &slug)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "price_not_found", "no such price is planned")
		}
		if err != nil {
			return err
		}
		before, err := ordinaryPrice(ctx, tx, variantID, from.Add(-time.Microsecond))
		if err != nil {
			return err
		}
		if err := setPrice(ctx, tx, variantID, before, &from, actor); err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "price.call_off", Subject: "product:" + slug, Detail: map[string]any{"sku": sku}})
	})
}

// EndReduction ends a reduction that is in force, now, or calls off one that has not begun.
func (s *Service) EndReduction(ctx context.Context, id int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var r struct {
			ID, VariantID  int64
			Starts, Ends   time.Time
			SKU, Slug      string
			now, effective time.Time
		}
		err := tx.QueryRow(ctx, sqlReductionToEnd, pgx.NamedArgs{"id": id}).Scan(&r.ID, &r.VariantID, &r.Starts, &r.Ends, &r.SKU, &r.Slug)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.NotFound, "reduction_not_found", "there is no such reduction")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlLockVariant, pgx.NamedArgs{"id": r.VariantID}); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlNow).Scan(&r.now); err != nil {
			return err
		}
		if r.effective = later(r.Starts, r.now); !r.Ends.After(r.effective) {
			return fault.New(fault.Conflict, "reduction_over", "the reduction is over")
		}
		if _, err := tx.Exec(ctx, sqlEndReduction, pgx.NamedArgs{"id": id, "ended_at": r.effective, "actor": actor}); err != nil {
			if pg.IsUnique(err, "reduction_end_pkey") {
				return fault.New(fault.Conflict, "reduction_over", "the reduction is over")
			}
			return err
		}
		if err := backToOrdinary(ctx, tx, r.VariantID, id, r.effective, actor); err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "price.end_reduction", Subject: "product:" + r.Slug, Detail: map[string]any{"sku": r.SKU}})
	})
}

// loadReductions reads the reductions in force.
func loadReductions(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlReductionsOf, args)
	if err != nil {
		return err
	}
	var productID, variantID int64
	var r Reduction
	_, err = pgx.ForEachRow(rows, []any{&productID, &variantID, &r.Amount, &r.Began, &r.Ends, &r.Was}, func() error {
		for i := range at[productID].Variants {
			if v := &at[productID].Variants[i]; v.ID == variantID {
				one := r
				v.Reduction = &one
			}
		}
		return nil
	})
	return err
}

// PriceRow is a price that a variant had, has or will have. Replaced ones never came.
type PriceRow struct {
	ID          int64
	Amount      money.Amount
	ValidFrom   time.Time
	SetBy       string
	SetAt       time.Time
	OfReduction bool
	Planned     bool
	Counts      bool
}

// PlannedReduction is a reduction that is in force or to come.
type PlannedReduction struct {
	ID        int64
	VariantID int64
	Amount    money.Amount
	StartsAt  time.Time
	EndsAt    time.Time
	SetBy     string
	Running   bool
}

// PriceHistory lists a variant's prices, the latest first.
func PriceHistory(ctx context.Context, q pg.Querier, variantID int64, limit int) ([]PriceRow, error) {
	rows, err := q.Query(ctx, sqlPriceHistory, pgx.NamedArgs{"variant_id": variantID, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PriceRow])
}

// PlannedReductions lists a product's reductions that are in force or to come.
func PlannedReductions(ctx context.Context, q pg.Querier, productID int64) ([]PlannedReduction, error) {
	rows, err := q.Query(ctx, sqlReductionsToCome, pgx.NamedArgs{"id": productID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PlannedReduction])
}

// LowestIfReducedNow tells, for each variant of a product, the price that would have to be named
// beside a reduction that began now; zero where none might be announced.
func LowestIfReducedNow(ctx context.Context, q pg.Querier, productID int64) (map[int64]money.Amount, error) {
	rows, err := q.Query(ctx, sqlLowestIfReducedNow, pgx.NamedArgs{"id": productID})
	if err != nil {
		return nil, err
	}
	lowest := map[int64]money.Amount{}
	var id int64
	var amount money.Amount
	_, err = pgx.ForEachRow(rows, []any{&id, &amount}, func() error { lowest[id] = amount; return nil })
	return lowest, err
}

// keepBookPrice refuses to make a new book of a product whose price is reduced, or will be.
func keepBookPrice(ctx context.Context, tx pgx.Tx, productID int64, c Content) error {
	var law string
	if err := tx.QueryRow(ctx, sqlLawOf, pgx.NamedArgs{"code": c.Family}).Scan(&law); err != nil {
		return err
	}
	if law != "book" || c.Legal.BookCondition == "used" {
		return nil
	}
	var reduced bool
	if err := tx.QueryRow(ctx, sqlReducedVariant, pgx.NamedArgs{"id": productID}).Scan(&reduced); err != nil {
		return err
	}
	if reduced {
		return fault.New(fault.Conflict, "book_price_fixed", "a new book is sold at the price that its publisher fixed")
	}
	return nil
}
