package ledger

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// The places of an entry's columns in a batch, as sqlChain has them. The first three stand there in
// the order in which they are hashed: a sequence number is sent as the hash wants it.
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
	atN
	atAccount
	atDebit
	atCredit
	atStandard
	atAnalytic
	lineFields
)

// entryBatch is a run of entries with their lines, as PostgreSQL sends them: their bytes one after the
// other, and where each column begins. It is used again and again, and allocates no text.
type entryBatch struct {
	after   int64
	bytes   []byte
	entries [][entryFields + 1]int
	lines   [][lineFields + 1]int
	number  []byte
	day     parisSpan
}

// read reads the entries of the numbers after one, each with its lines.
func (b *entryBatch) read(ctx context.Context, q pg.Querier, after int64) error {
	b.after, b.bytes, b.entries, b.lines = after, b.bytes[:0], b.entries[:0], b.lines[:0]
	span := pgx.NamedArgs{"after": after, "through": after + chainBatch}
	if err := readRaw(ctx, q, sqlChain, span, func(columns [][]byte) {
		var at [entryFields + 1]int
		b.bytes = append(b.bytes, chainDomain...)
		b.take(at[:], columns)
		b.entries = append(b.entries, at)
	}); err != nil || len(b.entries) == 0 {
		return err
	}
	if err := readRaw(ctx, q, sqlLinesOfEntries, span, func(columns [][]byte) {
		var at [lineFields + 1]int
		b.take(at[:], columns)
		b.lines = append(b.lines, at)
	}); err != nil {
		return err
	}
	if !slices.IsSortedFunc(b.lines, b.order) {
		slices.SortFunc(b.lines, b.order)
	}
	return nil
}

// order is the order of lines: by their entry, and there by their place.
func (b *entryBatch) order(x, y [lineFields + 1]int) int {
	entry := func(line [lineFields + 1]int) int64 { return whole(b.bytes[line[atEntry]:]) }
	n := func(line [lineFields + 1]int) int32 { return int32(binary.BigEndian.Uint32(b.bytes[line[atN]:])) }
	return cmp.Or(cmp.Compare(entry(x), entry(y)), cmp.Compare(n(x), n(y)))
}

// readRaw yields rows as they come, in binary; a row is gone when the next one is asked for.
func readRaw(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs, yield func(columns [][]byte)) error {
	rows, err := q.Query(ctx, statement, pgx.QueryResultFormats{pgx.BinaryFormatCode}, args)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		yield(rows.RawValues())
	}
	return rows.Err()
}

// take keeps a row's bytes. Null is kept as nothing.
func (b *entryBatch) take(at []int, columns [][]byte) {
	for i, c := range columns {
		at[i] = len(b.bytes)
		b.bytes = append(b.bytes, c...)
	}
	at[len(columns)] = len(b.bytes)
}

func (b *entryBatch) entry(i, column int) []byte {
	return b.bytes[b.entries[i][column]:b.entries[i][column+1]]
}

func (b *entryBatch) line(i, column int) []byte {
	return b.bytes[b.lines[i][column]:b.lines[i][column+1]]
}

func whole(b []byte) int64 { return int64(binary.BigEndian.Uint64(b)) }

// check holds the batch against itself: how many of its entries are good, and what is broken about the
// next one. What comes before its first entry is taken from that entry.
func (b *entryBatch) check() (good int, broken string) {
	line := 0
	for i := range b.entries {
		seq, from := b.after+int64(i)+1, line
		if whole(b.entry(i, atSeq)) != seq {
			return i, fmt.Sprintf("entry %d is missing", seq)
		}
		sum := sha256.Sum256(b.bytes[b.entries[i][atPrevious]-len(chainDomain) : b.entries[i][atHash]])
		if !bytes.Equal(sum[:], b.entry(i, atHash)) || i > 0 && !bytes.Equal(b.entry(i-1, atHash), b.entry(i, atPrevious)) {
			return i, fmt.Sprintf("entry %d was changed", seq)
		}
		for line < len(b.lines) && whole(b.line(line, atEntry)) <= seq {
			line++
		}
		if !b.same(i, from, line) {
			if broken := b.differs(i, from, line); broken != "" {
				return i, broken
			}
		}
	}
	return len(b.entries), ""
}

// join goes on from the end of the batch before.
func (b *entryBatch) join(end chainEnd, good int, broken string) chainEnd {
	if end.broken != "" || len(b.entries) == 0 {
		return end
	}
	first := b.after + 1
	switch {
	case whole(b.entry(0, atSeq)) == first && !bytes.Equal(b.entry(0, atPrevious), end.hash):
		good, broken = 0, fmt.Sprintf("entry %d was changed", first)
	case broken == "":
		end.hash = bytes.Clone(b.entry(good-1, atHash))
	}
	end.entries, end.broken = end.entries+int64(good), broken
	return end
}

// same tells that the bytes of an entry are those that its columns and lines are written as: that needs
// no JSON to be read, and is so of almost every entry. What does not match this way is read.
func (b *entryBatch) same(i, from, to int) bool {
	at := whole(b.entry(i, atBookedAt))
	if !b.day.holds(at, int32(binary.BigEndian.Uint32(b.entry(i, atBookedOn)))) {
		return false
	}
	m := matcher{rest: b.entry(i, atData), number: b.number[:0]}
	m.text(`{"journal":`, b.entry(i, atJournal))
	m.moment(`,"booked_at":"`, at)
	m.text(`","reference":`, b.entry(i, atReference))
	m.text(`,"label":`, b.entry(i, atLabel))
	m.id(`,"order_id":"`, b.entry(i, atOrder))
	m.text(`","cause":`, b.entry(i, atCause))
	next := `,"lines":[{"account":`
	for n := from; n < to; n++ {
		account, standard, analytic := b.line(n, atAccount), b.line(n, atStandard), b.line(n, atAnalytic)
		m.text(next, account)
		m.amount(`,"debit":{"amount":`, whole(b.line(n, atDebit)))
		m.amount(`,"credit":{"amount":`, whole(b.line(n, atCredit)))
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
	b.number = m.number
	return !m.other && len(m.rest) == 0 && from < to
}

// differs reads an entry's bytes and says which of its columns or lines are others.
func (b *entryBatch) differs(i, from, to int) string {
	seq := whole(b.entry(i, atSeq))
	var said Entry
	var stored []EntryLine
	for n := from; n < to; n++ {
		stored = append(stored, EntryLine{Account: string(b.line(n, atAccount)), Debit: money.Amount(whole(b.line(n, atDebit))), Credit: money.Amount(whole(b.line(n, atCredit))),
			Standard: string(b.line(n, atStandard)), Analytic: string(b.line(n, atAnalytic))})
	}
	if json.Unmarshal(b.entry(i, atData), &said) != nil || !sameLines(said.Lines, stored) {
		return fmt.Sprintf("the lines of entry %d were changed", seq)
	}
	var order uuid.UUID
	copy(order[:], b.entry(i, atOrder))
	at, on := moment(whole(b.entry(i, atBookedAt))), int32(binary.BigEndian.Uint32(b.entry(i, atBookedOn)))
	if said.Journal != string(b.entry(i, atJournal)) || said.Reference != string(b.entry(i, atReference)) || said.Label != string(b.entry(i, atLabel)) ||
		said.Cause != string(b.entry(i, atCause)) || said.OrderID != order || !said.BookedAt.Equal(at) || !b.day.holds(at.UnixMicro()-epoch, on) {
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
