package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// The places of an entry's columns, as sqlChain has them. The first three are hashed in this order: a
// sequence number is sent as the hash wants it.
const (
	atPrevious = iota
	atSeq
	atData
	atHash
	atJournal
	atBookedAt
	atBookedOn
	atReference
	atLabel
	atOrder
	atCause
	entryFields
)

// The places of a line's columns, as sqlLinesOfEntries has them.
const (
	atEntry = iota
	atAccount
	atDebit
	atCredit
	atOther
	lineFields
)

// bookedEntry is an entry at hand as PostgreSQL sends it, with its lines: their bytes one after the other,
// and where each column begins. It is used again and again, and allocates no text.
type bookedEntry struct {
	columns [][]byte
	bytes   []byte
	lines   [][lineFields + 1]int
	scratch []byte
	number  []byte
	day     parisSpan
}

// walkChain walks a part of the chain, its entries by one connection and their lines by another, both in
// the order of their numbers. What comes before its first entry is taken from that entry.
func walkChain(ctx context.Context, entries, lines pg.Querier, span Span) (part chainPart, err error) {
	args := pgx.NamedArgs{"after": span.After, "through": span.Through}
	rows, err := entries.Query(ctx, sqlChain, pgx.QueryResultFormats{pgx.BinaryFormatCode}, args)
	if err != nil {
		return part, err
	}
	defer rows.Close()
	of, err := lines.Query(ctx, sqlLinesOfEntries, pgx.QueryResultFormats{pgx.BinaryFormatCode}, args)
	if err != nil {
		return part, err
	}
	defer of.Close()
	var e bookedEntry
	ahead := false
	for seq := span.After + 1; rows.Next(); seq++ {
		e.columns = rows.RawValues()
		if whole(e.entry(atSeq)) != seq {
			part.broken = fmt.Sprintf("entry %d is missing", seq)
			return part, nil
		}
		if part.before == nil {
			part.before, part.hash = bytes.Clone(e.entry(atPrevious)), bytes.Clone(e.entry(atPrevious))
		}
		for e.bytes, e.lines = e.bytes[:0], e.lines[:0]; ahead || of.Next(); ahead = false {
			columns := of.RawValues()
			if ahead = whole(columns[atEntry]) > seq; ahead {
				break
			}
			e.take(columns)
		}
		if err := of.Err(); err != nil {
			return part, err
		}
		if part.broken = e.check(seq, part.hash); part.broken != "" {
			return part, nil
		}
		part.entries, part.hash = part.entries+1, append(part.hash[:0], e.entry(atHash)...)
	}
	if err := rows.Err(); err != nil {
		return part, err
	}
	// The last number of all is that of an entry: what a part lacks at its end was removed.
	if seq := span.After + part.entries; seq != span.Through {
		part.broken = fmt.Sprintf("entry %d is missing", seq+1)
	}
	return part, nil
}

// take keeps a line's bytes.
func (e *bookedEntry) take(columns [][]byte) {
	var at [lineFields + 1]int
	for i, c := range columns {
		at[i] = len(e.bytes)
		e.bytes = append(e.bytes, c...)
	}
	at[lineFields] = len(e.bytes)
	e.lines = append(e.lines, at)
}

func (e *bookedEntry) entry(column int) []byte { return e.columns[column] }

func (e *bookedEntry) line(n, column int) []byte {
	return e.bytes[e.lines[n][column]:e.lines[n][column+1]]
}

// codes are a line's other account and its analytic code: what almost no line has is not sent with each.
func (e *bookedEntry) codes(n int) (standard, analytic []byte) {
	length, both, said := bytes.Cut(e.line(n, atOther), []byte{':'})
	if !said {
		return e.line(n, atAccount), nil
	}
	cut, err := strconv.Atoi(string(length))
	if err != nil || cut > len(both) {
		return nil, both
	}
	return both[:cut], both[cut:]
}

func whole(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

// check holds the entry against itself and the hash before it; it says what is broken, or nothing.
func (e *bookedEntry) check(seq int64, previous []byte) string {
	if !bytes.Equal(e.entry(atPrevious), previous) {
		return fmt.Sprintf("entry %d was changed", seq)
	}
	e.scratch = append(e.scratch[:0], chainDomain...)
	for _, column := range []int{atPrevious, atSeq, atData} {
		e.scratch = append(e.scratch, e.entry(column)...)
	}
	if sum := sha256.Sum256(e.scratch); !bytes.Equal(sum[:], e.entry(atHash)) {
		return fmt.Sprintf("entry %d was changed", seq)
	}
	if e.same() {
		return ""
	}
	return e.differs(seq)
}

// same tells that the bytes of an entry are those that its columns and lines are written as: that needs
// no JSON to be read, and is so of almost every entry. What does not match this way is read.
func (e *bookedEntry) same() bool {
	at := whole(e.entry(atBookedAt))
	if !e.day.holds(at, int32(binary.BigEndian.Uint32(e.entry(atBookedOn)))) {
		return false
	}
	m := matcher{rest: e.entry(atData), number: e.number[:0]}
	m.text(`{"journal":`, e.entry(atJournal))
	m.moment(`,"booked_at":"`, at)
	m.text(`","reference":`, e.entry(atReference))
	m.text(`,"label":`, e.entry(atLabel))
	m.id(`,"order_id":"`, e.entry(atOrder))
	m.text(`","cause":`, e.entry(atCause))
	next := `,"lines":[{"account":`
	for n := range e.lines {
		account := e.line(n, atAccount)
		standard, analytic := e.codes(n)
		m.text(next, account)
		m.amount(`,"debit":{"amount":`, whole(e.line(n, atDebit)))
		m.amount(`,"credit":{"amount":`, whole(e.line(n, atCredit)))
		if !bytes.Equal(standard, account) {
			m.text(`,"standard":`, standard)
		}
		if len(analytic) > 0 {
			m.text(`,"analytic":`, analytic)
		}
		m.literal(`}`)
		next = `,{"account":`
	}
	m.literal(`]`)
	m.proof()
	m.literal(`}`)
	e.number = m.number
	return !m.other && len(m.rest) == 0 && len(e.lines) > 0
}

// differs reads an entry's bytes and says which of its columns or lines are others.
func (e *bookedEntry) differs(seq int64) string {
	var said Entry
	var stored []EntryLine
	for n := range e.lines {
		standard, analytic := e.codes(n)
		stored = append(stored, EntryLine{Account: string(e.line(n, atAccount)), Debit: money.Amount(whole(e.line(n, atDebit))), Credit: money.Amount(whole(e.line(n, atCredit))),
			Standard: string(standard), Analytic: string(analytic)})
	}
	if json.Unmarshal(e.entry(atData), &said) != nil || !sameLines(said.Lines, stored) {
		return fmt.Sprintf("the lines of entry %d were changed", seq)
	}
	var order uuid.UUID
	copy(order[:], e.entry(atOrder))
	at, on := moment(whole(e.entry(atBookedAt))), int32(binary.BigEndian.Uint32(e.entry(atBookedOn)))
	if said.Journal != string(e.entry(atJournal)) || said.Reference != string(e.entry(atReference)) || said.Label != string(e.entry(atLabel)) ||
		said.Cause != string(e.entry(atCause)) || said.OrderID != order || !said.BookedAt.Equal(at) || !e.day.holds(at.UnixMicro()-epoch, on) {
		return fmt.Sprintf("the columns of entry %d were changed", seq)
	}
	return ""
}

// epoch is 1 January 2000, from which PostgreSQL counts, in microseconds of Unix.
const epoch = 946684800 * 1e6

// moment is a moment as PostgreSQL sends it.
func moment(at int64) time.Time { return time.UnixMicro(at + epoch).UTC() }

// parisSpan is the day in Europe/Paris that was looked at last: entries of a day follow one another.
type parisSpan struct {
	from, until int64
	day         int32
}

// holds tells that a moment lies in a day, both as PostgreSQL sends them.
func (s *parisSpan) holds(at int64, day int32) bool {
	if at < s.from || at >= s.until {
		y, m, d := moment(at).In(text.Paris()).Date()
		s.from = time.Date(y, m, d, 0, 0, 0, 0, text.Paris()).UnixMicro() - epoch
		s.until = time.Date(y, m, d+1, 0, 0, 0, 0, text.Paris()).UnixMicro() - epoch
		s.day = int32((time.Date(y, m, d, 0, 0, 0, 0, time.UTC).UnixMicro() - epoch) / (24 * time.Hour).Microseconds())
	}
	return s.day == day
}

// matcher reads an entry's bytes as json.Marshal writes them, piece by piece, and sees whether one is
// another than it should be.
type matcher struct {
	rest, number []byte
	other        bool
}

func (m *matcher) literal(s string) {
	if len(m.rest) < len(s) || string(m.rest[:len(s)]) != s {
		m.other, m.rest = true, nil
		return
	}
	m.rest = m.rest[len(s):]
}

func (m *matcher) bytes(b []byte) {
	if !bytes.HasPrefix(m.rest, b) {
		m.other, m.rest = true, nil
		return
	}
	m.rest = m.rest[len(b):]
}

// text expects a text that is written as it is; one with an escape is another.
func (m *matcher) text(before string, b []byte) {
	m.literal(before)
	m.literal(`"`)
	for _, c := range b {
		if escaped[c] {
			m.other = true
			return
		}
	}
	m.bytes(b)
	m.literal(`"`)
}

// escaped are the bytes that a text in JSON never has, or not always.
var escaped = func() (is [256]bool) {
	for c := range 0x20 {
		is[c] = true
	}
	for _, c := range []byte{'"', '\\', '<', '>', '&', 0xe2} {
		is[c] = true
	}
	return is
}()

func (m *matcher) moment(before string, at int64) {
	m.literal(before)
	m.number = moment(at).AppendFormat(m.number[:0], time.RFC3339Nano)
	m.bytes(m.number)
}

func (m *matcher) id(before string, b []byte) {
	m.literal(before)
	var id uuid.UUID
	copy(id[:], b)
	m.number = hex.AppendEncode(m.number[:0], id[:4])
	for _, part := range [][]byte{id[4:6], id[6:8], id[8:10], id[10:]} {
		m.number = hex.AppendEncode(append(m.number, '-'), part)
	}
	m.bytes(m.number)
}

func (m *matcher) amount(before string, n int64) {
	m.literal(before)
	m.number = strconv.AppendInt(m.number[:0], n, 10)
	m.bytes(m.number)
	m.literal(`,"currency":"` + money.Currency + `"}`)
}

// proof passes over the hash of a document that an entry's bytes may end with: it stands in no column,
// its document is held against it by an invariant. What ends the text before its time is another.
func (m *matcher) proof() {
	const head, digits = `,"proof":"`, 2 * sha256.Size
	if len(m.rest) != len(head)+digits+len(`"}`) {
		return
	}
	m.literal(head)
	hash := m.rest[:min(digits, len(m.rest))]
	m.other = m.other || bytes.IndexByte(hash, '"') >= 0 || bytes.IndexByte(hash, '\\') >= 0
	m.rest = m.rest[len(hash):]
	m.literal(`"`)
}

func sameLines(said, stored []EntryLine) bool {
	if len(said) != len(stored) {
		return false
	}
	for i := range said {
		said[i].Standard = said[i].standard()
		if said[i] != stored[i] {
			return false
		}
	}
	return true
}
