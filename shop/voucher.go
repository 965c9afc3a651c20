package shop

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// The kinds of a voucher.
const (
	VoucherAmount       = "amount"
	VoucherPercent      = "percent"
	VoucherFreeShipping = "free_shipping"
)

// Voucher is a discount that a code gives. Products narrows it to some, by slug; none: all. Books and
// gift cards are never discounted (loi 81-766; a gift card is money). UsageLimit 0 is no limit. Valid tells, by
// the database's clock, that it can be used now.
type Voucher struct {
	ID               uuid.UUID
	Code             string
	Kind             string
	Value            int64
	Products         []string
	MinimumGoods     money.Amount
	StartsAt, EndsAt *time.Time
	OncePerCustomer  bool
	UsageLimit       int
	Used             int
	DisabledAt       *time.Time
	Valid            bool
}

var voucherCode = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{2,29}$`)

// AddVoucher makes a voucher. A code that is used already is a Conflict with code voucher_exists.
func (s *Service) AddVoucher(ctx context.Context, v Voucher, actor string) (Voucher, error) {
	v.ID, v.Code = uuid.New(), strings.ToUpper(strings.TrimSpace(v.Code))
	if v.Products == nil {
		v.Products = []string{}
	}
	var fields fault.Fields
	if !voucherCode.MatchString(v.Code) {
		fields.Add("code", "voucher_code_invalid", "has 3 to 30 letters, digits and hyphens")
	}
	switch {
	case v.Kind == VoucherFreeShipping:
		v.Value = 0
	case v.Kind == VoucherAmount && v.Value > 0, v.Kind == VoucherPercent && v.Value >= 1 && v.Value <= 100:
	case v.Kind != VoucherAmount && v.Kind != VoucherPercent:
		fields.Add("kind", "voucher_kind_unknown", "must be amount, percent or free_shipping")
	default:
		fields.Add("value", "voucher_value_invalid", "must be an amount, or 1 to 100 percent")
	}
	if v.UsageLimit < 0 {
		fields.Add("usage_limit", "voucher_value_invalid", "must be at least 1, or empty")
	}
	if v.StartsAt != nil && v.EndsAt != nil && !v.EndsAt.After(*v.StartsAt) {
		fields.Add("ends_at", "voucher_dates_reversed", "lies before the first day")
	}
	if err := fields.Err(); err != nil {
		return v, err
	}
	return v, pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var limit *int
		if v.UsageLimit > 0 {
			limit = &v.UsageLimit
		}
		_, err := tx.Exec(ctx, sqlInsertVoucher, pgx.NamedArgs{"id": v.ID, "code": v.Code, "kind": v.Kind, "value": v.Value, "products": v.Products, "minimum_goods": int64(v.MinimumGoods),
			"starts_at": v.StartsAt, "ends_at": v.EndsAt, "once": v.OncePerCustomer, "usage_limit": limit, "created_by": actor})
		if pg.IsUnique(err, "a voucher's code is used once") {
			return fault.New(fault.Conflict, "voucher_exists", "a voucher has this code already")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "voucher.add", Subject: "voucher:" + v.Code, Detail: map[string]any{"kind": v.Kind, "value": v.Value}})
	})
}

// DisableVoucher ends a voucher; orders that have it keep it.
func (s *Service) DisableVoucher(ctx context.Context, code, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDisableVoucher, pgx.NamedArgs{"code": code})
		if err == nil && tag.RowsAffected() == 0 {
			return fault.New(fault.NotFound, "voucher_not_found", "there is no such voucher")
		}
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "voucher.disable", Subject: "voucher:" + strings.ToUpper(code)})
	})
}

// ListVouchers lists the newest vouchers.
func ListVouchers(ctx context.Context, q pg.Querier) ([]Voucher, error) {
	rows, err := q.Query(ctx, sqlListVouchers)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanVoucher)
}

func scanVoucher(row pgx.CollectableRow) (Voucher, error) {
	var v Voucher
	var minimum int64
	var limit *int
	err := row.Scan(&v.ID, &v.Code, &v.Kind, &v.Value, &v.Products, &minimum, &v.StartsAt, &v.EndsAt, &v.OncePerCustomer, &limit, &v.Used, &v.DisabledAt, &v.Valid)
	v.MinimumGoods = money.Amount(minimum)
	if limit != nil {
		v.UsageLimit = *limit
	}
	return v, err
}

// findVoucher reads a voucher by its code; found is false for one that cannot be used now.
func findVoucher(ctx context.Context, q pg.Querier, code string) (v Voucher, found bool, err error) {
	rows, err := q.Query(ctx, sqlVoucherByCode, pgx.NamedArgs{"code": code})
	if err != nil {
		return v, false, err
	}
	v, err = pgx.CollectExactlyOneRow(rows, scanVoucher)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, false, nil
	}
	return v, err == nil && v.Valid, err
}

// SetVoucher puts a voucher's code on a cart; empty takes it off. One that is unknown or cannot be used
// now is Invalid with code voucher_invalid.
func (s *Service) SetVoucher(ctx context.Context, id uuid.UUID, code string) (Cart, error) {
	code = strings.ToUpper(strings.TrimSpace(code))
	return s.setCodes(ctx, id, sqlSetCartVoucher, pgx.NamedArgs{"id": id, "code": code}, func(tx pgx.Tx) error {
		if code == "" {
			return nil
		}
		if len(code) <= 30 {
			_, found, err := findVoucher(ctx, tx, code)
			if found || err != nil {
				return err
			}
		}
		var fields fault.Fields
		fields.Add("code", "voucher_invalid", "is no voucher that can be used now")
		return fields.Err()
	})
}

func (s *Service) setCodes(ctx context.Context, id uuid.UUID, statement string, args pgx.NamedArgs, check func(pgx.Tx) error) (Cart, error) {
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		cart, err := readCart(ctx, tx, id, "", sqlLockCart)
		if err != nil {
			return err
		}
		if err := cart.mustBeFree(); err != nil {
			return err
		}
		if err := check(tx); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, statement, args)
		return err
	})
	if err != nil {
		return Cart{}, err
	}
	return s.GetCart(ctx, id, "")
}

// The family of articles that are money: never discounted, never sent in a parcel.
const giftCardFamily = "gift_card"

// discounts tells whether the voucher lowers an article's price.
func (v Voucher) discounts(l CartLine) bool {
	return l.Family != giftCardFamily && l.Family != "book" && !l.NewBook && (len(v.Products) == 0 || slices.Contains(v.Products, l.Slug))
}

// applyVoucher spreads the cart's voucher over its lines, to the cent: by value, the remainders to the
// largest. A voucher that gives nothing here is a problem that is said, not one that blocks.
func (c *Cart) applyVoucher(v Voucher, found bool) {
	if c.VoucherCode == "" {
		return
	}
	idle := func(code string) {
		c.Problems = append(c.Problems, Problem{Code: code, Params: map[string]any{"code": c.VoucherCode, "minimum": v.MinimumGoods}})
	}
	switch {
	case !found:
		idle(ProblemVoucherGone)
		return
	case c.Goods < v.MinimumGoods:
		idle(ProblemVoucherMinimum)
		return
	}
	weights := make([]int64, len(c.Lines))
	var base money.Amount
	for i, l := range c.Lines {
		if v.discounts(l) {
			weights[i] = int64(l.Total)
			base += l.Total
		}
	}
	if base == 0 && v.Kind != VoucherFreeShipping {
		idle(ProblemVoucherIdle)
		return
	}
	c.voucher = &v
	if v.Kind == VoucherFreeShipping {
		return
	}
	off := min(base, money.Amount(v.Value))
	if v.Kind == VoucherPercent {
		off = (base*money.Amount(v.Value) + 50) / 100
	}
	c.Discount = off
	c.Goods -= off
	for i, part := range money.Share(off, weights) {
		c.Lines[i].Discount = part
		c.Lines[i].Total -= part
	}
}

// useVoucher counts the use of an order's voucher: the last step before gift cards.
func useVoucher(ctx context.Context, tx pgx.Tx, orderID, voucherID uuid.UUID, customer string, once bool) error {
	tag, err := tx.Exec(ctx, sqlUseVoucher, pgx.NamedArgs{"id": voucherID})
	if err != nil {
		return err
	}
	gone := fault.New(fault.Conflict, "voucher_gone", "this voucher was used up at the same moment: look at the total again")
	if tag.RowsAffected() != 1 {
		return gone
	}
	_, err = tx.Exec(ctx, sqlInsertVoucherUse, pgx.NamedArgs{"order_id": orderID, "voucher_id": voucherID, "customer": strings.ToLower(customer), "once": once})
	if pg.IsUnique(err, "a customer uses a voucher once") {
		return fault.New(fault.Conflict, "voucher_used", "this voucher was used with this address already")
	}
	return err
}

// releaseVoucher gives a use back: the order's payment failed or never came.
func releaseVoucher(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	rows, err := tx.Query(ctx, sqlReleaseVoucherUse, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[uuid.UUID])
	if err != nil || len(ids) == 0 {
		return err
	}
	_, err = tx.Exec(ctx, sqlGiveVoucherBack, pgx.NamedArgs{"id": ids[0]})
	return err
}

// reuseVoucher counts the use again that a late payment revives.
func reuseVoucher(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	rows, err := tx.Query(ctx, sqlVoucherUseOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return err
	}
	var voucher uuid.UUID
	var customer string
	var once, found bool
	if _, err := pgx.ForEachRow(rows, []any{&voucher, &customer, &once}, func() error { found = true; return nil }); err != nil || !found {
		return err
	}
	return useVoucher(ctx, tx, orderID, voucher, customer, once)
}
