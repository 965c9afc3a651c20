package ledger

import (
	"bufio"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

// fecRow is one line of an entry as the file writes it.
type fecRow struct {
	Journal, JournalLabel string
	Number                int64
	BookedOn              time.Time
	Account, AccountLabel string
	Reference             string
	Label                 string
	Debit, Credit         money.Amount
	ValidatedOn           time.Time
	Analytic              string
}

// The accounts of the result that earlier exercises left behind.
const (
	accountProfit = "120"
	accountLoss   = "129"
)

// journalOpening holds the balances carried forward.
const journalOpening = "AN"

// FECName is the file's name: the SIREN, FEC and the day on which the exercise closes (A47 A-1, IX).
func FECName(ctx context.Context, q pg.Querier, p Period) (string, error) {
	office, err := setting.GetOffice(ctx, q)
	if err != nil {
		return "", err
	}
	siren := strings.Join(strings.Fields(office.SIREN), "")
	if len(siren) != 9 || strings.Trim(siren, "0123456789") != "" {
		return "", fault.New(fault.Conflict, "siren_missing", "the office's SIREN has not been set: the file is named by it")
	}
	return siren + "FEC" + p.To.Format("20060102") + ".txt", nil
}

// WriteFEC streams the entries of an exercise as the file of accounting entries (LPF art. A47 A-1):
// UTF-8, tabulations, a decimal comma, the balances carried forward first, then every entry in the
// order of its validation, numbered from 1 without a hole.
func WriteFEC(ctx context.Context, q pg.Querier, w io.Writer, p Period) error {
	if err := Control(ctx, q, p); err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	out.WriteString(strings.Join(fecColumns, "\t") + "\r\n")
	line := make([]byte, 0, 512)
	err := entries(ctx, q, p, p.From, false, func(r fecRow) error {
		line = r.append(line[:0])
		_, err := out.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// append writes the row as a line of the file.
func (r fecRow) append(b []byte) []byte {
	b = append(append(b, fecText(r.Journal)...), '\t')
	b = append(append(b, fecText(r.JournalLabel)...), '\t')
	b = append(strconv.AppendInt(b, r.Number, 10), '\t')
	b = append(r.BookedOn.AppendFormat(b, "20060102"), '\t')
	b = append(append(b, fecText(r.Account)...), '\t')
	b = append(append(b, fecText(r.AccountLabel)...), "\t\t\t"...)
	b = append(append(b, fecText(r.Reference)...), '\t')
	b = append(r.BookedOn.AppendFormat(b, "20060102"), '\t')
	b = append(append(b, fecText(r.Label)...), '\t')
	b = append(r.Debit.AppendDecimal(b), '\t')
	b = append(r.Credit.AppendDecimal(b), "\t\t\t"...)
	b = r.ValidatedOn.AppendFormat(b, "20060102")
	return append(b, "\t\t\r\n"...)
}

// entryColumns are the 18 columns of the file and the analytic code after them.
var entryColumns = append(append([]string{}, fecColumns...), "CodeAnalytique")

// WriteEntries streams the entries of any period with the columns of the FEC: what an accountant
// brings into other books before the exercise is closed. An entry has the number here that it has
// in the year's file.
func WriteEntries(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := Control(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "entries", entryColumns)
	if err != nil {
		return err
	}
	year := time.Date(p.From.Year(), 1, 1, 0, 0, 0, 0, text.Paris())
	err = entries(ctx, q, p, year, true, func(r fecRow) error {
		on := r.BookedOn.Format("20060102")
		return e.Row(fecText(r.Journal), fecText(r.JournalLabel), r.Number, on, fecText(r.Account), fecText(r.AccountLabel), "", "", fecText(r.Reference), on,
			fecText(r.Label), r.Debit, r.Credit, "", "", r.ValidatedOn.Format("20060102"), "", "", fecText(r.Analytic))
	})
	if err != nil {
		return err
	}
	return e.Close()
}

// entries yields the lines of the period's entries, numbered within the exercise that begins on
// start, or anew each year. The balances carried forward are an exercise's first entry.
func entries(ctx context.Context, q pg.Querier, p Period, start time.Time, yearly bool, yield func(fecRow) error) error {
	opening, err := openingBalances(ctx, q, start)
	if err != nil {
		return err
	}
	carried := int64(0)
	if len(opening) > 0 {
		carried = 1
	}
	if p.From.Equal(start) {
		for _, r := range opening {
			if err := yield(r); err != nil {
				return err
			}
		}
	}
	statement, args := sqlEntries, p.args()
	args["start"], args["yearly"] = start.Format(time.DateOnly), yearly
	whole := !yearly && p.From.Equal(start)
	if whole {
		statement, args = sqlEntriesOfExercise, p.args()
	}
	// A label is the same on a million lines: it is not sent with each.
	accounts, err := labels(ctx, q, sqlLabelsOfAccounts)
	if err != nil {
		return err
	}
	journals, err := labels(ctx, q, sqlLabelsOfJournals)
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, statement, pgx.QueryResultFormats{pgx.BinaryFormatCode}, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	var r fecRow
	var seq, n int64
	said := texts{}
	for rows.Next() {
		said.read(&r, rows.RawValues())
		r.AccountLabel, r.JournalLabel = accounts[r.Account], cmp.Or(journals[r.Journal], r.Journal)
		if whole {
			if r.Number != seq {
				seq, n = r.Number, n+1
			}
			r.Number = n
		}
		if !yearly || r.BookedOn.Year() == start.Year() {
			r.Number += carried
		} else {
			r.Number++
		}
		if r.Reference == "" {
			r.Reference = fmt.Sprintf("%s%d", r.Journal, r.Number)
		}
		if err := yield(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// texts are those that come again and again: each is made once.
type texts map[string]string

// read reads a row from its bytes; what is as it was in the row before is kept.
func (t texts) read(r *fecRow, columns [][]byte) {
	r.Journal, r.Account, r.Analytic = t.of(columns[0]), t.of(columns[3]), t.of(columns[9])
	r.Number, r.Debit, r.Credit = whole(columns[1]), money.Amount(whole(columns[6])), money.Amount(whole(columns[7]))
	r.BookedOn, r.ValidatedOn = date(columns[2]), date(columns[8])
	if r.Reference != string(columns[4]) {
		r.Reference = string(columns[4])
	}
	if r.Label != string(columns[5]) {
		r.Label = string(columns[5])
	}
}

func (t texts) of(b []byte) string {
	s, ok := t[string(b)]
	if !ok {
		s = string(b)
		t[s] = s
	}
	return s
}

// date is a date as PostgreSQL sends it: days from 1 January 2000.
func date(b []byte) time.Time {
	const day = 24 * 60 * 60
	return time.Unix(int64(int32(binary.BigEndian.Uint32(b)))*day+epoch/1e6, 0).UTC()
}

// labels reads the labels of accounts, or of journals.
func labels(ctx context.Context, q pg.Querier, statement string) (map[string]string, error) {
	rows, err := q.Query(ctx, statement)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	var code, label string
	_, err = pgx.ForEachRow(rows, []any{&code, &label}, func() error {
		all[code] = label
		return nil
	})
	return all, err
}

// openingBalances are the balances of classes 1 to 5 before a day, and the result of the classes 6
// and 7 of the years before; none before the first entry.
func openingBalances(ctx context.Context, q pg.Querier, start time.Time) ([]fecRow, error) {
	rows, err := q.Query(ctx, sqlOpeningBalances, pgx.NamedArgs{"start": start.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	var list []fecRow
	var account, label string
	var balance, result money.Amount
	blank := fecRow{Journal: journalOpening, JournalLabel: "À-nouveaux", Number: 1, BookedOn: start, ValidatedOn: start, Reference: "AN" + start.Format("2006"), Label: "Report à nouveau"}
	add := func(account, label string, balance money.Amount) {
		r := blank
		r.Account, r.AccountLabel = account, label
		if balance > 0 {
			r.Debit = balance
		} else {
			r.Credit = -balance
		}
		list = append(list, r)
	}
	if _, err := pgx.ForEachRow(rows, []any{&account, &label, &balance}, func() error {
		if account >= "6" {
			result += balance
			return nil
		}
		add(account, label, balance)
		return nil
	}); err != nil {
		return nil, err
	}
	switch {
	case result < 0:
		add(accountProfit, "Résultat de l'exercice (bénéfice)", result)
	case result > 0:
		add(accountLoss, "Résultat de l'exercice (perte)", result)
	}
	return list, nil
}

// fecText makes a text safe between separators: no tabulation, bar, line end or control character,
// no mark that turns the direction of writing.
func fecText(s string) string {
	if plain(s) {
		return s
	}
	clean := strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '|', r == '\r', r == '\n', r == '\u2028', r == '\u2029':
			return ' '
		case r < ' ', r == 0x7f, r >= 0x80 && r <= 0x9f, r >= '\u200e' && r <= '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff', r == '\ufffd':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(clean)
}

// plain tells that a text is of printable ASCII and accented letters only, with no space at its ends:
// what almost every text is.
func plain(s string) bool {
	if s == "" || s[0] == ' ' || s[len(s)-1] == ' ' {
		return s == ""
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '|' || c == 0x7f || c == 0xc2 || c > 0xc3 {
			return false
		}
	}
	return utf8.ValidString(s)
}
