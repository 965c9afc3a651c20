package ledger_test

import (
	"context"
	"testing"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/payments/ledger"
)

// From a total one comes to its documents and their entries, from an entry to all of its order.
func TestATotalLeadsToItsDocumentsAndBack(t *testing.T) {
	t.Parallel()
	ctx, pool, p := context.Background(), furnished(t), year(t)
	rate := 2000
	totals, err := ledger.SalesTotals(ctx, pool, p)
	if err != nil {
		t.Fatal(err)
	}
	f := ledger.DocumentFilter{Period: p, Rate: &rate, Limit: 2}
	gross, net, vat, count, err := ledger.SumDocuments(ctx, pool, f)
	if err != nil || int64(gross) != totals[0].Gross || int64(net) != totals[0].Net || int64(vat) != totals[0].VAT || count != totals[0].Documents {
		t.Errorf("%d %d %d of %d documents, want %+v: %v", gross, net, vat, count, totals[0], err)
	}
	var listed []ledger.ListedDocument
	for {
		page, err := ledger.ListDocuments(ctx, pool, f)
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, page...)
		if len(page) < f.Limit {
			break
		}
		f.After = page[len(page)-1].Number
	}
	var sum money.Amount
	for _, d := range listed {
		sum += d.Gross
	}
	if sum != gross || int64(len(listed)) != count {
		t.Errorf("the pages come to %d in %d documents", sum, len(listed))
	}
	e, err := ledger.FindEntry(ctx, pool, listed[0].EntrySeq)
	if err != nil || e.Document != listed[0].Number || e.OrderNumber != listed[0].OrderNumber || len(e.Lines) != 6 {
		t.Errorf("%+v %v", e, err)
	}
	for _, about := range []string{e.OrderNumber, e.Document} {
		b := ledger.Browse{Period: p, About: about, Limit: 100}
		lines, err := ledger.BookedLines(ctx, pool, b)
		if err != nil {
			t.Fatal(err)
		}
		debit, credit, n, err := ledger.BookedSum(ctx, pool, b)
		if err != nil || debit != credit || n != int64(len(lines)) || n == 0 {
			t.Errorf("%s: %d lines, %d listed, debit %d, credit %d, %v", about, n, len(lines), debit, credit, err)
		}
	}
	balances, err := ledger.TrialBalance(ctx, pool, p)
	if err != nil {
		t.Fatal(err)
	}
	var after money.Amount
	for _, b := range balances {
		after += b.After()
		debit, credit, _, err := ledger.BookedSum(ctx, pool, ledger.Browse{Period: p, Account: b.Account})
		if err != nil || debit != b.Debit || credit != b.Credit {
			t.Errorf("account %s: %d %d in its lines, %d %d in its balance, %v", b.Account, debit, credit, b.Debit, b.Credit, err)
		}
	}
	if after != 0 || len(balances) < 5 {
		t.Errorf("%d balances come to %d", len(balances), after)
	}
	if _, err := ledger.FindEntry(ctx, pool, 999); !fault.Is(err, "entry_not_found") {
		t.Errorf("entry 999: %v", err)
	}
}
