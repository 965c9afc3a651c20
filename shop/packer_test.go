package shop

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// assertPacked holds every piece in exactly one parcel, inside its carton, apart from the others,
// lying in one of the ways that it may, and no parcel above any limit.
func assertPacked(t interface{ Fatalf(string, ...any) }, c Conditions, m Method, items []Item, parcels []Parcel) {
	left := map[string]int{}
	bySKU := map[string]Item{}
	for _, i := range items {
		left[i.SKU] += i.Quantity
		bySKU[i.SKU] = i
	}
	for _, p := range parcels {
		var carton Carton
		for _, k := range c.Cartons {
			if k.Code == p.Carton {
				carton = k
			}
		}
		weight := p.TareG
		for i, a := range p.Layout {
			left[a.SKU]--
			weight += bySKU[a.SKU].WeightG
			padding := 0
			if bySKU[a.SKU].has(ClassFragile) {
				padding = c.PaddingMM
			}
			lies := false
			for _, w := range waysOf(bySKU[a.SKU], padding) {
				lies = lies || w == cuboid{a.LengthMM, a.WidthMM, a.HighMM}
			}
			if p.Carton == OwnBox {
				continue
			}
			if !lies {
				t.Fatalf("%s lies as it may not: %+v", a.SKU, a)
			}
			if a.X < 0 || a.Y < 0 || a.Z < 0 || a.X+a.LengthMM > carton.LengthMM || a.Y+a.WidthMM > carton.WidthMM || a.Z+a.HighMM > carton.HeightMM {
				t.Fatalf("%+v sticks out of %+v", a, carton)
			}
			for _, b := range p.Layout[:i] {
				if (placed{[3]int{a.X, a.Y, a.Z}, cuboid{a.LengthMM, a.WidthMM, a.HighMM}}).overlaps(placed{[3]int{b.X, b.Y, b.Z}, cuboid{b.LengthMM, b.WidthMM, b.HighMM}}) {
					t.Fatalf("%+v lies within %+v", a, b)
				}
			}
		}
		if weight != p.WeightG {
			t.Fatalf("a parcel says %d g and weighs %d g", p.WeightG, weight)
		}
		if p.Carton != OwnBox && p.WeightG-p.TareG > carton.MaxWeightG {
			t.Fatalf("%s carries %d g", carton.Code, p.WeightG-p.TareG)
		}
		if code, _ := m.exceeds(p); code != "" {
			t.Fatalf("%+v breaks a limit: %s", p, code)
		}
		pieces := 0
		for _, n := range p.Pieces {
			pieces += n
		}
		if pieces != len(p.Layout) || pieces == 0 {
			t.Fatalf("a parcel counts %d pieces and holds %d", pieces, len(p.Layout))
		}
	}
	for sku, n := range left {
		if n != 0 {
			t.Fatalf("%d of %s are in no parcel or in two", n, sku)
		}
	}
}

func anyItems(t *rapid.T, most int) []Item {
	var items []Item
	for n := range rapid.IntRange(1, most).Draw(t, "lines") {
		i := Item{SKU: fmt.Sprint("S", n), Quantity: rapid.IntRange(1, 6).Draw(t, "quantity"), UnitPrice: 1000, WeightG: rapid.IntRange(1, 3000).Draw(t, "weight"),
			LengthMM: rapid.IntRange(1, 400).Draw(t, "length"), WidthMM: rapid.IntRange(1, 300).Draw(t, "width"), HeightMM: rapid.IntRange(1, 200).Draw(t, "height")}
		for _, class := range []string{ClassFragile, ClassUpright, ClassOwnBox, ClassFoldable, ClassRollable} {
			if rapid.IntRange(0, 5).Draw(t, class) == 0 {
				i.Classes = append(i.Classes, class)
			}
		}
		items = append(items, i)
	}
	return items
}

func anyCartons(t *rapid.T) []Carton {
	var list []Carton
	for n := range rapid.IntRange(1, 8).Draw(t, "cartons") {
		list = append(list, Carton{Code: fmt.Sprint("C", n), LengthMM: rapid.IntRange(50, 600).Draw(t, "l"), WidthMM: rapid.IntRange(50, 400).Draw(t, "w"),
			HeightMM: rapid.IntRange(10, 350).Draw(t, "h"), TareG: rapid.IntRange(0, 400).Draw(t, "tare"), MaxWeightG: rapid.IntRange(500, 30000).Draw(t, "most"), Soft: rapid.IntRange(0, 4).Draw(t, "soft") == 0})
	}
	return list
}

func TestWhateverIsPackedLiesInsideApartAndOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := Conditions{Cartons: anyCartons(t), PaddingMM: rapid.IntRange(0, 10).Draw(t, "padding")}
		m := Method{Kind: KindParcel}
		if rapid.Bool().Draw(t, "limited") {
			m.MaxWeightG, m.MaxSideMM, m.MaxSumMM, m.MaxThicknessMM = rapid.IntRange(500, 30000).Draw(t, "kg"), rapid.IntRange(200, 1000).Draw(t, "side"), rapid.IntRange(400, 1500).Draw(t, "sum"), rapid.IntRange(0, 200).Draw(t, "thick")
		}
		items := anyItems(t, 6)
		l, unknown, tooMany := c.loadOf(items)
		if unknown != "" || tooMany {
			t.Fatalf("%q %t", unknown, tooMany)
		}
		parcels, code, _ := l.pack(m)
		if code == "" {
			assertPacked(t, c, m, items, parcels)
		}
		again, codeAgain, _ := l.pack(m)
		if codeAgain != code || len(again) != len(parcels) {
			t.Fatalf("asked twice, the packer answers %s and %s", code, codeAgain)
		}
	})
}

// A heavier basket of the same shapes is refused for its weight only, and what refused the lighter
// one refuses it too.
func TestMoreWeightIsRefusedForItsWeightOnly(t *testing.T) {
	t.Parallel()
	heavy := map[string]bool{RefusedWeight: true, RefusedNoCarton: true}
	rapid.Check(t, func(t *rapid.T) {
		c := Conditions{Cartons: anyCartons(t)}
		m := Method{Kind: KindParcel, MaxWeightG: rapid.IntRange(500, 30000).Draw(t, "kg"), MaxThicknessMM: rapid.IntRange(0, 200).Draw(t, "thick")}
		light := anyItems(t, 4)
		more := append([]Item{}, light...)
		for i := range more {
			more[i].WeightG += rapid.IntRange(0, 5000).Draw(t, "more")
		}
		a, _, _ := c.loadOf(light)
		b, _, _ := c.loadOf(more)
		_, before, _ := a.pack(m)
		_, after, _ := b.pack(m)
		switch {
		case before != "" && after == "":
			t.Fatalf("the lighter basket is refused (%s), the heavier one is not", before)
		case before == "" && after != "" && !heavy[after]:
			t.Fatalf("more weight is refused for %s", after)
		}
	})
}

// fitsSomehow searches every place of a small grid: the truth that the packer is held to.
func fitsSomehow(inner cuboid, pieces []*piece, in []placed) bool {
	if len(pieces) == 0 {
		return true
	}
	s := space{inner: inner, in: in}
	for x := range inner[0] {
		for y := range inner[1] {
			for z := range inner[2] {
				for _, way := range pieces[0].ways {
					c := placed{[3]int{x, y, z}, way}
					if s.free(c) && fitsSomehow(inner, pieces[1:], append(in[:len(in):len(in)], c)) {
						return true
					}
				}
			}
		}
	}
	return false
}

func TestThePackerAgreesWithAnExhaustiveSearchOnSmallCases(t *testing.T) {
	t.Parallel()
	yes, no := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		inner := cuboid{rapid.IntRange(1, 5).Draw(t, "l"), rapid.IntRange(1, 4).Draw(t, "w"), rapid.IntRange(1, 3).Draw(t, "h")}
		var pieces []*piece
		for n := range rapid.IntRange(1, 4).Draw(t, "pieces") {
			i := Item{LengthMM: rapid.IntRange(1, 4).Draw(t, "x"), WidthMM: rapid.IntRange(1, 3).Draw(t, "y"), HeightMM: rapid.IntRange(1, 3).Draw(t, "z")}
			if rapid.IntRange(0, 3).Draw(t, "upright") == 0 {
				i.Classes = []string{ClassUpright}
			}
			pieces = append(pieces, &piece{sku: fmt.Sprint(n), kind: n, ways: waysOf(i, 0), volume: i.LengthMM * i.WidthMM * i.HeightMM})
		}
		_, got := holdsAll(inner, pieces)
		if want := fitsSomehow(inner, pieces, nil); got != want {
			t.Fatalf("the packer says %t, the search %t", got, want)
		}
		if got {
			yes++
		} else {
			no++
		}
	})
	if yes == 0 || no == 0 {
		t.Errorf("%d fitted, %d did not: the cases prove nothing", yes, no)
	}
}

func TestACaseOfBottlesAndACubeOfCubesAreFilledExactly(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]struct {
		inner cuboid
		item  Item
		n     int
	}{
		"six bottles standing": {cuboid{255, 170, 300}, Item{LengthMM: 85, WidthMM: 85, HeightMM: 300, Classes: []string{ClassUpright}}, 6},
		"eight half cubes":     {cuboid{100, 100, 100}, Item{LengthMM: 50, WidthMM: 50, HeightMM: 50}, 8},
	} {
		p := piece{ways: waysOf(w.item, 0), volume: w.item.LengthMM * w.item.WidthMM * w.item.HeightMM}
		var pieces []*piece
		for range w.n {
			pieces = append(pieces, &p)
		}
		if _, ok := holdsAll(w.inner, pieces); !ok {
			t.Errorf("%s do not fit", name)
		}
		if _, ok := holdsAll(w.inner, append(pieces, &p)); ok {
			t.Errorf("%s and one more fit", name)
		}
	}
}

func TestFoldingAndRollingMakeRoom(t *testing.T) {
	t.Parallel()
	shirt := Item{LengthMM: 400, WidthMM: 280, HeightMM: 20, WeightG: 200}
	small := cuboid{290, 210, 60}
	for _, w := range []struct {
		class string
		inner cuboid
	}{{ClassFoldable, small}, {ClassRollable, cuboid{410, 90, 90}}} {
		flat := piece{ways: waysOf(shirt, 0)}
		if flat.fits(w.inner) {
			t.Errorf("%v holds a flat shirt", w.inner)
		}
		soft := shirt
		soft.Classes = []string{w.class}
		p := piece{ways: waysOf(soft, 0)}
		if w.class == ClassFoldable {
			w.inner[0], w.inner[1] = 290, 210
		}
		if !p.fits(w.inner) {
			t.Errorf("%s: %v does not hold the shirt in %v", w.class, w.inner, p.ways)
		}
	}
}

func BenchmarkPackFiftyItems(b *testing.B) {
	c := benchConditions()
	var items []Item
	for n := range 10 {
		items = append(items, Item{SKU: fmt.Sprint(n), Quantity: 5, UnitPrice: 900, WeightG: 100 + 40*n, LengthMM: 60 + 17*n, WidthMM: 50 + 11*n, HeightMM: 20 + 9*n})
	}
	m := Method{Kind: KindParcel, MaxWeightG: 30000, MaxSideMM: 1000, MaxSumMM: 1500}
	for b.Loop() {
		l, _, _ := c.loadOf(items)
		if _, code, _ := l.pack(m); code != "" {
			b.Fatal(code)
		}
	}
}
