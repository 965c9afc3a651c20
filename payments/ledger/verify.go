package ledger

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"runtime"
	"sync"

	"github.com/jackc/pgx/v5"

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

// chainReaders is how many parts of the journal are read at once at most; each is read by two connections.
const chainReaders = 4

// VerifyChain walks the journal from its first entry to its head, as a read-only transaction sees it:
// numbers without a gap, each hash recomputed over the stored bytes, each column and each line as the
// stored bytes say. The first entry that was changed, removed or cut off is named. Nothing is kept but the
// entry at hand, however long the journal is; a machine with more processors walks several parts of it at
// once.
func VerifyChain(ctx context.Context, pool pg.Beginner, at pgx.Tx) (invariant.Result, error) {
	return verifyChain(ctx, pool, at, min(chainReaders, max(1, runtime.GOMAXPROCS(0)/2)))
}

func verifyChain(ctx context.Context, pool pg.Beginner, at pgx.Tx, readers int) (invariant.Result, error) {
	result := invariant.Result{Name: "journal chain", Sentence: "every entry's hash follows from its bytes and the entry before, up to the head"}
	var last int64
	if err := at.QueryRow(ctx, sqlLastEntry).Scan(&last); err != nil {
		return result, err
	}
	parts := partsOf(last, readers)
	walked, failed := make([]chainPart, len(parts)), make([]error, len(parts))
	if err := pg.AtMomentOf(ctx, pool, at, 2*len(parts), func(txs []pgx.Tx) error {
		var all sync.WaitGroup
		for i, span := range parts {
			all.Go(func() { walked[i], failed[i] = walkChain(ctx, txs[2*i], txs[2*i+1], span) })
		}
		all.Wait()
		return errors.Join(failed...)
	}); err != nil {
		return result, err
	}
	var end chainPart
	for i, part := range walked {
		end = end.then(parts[i], part)
	}
	result.Figure = end.entries
	if end.broken != "" {
		result.Broken = []string{end.broken}
		return result, nil
	}
	var head int64
	var hash []byte
	if err := at.QueryRow(ctx, sqlHead).Scan(&head, &hash); err != nil {
		return result, err
	}
	if head != result.Figure || !bytes.Equal(hash, end.hash) {
		result.Broken = append(result.Broken, fmt.Sprintf("the journal ends at entry %d, its head says %d", result.Figure, head))
	}
	return result, nil
}

// partsOf cuts the numbers through last into parts of nearly the same length.
func partsOf(last int64, n int) []Span {
	var parts []Span
	for i := range int64(n) {
		if s := (Span{After: last / int64(n) * i, Through: last / int64(n) * (i + 1)}); i == int64(n)-1 {
			parts = append(parts, Span{After: s.After, Through: last})
		} else if s.Through > s.After {
			parts = append(parts, s)
		}
	}
	return parts
}

// chainPart is how far a part of the chain has been followed: the hash that its first entry names as the
// one before, that of its last good one, and its first break, if it has one.
type chainPart struct {
	entries      int64
	before, hash []byte
	broken       string
}

// then goes on with the part of a span after this one.
func (c chainPart) then(span Span, next chainPart) chainPart {
	switch {
	case c.broken != "":
		return c
	case next.before != nil && !bytes.Equal(next.before, c.hash):
		c.broken = fmt.Sprintf("entry %d was changed", span.After+1)
		return c
	}
	if next.entries > 0 {
		c.hash = next.hash
	}
	c.entries, c.broken = c.entries+next.entries, next.broken
	return c
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
