package sheet

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"boutique/internal/money"
	"boutique/internal/text"
)

// csvEncoder writes what encoding/csv writes with semicolons and CRLF, without a text for each cell: an
// export has a million rows.
type csvEncoder struct {
	w    *bufio.Writer
	line []byte
	// The rate and the day that were written last, and what they were written as.
	lastRate    Rate
	percent     string
	from, until time.Time
	date        string
}

func newCSV(w io.Writer, columns []string) (Encoder, error) {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return nil, err
	}
	e := &csvEncoder{w: bufio.NewWriterSize(w, 64<<10), percent: percent(0)}
	for i, c := range columns {
		if i > 0 {
			e.line = append(e.line, ';')
		}
		e.line = appendField(e.line, c)
	}
	return e, e.end()
}

// Row writes a row.
func (e *csvEncoder) Row(cells ...any) error {
	e.line = e.line[:0]
	for i, c := range cells {
		if i > 0 {
			e.line = append(e.line, ';')
		}
		switch v := c.(type) {
		case *money.Amount:
			e.line = v.AppendDecimal(e.line)
		case money.Amount:
			e.line = v.AppendDecimal(e.line)
		case *string:
			e.text(*v)
		case string:
			e.text(v)
		case *Rate:
			e.rate(*v)
		case Rate:
			e.rate(v)
		case *Day:
			e.day(*v)
		case Day:
			e.day(v)
		case time.Time:
			e.line = v.In(text.Paris()).AppendFormat(e.line, time.RFC3339)
		case int:
			e.line = strconv.AppendInt(e.line, int64(v), 10)
		case int64:
			e.line = strconv.AppendInt(e.line, v, 10)
		default:
			e.line = appendField(e.line, fmt.Sprint(v))
		}
	}
	return e.end()
}

func (e *csvEncoder) text(s string) {
	if plain(s) {
		e.line = append(e.line, s...)
	} else {
		e.line = appendField(e.line, Harmless(s))
	}
}

func (e *csvEncoder) rate(r Rate) {
	if r != e.lastRate {
		e.lastRate, e.percent = r, percent(r)
	}
	e.line = append(e.line, e.percent...)
}

// day writes a day; rows of one day follow one another.
func (e *csvEncoder) day(d Day) {
	if at := time.Time(d); at.Before(e.from) || !at.Before(e.until) {
		y, m, day := at.In(text.Paris()).Date()
		e.from, e.until = time.Date(y, m, day, 0, 0, 0, 0, text.Paris()), time.Date(y, m, day+1, 0, 0, 0, 0, text.Paris())
		e.date = e.from.Format(time.DateOnly)
	}
	e.line = append(e.line, e.date...)
}

func (e *csvEncoder) end() error {
	e.line = append(e.line, "\r\n"...)
	_, err := e.w.Write(e.line)
	return err
}

// Close ends the table.
func (e *csvEncoder) Close() error { return e.w.Flush() }

// plain tells that a text is of letters, digits and the like, which neither a spreadsheet nor CSV
// sees anything else in: what almost every cell is.
func plain(s string) bool {
	if s == "" {
		return true
	}
	switch s[0] {
	case '=', '+', '-', '@', ' ':
		return false
	}
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == ';' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// appendField appends a field, in quotes when it needs them (RFC 4180).
func appendField(b []byte, field string) []byte {
	if !needsQuotes(field) {
		return append(b, field...)
	}
	b = append(b, '"')
	for i := range len(field) {
		switch c := field[i]; c {
		case '"':
			b = append(b, '"', '"')
		case '\r':
			// A line ends with CRLF in quotes too: what is written is the one of LF.
		case '\n':
			b = append(b, '\r', '\n')
		default:
			b = append(b, c)
		}
	}
	return append(b, '"')
}

func needsQuotes(field string) bool {
	if field == "" {
		return false
	}
	if field == `\.` || strings.ContainsAny(field, ";\"\r\n") {
		return true
	}
	first, _ := utf8.DecodeRuneInString(field)
	return unicode.IsSpace(first)
}
