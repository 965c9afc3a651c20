package ledger_test

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments/ledger"
)

// figures are what an invoice's XML says in numbers, in its order.
func figures(t *testing.T, data []byte) []string {
	t.Helper()
	wanted := map[string]bool{
		"TypeCode": true, "ChargeAmount": true, "BilledQuantity": true, "LineTotalAmount": true, "RateApplicablePercent": true, "CalculatedAmount": true, "BasisAmount": true, "CategoryCode": true,
		"ActualAmount": true, "ChargeTotalAmount": true, "TaxBasisTotalAmount": true, "TaxTotalAmount": true, "GrandTotalAmount": true, "TotalPrepaidAmount": true, "DuePayableAmount": true, "DateTimeString": true,
	}
	var list []string
	d := xml.NewDecoder(bytes.NewReader(data))
	name := ""
	referenced := false
	for {
		token, err := d.Token()
		if err != nil {
			return list
		}
		switch e := token.(type) {
		case xml.StartElement:
			name = e.Name.Local
			referenced = referenced || name == "InvoiceReferencedDocument"
		case xml.CharData:
			if value := strings.TrimSpace(string(e)); value != "" && wanted[name] && !referenced {
				list = append(list, name+" "+value)
			}
		}
	}
}

func program(t *testing.T, name string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Fatalf("%s is not installed: install libxml2-utils, poppler-utils and qpdf", name)
	}
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func mustBeValid(t *testing.T, data []byte) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "invoice.xml")
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	program(t, "xmllint", "--noout", "--nonet", "--schema", "testdata/facturx/Factur-X_1.07.3_EN16931.xsd", name)
}

// sampleDocument is one of the three cases of the samples.
func sampleDocument(t *testing.T, name string) ledger.Document {
	t.Helper()
	on := time.Date(2026, 11, 23, 10, 0, 0, 0, text.Paris())
	mug := ledger.DocumentLine{Description: "Mug Beffroi", SKU: "MUG", Quantity: 1, UnitGross: 990}
	var d ledger.Document
	switch name {
	case "A_mixed_rates_shipping":
		d = sale(t, []ledger.DocumentLine{mug, {Description: "Livre", SKU: "LIVRE", Quantity: 1, UnitGross: 1200}}, []vat.Class{vat.Standard, vat.Books}, 500, place.Mainland)
	case "B_credit_note_381":
		d = sale(t, []ledger.DocumentLine{mug}, []vat.Class{vat.Standard}, 0, place.Mainland)
		d.Kind, d.RefersTo = ledger.KindCreditNote, "F2026-000001"
	case "C_export_category_G":
		mug.UnitGross = 825
		d = sale(t, []ledger.DocumentLine{mug}, []vat.Class{vat.Standard}, 1500, place.Export)
		d.Buyer.Country = "CH"
	}
	d.IssuedAt, d.PaidAt, d.SupplyDate = on, on, on.AddDate(0, 0, 1)
	return d
}

func TestTheXMLEqualsTheSamplesInEveryFigureAndIsValid(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"A_mixed_rates_shipping", "B_credit_note_381", "C_export_category_G"} {
		sample, err := os.ReadFile("testdata/facturx/" + name + ".xml")
		if err != nil {
			t.Fatal(err)
		}
		ours, err := ledger.FacturX(sampleDocument(t, name))
		if err != nil {
			t.Fatal(err)
		}
		want, got := figures(t, sample), figures(t, ours)
		if strings.Join(want, "\n") != strings.Join(got, "\n") {
			t.Errorf("%s:\nwant %s\ngot  %s", name, strings.Join(want, ", "), strings.Join(got, ", "))
		}
		mustBeValid(t, ours)
	}
}

func TestTheXMLOfAnyDocumentIsValid(t *testing.T) {
	t.Parallel()
	business := sampleDocument(t, "A_mixed_rates_shipping")
	business.Buyer.SIREN, business.Buyer.VATNumber, business.Buyer.Company = "404833048", "FR83404833048", "Café <du> Beffroi & Cie \u202e\x01|"
	business.Notes = []ledger.DocumentNote{{"AAB", "Pas d’escompte."}, {"PMD", "Pénalités."}, {"PMT", "40 €."}}
	business.PaidAt = time.Time{}
	many := make([]ledger.DocumentLine, 30)
	for i := range many {
		many[i] = ledger.DocumentLine{Description: strings.Repeat("é", 300), SKU: "S", Quantity: i%7 + 1, UnitGross: money.Amount(i*37 + 1)}
	}
	for _, d := range []ledger.Document{business, sale(t, many, []vat.Class{vat.Standard, vat.Books, vat.Exempt, vat.Press}, 799, place.Corsica)} {
		data, err := ledger.FacturX(d)
		if err != nil {
			t.Fatal(err)
		}
		mustBeValid(t, data)
		want := 0
		if d.Buyer.SIREN != "" {
			want = 2
		}
		if got := bytes.Count(data, []byte(`<ram:URIID schemeID="0225">`)); got != want {
			t.Errorf("%d electronic addresses, want %d", got, want)
		}
	}
}

func TestThePDFIsAnArchiveThatCarriesItsXML(t *testing.T) {
	t.Parallel()
	doc := sampleDocument(t, "A_mixed_rates_shipping")
	doc.Number = "F2026-000001"
	file, err := ledger.DrawDocument(doc, nil)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := ledger.DrawDocument(doc, nil); err != nil || !bytes.Equal(file, again) {
		t.Errorf("drawn twice it has other bytes: %v", err)
	}
	dir := t.TempDir()
	name := filepath.Join(dir, "invoice.pdf")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	if out := program(t, "qpdf", "--check", name); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Error(out)
	}
	for i, line := range strings.Split(strings.TrimSpace(program(t, "pdffonts", name)), "\n") {
		if i > 1 && !regexp.MustCompile(`yes\s+\w+\s+yes`).MatchString(line) {
			t.Errorf("a font is not embedded with its characters: %s", line)
		}
	}
	attached := filepath.Join(dir, "attached.xml")
	program(t, "pdfdetach", "-save", "1", "-o", attached, name)
	want, err := ledger.FacturX(doc)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(attached); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the attached XML is not the document's: %v", err)
	}
	objects := program(t, "qpdf", "--qdf", "--object-streams=disable", name, "-")
	for _, what := range []string{
		"/AFRelationship /Alternative", "/Subtype /text#2fxml", "/S /GTS_PDFA1", "/OutputIntents", "/EmbeddedFiles", "/AF [", "/ID [",
		"<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>", "<fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>factur-x.xml</fx:DocumentFileName><fx:Version>1.0</fx:Version><fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>",
		"Facture F2026-000001",
	} {
		if !strings.Contains(objects, what) {
			t.Errorf("the file lacks %s", what)
		}
	}
	for _, what := range []string{"/Encrypt", "/JavaScript", "/JS "} {
		if strings.Contains(objects, what) {
			t.Errorf("the file holds %s", what)
		}
	}
	if info := program(t, "pdfinfo", name); !strings.Contains(info, "PDF version:     1.7") && !strings.Contains(info, "1.7") {
		t.Error(info)
	}
}
