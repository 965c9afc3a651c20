package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
)

// JournalDesk is the journal of what the desk takes and gives back.
const JournalDesk = "CA"

// JournalBank is the journal of what arrives in the bank.
const JournalBank = "BQ"

// The accounts of the desk: its till, its cheques and card slips on their way to the bank, the bank itself.
const (
	AccountCash    = "530"
	AccountCheques = "5112"
	AccountCards   = "5115"
	AccountBank    = "512"
)

// DeskMove is money that the desk took, gave back or carried to the bank. Cause names the fact, Number the
// receipt, Account where it lies.
type DeskMove struct {
	Cause     string
	OrderID   uuid.UUID
	Reference string
	Number    string
	Account   string
	Amount    money.Amount
	At        time.Time
}

// PostDeskReceipt books money taken at the desk: Dr 530, 5112 or 5115 / Cr 411.
func PostDeskReceipt(ctx context.Context, tx pgx.Tx, m DeskMove) error {
	return post(ctx, tx, Entry{
		Journal: JournalDesk, BookedAt: m.At, Reference: m.Number, OrderID: m.OrderID, Cause: "desk-receipt:" + m.Cause, Label: "Encaissement " + m.Number + " " + m.Reference,
		Lines: []EntryLine{{Account: m.Account, Debit: m.Amount}, {Account: AccountCustomers, Credit: m.Amount}},
	})
}

// PostDeskRefund books money given back at the desk: Dr 411 / Cr 530, 5115 or 512.
func PostDeskRefund(ctx context.Context, tx pgx.Tx, m DeskMove) error {
	return post(ctx, tx, Entry{
		Journal: JournalDesk, BookedAt: m.At, Reference: m.Number, OrderID: m.OrderID, Cause: "refund:" + m.Cause, Label: "Remboursement " + m.Number + " " + m.Reference,
		Lines: []EntryLine{{Account: AccountCustomers, Debit: m.Amount}, {Account: m.Account, Credit: m.Amount}},
	})
}

// PostDeskDeposit books what was carried to the bank: Dr 512 / Cr 530, 5112 or 5115.
func PostDeskDeposit(ctx context.Context, tx pgx.Tx, m DeskMove) error {
	reference := m.Reference
	if reference == "" {
		reference = "Versement"
	}
	return post(ctx, tx, Entry{
		Journal: JournalDesk, BookedAt: m.At, Reference: reference, Cause: "desk-deposit:" + m.Cause, Label: "Versement du guichet " + m.Reference,
		Lines: []EntryLine{{Account: AccountBank, Debit: m.Amount}, {Account: m.Account, Credit: m.Amount}},
	})
}
