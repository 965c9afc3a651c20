package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
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

// ticks is the length of the processor times that /proc tells.
const ticks = 10 * time.Millisecond

// spent is the processor time that this process and the server of a connection have used, the server's
// workers that have ended included: wall-clock tells little on a machine that is shared.
func spent(b *testing.B, pool *pgxpool.Pool) func() (own, server time.Duration) {
	b.Helper()
	measured := func() (own, server time.Duration) {
		var use syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
			b.Fatal(err)
		}
		own = time.Duration(use.Utime.Nano() + use.Stime.Nano())
		var backend int
		if err := pool.QueryRow(context.Background(), `select pg_backend_pid()`).Scan(&backend); err != nil {
			b.Fatal(err)
		}
		fields := stat(strconv.Itoa(backend))
		if len(fields) == 0 {
			return own, 0
		}
		for _, at := range processes(fields[1]) {
			server += at
		}
		return own, server
	}
	ownBefore, serverBefore := measured()
	return func() (own, server time.Duration) {
		own, server = measured()
		return own - ownBefore, server - serverBefore
	}
}

// stat are the fields of a process after its name; none where there is no such process.
func stat(pid string) []string {
	line, err := os.ReadFile(filepath.Join("/proc", pid, "stat"))
	if err != nil {
		return nil
	}
	return strings.Fields(string(line[bytes.LastIndexByte(line, ')')+1:]))
}

// processes are the processor times of a process, of its children, and of those that have ended.
func processes(leader string) (times []time.Duration) {
	children, _ := os.ReadFile(filepath.Join("/proc", leader, "task", leader, "children"))
	for i, pid := range append([]string{leader}, strings.Fields(string(children))...) {
		fields := stat(pid)
		if len(fields) < 15 {
			continue
		}
		// User and system time, and those of its children that have ended.
		last := 13
		if i == 0 {
			last = 15
		}
		for _, field := range fields[11:last] {
			n, _ := strconv.ParseInt(field, 10, 64)
			times = append(times, time.Duration(n)*ticks)
		}
	}
	return times
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

func reportSpent(b *testing.B, cpu func() (own, server time.Duration)) {
	b.Helper()
	own, server := cpu()
	b.ReportMetric(own.Seconds()/float64(b.N), "cpu-s/op")
	b.ReportMetric(server.Seconds()/float64(b.N), "server-cpu-s/op")
}

func benchBooks(b *testing.B, pool *pgxpool.Pool, orders int) {
	ctx := context.Background()
	timed := func(name string, work func(tx pgx.Tx, w io.Writer) (int64, error)) {
		b.Run(name, func(b *testing.B) {
			var counted lines
			var total int64
			stop, cpu := peak(), spent(b, pool)
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
			reportSpent(b, cpu)
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
		r, err := VerifyChain(ctx, pool, tx)
		if err == nil && !r.Holds() {
			err = fmt.Errorf("%v", r.Broken)
		}
		return r.Figure, err
	})
	// What the same rows cost that are only fetched: verify cannot be faster than this.
	b.Run("verify-limit", func(b *testing.B) { benchFetched(b, pool) })
	b.Run("close-month", func(b *testing.B) {
		month := Period{From: generatedFrom, To: generatedFrom.AddDate(0, 1, -1)}
		cpu := spent(b, pool)
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
		reportSpent(b, cpu)
	})
	b.Run("verify-offline", func(b *testing.B) { benchOffline(b, pool) })
}

// benchFetched fetches the entries and their lines, and looks at none.
func benchFetched(b *testing.B, pool *pgxpool.Pool) {
	ctx := context.Background()
	args := pgx.NamedArgs{"after": 0, "through": int64(math.MaxInt64)}
	var total atomic.Int64
	cpu := spent(b, pool)
	for b.Loop() {
		var both sync.WaitGroup
		for _, statement := range []string{sqlChain, sqlLinesOfEntries} {
			both.Go(func() {
				rows, err := pool.Query(ctx, statement, pgx.QueryResultFormats{pgx.BinaryFormatCode}, args)
				if err != nil {
					b.Error(err)
					return
				}
				defer rows.Close()
				n := int64(0)
				for rows.Next() {
					n++
				}
				if statement == sqlChain {
					total.Add(n)
				}
			})
		}
		both.Wait()
	}
	reportSpent(b, cpu)
	b.ReportMetric(float64(total.Load())/b.Elapsed().Seconds(), "lines/s")
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
	stop, cpu := peak(), spent(b, pool)
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
	reportSpent(b, cpu)
	b.ReportMetric(stop(), "peak-MB")
	b.ReportMetric(float64(total)/b.Elapsed().Seconds(), "lines/s")
}
