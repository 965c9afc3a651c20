package ledger

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
)

// Dimensions are what a mapping may look at beside the account of the PCG. Rate is nil where a line
// has none.
type Dimensions struct {
	Family  string
	Rate    *int
	Country string
	Method  string
	// Analytic is the code of the article itself: it is kept whatever the mapping says.
	Analytic string
}

// standard is the account of the PCG that a line stands for.
func (l EntryLine) standard() string {
	if l.Standard == "" {
		return l.Account
	}
	return l.Standard
}

// Mapping says on which account of the office's own chart, and under which analytic code, lines are
// booked from a day on. A family, rate, country or method that is empty means any.
type Mapping struct {
	ID        int64
	ValidFrom time.Time
	Standard  string
	Family    string
	Rate      *int
	Country   string
	Method    string
	Account   string
	Label     string
	Analytic  string
	SetBy     string
}

// fits tells how specific the mapping is for a line; ok is false when it is not about it.
func (m Mapping) fits(standard string, by Dimensions) (specific int, ok bool) {
	if m.Standard != standard && (m.Standard != standard[:min(3, len(standard))] || len(m.Standard) != 3) {
		return 0, false
	}
	if m.Standard == standard {
		specific++
	}
	for _, d := range []struct{ want, got string }{{m.Family, by.Family}, {m.Country, by.Country}, {m.Method, by.Method}} {
		if d.want == "" {
			continue
		}
		if d.want != d.got {
			return 0, false
		}
		specific += 2
	}
	if m.Rate != nil {
		if by.Rate == nil || *by.Rate != *m.Rate {
			return 0, false
		}
		specific += 2
	}
	return specific, true
}

// Chart is what the office's books call each account at one moment.
type Chart struct {
	Name     string
	renamed  map[string][2]string
	mappings []Mapping
}

// ChartOn reads the chart in force on a day in Europe/Paris.
func ChartOn(ctx context.Context, q pg.Querier, on time.Time) (Chart, error) {
	books, err := setting.GetBooks(ctx, q, on)
	if err != nil {
		return Chart{}, err
	}
	c := Chart{Name: books.Chart, renamed: map[string][2]string{}}
	day := on.In(text.Paris()).Format(time.DateOnly)
	rows, err := q.Query(ctx, sqlChartAccounts, pgx.NamedArgs{"chart": c.Name, "day": day})
	if err != nil {
		return Chart{}, err
	}
	var standard, account, label string
	if _, err := pgx.ForEachRow(rows, []any{&standard, &account, &label}, func() error {
		c.renamed[standard] = [2]string{account, label}
		return nil
	}); err != nil {
		return Chart{}, err
	}
	rows, err = q.Query(ctx, sqlMappingsInForce, pgx.NamedArgs{"day": day})
	if err != nil {
		return Chart{}, err
	}
	c.mappings, err = pgx.CollectRows(rows, pgx.RowToStructByName[Mapping])
	return c, err
}

// Place gives the account, its label and the analytic code of a line. The most specific mapping
// wins, of equal ones the latest.
func (c Chart) Place(standard string, by Dimensions) (account, label, analytic string) {
	best, found := -1, Mapping{}
	for _, m := range c.mappings {
		if specific, ok := m.fits(standard, by); ok && specific >= best {
			best, found = specific, m
		}
	}
	if best >= 0 {
		return found.Account, found.Label, found.Analytic
	}
	if renamed, ok := c.renamed[standard]; ok {
		return renamed[0], renamed[1], ""
	}
	return standard, standardLabel(standard), ""
}

// standardLabel names an account that the shop makes as it goes: those of a rate and a country.
func standardLabel(standard string) string {
	for prefix, label := range map[string]string{"707": "Ventes de marchandises", "44571": "TVA collectée"} {
		rest, ok := strings.CutPrefix(standard, prefix)
		if !ok || len(rest) < 3 {
			continue
		}
		var rate int
		if _, err := fmt.Sscanf(rest[len(rest)-3:], "%03d", &rate); err != nil {
			continue
		}
		percent := strings.TrimSuffix(fmt.Sprintf("%d,%d", rate/10, rate%10), ",0")
		if country := rest[:len(rest)-3]; country != "" {
			return fmt.Sprintf("%s %s %s %%", label, place.Name(place.Country(country), text.FR), percent)
		}
		return fmt.Sprintf("%s %s %%", label, percent)
	}
	return "Compte " + standard
}

// applyChart places each line on its account and makes sure that the account is known.
func applyChart(ctx context.Context, tx pgx.Tx, lines []EntryLine, at time.Time) error {
	chart, err := ChartOn(ctx, tx, at)
	if err != nil {
		return err
	}
	var numbers, labels []string
	for i := range lines {
		l := &lines[i]
		standard := l.Account
		account, label, analytic := chart.Place(standard, l.Dimensions)
		if account != standard {
			l.Account, l.Standard = account, standard
		}
		l.Analytic = cmp.Or(l.Dimensions.Analytic, analytic)
		l.Dimensions = Dimensions{}
		numbers, labels = append(numbers, account), append(labels, label)
	}
	_, err = tx.Exec(ctx, sqlKnowAccounts, pgx.NamedArgs{"numbers": numbers, "labels": labels})
	return err
}

// Mappings lists every mapping, those in force and those before and to come.
func Mappings(ctx context.Context, q pg.Querier) ([]Mapping, error) {
	rows, err := q.Query(ctx, sqlMappings)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Mapping])
}

// Account is an account and its name.
type Account struct {
	Number, Label string
}

// Standards lists the accounts of the PCG that a mapping may be about.
func Standards(ctx context.Context, q pg.Querier) ([]Account, error) {
	rows, err := q.Query(ctx, sqlStandards)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Account])
}

// AddMapping records a mapping from a day on; what was mapped before stays on record, and what is
// booked stays where it is.
func AddMapping(ctx context.Context, tx pgx.Tx, m Mapping, actor string) error {
	if err := m.check(); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, sqlInsertMapping, pgx.NamedArgs{
		"valid_from": m.ValidFrom.Format(time.DateOnly), "standard": m.Standard, "family": m.Family, "rate": m.Rate, "country": m.Country, "method": m.Method,
		"account": m.Account, "label": m.Label, "analytic": m.Analytic, "actor": actor,
	})
	return err
}

func (m Mapping) check() error {
	var fields fault.Fields
	code := func(place, value string) {
		if len(value) < 3 || len(value) > 20 || strings.Trim(value[:3], "0123456789") != "" || strings.Trim(value, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			fields.Add(place, "account_invalid", "must begin with three digits, then digits or capitals, 20 at most")
		}
	}
	code("standard", m.Standard)
	code("account", m.Account)
	if strings.TrimSpace(m.Label) == "" || len(m.Label) > 120 {
		fields.Add("label", "required", "must be 1 to 120 characters")
	}
	if len(m.Analytic) > 40 {
		fields.Add("analytic", "too_long", "must be 40 characters at most")
	}
	if m.Rate != nil && (*m.Rate < 0 || *m.Rate > 10000) {
		fields.Add("rate", "rate_invalid", "must be a rate from 0 to 100 %")
	}
	if m.Country != "" && (len(m.Country) != 2 || strings.Trim(m.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "") {
		fields.Add("country", "country_unknown", "must be a country's two letters")
	}
	if len(m.Family) > 80 || len(m.Method) > 40 {
		fields.Add("family", "too_long", "is too long")
	}
	if m.ValidFrom.IsZero() {
		fields.Add("valid_from", "required", "is missing: give a date like 2026-11-01")
	}
	return fields.Err()
}
