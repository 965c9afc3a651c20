package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
)

// KeyBooks names how the office keeps its books.
const KeyBooks Key = "books"

// The charts of accounts that the shop knows.
const (
	ChartPCG = "pcg" // règlement ANC 2014-03
	ChartM4  = "m4"  // public services of an industrial and commercial nature
	ChartM57 = "m57" // services of a local authority
)

// Charts lists the charts as an office chooses from them.
func Charts() []string { return []string{ChartPCG, ChartM4, ChartM57} }

// The VAT regimes of a seller.
const (
	RegimeReal       = "real_normal"
	RegimeSimplified = "real_simplified"
	RegimeFranchise  = "franchise"
)

// Regimes lists the VAT regimes as an office chooses from them.
func Regimes() []string { return []string{RegimeReal, RegimeSimplified, RegimeFranchise} }

// The legal forms of an office (code du tourisme L133-1 and following).
const (
	FormEPIC        = "epic"        // a legal person of its own, with a public accountant or an accounting agent
	FormRegie       = "regie"       // a régie of the community
	FormSPIC        = "commune"     // a service of the community itself
	FormAssociation = "association" // loi 1901
	FormSPL         = "spl"         // a company of local authorities
)

// Forms lists the legal forms as an office chooses from them.
func Forms() []string { return []string{FormEPIC, FormRegie, FormSPIC, FormAssociation, FormSPL} }

// PublicForm tells whether public money is handled: a public accountant then has a say.
func PublicForm(form string) bool { return form == FormEPIC || form == FormRegie || form == FormSPIC }

// Books is how the office keeps its books and what it owes to whom. Each change is dated.
type Books struct {
	// Form is the office's legal form; empty until somebody has said it.
	Form   string `json:"form"`
	Chart  string `json:"chart"`
	Regime string `json:"regime"`
	// Regie is the number of the régie de recettes, empty where there is none.
	Regie string `json:"regie"`
	// Accountant is who gets the seals and the month's package, by mail.
	Accountant string `json:"accountant"`
	// OSSRegistered is the day from which the office's registration with the one-stop shop holds;
	// empty while it is not registered.
	OSSRegistered string `json:"oss_registered"`
	// OSSFrom is the day from which the office pays VAT where its shoppers live by its own choice
	// (2026-11-01); empty waits for the threshold.
	OSSFrom string `json:"oss_from"`
	// ThresholdCents is the yearly threshold of distance sales, without VAT (CGI art. 259 D).
	ThresholdCents int64 `json:"threshold_cents"`
	// InvoiceSeries and CreditSeries are the letters before the year in a document's number.
	InvoiceSeries string `json:"invoice_series"`
	CreditSeries  string `json:"credit_series"`
	// ExportProofDays is how many days after an export's invoice its proof may take to come. The
	// customs ask after 90 days for what has not left, and void the declaration after 150
	// (Regulation 2015/2447 art. 335 and 248).
	ExportProofDays int `json:"export_proof_days"`
}

// DefaultBooks is an office that keeps the PCG and pays VAT every month.
func DefaultBooks() Books {
	return Books{Chart: ChartPCG, Regime: RegimeReal, ThresholdCents: 1_000_000, InvoiceSeries: "F", CreditSeries: "A", ExportProofDays: 90}
}

var seriesForm = regexp.MustCompile(`^[A-Z]{1,6}$`)

// maxThreshold is the union's own threshold: an office may set a lower one, never a higher.
const maxThreshold = 1_000_000

// Check names every field that cannot be kept.
func (b Books) Check() error {
	var fields fault.Fields
	choice := func(place, value string, of []string) {
		if !slices.Contains(of, value) {
			fields.Add(place, "choice_unknown", "must be one of "+strings.Join(of, ", "))
		}
	}
	if b.Form != "" {
		choice("form", b.Form, Forms())
	}
	choice("chart", b.Chart, Charts())
	choice("regime", b.Regime, Regimes())
	if utf8.RuneCountInString(b.Regie) > 40 {
		fields.Add("regie", "too_long", "has at most 40 characters")
	}
	if parsed, err := mail.ParseAddress(b.Accountant); b.Accountant != "" && (err != nil || parsed.Address != b.Accountant || len(b.Accountant) > maxName) {
		fields.Add("accountant", "email_invalid", "is not an e-mail address")
	}
	for place, day := range map[string]string{"oss_registered": b.OSSRegistered, "oss_from": b.OSSFrom} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			fields.Add(place, "date_invalid", "is not a date like 2026-11-01")
		}
	}
	if b.OSSFrom != "" && (b.OSSRegistered == "" || b.OSSFrom < b.OSSRegistered) {
		fields.Add("oss_from", "oss_unregistered", "cannot lie before the registration with the one-stop shop holds")
	}
	if b.ThresholdCents < 0 || b.ThresholdCents > maxThreshold {
		fields.Add("threshold", "threshold_invalid", "must be from 0 to 10 000 €, the threshold of the Union")
	}
	if b.ExportProofDays < 1 || b.ExportProofDays > 365 {
		fields.Add("export_proof_days", "proof_days_invalid", "must be from 1 to 365 days")
	}
	for place, series := range map[string]string{"invoice_series": b.InvoiceSeries, "credit_series": b.CreditSeries} {
		if !seriesForm.MatchString(series) {
			fields.Add(place, "series_invalid", "must be one to six capitals")
		}
	}
	if b.InvoiceSeries == b.CreditSeries {
		fields.Add("credit_series", "series_same", "must differ from the series of the invoices")
	}
	return fields.Err()
}

// GetBooks reads how the books are kept at a moment, the default when nothing was set before it.
func GetBooks(ctx context.Context, q Querier, at time.Time) (Books, error) {
	b := DefaultBooks()
	return b, getAt(ctx, q, KeyBooks, at, &b)
}

// getAt reads the value that a setting had or will have at a moment; one never set stays as it is.
func getAt(ctx context.Context, q Querier, key Key, at time.Time, value any) error {
	rows, err := q.Query(ctx, sqlNewestAt, pgx.NamedArgs{"key": key, "at": at})
	if err != nil {
		return err
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
	if err != nil || len(found) == 0 {
		return err
	}
	if err := json.Unmarshal(found[0], value); err != nil {
		return fmt.Errorf("setting %s: %w", key, err)
	}
	return nil
}
