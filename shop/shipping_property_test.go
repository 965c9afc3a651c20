package shop

import (
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
)

func euros(cents int) *money.Amount {
	a := money.Amount(cents)
	return &a
}

// benchConditions are those of a big shop: 25 methods, 30 zones, 15 bands, 15 cartons.
func benchConditions() Conditions { return sized(25, 15) }

func sized(methods, cartons int) Conditions {
	var c Conditions
	countries := place.Countries()
	for z := range 30 {
		c.Zones = append(c.Zones, Zone{Code: fmt.Sprint("z", z), Areas: []Area{{Country: countries[z]}}})
	}
	c.Zones[29] = Zone{Code: "fr", Areas: []Area{{Country: "FR", Exclude: []string{"97", "98", "20"}}}}
	for k := range cartons {
		c.Cartons = append(c.Cartons, Carton{Code: fmt.Sprint("C", k), LengthMM: 150 + 30*k, WidthMM: 110 + 21*k, HeightMM: 40 + 20*k, TareG: 30 + 40*k, MaxWeightG: 2000 + 2000*k, Cost: money.Amount(20 + 10*k)})
	}
	for n := range methods {
		m := Method{ID: fmt.Sprint("m", n), Kind: KindParcel, Carrier: "C", MaxWeightG: 30000 - 100*(n%5), MaxSideMM: 1200, MaxSumMM: 2000, MinDays: 1 + n%3, MaxDays: 3 + n%4, Tariffs: map[string]Tariff{}}
		for _, z := range c.Zones {
			t := Tariff{}
			for b := range 15 {
				t.Bands = append(t.Bands, Band{UpToG: 2000 * (b + 1), Price: euros(490 + 150*b + 10*n), Cost: euros(400 + 140*b)})
			}
			m.Tariffs[z.Code] = t
		}
		c.Methods = append(c.Methods, m)
	}
	c.Handling = Handling{CutOffHour: 12, PreparationDays: 1}
	return c
}

func tenLines(n int) []Item {
	var items []Item
	for i := range n {
		items = append(items, Item{SKU: fmt.Sprint("S", i), Quantity: 1 + i%3, UnitPrice: 990, WeightG: 90 + 70*i, LengthMM: 70 + 20*i, WidthMM: 60 + 10*i, HeightMM: 20 + 8*i, Classes: []string{ClassFragile}})
	}
	return items
}

var tuesday = time.Date(2026, 11, 24, 9, 0, 0, 0, text.Paris())

// freeEverywhere are conditions that would break the book rule if they could: free letters, parcels
// and pickup, by amount, by voucher, by a price of nothing.
func freeEverywhere() Conditions {
	france := []Zone{{Code: "fr", Areas: []Area{{Country: "FR"}}}, {Code: "be", Areas: []Area{{Country: "BE"}}}}
	tariff := func(price int, free *money.Amount) map[string]Tariff {
		t := Tariff{Bands: []Band{{UpToG: 500, Price: euros(price)}, {UpToG: 30000, Price: euros(2 * price)}}, FreeFrom: free}
		return map[string]Tariff{"fr": t, "be": t}
	}
	return Conditions{
		Zones:   france,
		Cartons: []Carton{{Code: "S", LengthMM: 260, WidthMM: 200, HeightMM: 60, TareG: 40, MaxWeightG: 2000}, {Code: "L", LengthMM: 500, WidthMM: 400, HeightMM: 400, TareG: 500, MaxWeightG: 20000}},
		Desks:   []Desk{{Code: "office", SellsBooks: true}, {Code: "museum"}},
		Methods: []Method{
			{ID: "letter", Kind: KindLetter, MaxWeightG: 2000, MaxDays: 2, Tariffs: tariff(0, nil)},
			{ID: "parcel", Kind: KindParcel, MaxDays: 2, Tariffs: tariff(250, euros(3000))},
			{ID: "flat", Kind: KindParcel, MaxDays: 2, Tariffs: map[string]Tariff{"fr": {By: Flat, Bands: []Band{{Price: euros(1)}}}}},
			{ID: "pickup", Kind: KindPickup, Carrier: "relay", MaxDays: 2, Tariffs: tariff(0, euros(0)), HandlingFee: 50},
			{ID: "collection", Kind: KindCollection},
			{ID: "museum", Kind: KindCollection, Desks: []string{"museum"}},
		},
		Handling: Handling{CutOffHour: 12},
	}
}

// The French rule for new books holds for a million random baskets: single, mixed, discounted, with
// a voucher that makes delivery free, in several parcels, at home, at a pickup point, collected.
func TestTheBookRuleHoldsForAMillionRandomBaskets(t *testing.T) {
	t.Parallel()
	baskets := 1_000_000
	if testing.Short() {
		baskets = 20_000
	}
	c := freeEverywhere()
	points := map[string][]Stop{"pickup": {{Code: "R1"}}}
	workers := runtime.GOMAXPROCS(0)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 81766))
			seen := 0
			for n := w; n < baskets; n += workers {
				items := make([]Item, 1+r.IntN(3))
				for i := range items {
					items[i] = Item{SKU: string(rune('A' + i)), Quantity: 1 + r.IntN(3), UnitPrice: money.Amount(1 + r.Int64N(4000)), WeightG: 1 + r.IntN(900), LengthMM: 10 + r.IntN(120), WidthMM: 10 + r.IntN(90), HeightMM: 1 + r.IntN(30), NewBook: r.IntN(2) == 0}
					if r.IntN(4) == 0 {
						items[i].Discount = money.Amount(r.Int64N(int64(items[i].UnitPrice.Times(items[i].Quantity)) + 1))
					}
				}
				terms := Terms{At: tuesday, Points: points}
				if r.IntN(2) == 0 {
					terms.FreeBy = "GRATUIT"
				}
				to := Destination{Country: "FR", PostalCode: "59500"}
				if r.IntN(4) == 0 {
					to = Destination{Country: "BE", PostalCode: "1000"}
				}
				seen += assertBookRule(t, c.QuoteOn(items, to, terms), items)
				if t.Failed() {
					return
				}
			}
			if seen == 0 {
				t.Error("no basket held a new book")
			}
		})
	}
	wait.Wait()
}

// assertBookRule says the rule again, from the table of facts and not from the engine.
func assertBookRule(t *testing.T, q Quote, items []Item) (checked int) {
	var books money.Amount
	has := false
	for _, i := range items {
		if i.NewBook {
			has = true
			books += i.UnitPrice*money.Amount(i.Quantity) - i.Discount
		}
	}
	for _, o := range q.Options {
		var sum money.Amount
		for _, w := range o.Why {
			sum += w.Amount
		}
		if sum != o.Price || o.Price < 0 {
			t.Errorf("%s costs %d, its reasons sum to %d", o.Method, o.Price, sum)
		}
		if !has {
			continue
		}
		checked++
		switch {
		case o.Kind == KindCollection:
			for _, s := range o.Stops {
				if s.Code != "office" {
					t.Errorf("books are collected for nothing at %s", s.Code)
				}
			}
		case books < 3500 && o.Price < 300, books >= 3500 && o.Price < 1:
			t.Errorf("%s costs %d for %d of new books: %+v", o.Method, o.Price, books, items)
		}
	}
	return checked
}

func TestTheBookRuleIsThatOfTheFacts(t *testing.T) {
	t.Parallel()
	for _, row := range facts(t, "testdata/book_shipping_rule.csv") {
		least, err := money.Parse(row[1])
		if err != nil {
			t.Fatal(row)
		}
		var got money.Amount
		switch {
		case strings.Contains(row[0], "< 35.00"):
			got = bookFee(true, 3499)
		case strings.Contains(row[0], ">= 35.00"):
			got = bookFee(true, 3500)
		default:
			got = bookFee(false, 0)
		}
		if got != least {
			t.Errorf("%s: %d, want %d", row[0], got, least)
		}
	}
}

func facts(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	r := csv.NewReader(strings.NewReader(string(data)))
	r.Comment, r.FieldsPerRecord, r.LazyQuotes = '#', -1, true
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %v", name, err)
	}
	return rows[1:]
}

func TestHolidaysAreThoseOfTheFacts(t *testing.T) {
	t.Parallel()
	national, east := map[string]bool{}, map[string]bool{}
	for _, row := range facts(t, "testdata/french_holidays.csv") {
		east[row[0]] = true
		if row[2] == "FR" {
			national[row[0]] = true
		}
	}
	for day := time.Date(2026, 1, 1, 12, 0, 0, 0, text.Paris()); day.Year() < 2029; day = day.AddDate(0, 0, 1) {
		key := day.Format(time.DateOnly)
		if Holiday(day, false) != national[key] || Holiday(day, true) != east[key] {
			t.Errorf("%s: %t and %t, want %t and %t", key, Holiday(day, false), Holiday(day, true), national[key], east[key])
		}
	}
}

// easter is Gauss's rule, which the library's calendar is held to beyond the years of the facts.
func easter(y int) time.Time {
	a, b, c := y%19, y/100, y%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(y, time.Month(n/31), n%31+1, 12, 0, 0, 0, text.Paris())
}

func TestHolidaysOfOtherYearsFollowEaster(t *testing.T) {
	t.Parallel()
	for y := 2024; y < 2060; y++ {
		want := map[string]bool{}
		for _, fixed := range []string{"01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"} {
			want[fmt.Sprintf("%d-%s", y, fixed)] = true
		}
		for _, after := range []int{1, 39, 50} {
			want[easter(y).AddDate(0, 0, after).Format(time.DateOnly)] = true
		}
		for day := time.Date(y, 1, 1, 12, 0, 0, 0, text.Paris()); day.Year() == y; day = day.AddDate(0, 0, 1) {
			if key := day.Format(time.DateOnly); Holiday(day, false) != want[key] {
				t.Errorf("%s: a holiday: %t", key, !want[key])
			}
		}
	}
}

func TestBandsHaveNoGapAndNoOverlap(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tariff Tariff
		end := 0
		for range rapid.IntRange(1, 15).Draw(t, "bands") {
			end += rapid.IntRange(1, 2000).Draw(t, "width")
			tariff.Bands = append(tariff.Bands, Band{UpToG: end, Price: euros(end)})
		}
		measure := rapid.IntRange(1, end+3000).Draw(t, "weight")
		holding := 0
		for i, b := range tariff.Bands {
			from := 0
			if i > 0 {
				from = tariff.Bands[i-1].UpToG
			}
			if measure > from && measure <= b.UpToG {
				holding++
			}
		}
		r, refused, above := tariff.rate(measure)
		if refused || above != (measure > end) || !above && (holding != 1 || r.price < money.Amount(measure)) {
			t.Fatalf("%d g: %+v %t, in %d bands", measure, r, above, holding)
		}
		tariff.Above = &Above{Each: 1000, Price: 100}
		if r, _, above := tariff.rate(end + 1); above || r.price != money.Amount(end)+100 {
			t.Fatalf("a gram above the last band costs %+v", r)
		}
		if r, _, _ := tariff.rate(end + 1001); r.price != money.Amount(end)+200 {
			t.Fatalf("a kilogram and a gram above the last band cost %+v", r)
		}
		tariff.Bands[len(tariff.Bands)-1].Price = nil
		if _, refused, _ := tariff.rate(end); !refused {
			t.Fatal("a blank price is not refused")
		}
	})
}

func TestADatedTariffTakesOverOnItsDay(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	c.Methods[1].Dated = []DatedTariff{{Zone: "fr", Tariff: Tariff{Name: "2027", ValidFrom: "2027-01-01", Bands: []Band{{UpToG: 30000, Price: euros(999)}}}}}
	item := []Item{{SKU: "A", Quantity: 1, UnitPrice: 100, WeightG: 100, LengthMM: 10, WidthMM: 10, HeightMM: 10}}
	for day, want := range map[string]money.Amount{"2026-12-31T23:30:00+01:00": 250, "2027-01-01T00:10:00+01:00": 999} {
		at, err := time.Parse(time.RFC3339, day)
		if err != nil {
			t.Fatal(err)
		}
		if o, ok := c.Quote(item, Destination{Country: "FR", PostalCode: "59500"}, at).Option("parcel"); !ok || o.Price != want {
			t.Errorf("at %s: %d, want %d", day, o.Price, want)
		}
	}
}

func TestAmountsThatMakeAPriceSumToIt(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	m := &c.Methods[1]
	m.Supplements = []Supplement{{Code: "long", OverSide: 300, Price: 600, PerParcel: true}, {Code: "fragile", Class: ClassFragile, Price: 150}, {Code: "be", Zone: "be", Price: 90}}
	m.Insurance = &Insurance{Above: 2500, Each: 2500, Price: 110}
	m.HandlingFee = 50
	m.Tariffs["fr"] = Tariff{Bands: []Band{{UpToG: 30000, Price: euros(700)}}}
	items := []Item{{SKU: "A", Quantity: 3, UnitPrice: 1700, WeightG: 400, LengthMM: 400, WidthMM: 90, HeightMM: 90, Classes: []string{ClassFragile}}}
	o, ok := c.Quote(items, Destination{Country: "FR", PostalCode: "59500"}, tuesday).Option("parcel")
	// 7,00 and 6,00 for the long parcel, 1,50 fragile, 2 × 1,10 for 26 euros above 25, 0,50 handling.
	if !ok || o.Price != 700+600+150+220+50 || len(o.Why) != 5 {
		t.Errorf("%d: %+v", o.Price, o.Why)
	}
}

func TestChoicesThatDoNotGoTogetherAreRefused(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	c.Desks[1].SellsBooks = true
	item := []Item{{SKU: "A", Quantity: 1, UnitPrice: 100, WeightG: 100, LengthMM: 10, WidthMM: 10, HeightMM: 10}}
	q := c.QuoteOn(item, Destination{Country: "FR", PostalCode: "59500"}, Terms{At: tuesday, Points: map[string][]Stop{"pickup": {{Code: "R1"}, {Code: "R2"}}}})
	for choice, ok := range map[string]bool{
		"parcel": true, "parcel@R1": false, "pickup@R2": true, "pickup": false, "pickup@office": false, "collection@office": true, "collection": true,
		"collection@R1": false, "museum": true, "museum@museum": true, "museum@office": false, "teleport": false, "": false,
	} {
		o, err := q.Choose(ParseChoice(choice))
		if (err == nil) != ok {
			t.Errorf("%q: %v", choice, err)
		}
		if err == nil && ParseChoice(choice).Stop != "" && o.Stop.Code != ParseChoice(choice).Stop {
			t.Errorf("%q leads to %v", choice, o.Stop)
		}
	}
	if q := c.QuoteOn(item, Destination{Country: "FR", PostalCode: "59500"}, Terms{At: tuesday}); len(q.Refused) == 0 || q.Refused[0].Code != RefusedNoPoint {
		t.Errorf("without points, pickup is offered: %+v", q.Refused)
	}
}

func BenchmarkQuoteTenLines(b *testing.B) {
	c := benchConditions()
	items := tenLines(10)
	to := Destination{Country: "FR", PostalCode: "59500"}
	var slow []time.Duration
	for b.Loop() {
		start := time.Now()
		q := c.Quote(items, to, tuesday)
		slow = append(slow, time.Since(start))
		if len(q.Options) == 0 {
			b.Fatalf("%+v", q.Refused[0])
		}
	}
	b.ReportMetric(float64(percentile(slow, 99).Microseconds()), "p99-µs")
}

func BenchmarkQuoteGrows(b *testing.B) {
	for _, n := range []struct{ lines, methods, cartons int }{{1, 25, 15}, {5, 25, 15}, {10, 25, 15}, {20, 25, 15}, {10, 5, 15}, {10, 100, 15}, {10, 25, 5}, {10, 25, 45}} {
		c, items := sized(n.methods, n.cartons), tenLines(n.lines)
		b.Run(fmt.Sprintf("lines=%d/methods=%d/cartons=%d", n.lines, n.methods, n.cartons), func(b *testing.B) {
			for b.Loop() {
				c.Quote(items, Destination{Country: "FR", PostalCode: "59500"}, tuesday)
			}
		})
	}
}

func percentile(list []time.Duration, p int) time.Duration {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[(len(sorted)-1)*p/100]
}
