// Package sheet writes rows as CSV, XLSX or JSON, one after the other, in bounded memory. The three
// formats say the same; a cell can't become a formula in any of them.
package sheet

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/text"
)

// Format is how rows are written.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	XLSX Format = "xlsx"
	JSON Format = "json"
)

// ParseFormat reads a format; empty is CSV. An unknown one is Invalid and names the field.
func ParseFormat(s string) (Format, error) {
	switch Format(s) {
	case "", CSV:
		return CSV, nil
	case XLSX, JSON:
		return Format(s), nil
	}
	var fields fault.Fields
	fields.Add("format", "format_unknown", "must be csv, xlsx or json")
	return "", fields.Err()
}

// ContentType is the format's media type.
func (f Format) ContentType() string {
	switch f {
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case JSON:
		return "application/json"
	}
	return "text/csv; charset=utf-8"
}

// Rate is a VAT rate in basis points, written in percent.
type Rate int

// Day is a moment written as its date in Europe/Paris.
type Day time.Time

// Encoder writes one table. Cells are strings, ints, int64s, money.Amount, Rate, Day or time.Time,
// as many as there are columns; who writes a million rows gives a string, a money.Amount, a Rate or a Day
// by its address, which takes no memory. Close ends the table; without it nothing is complete.
type Encoder interface {
	Row(cells ...any) error
	Close() error
}

// NewEncoder begins a table with these column names.
func NewEncoder(w io.Writer, format Format, name string, columns []string) (Encoder, error) {
	switch format {
	case XLSX:
		return newXLSX(w, name, columns)
	case JSON:
		return &jsonEncoder{w: bufio.NewWriter(w), columns: columns}, nil
	}
	return newCSV(w, columns)
}

// Harmless makes a text cell that a spreadsheet would take for a formula plain text again, by an
// apostrophe before it (OWASP, CSV injection). Control characters and marks that turn the direction
// of writing are left out: a cell reads as it is.
func Harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\r':
			return r
		case r < ' ', r >= 0x7f && r <= 0x9f, r == '\u200e', r == '\u200f', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff':
			return -1
		}
		return r
	}, s)
	if s == "" {
		return s
	}
	switch []rune(s)[0] {
	case '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠':
		return "'" + s
	}
	return s
}

// cell is what stands in a cell, given itself or by its address.
func cell(c any) any {
	switch v := c.(type) {
	case *string:
		return *v
	case *money.Amount:
		return *v
	case *Rate:
		return *v
	case *Day:
		return *v
	}
	return c
}

func percent(r Rate) string {
	s := fmt.Sprintf("%d,%02d", int(r)/100, int(r)%100)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ",")
}

func day(d Day) string { return time.Time(d).In(text.Paris()).Format(time.DateOnly) }

type jsonEncoder struct {
	w       *bufio.Writer
	columns []string
	rows    int
}

func (e *jsonEncoder) Row(cells ...any) error {
	separator := ",\n"
	if e.rows == 0 {
		separator = "[\n"
	}
	e.rows++
	e.w.WriteString(separator + "{")
	for i, c := range cells {
		c = cell(c)
		switch v := c.(type) {
		case Rate:
			c = json.RawMessage(strings.Replace(percent(v), ",", ".", 1))
		case Day:
			c = day(v)
		case time.Time:
			c = v.UTC().Format(time.RFC3339)
		}
		value, err := json.Marshal(c)
		if err != nil {
			return err
		}
		if i > 0 {
			e.w.WriteString(",")
		}
		fmt.Fprintf(e.w, "%q:%s", e.columns[i], value)
	}
	_, err := e.w.WriteString("}")
	return err
}

func (e *jsonEncoder) Close() error {
	if e.rows == 0 {
		e.w.WriteString("[")
	}
	e.w.WriteString("\n]\n")
	return e.w.Flush()
}
