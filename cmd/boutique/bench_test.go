package main

import (
	"crypto/rand"
	"net/url"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"boutique/internal/pgserver"
)

// cores is how many cores shop, limit and clients have; they share them.
const cores = 2

// pages are the pages that are measured, each by the requests that its clients send.
func pages(c caller) []struct {
	name    string
	request func() string
} {
	fixed := func(path string) func() string {
		return func() string { return get(path, "") }
	}
	withCart := func(path string) func() string {
		return func() string {
			return get(path, "boutique-count=3; boutique-cart="+c.fill(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1}))
		}
	}
	return []struct {
		name    string
		request func() string
	}{
		{"home", fixed("/fr/")},
		{"category", fixed("/fr/categories/souvenirs")},
		{"product", fixed("/fr/products/mug-beffroi")},
		{"search", fixed("/fr/search?q=mug")},
		// A search that nobody made before: the page is found, drawn and compressed.
		{"search-first", fixed("/fr/search?q=mug+" + numberMark)},
		{"cart", withCart("/fr/cart")},
		{"checkout", withCart("/fr/checkout")},
	}
}

// BenchmarkHTTP asks the real program for each page over connections that are kept open, and in turns
// with it a bare net/http handler that writes the same bytes from memory: the limit. allocs/op and
// B/op are the program's own, cpu-µs/op is its processor time; limit-… are the same of the limit.
func BenchmarkHTTP(b *testing.B) {
	runtime.GOMAXPROCS(cores)
	shop, _ := serve(b, furnished(b))
	c := caller{t: b, base: shop.url}
	for _, page := range pages(c) {
		b.Run(page.name, func(b *testing.B) {
			requests := make([]string, clients)
			for i := range requests {
				requests[i] = page.request()
			}
			limit := bare(b, fetch(b, shop.address, requests[0]))
			compare(b, shop.process, limit, requests)
		})
	}
}

// compare measures the shop and the limit in turns: whatever else the machine does falls on both.
func compare(b *testing.B, shop, limit process, requests []string) {
	b.Helper()
	ours, theirs := make([]*client, len(requests)), make([]*client, len(requests))
	for i, request := range requests {
		ours[i], theirs[i] = dial(b, shop.address, request), dial(b, limit.address, request)
	}
	// Numbers of an earlier, shorter run of this benchmark are not asked for again.
	first := time.Now().UnixMicro()
	measured, bound := tally{count: first}, tally{count: first}
	bound.drive(b, theirs, clients, 200, nil)
	measured.drive(b, ours, clients, 200, nil)
	measured, bound = tally{count: measured.count}, tally{count: bound.count}
	const turns = 5
	shopBefore, limitBefore := shop.usage(b), limit.usage(b)
	b.ReportAllocs()
	b.ResetTimer()
	for turn := range turns {
		n := b.N*(turn+1)/turns - b.N*turn/turns
		if n == 0 {
			continue
		}
		b.StartTimer()
		measured.drive(b, ours, n, 200, nil)
		b.StopTimer()
		bound.drive(b, theirs, n, 200, nil)
	}
	b.StopTimer()
	spent, bare := shop.usage(b).since(shopBefore, b.N), limit.usage(b).since(limitBefore, b.N)
	b.ReportMetric(measured.perSecond(), "req/s")
	b.ReportMetric(measured.each.at(.50), "p50-µs")
	b.ReportMetric(measured.each.at(.99), "p99-µs")
	b.ReportMetric(spent.mallocs, "allocs/op")
	b.ReportMetric(spent.bytes, "B/op")
	b.ReportMetric(spent.cpu, "cpu-µs/op")
	b.ReportMetric(bound.perSecond(), "limit-req/s")
	b.ReportMetric(bound.each.at(.50), "limit-p50-µs")
	b.ReportMetric(bound.each.at(.99), "limit-p99-µs")
	b.ReportMetric(bare.mallocs, "limit-allocs/op")
	b.ReportMetric(bare.cpu, "limit-cpu-µs/op")
	b.ReportMetric(100*measured.perSecond()/bound.perSecond(), "%-of-limit")
}

// spent is what one request costs a process; its processor time is in microseconds.
type spent struct{ cpu, mallocs, bytes float64 }

func (u usage) since(before usage, n int) spent {
	per := func(v float64) float64 { return v / float64(n) }
	return spent{per(float64((u.cpu - before.cpu).Nanoseconds()) / 1e3), per(u.mallocs - before.mallocs), per(u.bytes - before.bytes)}
}

// BenchmarkHTTPOrder sends the checkout's form, each time for another cart of the same two articles:
// the stock is held, the order made and the payment page asked of an emulated Stripe in this process.
func BenchmarkHTTPOrder(b *testing.B) {
	runtime.GOMAXPROCS(cores)
	shop, _ := serve(b, furnished(b))
	staff := caller{t: b, base: shop.url, token: shop.token("manager")}
	lines := map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1}
	for sku := range lines {
		staff.want(200, "PUT", "/api/v1/staff/variants/"+sku+"/stock", map[string]any{"on_hand": 1_000_000, "reason": "benchmark"})
	}
	c := caller{t: b, base: shop.url}
	b.Run("place", func(b *testing.B) {
		requests := make(chan string, b.N)
		var filling sync.WaitGroup
		for range clients {
			filling.Go(func() {
				for len(requests) < cap(requests) {
					select {
					case requests <- placing(c.fill(lines)):
					default:
					}
				}
			})
		}
		filling.Wait()
		measured := tally{}
		connections := make([]*client, clients)
		for i := range connections {
			connections[i] = dial(b, shop.address, "")
		}
		before := shop.usage(b)
		b.ReportAllocs()
		b.ResetTimer()
		measured.drive(b, connections, b.N, 303, requests)
		b.StopTimer()
		spent := shop.usage(b).since(before, b.N)
		b.ReportMetric(measured.perSecond(), "req/s")
		b.ReportMetric(measured.each.at(.50), "p50-µs")
		b.ReportMetric(measured.each.at(.99), "p99-µs")
		b.ReportMetric(spent.mallocs, "allocs/op")
		b.ReportMetric(spent.bytes, "B/op")
		b.ReportMetric(spent.cpu, "cpu-µs/op")
	})
	shop.mustVerify()
}

// placing is the checkout's form for a cart, filled in.
func placing(cart string) string {
	return post("/fr/checkout", "boutique-cart="+cart, url.Values{"key": {rand.Text()}, "email": {"zoe@example.org"}, "address.name": {"Zoé Martin"}, "phone": {"06 12 34 56 78"},
		"address.line1": {"12 rue de la Cloche"}, "address.postal_code": {"59500"}, "address.city": {"Douai"}, "address.country": {"FR"}, "shipping_option": {"parcel"}, "accept_terms": {"1"}})
}

// BenchmarkStart starts the real program with the database that it embeds, on the disk, until its
// first page is answered 200: on an empty directory, and on the demo's catalogue.
func BenchmarkStart(b *testing.B) {
	if _, err := binary(); err != nil {
		b.Fatal(err)
	}
	b.Run("first", func(b *testing.B) {
		var took time.Duration
		b.StopTimer()
		for range b.N {
			dir := diskDir(b)
			shop, cold := serve(b, dir)
			took += cold
			shop.stop()
			if err := pgserver.Remove(dir); err != nil {
				b.Fatal(err)
			}
			if err := os.RemoveAll(dir); err != nil {
				b.Fatal(err)
			}
		}
		reportStart(b, took)
	})
	b.Run("later", func(b *testing.B) {
		dir := furnished(b)
		var took time.Duration
		b.StopTimer()
		for range b.N {
			shop, cold := serve(b, dir)
			took += cold
			shop.stop()
		}
		reportStart(b, took)
	})
}

// reportStart reports the mean of all starts.
func reportStart(b *testing.B, took time.Duration) {
	b.ReportMetric(float64(took.Nanoseconds())/float64(b.N), "ns/op")
	b.ReportMetric(float64(took.Milliseconds())/float64(b.N), "ms-to-200")
}

// BenchmarkMemory asks for every page in turn, the searches anew each time, and reports in MiB what
// the program, without its PostgreSQL, holds: after its start, while it is asked, at the most, and
// once its garbage is collected.
func BenchmarkMemory(b *testing.B) {
	runtime.GOMAXPROCS(cores)
	shop, _ := serve(b, furnished(b))
	c := caller{t: b, base: shop.url}
	idle := shop.memory(b, "VmRSS")
	shop.collect(b)
	idleHeap := shop.usage(b).heap
	b.Run("mixed", func(b *testing.B) {
		list := pages(c)
		requests := make(chan string, b.N)
		carts := map[string]string{}
		for i := range b.N {
			page := list[i%len(list)]
			if carts[page.name] == "" {
				carts[page.name] = page.request()
			}
			requests <- carts[page.name]
		}
		connections := make([]*client, clients)
		for i := range connections {
			connections[i] = dial(b, shop.address, "")
		}
		load := tally{count: time.Now().UnixMicro()}
		b.ResetTimer()
		load.drive(b, connections, b.N, 200, requests)
		b.StopTimer()
		loaded, loadedHeap := shop.memory(b, "VmRSS"), shop.usage(b).heapInUse
		shop.collect(b)
		b.ReportMetric(load.perSecond(), "req/s")
		b.ReportMetric(idle, "idle-MiB")
		b.ReportMetric(idleHeap/(1<<20), "idle-heap-MiB")
		b.ReportMetric(loaded, "load-MiB")
		b.ReportMetric(loadedHeap/(1<<20), "load-heap-MiB")
		b.ReportMetric(shop.memory(b, "VmHWM"), "peak-MiB")
		b.ReportMetric(shop.usage(b).heap/(1<<20), "after-heap-MiB")
	})
}
