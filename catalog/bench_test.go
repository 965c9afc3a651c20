package catalog_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/catalog"
	"boutique/catalog/photo"
	"boutique/internal/clock"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// large is how many products the benchmarks' catalogue has.
const large = 100_000

var (
	nouns = strings.Fields("mug bol assiette tasse carafe torchon tablier coussin affiche carte carnet crayon gommette puzzle géant beffroi moulin savon bougie biscuit caramel bière sirop confiture miel thé café livre guide plan magnet broche pendentif écharpe bonnet t-shirt sac parapluie chope dessous-de-verre")
	kinds = strings.Fields("bleu brique ardoise crème doré émaillé tissé brodé sculpté imprimé ancien petit grand rond carré fleuri rayé peint gravé moulé")
	towns = strings.Fields("Beffroy Douai Lille Arras Cassel Bailleul Bergues Gand Bruges Tournai Lens Béthune Cambrai Hesdin Montreuil")
)

// word makes the n-th word of an invented language, so that texts have a vocabulary of the size of
// a real one.
func word(n int) string {
	syllables := []string{"ba", "ré", "li", "mo", "tu", "can", "der", "fi", "gou", "la", "né", "pou", "ris", "sau", "ver", "chan"}
	s := ""
	for n += 16; n > 0; n /= 16 {
		s += syllables[n%16]
	}
	return s
}

// furnish fills a database with a catalogue of n products in two languages, straight through COPY:
// what is measured is how it is read.
func furnish(tb testing.TB, pool *pgxpool.Pool, n int) {
	tb.Helper()
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(random, 1.1, 20, 20_000)
	vocabulary := make([]string, 20_001)
	for i := range vocabulary {
		vocabulary[i] = word(i)
	}
	fill := func(table string, columns []string, rows int, row func(i int) []any) {
		if _, err := pool.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromSlice(rows, func(i int) ([]any, error) { return row(i), nil })); err != nil {
			tb.Fatalf("%s: %v", table, err)
		}
	}
	const categories, makers = 20, 400
	fill("category", []string{"id", "slug", "position"}, categories, func(i int) []any { return []any{int64(i + 1), fmt.Sprintf("rayon-%d", i+1), i} })
	fill("category", []string{"id", "slug", "position"}, 1, func(int) []any { return []any{int64(categories + 1), "rayon-vide", categories} })
	fill("category_text", []string{"category_id", "lang", "name"}, 2*categories, func(i int) []any {
		return []any{int64(i/2 + 1), []string{"fr", "en"}[i%2], fmt.Sprintf("Rayon %s %d", nouns[i/2], i/2+1)}
	})
	fill("maker", []string{"id", "slug", "name", "town"}, makers, func(i int) []any {
		return []any{int64(i + 1), fmt.Sprintf("atelier-%d", i+1), fmt.Sprintf("Atelier %s", word(40*i)), towns[i%len(towns)]}
	})
	began := time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC)
	fill("product", []string{"id", "slug", "family", "category_id", "maker_id", "vat_class", "state", "published_at", "legal"}, n, func(i int) []any {
		state, at := "published", any(began.Add(time.Duration(i)*time.Minute))
		switch i % 50 {
		case 7, 19, 31, 43:
			state, at = "draft", nil
		case 23:
			state = "retired"
		}
		return []any{int64(i + 1), fmt.Sprintf("article-%06d", i+1), "tableware", int64(random.IntN(categories) + 1), int64(random.IntN(makers) + 1), "standard", state, at,
			`{"manufacturer":{"name":"Atelier","address":"1 rue du Four, 59500 Douai","contact":"a@b.example"}}`}
	})
	fill("product_text", []string{"product_id", "lang", "name", "short", "description"}, 2*n, func(i int) []any {
		var b strings.Builder
		for range 55 {
			b.WriteString(vocabulary[zipf.Uint64()])
			b.WriteByte(' ')
		}
		p := i / 2
		name := fmt.Sprintf("%s %s de %s", nouns[p%len(nouns)], kinds[p/7%len(kinds)], towns[p/11%len(towns)])
		return []any{int64(p + 1), []string{"fr", "en"}[i%2], name, strings.ToValidUTF8(b.String()[:60], ""), "Un article **fait ici**.\n\n" + b.String()}
	})
	fill("variant", []string{"id", "product_id", "sku", "position", "weight_g", "length_mm", "width_mm", "height_mm"}, n, func(i int) []any {
		return []any{int64(i + 1), int64(i + 1), fmt.Sprintf("REF-%06d", i+1), 0, 300, 120, 90, 100}
	})
	fill("price", []string{"variant_id", "amount", "set_by", "valid_from"}, n, func(i int) []any {
		return []any{int64(i + 1), int64(200 + random.IntN(9_000)), "bench", began}
	})
	fill("stock", []string{"variant_id", "location", "on_hand"}, n, func(i int) []any { return []any{int64(i + 1), "web", random.IntN(5)} })
	fill("photo", []string{"product_id", "sha256", "ext", "position", "width", "height", "bytes"}, n, func(i int) []any {
		return []any{int64(i + 1), fmt.Sprintf("%064x", i+1), "jpg", 0, 1600, 1600, int64(200_000)}
	})
	fill("photo_text", []string{"photo_id", "lang", "alt"}, 2*n, func(i int) []any { return []any{int64(i/2 + 1), []string{"fr", "en"}[i%2], "Un article"} })
	fill("product_judgement", []string{"product_id", "version", "revision", "score", "failing", "advice"}, n, func(i int) []any { return []any{int64(i + 1), 1, int64(1), 60 + i%41, []string{}, 0} })
	if _, err := pool.Exec(ctx, "analyze"); err != nil {
		tb.Fatal(err)
	}
}

func newShelf(pool *pgxpool.Pool) *catalog.Shelf {
	return catalog.NewShelf(pool, photo.Renderer{}, clock.System{}, slog.New(slog.DiscardHandler))
}

// samples is how often a benchmark asks at least: the 99th percentile of fewer says little.
const samples = 2000

// timed asks again and again, and reports the median and the 99th percentile of how long each answer took.
func timed(b *testing.B, ask func(n int)) {
	took := make([]time.Duration, max(b.N, samples))
	var sum time.Duration
	for n := range took {
		start := time.Now()
		ask(n)
		took[n] = time.Since(start)
		sum += took[n]
	}
	slices.Sort(took)
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	b.ReportMetric(ms(took[len(took)/2]), "p50-ms")
	b.ReportMetric(ms(took[len(took)*99/100]), "p99-ms")
	b.ReportMetric(ms(took[len(took)-1]), "worst-ms")
	b.ReportMetric(float64(sum)/float64(len(took)), "ns/op")
}

// processor is how much of the processors' time this process has spent; the database's is its own.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap is what is alive on the heap, in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// BenchmarkLargeCatalogue holds what 100,000 products cost: the snapshot built, searched and listed
// in memory, and the staff's list in the database.
func BenchmarkLargeCatalogue(b *testing.B) {
	pool := pgtest.OwnerDB(b)
	furnish(b, pool, large)
	ctx, before := context.Background(), heap()
	shelf := newShelf(pool)
	b.Run("snapshot", func(b *testing.B) {
		spent := processor(b)
		for range b.N {
			shelf = newShelf(pool)
			if err := shelf.Refresh(ctx); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/build")
		b.ReportMetric(float64((processor(b)-spent).Milliseconds())/float64(b.N), "cpu-ms/build")
		b.ReportMetric(heap()-before, "heap-MiB")
		b.ReportMetric(float64(len(shelf.Current().Items())), "items")
	})
	if len(shelf.Current().Items()) == 0 {
		if err := shelf.Refresh(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("refresh-idle", func(b *testing.B) {
		timed(b, func(int) {
			if err := shelf.Refresh(ctx); err != nil {
				b.Fatal(err)
			}
		})
	})
	queries := []string{"mug", "mug bleu", "mugs émaillés", "beffroi", "beffori", "assiettes de Lille", "REF-004512", "savon fleuri de Douai brodé", "article", word(3), word(900) + " " + word(17), "zzzzqqq", "parapluyes"}
	b.Run("search", func(b *testing.B) {
		timed(b, func(n int) { shelf.List(catalog.Filter{Lang: text.FR, Query: queries[n%len(queries)], Limit: 24}) })
	})
	b.Run("category", func(b *testing.B) {
		sorts := catalog.Sorts()
		timed(b, func(n int) {
			page := shelf.List(catalog.Filter{Lang: text.FR, Category: fmt.Sprintf("rayon-%d", n%20+1), Sort: sorts[n%len(sorts)], AvailableOnly: n%3 == 0, Limit: 24})
			if len(page.Items) != 24 {
				b.Fatal(page.Total)
			}
		})
	})
	filters := listFilters()
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		b.Run("admin-list/"+name, func(b *testing.B) {
			timed(b, func(int) {
				list, _, err := shelf.ListProducts(ctx, filters[name])
				if err != nil {
					b.Fatal(err)
				}
				ids := make([]int64, len(list))
				for i, p := range list {
					ids[i] = p.ID
				}
				if _, err := catalog.Standings(ctx, pool, ids); err != nil {
					b.Fatal(err)
				}
				if _, err := catalog.ListFamilies(ctx, pool); err != nil {
					b.Fatal(err)
				}
				if _, err := catalog.CategoryChoices(ctx, pool); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
}
