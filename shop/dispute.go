package shop

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/ledger"
)

// DisputeOpened notes that a bank takes a payment of the order back. The order's state and its stock stay as
// they are; that nothing of it leaves follows from the dispute being open.
func (s *Service) DisputeOpened(ctx context.Context, tx pgx.Tx, p payments.Payment, d payments.Dispute) error {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: actorOf(p), Action: "order.disputed", Subject: "order:" + o.Number, Detail: map[string]any{"dispute": d.ID, "amount": d.Amount, "reason": d.Reason}})
}

// DisputeClosed notes how a dispute ended. What a lost one took is booked as a loss, less what is still on the
// gift cards that it had paid for: that is taken off them. A warning took nothing.
func (s *Service) DisputeClosed(ctx context.Context, tx pgx.Tx, p payments.Payment, d payments.Dispute) error {
	o, err := orderByID(ctx, tx, p.OrderID)
	if err != nil {
		return err
	}
	if d.Status == payments.DisputeLost {
		if err := ledger.PostDisputeLost(ctx, tx, ledger.ProviderMove{TxnID: d.ID, OrderID: o.ID, Reference: o.Number, Label: "Litige perdu " + o.Number, Amount: d.Amount, At: s.Clock.Now()}); err != nil {
			return err
		}
		lost, err := payments.LoseGiftCards(ctx, tx, o.ID, d.Amount)
		if err != nil {
			return err
		}
		if err := ledger.PostGiftCardLost(ctx, tx, ledger.GiftCardMove{Cause: "dispute:" + d.ID, OrderID: o.ID, Reference: o.Number, Amount: lost, At: s.Clock.Now()}); err != nil {
			return err
		}
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: actorOf(p), Action: "order.dispute_closed", Subject: "order:" + o.Number, Detail: map[string]any{"dispute": d.ID, "status": d.Status}})
}

// BalanceMoved books a movement of the provider's balance that is no payment and no refund: what a dispute
// takes or brings back against the customer, a payout against the bank, the provider's own fees; what nobody
// knows waits on an account of its own, so that the books always say what the provider holds.
func (s *Service) BalanceMoved(ctx context.Context, tx pgx.Tx, l payments.BalanceLine) error {
	m := ledger.ProviderMove{TxnID: l.ID, Journal: ledger.JournalStripe, Account: ledger.AccountPending, Reference: l.ID, Amount: l.Amount, Fee: l.Fee, At: l.At, Label: strings.TrimSpace("À classer " + l.Description)}
	if l.OrderID != nil {
		o, err := orderByID(ctx, tx, *l.OrderID)
		if err != nil {
			return err
		}
		m.OrderID, m.Reference = o.ID, o.Number
	}
	switch l.Kind {
	case "dispute":
		m.Account, m.Label = ledger.AccountCustomers, "Litige "+m.Reference
	case "dispute_reversal":
		m.Account, m.Label = ledger.AccountCustomers, "Litige, fonds rendus "+m.Reference
	case payments.KindFee:
		m.Account, m.Label = ledger.AccountFees, "Frais du prestataire"
	case payments.KindPayout:
		m.Journal, m.Account, m.Reference, m.Label = ledger.JournalBank, ledger.AccountBank, l.Source, "Virement "+l.Source
	case payments.KindPayoutReversal:
		m.Journal, m.Account, m.Reference, m.Label = ledger.JournalBank, ledger.AccountBank, l.Source, "Virement revenu "+l.Source
	}
	return ledger.PostProviderMove(ctx, tx, m)
}

// Differences names each movement of the provider's balance since a moment that the books do not have, or
// have otherwise. Money that was set aside is no order's yet: it is named as such.
func (s *Service) Differences(ctx context.Context, since time.Time) ([]string, error) {
	rows, err := s.Pool.Query(ctx, sqlBalanceDifferences, pgx.NamedArgs{"since": since})
	if err != nil {
		return nil, err
	}
	var list []string
	var id, kind string
	var net, booked money.Amount
	var quarantined bool
	_, err = pgx.ForEachRow(rows, []any{&id, &kind, &net, &booked, &quarantined}, func() error {
		said := fmt.Sprintf("balance transaction %s (%s): the provider says %s, the books say %s", id, kind, net.Point(), booked.Point())
		if quarantined {
			said += ": the payment is set aside and waits for a person"
		}
		list = append(list, said)
		return nil
	})
	return list, err
}

// mustNotBeDisputed refuses to send or pay back what a bank is taking back at the same time: Conflict
// order_disputed.
func mustNotBeDisputed(ctx context.Context, q pg.Querier, orderID uuid.UUID) error {
	list, err := payments.DisputesOf(ctx, q, orderID)
	if err != nil {
		return err
	}
	for _, d := range list {
		if d.Open {
			return fault.New(fault.Conflict, "order_disputed", "the payment of this order is disputed: answer the dispute first, then decide").With("dispute", d.ID)
		}
	}
	return nil
}

// WarningDone says that staff have looked at an early warning.
func (s *Service) WarningDone(ctx context.Context, id, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		w, err := payments.WarningDone(ctx, tx, id, actor)
		if err != nil {
			return err
		}
		o, err := orderByID(ctx, tx, w.OrderID)
		if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.warning_seen", Subject: "order:" + o.Number, Detail: map[string]any{"warning": w.ID, "kind": w.Kind}})
	})
}

// NumbersOf names orders by their ids.
func NumbersOf(ctx context.Context, q pg.Querier, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	rows, err := q.Query(ctx, sqlNumbersOf, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return nil, err
	}
	numbers := map[uuid.UUID]string{}
	var id uuid.UUID
	var number string
	_, err = pgx.ForEachRow(rows, []any{&id, &number}, func() error {
		numbers[id] = number
		return nil
	})
	return numbers, err
}

// BalanceInvariant holds the books against every movement of the provider's balance that was seen.
func BalanceInvariant() invariant.Invariant {
	return invariant.Invariant{Name: "provider's balance", Sentence: "every movement of the provider's balance is in the books, with its fee, to the cent", Figure: sqlCountBalance, Broken: sqlBrokenBalance}
}
