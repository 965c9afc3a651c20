package ledger

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/money"
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
		{Name: "credit notes within invoices", Sentence: "an invoice's credit notes never exceed it", Figure: sqlCountCreditNotes, Broken: sqlInvoicesOvercredited},
	}
}

// VerifyChain walks the journal from its first entry to its head: numbers without a gap, each hash
// recomputed over the stored bytes, each line as the stored bytes say. The first entry that was
// changed, removed or cut off is named.
func VerifyChain(ctx context.Context, q pg.Querier) (invariant.Result, error) {
	result := invariant.Result{Name: "journal chain", Sentence: "every entry's hash follows from its bytes and the entry before, up to the head"}
	lines, err := linesByEntry(ctx, q)
	if err != nil {
		return result, err
	}
	rows, err := q.Query(ctx, sqlChain)
	if err != nil {
		return result, err
	}
	defer rows.Close()
	previous := []byte{}
	for rows.Next() {
		var seq int64
		var data string
		var before, hash []byte
		if err := rows.Scan(&seq, &data, &before, &hash); err != nil {
			return result, err
		}
		result.Figure++
		switch {
		case seq != result.Figure:
			result.Broken = append(result.Broken, fmt.Sprintf("entry %d is missing", result.Figure))
		case !bytes.Equal(before, previous) || !bytes.Equal(hash, chain(previous, seq, []byte(data))):
			result.Broken = append(result.Broken, fmt.Sprintf("entry %d was changed", seq))
		case !sameLines(data, lines[seq]):
			result.Broken = append(result.Broken, fmt.Sprintf("the lines of entry %d were changed", seq))
		}
		if len(result.Broken) > 0 {
			return result, nil
		}
		previous = hash
	}
	if err := rows.Err(); err != nil {
		return result, err
	}
	rows.Close()
	var head int64
	var hash []byte
	if err := q.QueryRow(ctx, sqlHead).Scan(&head, &hash); err != nil {
		return result, err
	}
	if head != result.Figure || !bytes.Equal(hash, previous) {
		result.Broken = append(result.Broken, fmt.Sprintf("the journal ends at entry %d, its head says %d", result.Figure, head))
	}
	return result, nil
}

func linesByEntry(ctx context.Context, q pg.Querier) (map[int64][]EntryLine, error) {
	rows, err := q.Query(ctx, sqlLinesOfEntries)
	if err != nil {
		return nil, err
	}
	all := map[int64][]EntryLine{}
	var seq int64
	var n int
	var account, standard, analytic string
	var debit, credit int64
	_, err = pgx.ForEachRow(rows, []any{&seq, &n, &account, &debit, &credit, &standard, &analytic}, func() error {
		all[seq] = append(all[seq], EntryLine{Account: account, Debit: money.Amount(debit), Credit: money.Amount(credit), Standard: standard, Analytic: analytic})
		return nil
	})
	return all, err
}

func sameLines(data string, lines []EntryLine) bool {
	var e Entry
	if err := json.Unmarshal([]byte(data), &e); err != nil || len(e.Lines) != len(lines) {
		return false
	}
	for i := range lines {
		e.Lines[i].Standard = e.Lines[i].standard()
		if e.Lines[i] != lines[i] {
			return false
		}
	}
	return true
}
