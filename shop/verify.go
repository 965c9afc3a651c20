package shop

import (
	"context"
	"fmt"

	"boutique/internal/invariant"
	"boutique/internal/machine"
	"boutique/internal/pg"

	"github.com/jackc/pgx/v5"
)

// Invariants are what must always be true of orders and shipments.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{Name: "order totals", Sentence: "an order's total is its lines plus shipping, and its VAT rows make the same total", Figure: sqlCountOrders, Broken: sqlOrdersThatDoNotAddUp},
		{Name: "paid orders", Sentence: "a confirmed order got exactly its total from the payment it stands on, and no other order did", Figure: sqlCountConfirmed, Broken: sqlOrdersNotPaidExactly},
		{Name: "one invoice per paid order", Sentence: "every confirmed order has one invoice over its total, no other order has one", Figure: sqlCountConfirmed, Broken: sqlOrdersWithoutInvoice},
		{Name: "holds follow orders", Sentence: "stock is held for orders that wait, taken for paid ones, released for the others", Figure: sqlCountOrders, Broken: sqlHoldsThatDoNotFollow},
		{Name: "nothing stuck", Sentence: "no order waits for its payment a quarter of an hour past its time", Figure: sqlCountAwaiting, Broken: sqlOrdersStuck},
		{Name: "shipments within orders", Sentence: "no more pieces are sent than were ordered", Figure: sqlCountShipments, Broken: sqlOverSent},
		{Name: "vouchers counted", Sentence: "a voucher counts as many uses as orders have it", Figure: sqlCountVouchers, Broken: sqlVouchersMiscounted},
		BalanceInvariant(),
		{Name: "returns within orders", Sentence: "no more pieces are given back than were ordered", Figure: sqlCountReturns, Broken: sqlOverReturned},
		{Name: "returns paid back", Sentence: "a return that is refunded names its refund", Figure: sqlCountReturns, Broken: sqlReturnsNotPaidBack},
	}
}

// VerifyHistories holds every step of orders and shipments against the tables of legal steps.
func VerifyHistories(ctx context.Context, q pg.Querier) ([]invariant.Result, error) {
	var results []invariant.Result
	for _, check := range []struct {
		name, statement string
		machine         machine.Machine
	}{{"order histories", sqlOrderSteps, OrderMachine}, {"shipment histories", sqlShipmentSteps, ShipmentMachine}, {"return histories", sqlReturnSteps, ReturnMachine}} {
		r := invariant.Result{Name: check.name, Sentence: "every step is a legal one and the last is the present state"}
		rows, err := q.Query(ctx, check.statement)
		if err != nil {
			return nil, err
		}
		var from, event, to string
		var times int64
		if _, err := pgx.ForEachRow(rows, []any{&from, &event, &to, &times}, func() error {
			r.Figure += times
			if !check.machine.Legal(from, event, to) {
				r.Broken = append(r.Broken, fmt.Sprintf("%s → %s → %s, %d times", from, event, to, times))
			}
			return nil
		}); err != nil {
			return nil, err
		}
		results = append(results, r)
	}
	return results, nil
}
