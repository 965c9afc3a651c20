package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/sheet"
)

// sizes are how many orders the books have: `go test -bench Books -ledger.orders 1000000` generates a
// million.
var sizes = flag.String("ledger.orders", "10000,100000", "how many orders the benchmarks of the books generate")

// lines counts the lines that go through it.
type lines int64

// Write counts.
func (l *lines) Write(p []byte) (int, error) {
	*l += lines(bytes.Count(p, []byte{'\n'}))
	return len(p), nil
}

// peak samples the heap until it is stopped.
func peak() (stop func() float64) {
	var most atomic.Uint64
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most.Store(max(most.Load(), sample[0].Value.Uint64()))
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() float64 {
		close(done)
		<-ended
		return float64(most.Load()) / (1 << 20)
	}
}

// BenchmarkBooks times what an accountant asks of a year of orders: the files that stream, the VAT
// report, the closing of a month, and the chain verified in the database and from its file.
func BenchmarkBooks(b *testing.B) {
	for _, size := range strings.Split(*sizes, ",") {
		orders, err := strconv.Atoi(size)
		if err != nil {
			b.Fatal(err)
		}
		b.Run("orders="+size, func(b *testing.B) {
			url := pgtest.URL(b)
			owner, err := pg.OpenOwner(context.Background(), url)
			if err != nil {
				b.Fatal(err)
			}
			started := time.Now()
			generate(b, owner, orders)
			owner.Close()
			b.Logf("%d orders generated in %s", orders, time.Since(started).Round(time.Second))
			benchBooks(b, pgtest.Open(b, url), orders)
		})
	}
}

func benchBooks(b *testing.B, pool *pgxpool.Pool, orders int) {
	ctx := context.Background()
	timed := func(name string, work func(tx pgx.Tx, w io.Writer) (int64, error)) {
		b.Run(name, func(b *testing.B) {
			var counted lines
			var total int64
			stop := peak()
			for b.Loop() {
				err := pg.InReadTx(ctx, pool, func(tx pgx.Tx) error {
					counted = 0
					n, err := work(tx, &counted)
					total += n + int64(counted)
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(stop(), "peak-MB")
			if total > 0 {
				b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "lines/s")
			}
		})
	}
	timed("fec", func(tx pgx.Tx, w io.Writer) (int64, error) { return 0, WriteFEC(ctx, tx, w, generatedYear) })
	timed("sales-csv", func(tx pgx.Tx, w io.Writer) (int64, error) {
		return 0, WriteSales(ctx, tx, w, sheet.CSV, generatedYear)
	})
	timed("sales-xlsx", func(tx pgx.Tx, w io.Writer) (int64, error) {
		return int64(orders) * 3 / 2, WriteSales(ctx, tx, io.Discard, sheet.XLSX, generatedYear)
	})
	timed("vat", func(tx pgx.Tx, w io.Writer) (int64, error) { return 0, WriteVAT(ctx, tx, w, sheet.CSV, generatedYear) })
	timed("control", func(tx pgx.Tx, _ io.Writer) (int64, error) { return 0, Control(ctx, tx, generatedYear) })
	timed("verify", func(tx pgx.Tx, _ io.Writer) (int64, error) {
		r, err := VerifyChain(ctx, tx)
		if err == nil && !r.Holds() {
			err = fmt.Errorf("%v", r.Broken)
		}
		return r.Figure, err
	})
	b.Run("close-month", func(b *testing.B) {
		month := Period{From: generatedFrom, To: generatedFrom.AddDate(0, 1, -1)}
		for b.Loop() {
			tx, err := pool.Begin(ctx)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := Close(ctx, tx, ClosingMonth, month, ed25519.NewKeyFromSeed(make([]byte, 32)), "bench"); err != nil {
				b.Fatal(err)
			}
			if err := tx.Rollback(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify-offline", func(b *testing.B) { benchOffline(b, pool) })
}

func benchOffline(b *testing.B, pool *pgxpool.Pool) {
	ctx := context.Background()
	file, err := os.Create(filepath.Join(b.TempDir(), "chain.txt"))
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	if err := pg.InReadTx(ctx, pool, func(tx pgx.Tx) error {
		whole, err := WholeChain(ctx, tx)
		if err != nil {
			return err
		}
		return WriteChain(ctx, tx, file, whole)
	}); err != nil {
		b.Fatal(err)
	}
	var total int64
	stop := peak()
	for b.Loop() {
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		f, err := ReadChain(bufio.NewReader(file))
		if err != nil || !f.Holds() {
			b.Fatal(err, f.Broken)
		}
		total += f.Figure
	}
	b.ReportMetric(stop(), "peak-MB")
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "lines/s")
}
