package label_test

import (
	"strings"
	"testing"

	"boutique/internal/pdf/pdftest"
	"boutique/internal/text"
	"boutique/shop/label"
)

// Every paper for addresses holds the longest address whole, within its cells, from any cell on.
func TestAddressesStandInTheCellsOfEveryPaper(t *testing.T) {
	t.Parallel()
	l := label.AddressLabel{Lang: text.FR, Office: office(t, "logo-horizontal-mono-black.svg"), To: lea, OrderNumber: "B26-7K3Q-X9TD", Method: "Colissimo à domicile", Parcel: 2, Parcels: 3, Created: printed}
	l.To.Company, l.To.Line2 = "Association des amis du beffroi", "Bâtiment C, deuxième étage"
	for _, paper := range label.AddressPapers() {
		data, err := label.AddressesOn(paper, []label.AddressLabel{l, l}, 1)
		if err != nil {
			t.Fatalf("%s: %v", paper, err)
		}
		pdftest.Keep(t, data)
		pdftest.Check(t, data)
		said := strings.Join(strings.Fields(pdftest.Text(t, data)), " ")
		for _, want := range []string{"59500 DOUAI", "Association des amis du beffroi", "B26-7K3Q-X9TD", "Colis 2/3"} {
			if strings.Count(said, want) < 2 {
				t.Errorf("%s does not say %q twice: %s", paper, want, said)
			}
		}
		sheet, ok := label.SheetOf(paper)
		if !ok {
			continue
		}
		right := sheet.Left + float64(min(2, sheet.Columns)-1)*sheet.PitchX + sheet.CellWidth
		for _, w := range pdftest.Words(t, data) {
			if w.Left < sheet.Left || w.Right > right || w.Bottom > sheet.Top+sheet.CellHeight {
				t.Errorf("%s: %q stands at %.1f–%.1f × %.1f–%.1f mm", paper, w.Text, w.Left, w.Right, w.Top, w.Bottom)
			}
		}
	}
	l7165, _ := label.SheetOf("L7165")
	data, err := label.AddressesOn(l7165.Code, []label.AddressLabel{l}, 8)
	if err != nil {
		t.Fatal(err)
	}
	if got := pdftest.Code128(t, pdftest.Crop(pdftest.Render(t, data, 1, 300), 300, l7165.Left+l7165.PitchX, l7165.Top+3*l7165.PitchY+48, l7165.CellWidth, 14)); got != l.OrderNumber {
		t.Errorf("the eighth cell reads %q", got)
	}
	if _, err := label.AddressesOn("L7651", []label.AddressLabel{l}, 1); err == nil {
		t.Error("a price label's cell takes an address")
	}
}

func TestSlipsOfABatchCountTheirOwnPages(t *testing.T) {
	t.Parallel()
	long, short := slip(t, 25), slip(t, 2)
	data, err := label.PackingSlips([]label.Slip{long, short})
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Check(t, data)
	said := pdftest.Text(t, data)
	for _, want := range []string{"Page 1/2", "Page 2/2", "Page 1/1"} {
		if strings.Count(said, want) != 1 {
			t.Errorf("%q stands %d times on the slips", want, strings.Count(said, want))
		}
	}
	if _, err := label.PackingSlips(nil); err == nil {
		t.Error("a batch of nothing is printed")
	}
}
