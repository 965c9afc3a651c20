package main

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

// snapshotKinds are the exports that must tell the same of a moment.
var snapshotKinds = []string{"sales", "vat", "ereporting", "invoices", "entries", "payments", "orders", "receipts"}

// Exports and packages are made again and again while orders are paid and given back: each is of one
// moment, in which invoices, sales journal, VAT, day totals and money agree, and its entries balance.
func TestExportsWhileSalesRunAreOfOneMoment(t *testing.T) {
	t.Parallel()
	y := newYear(t)
	first := time.Date(y.now().Year(), y.now().Month(), 1, 0, 0, 0, 0, text.Paris())
	closed := ledger.Period{From: first, To: first.AddDate(0, 1, -1)}
	for range 2 {
		y.sell("FR", "59500", "Douai", 1, 1)
	}
	y.settle()
	y.moveTo(closed.Until().AddDate(0, 0, 1).Add(3 * time.Hour))
	closing, err := y.copy.a.closer.CloseMonth(t.Context(), closed, "staff:odile@beffroy.example")
	if err != nil {
		t.Fatal(err)
	}
	// Both months in one exercise, wherever the year ends.
	both := ledger.Period{From: closed.From, To: closed.From.AddDate(0, 2, -1)}
	var all sync.WaitGroup
	var running atomic.Int64
	for seller := range 3 {
		running.Add(1)
		all.Go(func() {
			defer running.Add(-1)
			y.trade(seller, 8)
		})
	}
	rounds := 0
	for last := false; !last; rounds++ {
		last = running.Load() == 0
		files := y.moment(both, &running)
		agree(t, fmt.Sprint("round ", rounds), files, true)
		var packed bytes.Buffer
		if err := y.copy.a.export(t.Context(), monthPackage, closed.From.Format(time.DateOnly), closed.To.Format(time.DateOnly), "", func(string, string) io.Writer { return &packed }); err != nil {
			t.Fatal(err)
		}
		results, err := ledger.VerifyPackage(bytes.NewReader(packed.Bytes()), int64(packed.Len()), closing.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range results {
			if !r.Holds() {
				t.Errorf("round %d: package: %s: %v", rounds, r.Name, r.Broken)
			}
		}
		agree(t, fmt.Sprint("package of round ", rounds), unpacked(t, packed.Bytes()), false)
	}
	all.Wait()
	y.settle()
	files := y.moment(both, &running)
	agree(t, "at rest", files, true)
	if documents := len(table(t, "invoices", files["invoices"])); documents < 20 || rounds < 4 {
		t.Errorf("only %d documents were made in %d rounds of exports", documents, rounds)
	}
}

// trade sells n orders, here and abroad, and gives something of every other one back.
func (y *soldYear) trade(seller, n int) {
	for i := range n {
		to := []struct{ country, postal, city string }{{"FR", "59500", "Douai"}, {"DE", "10115", "Berlin"}, {"BE", "1000", "Bruxelles"}}[(seller+i)%3]
		p, ok, err := y.trySell(to.country, to.postal, to.city, 1+i%2, 1)
		if err != nil {
			y.t.Errorf("seller %d: %v", seller, err)
			return
		}
		if !ok {
			continue
		}
		y.shopper().until(p, confirmed)
		if i%2 == 0 {
			refund := map[string]any{"reason": "kindness", "amount": amount{int64(100 + 50*i), "EUR"}}
			if i%4 == 0 {
				delete(refund, "amount")
			}
			if err := y.staff().expect(201, "POST", "/api/v1/staff/orders/"+p.Number+"/refunds", refund, nil, "Idempotency-Key", "refund-"+p.Number); err != nil {
				y.t.Errorf("seller %d: %v", seller, err)
				return
			}
		}
	}
}

// moment writes every export and the FEC in one read-only transaction; between two of them at least
// one more document is issued, as long as somebody sells.
func (y *soldYear) moment(p ledger.Period, running *atomic.Int64) map[string][]byte {
	y.t.Helper()
	files := map[string][]byte{}
	err := pg.InReadTx(y.t.Context(), y.copy.a.database.pool, func(tx pgx.Tx) error {
		clear(files)
		for i, kind := range append(slices.Clone(snapshotKinds), "fec") {
			var b bytes.Buffer
			if err := exports[kind].write(y.copy.a, y.t.Context(), tx, &b, sheet.CSV, p); err != nil {
				return fmt.Errorf("%s: %w", kind, err)
			}
			files[kind] = b.Bytes()
			if i%3 == 0 {
				y.awaitDocument(running)
			}
		}
		return nil
	})
	if err != nil {
		y.t.Fatal(err)
	}
	return files
}

// awaitDocument waits until one more document is issued, or nobody sells any more.
func (y *soldYear) awaitDocument(running *atomic.Int64) {
	y.t.Helper()
	before := y.count(`select count(*) from document`)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for running.Load() > 0 && y.count(`select count(*) from document`) == before {
		<-tick.C
	}
}

// unpacked are the exports of a package, by their kinds, and its FEC.
func unpacked(t *testing.T, data []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, f := range z.File {
		kind, export := strings.CutPrefix(strings.TrimSuffix(f.Name, ".csv"), "exports/")
		if strings.Contains(f.Name, "FEC") {
			kind, export = "fec", true
		}
		if !export || strings.HasSuffix(f.Name, ".xlsx") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[kind], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// table reads an export as rows by column.
func table(t *testing.T, name string, data []byte) []map[string]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	r.Comma, r.LazyQuotes = ';', name == "fec"
	if name == "fec" {
		r.Comma = '\t'
	}
	rows, err := r.ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %v", name, err)
	}
	list := make([]map[string]string, 0, len(rows))
	for _, row := range rows[1:] {
		one := map[string]string{}
		for i, head := range rows[0] {
			one[head] = row[i]
		}
		list = append(list, one)
	}
	return list
}

// cents reads an amount as exports write it.
func cents(t *testing.T, s string) int64 {
	t.Helper()
	amount, err := money.Parse(strings.TrimPrefix(s, "-"))
	if err != nil {
		t.Fatalf("%q is no amount: %v", s, err)
	}
	if strings.HasPrefix(s, "-") {
		return -int64(amount)
	}
	return int64(amount)
}

// journal is what entries come to: the sales journal by document, its net and VAT, and the customers'
// account by what came from elsewhere.
type journal struct {
	gross    map[string]int64
	net, vat int64
	settled  int64
}

func readJournal(t *testing.T, name string, rows []map[string]string) journal {
	t.Helper()
	j := journal{gross: map[string]int64{}}
	var balance int64
	for _, r := range rows {
		amount, account := cents(t, r["Debit"])-cents(t, r["Credit"]), r["CompteNum"]
		balance += amount
		switch {
		case r["JournalCode"] == ledger.JournalSales && account == ledger.AccountCustomers:
			j.gross[r["PieceRef"]] += amount
		case r["JournalCode"] == ledger.JournalSales && strings.HasPrefix(account, "70"):
			j.net -= amount
		case r["JournalCode"] == ledger.JournalSales:
			j.vat -= amount
		case account == ledger.AccountCustomers && r["JournalCode"] != "AN":
			j.settled -= amount
		}
	}
	if balance != 0 {
		t.Errorf("%s: debits exceed credits by %d", name, balance)
	}
	return j
}

// agree holds the exports of one moment against each other. Money agrees too when the moment holds
// all of the shop's months.
func agree(t *testing.T, what string, files map[string][]byte, whole bool) {
	t.Helper()
	sales := map[string]int64{}
	var net, vat int64
	for _, r := range table(t, "sales", files["sales"]) {
		sales[r["document_number"]] += cents(t, r["gross"])
		net, vat = net+cents(t, r["net"]), vat+cents(t, r["vat"])
	}
	invoices, invoiced := map[string]int64{}, map[string]bool{}
	for _, r := range table(t, "invoices", files["invoices"]) {
		invoices[r["document_number"]] = cents(t, r["gross"])
		if r["document_type"] == "invoice" {
			invoiced[r["order_number"]] = true
		}
	}
	if !maps.Equal(sales, invoices) {
		t.Errorf("%s: the sales are %v, the invoices %v", what, sales, invoices)
	}
	for _, kind := range []string{"vat", "ereporting"} {
		var n, v int64
		for _, r := range table(t, kind, files[kind]) {
			n, v = n+cents(t, r["net"]), v+cents(t, r["vat"])
		}
		if n != net || v != vat {
			t.Errorf("%s: %s has %d and %d, sales %d and %d", what, kind, n, v, net, vat)
		}
	}
	for _, kind := range []string{"entries", "fec"} {
		if kind == "fec" && !whole {
			continue
		}
		j := readJournal(t, what+": "+kind, table(t, kind, files[kind]))
		if !maps.Equal(j.gross, sales) || j.net != net || j.vat != vat {
			t.Errorf("%s: the sales journal of %s has %v, %d and %d, sales %v, %d and %d", what, kind, j.gross, j.net, j.vat, sales, net, vat)
		}
		var paid int64
		for _, r := range table(t, "payments", files["payments"]) {
			if r["state"] != "failed" {
				paid += cents(t, r["amount"])
			}
		}
		if whole && j.settled != paid {
			t.Errorf("%s: %s settles %d of what customers owe, payments and refunds come to %d", what, kind, j.settled, paid)
		}
	}
	report, err := ledger.CheckFEC("732829320FEC"+lastDay(t, files["fec"])+".txt", bytes.NewReader(files["fec"]))
	if err != nil || !report.Accepted() {
		t.Errorf("%s: FEC: %+v %v", what, report, err)
	}
	if whole {
		for _, r := range table(t, "orders", files["orders"]) {
			if settled := slices.Contains([]string{"paid", "partially_refunded", "refunded"}, r["payment_status"]); settled != invoiced[r["order_number"]] {
				t.Errorf("%s: order %s is %s, invoiced: %t", what, r["order_number"], r["payment_status"], invoiced[r["order_number"]])
			}
		}
	}
}

// lastDay is the day on which the year of a file's last entry ends.
func lastDay(t *testing.T, fec []byte) string {
	t.Helper()
	rows := table(t, "fec", fec)
	if len(rows) == 0 {
		return "20261231"
	}
	last, err := strconv.Atoi(rows[len(rows)-1]["EcritureDate"][:6])
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(last/100, time.Month(last%100)+1, 0, 0, 0, 0, 0, time.UTC).Format("20060102")
}
