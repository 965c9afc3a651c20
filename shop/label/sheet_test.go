package label_test

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
	"time"

	"boutique/internal/pdf/pdftest"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/shop/label"
)

var printed = time.Date(2026, 11, 26, 10, 0, 0, 0, time.UTC)

func TestSheetsOfTheShopLieOnTheirPaper(t *testing.T) {
	t.Parallel()
	for _, s := range label.Sheets() {
		if err := s.Check(); err != nil {
			t.Errorf("%s: %v", s.Code, err)
		}
	}
	for name, s := range map[string]label.Sheet{
		"no cells":        {Width: 210, Height: 297},
		"cells outside":   {Width: 100, Height: 100, Columns: 2, Rows: 1, CellWidth: 60, CellHeight: 20, PitchX: 60},
		"cells on others": {Width: 210, Height: 297, Columns: 2, Rows: 1, CellWidth: 60, CellHeight: 20, PitchX: 50},
	} {
		if s.Check() == nil {
			t.Errorf("%s are accepted", name)
		}
	}
}

func TestPriceLabelsStandInTheirCellsAndAreRead(t *testing.T) {
	t.Parallel()
	sheet, _ := label.SheetOf("L7160")
	labels := []label.PriceLabel{
		{Name: "Mug Beffroi", SKU: "MUG", Price: 1290, GTIN: "2001480000014", Lang: text.FR},
		{Name: "Magnet", SKU: "MAG", Price: 450, URL: "https://boutique.example/fr/products/magnet", Lang: text.FR},
	}
	// Two labels from the last cell on: one on the first sheet, one on the next.
	data, err := label.PriceLabels(labels, sheet, sheet.Cells(), printed)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	words := pdftest.Words(t, data)
	if words[len(words)-1].Page != 2 {
		t.Fatalf("%d pages", words[len(words)-1].Page)
	}
	for _, w := range words {
		left, top := 7.25+2*66.04, 15.15+6*38.1
		if w.Page == 2 {
			left, top = 7.25, 15.15
		}
		if w.Left < left-0.1 || w.Right > left+63.6 || w.Top < top-0.5 || w.Bottom > top+38.6 {
			t.Errorf("page %d: %q stands at %.1f–%.1f × %.1f–%.1f mm, outside its cell", w.Page, w.Text, w.Left, w.Right, w.Top, w.Bottom)
		}
	}
	if got := pdftest.EAN13(t, pdftest.Crop(pdftest.Render(t, data, 1, 300), 300, 7.25+2*66.04, 15.15+6*38.1, 40, 38.1)); got != "2001480000014" {
		t.Errorf("the article number reads %q", got)
	}
	if got := pdftest.QR(t, pdftest.Crop(pdftest.Render(t, data, 2, 300), 300, 7.25+30, 15.15, 33.5, 38.1)); got != labels[1].URL {
		t.Errorf("the QR code reads %q", got)
	}
}

func TestTapeIsAsLongAsItsRepeats(t *testing.T) {
	t.Parallel()
	art := office(t, "logo-horizontal.svg").Logo
	data, err := label.Tape{Art: art, WidthMM: 50, RepeatMM: 200, Repeats: 5, BleedMM: 3, Marks: true, Created: printed}.Draw()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	pdftest.Check(t, data)
	page := pdftest.Render(t, data, 1, 25).Bounds()
	if width, height := float64(page.Dx())/25*25.4, float64(page.Dy())/25*25.4; math.Abs(width-1026) > 2 || math.Abs(height-76) > 2 {
		t.Errorf("the page measures %.1f × %.1f mm, want 1026 × 76", width, height)
	}
	for name, tape := range map[string]label.Tape{"no drawing": {WidthMM: 50, Repeats: 1}, "no width": {Art: art, Repeats: 1}, "a mile": {Art: art, WidthMM: 50, RepeatMM: 5000, Repeats: 20}} {
		if _, err := tape.Draw(); err == nil {
			t.Errorf("%s is drawn", name)
		}
	}
}

func TestPiecesOfTheStudioAreDrawn(t *testing.T) {
	t.Parallel()
	for _, kind := range label.PieceKinds() {
		for _, sheet := range label.Sheets() {
			data, err := label.Pieces(label.Piece{Kind: kind, Lang: text.FR, Art: office(t, "logo-horizontal.svg").Logo, Title: "Merci !", Text: "Fait à Beffroy, avec soin."}, sheet, 2, 3, printed)
			if err != nil {
				t.Fatalf("%s on %s: %v", kind, sheet.Code, err)
			}
			if kind == label.Card && sheet.Code == "L7165" {
				pdftest.Keep(t, data)
				pdftest.Check(t, data)
			}
		}
	}
}

func TestCustomsPapersSayWhatIsInside(t *testing.T) {
	t.Parallel()
	c := label.Customs{Office: office(t, "logo-horizontal.svg"), To: place.Address{Name: "Jean Payet", Line1: "5 rue du Volcan", PostalCode: "97400", City: "Saint-Denis", Country: "RE"},
		OrderNumber: "B26-7K3Q-X9TD", WeightG: 1490, Postage: 1890, Invoice: "F2026-000042", Created: printed,
		Items: []label.CustomsItem{{Name: "Belfry mug", Quantity: 2, WeightG: 820, Value: 2150, Code: "691200", Origin: "FR"}, {Name: "Book", Quantity: 1, WeightG: 420, Value: 2085, Code: "490199", Origin: "BE"}}}
	for name, draw := range map[string]func(...label.Customs) ([]byte, error){"CN22": label.CN22, "CN23": label.CN23} {
		data, err := draw(c)
		if err != nil {
			t.Fatal(err)
		}
		pdftest.Keep(t, data)
		pdftest.Check(t, data)
		said := strings.Join(strings.Fields(pdftest.Text(t, data)), " ")
		for _, want := range []string{"CN 2", "2 × Belfry mug", "691200 – FR", "490199 – BE", "1.490", "0.820"} {
			if !strings.Contains(said, want) {
				t.Errorf("%s does not say %q: %s", name, want, said)
			}
		}
	}
	for n := range 60 {
		c.Items = append(c.Items, label.CustomsItem{Name: fmt.Sprint("Article ", n), Quantity: 1, WeightG: 10, Value: 100, Code: "490900", Origin: "FR"})
	}
	for _, draw := range []func(...label.Customs) ([]byte, error){label.CN22, label.CN23} {
		data, err := draw(c)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(pdftest.Text(t, data), "+ ") {
			t.Error("a long list is not summed up")
		}
	}
}

func TestFourLabelsOnAnA4AndThePickupCode(t *testing.T) {
	t.Parallel()
	sheet, _ := label.SheetOf("a4-4")
	l := label.AddressLabel{Lang: text.FR, Office: office(t, "logo-horizontal-mono-black.svg"), To: lea, OrderNumber: "B26-7K3Q-X9TD", Parcel: 1, Parcels: 2, Created: printed}
	data, err := label.AddressSheet([]label.AddressLabel{l, l}, sheet, 4)
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, data)
	if got := pdftest.Code128(t, pdftest.Crop(pdftest.Render(t, data, 1, 203), 203, 105, 297-38, 105, 31)); got != l.OrderNumber {
		t.Errorf("the fourth label reads %q", got)
	}
	if data, err = label.PickupCode(text.FR, l.Office, "B26-7K3Q-X9TD", "7K3QX9", printed); err != nil {
		t.Fatal(err)
	}
	if got := pdftest.QR(t, pdftest.Render(t, data, 1, 150)); got != "7K3QX9" {
		t.Errorf("the code reads %q", got)
	}
}

func BenchmarkFiveHundredLabels(b *testing.B) {
	l := label.AddressLabel{Format: label.Thermal, Lang: text.FR, Office: label.Office{Name: "Office de tourisme"}, To: lea, OrderNumber: "B26-7K3Q-X9TD", Created: printed}
	labels := make([]label.AddressLabel, 500)
	for i := range labels {
		labels[i] = l
	}
	b.ReportAllocs()
	// The peak of this drawing alone: the kernel forgets the one before.
	_ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
	for b.Loop() {
		if _, err := label.Addresses(labels); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(peakMB(b), "peak-MB")
}

// peakMB is the most memory that the process has held, in MB, as the kernel counts it.
func peakMB(b *testing.B) float64 {
	b.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Skipf("no /proc to read the peak from: %v", err)
	}
	var kB float64
	for line := range strings.Lines(string(status)) {
		if _, err := fmt.Sscanf(line, "VmHWM: %f kB", &kB); err == nil {
			return kB / 1024
		}
	}
	b.Fatal("the kernel does not say the peak")
	return 0
}
