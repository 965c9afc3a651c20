package ledger

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
)

// Share is what a part of the sales comes to: a family, a country, a means of payment.
type Share struct {
	Name           string
	Gross          money.Amount
	Net            money.Amount
	VAT            money.Amount `db:"vat"`
	DocumentsCount int64        `db:"documents"`
}

// SeriesRange is the first and last document of a series.
type SeriesRange struct {
	Series, Kind, First, Last string
	Documents                 int64
	Gross                     money.Amount
}

// Standing is what an account of the PCG held before a period, what moved, and what it holds after.
type Standing struct {
	Standard      string
	Before        money.Amount
	Debit, Credit money.Amount
}

// After is the balance at the period's end: debits less credits.
func (s Standing) After() money.Amount { return s.Before + s.Debit - s.Credit }

// Summary is a period at a glance, as an accountant asks for it each month.
type Summary struct {
	Period    Period
	Days      []SalesByDay
	Rates     []SalesTotal
	Families  []Share
	Countries []Share
	Methods   []Share
	Series    []SeriesRange
	Returns   []VATRow
	Accounts  map[string]Standing
	Distance  DistanceTotal
}

// summaryAccounts are the accounts that a summary tells of.
var summaryAccounts = []string{AccountCustomers, AccountGiftCards, AccountStripe, AccountBank, AccountCash, AccountCheques, AccountCards, AccountFees}

// ReadSummary reads a period at a glance. q must be one read-only transaction.
func ReadSummary(ctx context.Context, q pg.Querier, p Period) (Summary, error) {
	s := Summary{Period: p, Accounts: map[string]Standing{}}
	var err error
	if s.Days, err = SalesPerDay(ctx, q, p); err != nil {
		return s, err
	}
	if s.Rates, err = SalesTotals(ctx, q, p); err != nil {
		return s, err
	}
	if s.Returns, err = VATReturn(ctx, q, p); err != nil {
		return s, err
	}
	for _, part := range []struct {
		into      *[]Share
		statement string
	}{{&s.Families, sqlSalesByFamily}, {&s.Countries, sqlSalesByCountry}, {&s.Methods, sqlSalesByMethod}} {
		rows, err := q.Query(ctx, part.statement, p.args())
		if err != nil {
			return s, err
		}
		if *part.into, err = pgx.CollectRows(rows, pgx.RowToStructByName[Share]); err != nil {
			return s, err
		}
	}
	rows, err := q.Query(ctx, sqlSeriesRanges, p.args())
	if err != nil {
		return s, err
	}
	if s.Series, err = pgx.CollectRows(rows, pgx.RowToStructByName[SeriesRange]); err != nil {
		return s, err
	}
	args := p.args()
	args["standards"] = summaryAccounts
	if rows, err = q.Query(ctx, sqlStandings, args); err != nil {
		return s, err
	}
	standings, err := pgx.CollectRows(rows, pgx.RowToStructByName[Standing])
	if err != nil {
		return s, err
	}
	for _, one := range standings {
		s.Accounts[one.Standard] = one
	}
	s.Distance, err = DistanceSales(ctx, q, p.Until().Add(-time.Second))
	return s, err
}

// Gross is all that was invoiced less what was credited.
func (s Summary) Gross() (gross, net, vat money.Amount) {
	for _, r := range s.Rates {
		gross, net, vat = gross+money.Amount(r.Gross), net+money.Amount(r.Net), vat+money.Amount(r.VAT)
	}
	return gross, net, vat
}
