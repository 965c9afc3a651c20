package ledger

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"boutique/internal/money"
)

// fecColumns are the 18 columns of the file, in their order (LPF art. A47 A-1, VII-1).
var fecColumns = []string{
	"JournalCode", "JournalLib", "EcritureNum", "EcritureDate", "CompteNum", "CompteLib", "CompAuxNum", "CompAuxLib", "PieceRef", "PieceDate",
	"EcritureLib", "Debit", "Credit", "EcritureLet", "DateLet", "ValidDate", "Montantdevise", "Idevise",
}

// The severities of the control script of the DGFiP (Test-Compta-Demat). A finding without one is
// a fault that the script does not see and the law does.
const (
	severityError   = "E"
	severityAnomaly = "A"
	severityMissing = "V"
	severityShape   = "not conform (report page 2)"
	severityName    = "refused (file name)"
	severityRefused = "refused (separator)"
)

// severities goes from the gravest to the lightest.
var severities = []string{severityName, severityRefused, severityShape, severityError, severityMissing, severityAnomaly}

// FECFinding is one reason to reject a file. Line 0 is the file as a whole, line 1 its header.
type FECFinding struct {
	Line             int
	Column           string
	Message          string
	OfficialSeverity string
}

// FECReport is the judgement over a file.
type FECReport struct {
	Lines, Entries int
	Debit, Credit  money.Amount
	Findings       []FECFinding
	// More counts the findings that are not listed one by one.
	More int
}

// Accepted tells whether nothing was found.
func (r *FECReport) Accepted() bool { return len(r.Findings) == 0 }

// Official is the verdict that the DGFiP's control script would give: its gravest severity, "none"
// when it sees nothing.
func (r *FECReport) Official() string {
	for _, s := range severities {
		if slices.ContainsFunc(r.Findings, func(f FECFinding) bool { return f.OfficialSeverity == s }) {
			return s
		}
	}
	return "none"
}

// maxFindings keeps a report readable; every severity is listed at least once.
const maxFindings = 200

func (r *FECReport) find(line int, column, severity, format string, args ...any) {
	if len(r.Findings) >= maxFindings && r.seen(severity) {
		r.More++
		return
	}
	r.Findings = append(r.Findings, FECFinding{line, column, fmt.Sprintf(format, args...), severity})
}

func (r *FECReport) seen(severity string) bool {
	return slices.ContainsFunc(r.Findings, func(f FECFinding) bool { return f.OfficialSeverity == severity })
}

var (
	fecName   = regexp.MustCompile(`^(\d{9})FEC(20\d{6})(?:_(.*))?\.(?:txt|csv)$`)
	fecAmount = regexp.MustCompile(`^[+-]?\d+(?:,\d+)?$|^\d+(?:,\d+)?[+-]$`)
	fecNumber = regexp.MustCompile(`^[1-9]\d*$`)
)

// fecCheck is one reading of a file.
type fecCheck struct {
	report       *FECReport
	columns      map[string]int
	width        int
	first, last  time.Time
	entry        string
	entryLine    int
	balance      money.Amount
	number       int64
	continued    bool
	validated    string
	signedAmount bool
}

// CheckFEC judges a file: all that the DGFiP's control script verifies, and what it does not: the
// balance of each entry and of the file, numbers from 1 without a hole, validation dates that never
// run backwards, real dates within the exercise, one amount on each line, no negative one. A file
// in parts (name_1, name_2) is judged part by part.
func CheckFEC(name string, in io.Reader) (*FECReport, error) {
	c := &fecCheck{report: &FECReport{}}
	c.readName(filepath.Base(name))
	lines := bufio.NewScanner(in)
	lines.Buffer(make([]byte, 64<<10), 4<<20)
	lines.Split(splitRecords)
	separator := ""
	n := 0
	for lines.Scan() {
		n++
		text := readable(lines.Bytes())
		if n == 1 {
			if separator = c.readHeader(text); separator == "" {
				return c.report, nil
			}
			continue
		}
		c.readLine(n, strings.Split(text, separator))
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading the file: %w", err)
	}
	if n < 2 {
		c.report.find(0, "", severityError, "the file holds no entry")
	}
	c.endEntry()
	if c.report.Debit != c.report.Credit {
		c.report.find(0, "", "", "all debits are %s, all credits %s", c.report.Debit.Decimal(), c.report.Credit.Decimal())
	}
	return c.report, nil
}

// readName takes the closing date from SIREN FEC AAAAMMJJ (IX) and the part's number (XIII).
func (c *fecCheck) readName(name string) {
	m := fecName.FindStringSubmatch(name)
	closing := time.Time{}
	if m != nil {
		closing, _ = time.Parse("20060102", m[2])
	}
	if closing.IsZero() {
		c.report.find(0, "", severityName, "the file's name is not SIREN, FEC and the closing date of the exercise: 123456789FEC20261231.txt")
		return
	}
	c.last = closing
	// The longest exercise that the law knows is its first one: up to the end of the next year.
	c.first = closing.AddDate(-2, 0, 1)
	if part, err := strconv.Atoi(m[3]); err == nil && part > 1 {
		c.continued = true
	}
}

func (c *fecCheck) readHeader(header string) string {
	for _, separator := range []string{"\t", "|"} {
		names := strings.Split(header, separator)
		if len(names) < 9 {
			continue
		}
		c.width = len(names)
		c.columns = map[string]int{}
		for i, name := range names {
			if _, twice := c.columns[name]; twice {
				c.report.find(1, name, severityShape, "the column stands twice")
			}
			c.columns[name] = i
		}
		c.checkColumns(names)
		return separator
	}
	c.report.find(1, "", severityRefused, "fields are not separated by tabulations or |")
	return ""
}

// checkColumns holds the header against the 18 columns; Montant and Sens may stand for Debit and
// Credit (VII-2), further columns only after the 18th.
func (c *fecCheck) checkColumns(names []string) {
	wanted := slices.Clone(fecColumns)
	_, amount := c.columns["Montant"]
	_, sense := c.columns["Sens"]
	if amount && sense {
		c.signedAmount = true
		wanted[11], wanted[12] = "Montant", "Sens"
	}
	missing := false
	for _, name := range wanted {
		if _, there := c.columns[name]; !there {
			c.report.find(1, name, severityShape, "the column is missing")
			missing = true
		}
	}
	if missing {
		return
	}
	for i, name := range wanted {
		if names[i] != name {
			c.report.find(1, name, "", "the column stands at place %d instead of %d", c.columns[name]+1, i+1)
		}
	}
}

// fecRequired are the columns that are never blank, with what the control script says of a blank.
var fecRequired = []struct{ column, severity string }{
	{"JournalCode", severityMissing}, {"JournalLib", severityMissing}, {"EcritureNum", severityError}, {"EcritureDate", severityError}, {"CompteNum", severityError},
	{"CompteLib", severityError}, {"PieceRef", severityMissing}, {"PieceDate", severityMissing}, {"EcritureLib", severityError}, {"ValidDate", severityMissing},
}

func (c *fecCheck) readLine(n int, fields []string) {
	c.report.Lines++
	if len(fields) != c.width {
		c.report.find(n, "", severityError, "%d fields instead of %d", len(fields), c.width)
		return
	}
	get := func(column string) string {
		i, there := c.columns[column]
		if !there {
			return ""
		}
		return fields[i]
	}
	for _, r := range fecRequired {
		if _, there := c.columns[r.column]; there && strings.TrimSpace(get(r.column)) == "" {
			c.report.find(n, r.column, r.severity, "is empty")
		}
	}
	if account := get("CompteNum"); account != "" && (len(account) < 3 || strings.Trim(account[:3], "0123456789") != "") {
		c.report.find(n, "CompteNum", severityAnomaly, "%q does not begin with three digits", account)
	}
	for _, f := range fields {
		if strings.ContainsAny(f, "\t|\r\n") {
			c.report.find(n, "", "", "a field holds a separator")
		}
	}
	for _, column := range []string{"EcritureDate", "PieceDate", "DateLet", "ValidDate"} {
		c.checkDate(n, column, get(column))
	}
	debit, credit := c.amounts(n, get)
	c.checkSides(n, debit, credit)
	c.count(n, get("EcritureNum"))
	c.balance += debit - credit
	c.report.Debit += debit
	c.report.Credit += credit
	if validated := get("ValidDate"); validated != "" {
		if validated < c.validated {
			c.report.find(n, "ValidDate", "", "%s lies before %s of a line above", validated, c.validated)
		}
		c.validated = max(c.validated, validated)
	}
	if foreign := get("Montantdevise"); foreign != "" {
		c.amount(n, "Montantdevise", foreign)
	}
}

// checkDate wants AAAAMMJJ. The control script passes 20260230 and 2026-11-23; they are no dates of
// the file all the same.
func (c *fecCheck) checkDate(n int, column, value string) {
	if value == "" {
		return
	}
	digits := strings.NewReplacer("-", "", "/", "").Replace(value)
	severity := ""
	if len(digits) != 8 || strings.Trim(digits, "0123456789") != "" || digits[4:6] > "12" || digits[6:] > "31" {
		severity = severityError
	} else if digits[:2] != "19" && digits[:2] != "20" {
		severity = severityAnomaly
	}
	at, err := time.Parse("20060102", value)
	if err != nil {
		c.report.find(n, column, severity, "%q is not a date AAAAMMJJ", value)
		return
	}
	if severity != "" {
		c.report.find(n, column, severity, "%s lies in no century of ours", value)
	}
	if column == "EcritureDate" && !c.last.IsZero() && (at.After(c.last) || at.Before(c.first)) {
		c.report.find(n, column, "", "%s lies outside the exercise that ends on %s", value, c.last.Format("20060102"))
	}
}

func (c *fecCheck) amounts(n int, get func(string) string) (debit, credit money.Amount) {
	if !c.signedAmount {
		return c.amount(n, "Debit", get("Debit")), c.amount(n, "Credit", get("Credit"))
	}
	amount := c.amount(n, "Montant", get("Montant"))
	switch get("Sens") {
	case "D", "+1":
		return amount, 0
	case "C", "-1":
		return 0, amount
	}
	c.report.find(n, "Sens", severityError, "%q is neither D nor C, +1 nor -1", get("Sens"))
	return 0, 0
}

func (c *fecCheck) amount(n int, column, value string) money.Amount {
	if value == "" {
		return 0
	}
	if !fecAmount.MatchString(value) {
		c.report.find(n, column, severityError, "%q is not an amount with a decimal comma and no other separator", value)
		return 0
	}
	sign, digits := money.Amount(1), strings.Trim(value, "+-")
	if strings.Contains(value, "-") {
		sign = -1
	}
	amount, err := money.Parse(digits)
	if err != nil {
		c.report.find(n, column, "", "%q has more than two decimals or too many digits", value)
		return 0
	}
	if sign < 0 && column != "Montantdevise" {
		c.report.find(n, column, "", "%q is negative: a correction stands on the other side", value)
	}
	return sign * amount
}

func (c *fecCheck) checkSides(n int, debit, credit money.Amount) {
	switch {
	case debit != 0 && credit != 0:
		c.report.find(n, "Debit", severityAnomaly, "debit and credit on one line")
	case debit == 0 && credit == 0:
		c.report.find(n, "Debit", severityAnomaly, "neither debit nor credit")
	}
}

// count holds the numbers to 1, 2, 3… with all lines of an entry together.
func (c *fecCheck) count(n int, number string) {
	if number == c.entry && n > 2 {
		return
	}
	c.endEntry()
	c.entry, c.entryLine = number, n
	c.report.Entries++
	if !fecNumber.MatchString(number) {
		if number != "" {
			c.report.find(n, "EcritureNum", "", "%q is not a number of a continuous sequence", number)
		}
		return
	}
	got, _ := strconv.ParseInt(number, 10, 64)
	if c.continued && c.number == 0 {
		c.number = got - 1
	}
	if got != c.number+1 {
		c.report.find(n, "EcritureNum", "", "%d follows %d", got, c.number)
	}
	c.number = got
}

func (c *fecCheck) endEntry() {
	if c.balance != 0 {
		c.report.find(c.entryLine, "EcritureNum", "", "entry %s does not balance: debits exceed credits by %s", c.entry, c.balance.Decimal())
	}
	c.balance = 0
}

// readable gives a record as UTF-8: the file may be ASCII, UTF-8 or ISO 8859-15 (XII-1).
func readable(record []byte) string {
	record = bytes.TrimPrefix(record, []byte("\ufeff"))
	if utf8.Valid(record) {
		return string(record)
	}
	latin9 := map[byte]rune{0xA4: '€', 0xA6: 'Š', 0xA8: 'š', 0xB4: 'Ž', 0xB8: 'ž', 0xBC: 'Œ', 0xBD: 'œ', 0xBE: 'Ÿ'}
	var b strings.Builder
	for _, c := range record {
		if r, other := latin9[c]; other {
			b.WriteRune(r)
			continue
		}
		b.WriteRune(rune(c))
	}
	return b.String()
}

// splitRecords ends a record at CR, LF or both (VI-1).
func splitRecords(data []byte, atEOF bool) (advance int, token []byte, err error) {
	i := bytes.IndexAny(data, "\r\n")
	switch {
	case i < 0 && !atEOF:
		return 0, nil, nil
	case i < 0 && len(data) == 0:
		return 0, nil, nil
	case i < 0:
		return len(data), data, nil
	case data[i] == '\n':
		return i + 1, data[:i], nil
	case i+1 < len(data):
		if data[i+1] == '\n' {
			return i + 2, data[:i], nil
		}
		return i + 1, data[:i], nil
	case atEOF:
		return i + 1, data[:i], nil
	}
	return 0, nil, nil
}
