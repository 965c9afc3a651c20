package ledger

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// AccountBalance is what an account held before a period, what moved, and its name.
type AccountBalance struct {
	Account, Label string
	Before         money.Amount
	Debit, Credit  money.Amount
}

// After is the balance at the period's end: debits less credits.
func (b AccountBalance) After() money.Amount { return b.Before + b.Debit - b.Credit }

// TrialBalance lists the accounts that hold something before a period or move in it.
func TrialBalance(ctx context.Context, q pg.Querier, p Period) ([]AccountBalance, error) {
	rows, err := q.Query(ctx, sqlTrialBalance, p.args())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[AccountBalance])
}

// Browse says which lines of the journal to show. About is an order's or a document's number, or an
// entry's reference; empty means all. After is the last line of the page before.
type Browse struct {
	Period         Period
	Account, About string
	After          Place
	Limit          int
}

// Place is where a line stands in the journal.
type Place struct {
	Seq int64
	N   int
}

// BookedLine is a line of the journal.
type BookedLine struct {
	Seq                      int64
	N                        int
	BookedOn                 time.Time
	Journal, Reference, Text string
	Account, AccountLabel    string
	Analytic                 string
	Debit, Credit            money.Amount
	OrderNumber              string
}

// BookedLines lists lines in the order in which they were booked.
func BookedLines(ctx context.Context, q pg.Querier, b Browse) ([]BookedLine, error) {
	args := b.Period.args()
	args["account"], args["about"], args["seq"], args["n"], args["limit"] = b.Account, strings.TrimSpace(b.About), b.After.Seq, b.After.N, b.Limit
	rows, err := q.Query(ctx, sqlBookedLines, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[BookedLine])
}

// BookedSum is what all lines of a browse come to, without its page.
func BookedSum(ctx context.Context, q pg.Querier, b Browse) (debit, credit money.Amount, lines int64, err error) {
	args := b.Period.args()
	args["account"], args["about"] = b.Account, strings.TrimSpace(b.About)
	err = q.QueryRow(ctx, sqlBookedSum, args).Scan(&debit, &credit, &lines)
	return debit, credit, lines, err
}

// StoredEntry is an entry with its place in the chain, and where it leads.
type StoredEntry struct {
	Seq                     int64
	Journal, JournalLabel   string
	BookedAt, BookedOn      time.Time
	ValidatedOn             time.Time
	Reference, Label, Cause string
	OrderID                 *uuid.UUID
	OrderNumber, Document   string
	PrevHash, Hash          []byte
	Lines                   []BookedLine `db:"-"`
}

// FindEntry reads an entry by its number; an unknown one is NotFound.
func FindEntry(ctx context.Context, q pg.Querier, seq int64) (StoredEntry, error) {
	rows, err := q.Query(ctx, sqlFindEntry, pgx.NamedArgs{"seq": seq})
	if err != nil {
		return StoredEntry{}, err
	}
	e, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[StoredEntry])
	if errors.Is(err, pgx.ErrNoRows) {
		return e, fault.New(fault.NotFound, "entry_not_found", "no entry has this number")
	}
	if err != nil {
		return e, err
	}
	if rows, err = q.Query(ctx, sqlLinesOfEntry, pgx.NamedArgs{"seq": seq}); err != nil {
		return e, err
	}
	e.Lines, err = pgx.CollectRows(rows, pgx.RowToStructByName[BookedLine])
	return e, err
}

// DocumentFilter says which documents to list; what is empty means any. Rate is nil for any.
type DocumentFilter struct {
	Period          Period
	Rate            *int
	Country, Regime string
	After           string
	Limit           int
}

// ListedDocument is a document, and what it comes to at the rate that was asked for.
type ListedDocument struct {
	Number, Kind, OrderNumber, Country, Regime, PaymentMethod string
	IssuedAt                                                  time.Time
	Gross, Net                                                money.Amount
	VAT                                                       money.Amount `db:"vat"`
	EntrySeq                                                  int64
}

func (f DocumentFilter) args() pgx.NamedArgs {
	args := f.Period.args()
	args["rate"], args["country"], args["regime"], args["after"], args["limit"] = f.Rate, f.Country, f.Regime, f.After, f.Limit
	return args
}

// ListDocuments lists documents in the order of issue, after a number.
func ListDocuments(ctx context.Context, q pg.Querier, f DocumentFilter) ([]ListedDocument, error) {
	rows, err := q.Query(ctx, sqlListDocuments, f.args())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[ListedDocument])
}

// SumDocuments is what all documents of a filter come to, without its page.
func SumDocuments(ctx context.Context, q pg.Querier, f DocumentFilter) (gross, net, vat money.Amount, documents int64, err error) {
	err = q.QueryRow(ctx, sqlSumDocuments, f.args()).Scan(&gross, &net, &vat, &documents)
	return gross, net, vat, documents, err
}
