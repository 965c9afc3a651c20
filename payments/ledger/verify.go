package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"runtime"
	"sync/atomic"

	"boutique/internal/invariant"
	"boutique/internal/pg"
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
		{Name: "VAT rows bear their documents", Sentence: "a VAT row says of its document what the document says", Figure: sqlCountDocuments, Broken: sqlVATRowsAgainstDocuments},
		{Name: "sales are added up", Sentence: "what the database added up of each entry in the sales journal is what its lines come to", Figure: sqlCountSales, Broken: sqlSalesAgainstLines},
		{Name: "documents unchanged", Sentence: "every document says what its entry in the chain has the hash of", Figure: sqlCountDocuments, Broken: sqlDocumentsChanged},
		{Name: "credit notes within invoices", Sentence: "an invoice's credit notes never exceed it", Figure: sqlCountCreditNotes, Broken: sqlInvoicesOvercredited},
		{Name: "exports proved or taxed", Sentence: "VAT is booked for an export exactly while nothing proves that it left and an accountant has said so", Figure: sqlCountProofs, Broken: sqlProofsAgainstBooks},
		{Name: "VAT of unproved exports", Sentence: "the VAT of an export without proof is what its credit notes leave of it, in the return and in the journal", Figure: sqlCountProofs, Broken: sqlExportVATAgainstBooks},
	}
}

// chainBatch is how many entries are read at once: memory stays the same however long the journal is.
const chainBatch = 4000

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
		batch := <-check.free
		if err := batch.read(ctx, q, after); err != nil {
			check.end()
			return result, err
		}
		// What is missing at the end of a batch is missed by the next one's first entry, which may be
		// as far away as somebody liked to number it.
		gap = len(batch.entries) < chainBatch && after+chainBatch < last
		check.hand(batch)
	}
	end := check.end()
	result.Figure = end.entries
	if gap && end.broken == "" {
		end.broken = fmt.Sprintf("entry %d is missing", end.entries+1)
	}
	if end.broken != "" {
		result.Broken = []string{end.broken}
		return result, nil
	}
	var head int64
	var hash []byte
	if err := q.QueryRow(ctx, sqlHead).Scan(&head, &hash); err != nil {
		return result, err
	}
	if head != result.Figure || !bytes.Equal(hash, end.hash) {
		result.Broken = append(result.Broken, fmt.Sprintf("the journal ends at entry %d, its head says %d", result.Figure, head))
	}
	return result, nil
}

// chainEnd is how far a chain has been followed, and what its first break is, if it has one.
type chainEnd struct {
	entries int64
	hash    []byte
	broken  string
}

// chainCheck holds batches of entries against themselves, all of them at once, while the next one is
// read; what joins one to the next is looked at in their order.
type chainCheck struct {
	free   chan *entryBatch
	tail   chan chainEnd
	failed atomic.Bool
}

func newChainCheck() *chainCheck {
	c := &chainCheck{free: make(chan *entryBatch, 1+runtime.GOMAXPROCS(0)), tail: make(chan chainEnd, 1)}
	for range cap(c.free) {
		c.free <- &entryBatch{}
	}
	c.tail <- chainEnd{}
	return c
}

// hand begins the check of a batch, which goes on after those that were handed in before.
func (c *chainCheck) hand(b *entryBatch) {
	before, after := c.tail, make(chan chainEnd, 1)
	c.tail = after
	go func() {
		good, broken := b.check()
		end := b.join(<-before, good, broken)
		if end.broken != "" {
			c.failed.Store(true)
		}
		c.free <- b
		after <- end
	}()
}

// end waits for what was handed in.
func (c *chainCheck) end() chainEnd { return <-c.tail }

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
