package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Invariants are what must always be true of documents and entries.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{Name: "entries balance", Sentence: "the debits of every entry equal its credits", Figure: sqlCountEntries, Broken: sqlUnbalancedEntries},
		{Name: "books balance", Sentence: "all debits equal all credits", Figure: sqlSumDebits, Broken: sqlUnbalancedBooks},
		{Name: "numbers without gap", Sentence: "each series counts from 1 without a gap", Figure: sqlCountDocuments, Broken: sqlGapsInSeries},
		{Name: "numbers in time order", Sentence: "a later number never has an earlier date", Figure: sqlCountDocuments, Broken: sqlNumbersOutOfTime},
		{Name: "documents add up", Sentence: "a document's VAT rows make its total", Figure: sqlCountDocuments, Broken: sqlDocumentsThatDoNotAddUp},
		{Name: "documents are booked", Sentence: "every document has its entry of the same total in the sales journal, and the reverse", Figure: sqlCountDocuments, Broken: sqlDocumentsNotBooked},
		{Name: "documents unchanged", Sentence: "every document says what its entry in the chain has the hash of", Figure: sqlCountDocuments, Broken: sqlDocumentsChanged},
		{Name: "credit notes within invoices", Sentence: "an invoice's credit notes never exceed it", Figure: sqlCountCreditNotes, Broken: sqlInvoicesOvercredited},
		{Name: "exports proved or taxed", Sentence: "VAT is booked for an export exactly while nothing proves that it left and an accountant has said so", Figure: sqlCountProofs, Broken: sqlProofsAgainstBooks},
		{Name: "VAT of unproved exports", Sentence: "the VAT of an export without proof is what its credit notes leave of it, in the return and in the journal", Figure: sqlCountProofs, Broken: sqlExportVATAgainstBooks},
	}
}

// chainBatch is how many entries are read at once: memory stays the same however long the journal is.
const chainBatch = 4000

// storedEntry is an entry as its row has it.
type storedEntry struct {
	seq                              int64
	journal, reference, label, cause string
	bookedAt, bookedOn               time.Time
	orderID                          *uuid.UUID
	data, previous, hash             []byte
	lines                            []EntryLine
}

// VerifyChain walks the journal from its first entry to its head: numbers without a gap, each hash
// recomputed over the stored bytes, each column and each line as the stored bytes say. The first
// entry that was changed, removed or cut off is named.
func VerifyChain(ctx context.Context, q pg.Querier) (invariant.Result, error) {
	result := invariant.Result{Name: "journal chain", Sentence: "every entry's hash follows from its bytes and the entry before, up to the head"}
	var last int64
	if err := q.QueryRow(ctx, sqlLastEntry).Scan(&last); err != nil {
		return result, err
	}
	check := newChainCheck()
	gap := false
	for after := int64(0); after < last && !gap && !check.failed.Load(); after += chainBatch {
		batch, err := readBatch(ctx, q, after)
		if err != nil {
			check.end()
			return result, err
		}
		check.batches <- batch
		// What is missing at the end of a batch is missed by the next one's first entry, which may be
		// as far away as somebody liked to number it.
		gap = len(batch) < chainBatch && after+chainBatch < last
	}
	link := check.end()
	result.Figure = check.entries
	if gap && check.broken == "" {
		check.broken = fmt.Sprintf("entry %d is missing", check.entries+1)
	}
	if check.broken != "" {
		result.Broken = []string{check.broken}
		return result, nil
	}
	var head int64
	var hash []byte
	if err := q.QueryRow(ctx, sqlHead).Scan(&head, &hash); err != nil {
		return result, err
	}
	if head != result.Figure || !bytes.Equal(hash, link.previous) {
		result.Broken = append(result.Broken, fmt.Sprintf("the journal ends at entry %d, its head says %d", result.Figure, head))
	}
	return result, nil
}

// chainCheck holds batches of entries against each other while the next one is read: PostgreSQL and the
// check work at the same time.
type chainCheck struct {
	batches chan []storedEntry
	failed  atomic.Bool
	ended   chan struct{}
	link    *linker
	entries int64
	broken  string
}

func newChainCheck() *chainCheck {
	c := &chainCheck{batches: make(chan []storedEntry, 1), ended: make(chan struct{}), link: newLinker(nil)}
	go func() {
		defer close(c.ended)
		for batch := range c.batches {
			for i := range batch {
				if c.broken != "" {
					break
				}
				c.next(&batch[i])
			}
		}
	}()
	return c
}

func (c *chainCheck) next(e *storedEntry) {
	c.entries++
	if c.broken = c.link.next(c.entries, e.seq, e.previous, e.hash, e.data); c.broken == "" {
		c.broken = e.differs(c.link)
	}
	if c.broken != "" {
		c.failed.Store(true)
	}
}

// end waits for what was handed in; the linker is then at the last entry.
func (c *chainCheck) end() *linker {
	close(c.batches)
	<-c.ended
	return c.link
}

// linker follows a chain of hashes without allocating.
type linker struct {
	h        hash.Hash
	previous []byte
	sum      []byte
	scratch  []byte
}

func newLinker(previous []byte) *linker {
	return &linker{h: sha256.New(), previous: append([]byte{}, previous...)}
}

// next holds an entry against the one before; it says what is broken, or nothing.
func (l *linker) next(want, seq int64, before, hash, data []byte) string {
	if seq != want {
		return fmt.Sprintf("entry %d is missing", want)
	}
	l.h.Reset()
	l.scratch = append(append(l.scratch[:0], chainDomain...), l.previous...)
	l.scratch = binary.BigEndian.AppendUint64(l.scratch, uint64(seq))
	l.h.Write(l.scratch)
	l.h.Write(data)
	l.sum = l.h.Sum(l.sum[:0])
	if before != nil && !bytes.Equal(before, l.previous) || !bytes.Equal(hash, l.sum) {
		return fmt.Sprintf("entry %d was changed", seq)
	}
	l.previous = append(l.previous[:0], hash...)
	return ""
}

// readBatch reads the entries of the numbers after one, each with its lines.
func readBatch(ctx context.Context, q pg.Querier, after int64) ([]storedEntry, error) {
	span := pgx.NamedArgs{"after": after, "through": after + chainBatch}
	rows, err := q.Query(ctx, sqlChain, span)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	batch := make([]storedEntry, 0, chainBatch)
	for rows.Next() {
		var e storedEntry
		if err := rows.Scan(&e.seq, &e.journal, &e.bookedAt, &e.bookedOn, &e.reference, &e.label, &e.orderID, &e.cause, &e.data, &e.previous, &e.hash); err != nil {
			return nil, err
		}
		batch = append(batch, e)
	}
	if err := rows.Err(); err != nil || len(batch) == 0 {
		return batch, err
	}
	rows.Close()
	if rows, err = q.Query(ctx, sqlLinesOfEntries, span); err != nil {
		return nil, err
	}
	defer rows.Close()
	at := 0
	for rows.Next() {
		var seq int64
		var l EntryLine
		if err := rows.Scan(&seq, &l.Account, &l.Debit, &l.Credit, &l.Standard, &l.Analytic); err != nil {
			return nil, err
		}
		for at < len(batch) && batch[at].seq < seq {
			at++
		}
		if at < len(batch) && batch[at].seq == seq {
			batch[at].lines = append(batch[at].lines, l)
		}
	}
	return batch, rows.Err()
}

// differs says whether the columns or lines of an entry are others than its bytes say. The bytes are
// written anew from the columns, which is quicker than reading them; what does not match that way
// is read.
func (e *storedEntry) differs(l *linker) string {
	l.scratch = e.append(l.scratch[:0])
	if bytes.Equal(l.scratch, e.data) && e.bookedOn.Format(time.DateOnly) == e.bookedAt.In(text.Paris()).Format(time.DateOnly) {
		return ""
	}
	var said Entry
	if json.Unmarshal(e.data, &said) != nil || !sameLines(said.Lines, e.lines) {
		return fmt.Sprintf("the lines of entry %d were changed", e.seq)
	}
	order := uuid.Nil
	if e.orderID != nil {
		order = *e.orderID
	}
	if said.Journal != e.journal || said.Reference != e.reference || said.Label != e.label || said.Cause != e.cause || said.OrderID != order ||
		!said.BookedAt.Equal(e.bookedAt) || said.BookedAt.In(text.Paris()).Format(time.DateOnly) != e.bookedOn.Format(time.DateOnly) {
		return fmt.Sprintf("the columns of entry %d were changed", e.seq)
	}
	return ""
}

// append writes the entry as json.Marshal does.
func (e *storedEntry) append(b []byte) []byte {
	b = appendText(append(b, `{"journal":`...), e.journal)
	b = e.bookedAt.UTC().AppendFormat(append(b, `,"booked_at":"`...), time.RFC3339Nano)
	b = appendText(append(b, `","reference":`...), e.reference)
	b = appendText(append(b, `,"label":`...), e.label)
	order := uuid.Nil
	if e.orderID != nil {
		order = *e.orderID
	}
	b = append(append(append(b, `,"order_id":"`...), order.String()...), '"')
	b = appendText(append(b, `,"cause":`...), e.cause)
	b = append(b, `,"lines":[`...)
	for i, l := range e.lines {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendText(append(b, `{"account":`...), l.Account)
		b = appendMoney(append(b, `,"debit":`...), l.Debit)
		b = appendMoney(append(b, `,"credit":`...), l.Credit)
		if l.Standard != l.Account {
			b = appendText(append(b, `,"standard":`...), l.Standard)
		}
		if l.Analytic != "" {
			b = appendText(append(b, `,"analytic":`...), l.Analytic)
		}
		b = append(b, '}')
	}
	b = append(b, ']')
	if proof := proofIn(e.data); proof != nil {
		b = append(append(append(b, `,"proof":"`...), proof...), '"')
	}
	return append(b, '}')
}

// proofIn is the hash of a document that an entry's bytes end with: it stands in no column, its
// document is held against it by an invariant.
func proofIn(data []byte) []byte {
	const head, digits = `,"proof":"`, 2 * sha256.Size
	if at := len(data) - digits - len(`"}`); at > len(head) && string(data[at-len(head):at]) == head {
		return data[at : at+digits]
	}
	return nil
}

// appendText writes a text as JSON; one that needs no escape, as most, is copied.
func appendText(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0xe2 {
			quoted, _ := json.Marshal(s)
			return append(b, quoted...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}

func appendMoney(b []byte, a money.Amount) []byte {
	b = strconv.AppendInt(append(b, `{"amount":`...), int64(a), 10)
	return append(b, `,"currency":"`+money.Currency+`"}`...)
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
