package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
)

// AccountLosses takes what a bank has taken back for good, AccountPending what nobody has explained yet.
const (
	AccountLosses  = "654"
	AccountPending = "471"
)

// ProviderMove is a movement of the provider's balance that is neither a payment nor a refund. Amount and Fee
// are signed as the provider signs them; Account is the other side of Amount.
type ProviderMove struct {
	TxnID       string
	Journal     string
	Label       string
	Account     string
	OrderID     uuid.UUID
	Reference   string
	Amount, Fee money.Amount
	At          time.Time
}

// PostProviderMove books a movement: Dr 517 / Cr the account, the other way round when money leaves, and its
// fee Dr 6278 / Cr 517, so that 517 moves by what the provider's balance moved.
func PostProviderMove(ctx context.Context, tx pgx.Tx, m ProviderMove) error {
	e := Entry{Journal: m.Journal, BookedAt: m.At, Reference: m.Reference, OrderID: m.OrderID, Cause: "balance:" + m.TxnID, Label: m.Label}
	side := func(debit, credit string, amount money.Amount) {
		if amount < 0 {
			debit, credit, amount = credit, debit, -amount
		}
		if amount > 0 {
			e.Lines = append(e.Lines, EntryLine{Account: debit, Debit: amount}, EntryLine{Account: credit, Credit: amount})
		}
	}
	side(AccountStripe, m.Account, m.Amount)
	side(AccountFees, AccountStripe, m.Fee)
	if len(e.Lines) == 0 {
		return nil
	}
	return post(ctx, tx, e)
}

// PostDisputeLost books what a lost dispute took as a loss: Dr 654 / Cr 411. The sale stays a sale, with its
// VAT: only its price is gone.
func PostDisputeLost(ctx context.Context, tx pgx.Tx, m ProviderMove) error {
	return post(ctx, tx, Entry{
		Journal: JournalMisc, BookedAt: m.At, Reference: m.Reference, OrderID: m.OrderID, Cause: "dispute-lost:" + m.TxnID, Label: m.Label,
		Lines: []EntryLine{{Account: AccountLosses, Debit: m.Amount}, {Account: AccountCustomers, Credit: m.Amount}},
	})
}
