package catalog

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"boutique/internal/fault"
)

// The limits of an imported file.
const (
	maxImportBytes = 64 << 20
	maxCellBytes   = 64 << 10
)

// Issue is something wrong with an imported file: where, and why.
type Issue struct {
	Line   int
	Column string
	Reason string
}

func (i Issue) String() string {
	if i.Column == "" {
		return fmt.Sprintf("line %d: %s", i.Line, i.Reason)
	}
	return fmt.Sprintf("line %d, %s: %s", i.Line, i.Column, i.Reason)
}

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
	return readTable(r, func(columns []string) []Issue { return judgeHead(columns, known, required) })
}

// judgeHead notes columns that a format does not know, that stand twice, and that are missing.
func judgeHead(columns []string, known func(string) bool, required []string) []Issue {
	var issues []Issue
	seen := map[string]bool{}
	for _, name := range columns {
		switch {
		case !known(name):
			issues = append(issues, Issue{1, name, "is not a column of this format"})
		case seen[name]:
			issues = append(issues, Issue{1, name, "stands twice in the head"})
		}
		seen[name] = true
	}
	for _, name := range required {
		if !seen[name] {
			issues = append(issues, Issue{1, name, "is missing from the head"})
		}
	}
	return issues
}

// readTable is readRows with another judge of the head.
func readTable(r io.Reader, judge func(columns []string) []Issue) ([]row, []Issue, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImportBytes+1))
	if err != nil {
		return nil, nil, err
	}
	if len(data) > maxImportBytes {
		return nil, nil, fault.New(fault.TooLarge, "import_too_large", "the file has more than 64 MB")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, []Issue{{Line: 1 + bytes.Count(data[:firstInvalid(data)], []byte("\n")), Reason: "is not UTF-8: save the file as CSV UTF-8"}}, nil
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = delimiter(data)
	reader.FieldsPerRecord = -1
	reader.ReuseRecord = true
	head, err := reader.Read()
	if errors.Is(err, io.EOF) {
		return nil, []Issue{{Line: 1, Reason: "the file is empty"}}, nil
	}
	if err != nil {
		return nil, []Issue{syntaxIssue(err)}, nil
	}
	columns := make([]string, len(head))
	for i, name := range head {
		columns[i] = strings.Clone(strings.ToLower(strings.TrimSpace(name)))
	}
	issues := judge(columns)
	if issues != nil {
		return nil, issues, nil
	}
	var rows []row
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rows, issues, nil
		}
		if err != nil {
			issues = append(issues, syntaxIssue(err))
			return rows, issues, nil
		}
		line, _ := reader.FieldPos(0)
		if len(record) != len(columns) {
			issues = append(issues, Issue{line, "", fmt.Sprintf("has %d fields, the head has %d", len(record), len(columns))})
			continue
		}
		r := row{line: line, cells: make(map[string]string, len(columns))}
		for i, cell := range record {
			switch {
			case len(cell) > maxCellBytes:
				issues = append(issues, Issue{line, columns[i], "is longer than 64 KB"})
			case strings.ContainsRune(cell, 0):
				issues = append(issues, Issue{line, columns[i], "holds a NUL character"})
			}
			if cell = strings.TrimSpace(cell); cell != "" {
				r.cells[columns[i]] = strings.Clone(cell)
			}
		}
		rows = append(rows, r)
	}
}

func syntaxIssue(err error) Issue {
	var e *csv.ParseError
	if errors.As(err, &e) {
		return Issue{Line: e.Line, Reason: "is not CSV: " + e.Err.Error()}
	}
	return Issue{Line: 1, Reason: "is not CSV: " + err.Error()}
}

func firstInvalid(data []byte) int {
	at := 0
	for at < len(data) {
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return at
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
