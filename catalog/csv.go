package catalog

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"boutique/internal/fault"
)

// The limits of an imported file: one that is read record by record, and one that has to be held, since
// it comes from where nobody can go back.
const (
	maxImportBytes = 1 << 30
	maxHeldBytes   = 64 << 20
	maxCellBytes   = 64 << 10
)

// row is one record of a file, by the names of its columns. line is where it begins in the file.
// names are the file's own names of the columns, where they are others than the shop's.
type row struct {
	line  int
	cells map[string]string
	names map[string]string
}

// column is the file's own name of a column.
func (r row) column(name string) string {
	if own := r.names[name]; own != "" {
		return own
	}
	return name
}

// either is the first of several columns that is not empty.
func (r row) either(names ...string) string {
	for _, n := range names {
		if s := r.cells[n]; s != "" {
			return s
		}
	}
	return ""
}

func (r row) get(column string) string { return r.cells[column] }

// readRows reads a CSV file: UTF-8 with or without a mark, separated by semicolon, comma or tab
// (found in its head). It answers every record that is well formed, and an issue for each that is
// not; a file that is no CSV at all is an error.
func readRows(r io.Reader, known func(string) bool, required ...string) ([]row, []Issue, error) {
	t, issues, err := openTable(r, maxHeldBytes)
	if err != nil || t == nil {
		return nil, issues, err
	}
	if issues = judgeHead(t.columns, known, required); issues != nil {
		return nil, issues, nil
	}
	return t.rest()
}

// judgeHead notes columns that a format does not know, that stand twice, and that are missing.
func judgeHead(columns []string, known func(string) bool, required []string) []Issue {
	var issues []Issue
	seen := map[string]bool{}
	for _, name := range columns {
		switch {
		case !known(name):
			issues = append(issues, issue(1, name, "head_unknown"))
		case seen[name]:
			issues = append(issues, issue(1, name, "head_twice"))
		}
		seen[name] = true
	}
	for _, name := range required {
		if !seen[name] {
			issues = append(issues, issue(1, name, "head_missing"))
		}
	}
	return issues
}

// table reads a CSV file record by record: no more of it than one record is held.
type table struct {
	reader  *csv.Reader
	columns []string
	left    *io.LimitedReader
	mark    int64 // the length of the mark at the file's beginning
	ended   bool
}

func newCSV(r io.Reader, comma rune) *csv.Reader {
	c := csv.NewReader(r)
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = comma, -1, true
	return c
}

// offset is where the next record begins in the file.
func (t *table) offset() int64 { return t.mark + t.reader.InputOffset() }

// openTable reads the head. Without one the file is no table, for the reason in the issues.
func openTable(r io.Reader, most int64) (*table, []Issue, error) {
	left := &io.LimitedReader{R: r, N: most + 1}
	text := bufio.NewReaderSize(left, maxCellBytes)
	var mark int
	if begun, err := text.Peek(3); err == nil && string(begun) == "\ufeff" {
		if mark, err = text.Discard(3); err != nil {
			return nil, nil, err
		}
	}
	begun, err := text.Peek(maxCellBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, err
	}
	t := &table{reader: newCSV(text, delimiter(begun)), left: left, mark: int64(mark)}
	head, err := t.reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, []Issue{issue(1, "", "file_empty")}, nil
	}
	if err != nil {
		return nil, []Issue{syntaxIssue(err)}, t.broken(err)
	}
	for _, name := range head {
		if !utf8.ValidString(name) {
			return nil, []Issue{issue(1, "", "file_not_utf8")}, nil
		}
		t.columns = append(t.columns, strings.Clone(strings.ToLower(strings.TrimSpace(name))))
	}
	return t, nil, nil
}

// broken is what is wrong with the file itself, not with what it says.
func (t *table) broken(err error) error {
	var syntax *csv.ParseError
	switch {
	case t.left.N <= 0:
		return fault.New(fault.TooLarge, "import_too_large", "the file is too large")
	case err == nil, errors.As(err, &syntax), errors.Is(err, io.EOF):
		return nil
	}
	return err
}

// next reads a record; ok is false at the end. A record that is malformed is issues and no row.
func (t *table) next() (r row, issues []Issue, ok bool, err error) {
	if t.ended {
		return row{}, nil, false, nil
	}
	record, err := t.reader.Read()
	if broken := t.broken(err); broken != nil {
		return row{}, nil, false, broken
	}
	if errors.Is(err, io.EOF) {
		return row{}, nil, false, nil
	}
	if err != nil {
		t.ended = true
		return row{}, []Issue{syntaxIssue(err)}, true, nil
	}
	line, _ := t.reader.FieldPos(0)
	if len(record) != len(t.columns) {
		return row{}, []Issue{issue(line, "", "row_length", "fields", len(record), "columns", len(t.columns))}, true, nil
	}
	for i, cell := range record {
		if !utf8.ValidString(cell) {
			// What is in another encoding is so all the way.
			t.ended = true
			at, _ := t.reader.FieldPos(i)
			return row{}, []Issue{issue(at, "", "file_not_utf8")}, true, nil
		}
	}
	r, issues = t.cells(record, line)
	return r, issues, true, nil
}

// cells keeps a record's cells that are not empty, by the names of their columns.
func (t *table) cells(record []string, line int) (r row, issues []Issue) {
	r = row{line: line, cells: make(map[string]string, len(t.columns))}
	for i, cell := range record {
		if i >= len(t.columns) {
			break
		}
		if len(cell) > maxCellBytes {
			issues = append(issues, issue(line, t.columns[i], "cell_too_long"))
		} else if strings.ContainsRune(cell, 0) {
			issues = append(issues, issue(line, t.columns[i], "cell_nul"))
		}
		if cell = strings.TrimSpace(cell); cell != "" {
			r.cells[t.columns[i]] = strings.Clone(cell)
		}
	}
	return r, issues
}

// rest reads every record that is left, and what is wrong with the others.
func (t *table) rest() (rows []row, issues []Issue, err error) {
	for {
		r, wrong, ok, err := t.next()
		if err != nil || !ok {
			return rows, issues, err
		}
		issues = append(issues, wrong...)
		if r.cells != nil {
			rows = append(rows, r)
		}
	}
}

func syntaxIssue(err error) Issue {
	var e *csv.ParseError
	if !errors.As(err, &e) {
		return issue(1, "", "file_not_csv", "cause", err.Error())
	}
	switch {
	case errors.Is(e.Err, csv.ErrQuote):
		return issue(e.Line, "", "file_quote_open")
	case errors.Is(e.Err, csv.ErrBareQuote):
		return issue(e.Line, "", "file_quote_bare")
	}
	return issue(e.Line, "", "file_not_csv", "cause", e.Err.Error())
}

// delimiter is the separator that the head has most of.
func delimiter(data []byte) rune {
	head, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ';', 0
	for _, d := range []rune{';', ',', '\t'} {
		if n := bytes.Count(head, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}
