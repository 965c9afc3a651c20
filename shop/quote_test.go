package shop_test

import (
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/shop"
)

func conditions(t testing.TB) shop.Conditions {
	t.Helper()
	data, err := os.ReadFile("conditions.json")
	if err != nil {
		t.Fatal(err)
	}
	c, err := shop.ParseConditions(data)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var (
	mug      = shop.Item{SKU: "MUG", Quantity: 1, UnitPrice: 1290, WeightG: 380, LengthMM: 120, WidthMM: 90, HeightMM: 100, Family: "tableware", Classes: []string{"fragile"}}
	magnet   = shop.Item{SKU: "MAGNET", Quantity: 1, UnitPrice: 450, WeightG: 25, LengthMM: 70, WidthMM: 50, HeightMM: 4, Family: "jewellery"}
	book     = shop.Item{SKU: "LIVRE", Quantity: 1, UnitPrice: 2200, WeightG: 620, LengthMM: 240, WidthMM: 170, HeightMM: 18, Family: "book", NewBook: true}
	beer     = shop.Item{SKU: "BIERE", Quantity: 1, UnitPrice: 690, WeightG: 1350, LengthMM: 300, WidthMM: 85, HeightMM: 85, Family: "alcohol", Classes: []string{"bottle", "liquid"}}
	morning  = time.Date(2026, 11, 24, 9, 0, 0, 0, text.Paris())
	douai    = shop.Destination{Country: "FR", PostalCode: "59500"}
	bastia   = shop.Destination{Country: "FR", PostalCode: "20200"}
	brussels = shop.Destination{Country: "BE", PostalCode: "1000"}
)

func times(i shop.Item, n int) shop.Item {
	i.Quantity = n
	return i
}

func TestQuotesByBasketAndDestination(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	for name, w := range map[string]struct {
		items   []shop.Item
		to      shop.Destination
		prices  map[string]money.Amount
		refused map[string]string
	}{
		"a magnet by letter":    {[]shop.Item{magnet}, douai, map[string]money.Amount{"letter": 490, "parcel": 590, "collection": 0}, map[string]string{"parcel-europe": shop.RefusedZone}},
		"a mug is fragile":      {[]shop.Item{mug}, douai, map[string]money.Amount{"parcel": 740, "collection": 0}, map[string]string{"letter": shop.RefusedClass}},
		"free from 75 euros":    {[]shop.Item{times(mug, 6)}, douai, map[string]money.Amount{"parcel": 0}, nil},
		"never free to Corsica": {[]shop.Item{times(mug, 6)}, bastia, map[string]money.Amount{"parcel": 1650}, nil},
		"no beer to Belgium":    {[]shop.Item{beer}, brussels, map[string]money.Amount{"collection": 0}, map[string]string{"parcel-europe": shop.RefusedFamily}},
		"an unknown size":       {[]shop.Item{{SKU: "X", Quantity: 1, UnitPrice: 100}}, douai, map[string]money.Amount{"collection": 0}, map[string]string{"parcel": shop.RefusedNoSize}},
		"nowhere":               {[]shop.Item{mug}, shop.Destination{Country: "GB", PostalCode: "SW1A 1AA"}, map[string]money.Amount{"collection": 0}, map[string]string{"parcel": shop.RefusedZone}},
	} {
		q := c.Quote(w.items, w.to, morning)
		for method, price := range w.prices {
			o, ok := q.Option(method)
			if !ok || o.Price != price {
				t.Errorf("%s: %s costs %d (offered: %t), want %d", name, method, o.Price, ok, price)
			}
		}
		for method, code := range w.refused {
			found := ""
			for _, r := range q.Refused {
				if r.Method == method {
					found = r.Code
				}
			}
			if found != code {
				t.Errorf("%s: %s is refused for %q, want %q", name, method, found, code)
			}
		}
	}
}

func TestAWeightIsInOneBandOnly(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	at := func(grams int) money.Amount {
		i := magnet
		i.WeightG = grams
		o, ok := c.Quote([]shop.Item{i}, douai, morning).Option("parcel")
		if !ok {
			t.Fatalf("%d g cannot be sent", grams)
		}
		return o.Price
	}
	tare := 22
	if at(250-tare) != 590 || at(251-tare) != 740 {
		t.Errorf("250 g with tare cost %d, 251 g %d", at(250-tare), at(251-tare))
	}
}

// The French rule for new books: no reachable quote breaks it.
func TestNewBooksAreNeverDeliveredBelowTheLegalMinimum(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	destinations := []shop.Destination{douai, bastia, brussels, {Country: "DE", PostalCode: "10115"}, {Country: "RE", PostalCode: "97400"}}
	rapid.Check(t, func(t *rapid.T) {
		var items []shop.Item
		var books money.Amount
		for range rapid.IntRange(1, 4).Draw(t, "lines") {
			i := rapid.SampledFrom([]shop.Item{mug, magnet, book, beer}).Draw(t, "item")
			i.UnitPrice = money.Amount(rapid.Int64Range(1, 90_00).Draw(t, "price"))
			i.Quantity = rapid.IntRange(1, 4).Draw(t, "quantity")
			items = append(items, i)
			if i.NewBook {
				books += i.UnitPrice.Times(i.Quantity)
			}
		}
		q := c.Quote(items, rapid.SampledFrom(destinations).Draw(t, "to"), morning)
		for _, o := range q.Options {
			var sum money.Amount
			for _, w := range o.Why {
				sum += w.Amount
			}
			if sum != o.Price {
				t.Fatalf("%s costs %d, its reasons sum to %d", o.Method, o.Price, sum)
			}
			if o.Kind == shop.KindCollection || books == 0 {
				continue
			}
			if least := money.Amount(300); books < 3500 && o.Price < least || books >= 3500 && o.Price < 1 {
				t.Fatalf("%s costs %d for %d of new books", o.Method, o.Price, books)
			}
		}
	})
}

func TestEveryPieceIsInOneParcel(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	rapid.Check(t, func(t *rapid.T) {
		var items []shop.Item
		for n := range rapid.IntRange(1, 5).Draw(t, "lines") {
			i := rapid.SampledFrom([]shop.Item{mug, magnet, book, beer}).Draw(t, "item")
			i.SKU += string(rune('A' + n))
			i.Quantity = rapid.IntRange(1, 12).Draw(t, "quantity")
			items = append(items, i)
		}
		o, ok := c.Quote(items, douai, morning).Option("parcel")
		if !ok {
			return
		}
		packed := map[string]int{}
		for _, p := range o.Parcels {
			weight := p.TareG
			for sku, n := range p.Pieces {
				packed[sku] += n
				for _, i := range items {
					if i.SKU == sku {
						weight += n * i.WeightG
					}
				}
			}
			if weight != p.WeightG || p.WeightG > 30000 {
				t.Fatalf("a parcel says %d g and holds %d g", p.WeightG, weight)
			}
		}
		for _, i := range items {
			if packed[i.SKU] != i.Quantity {
				t.Fatalf("%d of %d %s are packed", packed[i.SKU], i.Quantity, i.SKU)
			}
		}
	})
}

func TestPromisesCountWorkingDays(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	for name, w := range map[string]struct {
		at       time.Time
		from, to string
	}{
		"a Tuesday morning":                 {morning, "2026-11-27", "2026-11-30"},
		"after the cut-off hour":            {morning.Add(4 * time.Hour), "2026-11-30", "2026-12-01"},
		"a Saturday":                        {time.Date(2026, 11, 28, 10, 0, 0, 0, text.Paris()), "2026-12-03", "2026-12-04"},
		"Christmas Eve, and a long weekend": {time.Date(2026, 12, 24, 9, 0, 0, 0, text.Paris()), "2026-12-30", "2026-12-31"},
	} {
		o, ok := c.Quote([]shop.Item{magnet}, douai, w.at).Option("letter")
		if !ok {
			t.Fatal("a magnet cannot be sent")
		}
		if from, to := o.Promise.From.Format(time.DateOnly), o.Promise.To.Format(time.DateOnly); from != w.from || to != w.to {
			t.Errorf("%s: %s to %s, want %s to %s", name, from, to, w.from, w.to)
		}
	}
}

func TestTheMostSpecificZoneWins(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	for to, want := range map[shop.Destination]string{
		douai: "france", bastia: "corsica", {Country: "MC", PostalCode: "98000"}: "france", {Country: "FR", PostalCode: "97110"}: "overseas",
		{Country: "DE", PostalCode: "27498"}: "", {Country: "GB", PostalCode: "SW1A 1AA"}: "", brussels: "neighbours",
	} {
		zone, ok := c.ZoneOf(to)
		if zone.Code != want || ok != (want != "") {
			t.Errorf("%v lies in %q, want %q", to, zone.Code, want)
		}
	}
}

func TestRefusalsAndReasonsHaveWordsInEveryLanguage(t *testing.T) {
	t.Parallel()
	c := conditions(t)
	for _, lang := range text.Offered() {
		for _, items := range [][]shop.Item{{mug}, {beer}, {times(book, 60)}, {{SKU: "X", Quantity: 1, UnitPrice: 1}}, {{SKU: "BIG", Quantity: 1, UnitPrice: 1, WeightG: 40000, LengthMM: 2000, WidthMM: 900, HeightMM: 900}}} {
			for _, to := range []shop.Destination{douai, brussels, {Country: place.Country("GB"), PostalCode: "SW1A 1AA"}} {
				q := c.Quote(items, to, morning)
				for _, r := range q.Refused {
					if s := r.Sentence(lang); s == "" || s[0] == '[' || len(s) < 10 {
						t.Errorf("%s in %s: %q", r.Code, lang, s)
					}
				}
				for _, o := range q.Options {
					for _, w := range o.Why {
						if s := w.Sentence(lang); s == "" || s[0] == '[' {
							t.Errorf("%s in %s: %q", w.Code, lang, s)
						}
					}
				}
			}
		}
	}
}

func TestConditionsNameWhatIsWrongWithThem(t *testing.T) {
	t.Parallel()
	for _, document := range []string{
		`{"zones": 3}`, `{"unknown": true}`,
		`{"zones":[{"code":"a","names":{},"areas":[{"country":"XX"}]}]}`,
		`{"methods":[{"id":"m","kind":"parcel","carrier":"","names":{},"min_days":3,"max_days":1,"tariffs":{}}]}`,
		`{"zones":[{"code":"a","names":{},"areas":[]}],"methods":[{"id":"m","kind":"parcel","carrier":"","names":{},"min_days":1,"max_days":1,"tariffs":{"a":{"bands":[{"up_to_g":500,"price":{"amount":1,"currency":"EUR"}},{"up_to_g":500,"price":{"amount":1,"currency":"EUR"}}]}}}]}`,
	} {
		if _, err := shop.ParseConditions([]byte(document)); err == nil {
			t.Errorf("%s was accepted", document)
		}
	}
}

func BenchmarkQuote(b *testing.B) {
	c := conditions(b)
	items := []shop.Item{times(mug, 2), times(magnet, 3), book, times(beer, 2)}
	for b.Loop() {
		c.Quote(items, douai, morning)
	}
}
