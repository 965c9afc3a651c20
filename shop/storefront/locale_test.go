package storefront

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/shop"
)

func TestEveryLanguageHasTheSameWords(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		if missing := words.Missing(lang); len(missing) > 0 {
			t.Errorf("%s lacks %q", lang, missing)
		}
	}
	fr := keysOf(t, "fr")
	for _, lang := range text.Offered() {
		if !slices.Equal(fr, keysOf(t, string(lang))) {
			t.Errorf("%s and fr have other keys, or the same in another order", lang)
		}
	}
	if sorted := slices.Sorted(slices.Values(fr)); len(slices.Compact(sorted)) != len(fr) {
		t.Error("a key is there twice")
	}
}

var key = regexp.MustCompile(`(?m)^  "([^"]+)":`)

// keysOf lists the messages of a language, file by file.
func keysOf(t *testing.T, lang string) []string {
	t.Helper()
	names, err := fs.Glob(localeFiles, "locale/"+lang+"*.json")
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, name := range names {
		data, err := localeFiles.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range key.FindAllSubmatch(data, -1) {
			keys = append(keys, string(m[1]))
		}
	}
	return keys
}

// said finds the messages that the sources name outright: T("id", or the subject and first words of
// a mail.
var said = regexp.MustCompile(`\b(?:T|one)\("([a-z0-9_-]+)"[,)]|"((?:mail|problem|order|step|error|field|hint|stock|promise)_[a-z0-9_]+)"`)

func TestEveryMessageThatAPageSaysExists(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, k := range keysOf(t, "fr") {
		known[k] = true
	}
	// Codes of faults and of reasons look like messages, and are none.
	codes := []string{"order_not_found", "error_"}
	used := 0
	for _, pattern := range []string{"*.templ", "*.go"} {
		files, err := fs.Glob(os.DirFS("."), pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") || strings.HasSuffix(name, "_templ.go") {
				continue
			}
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range said.FindAllSubmatch(data, -1) {
				id := string(m[1]) + string(m[2])
				used++
				// An id that ends in _ is the beginning of one.
				if strings.HasSuffix(id, "_") || slices.Contains(codes, id) {
					continue
				}
				if !known[id] {
					t.Errorf("%s says %q, which no locale file has", name, id)
				}
			}
		}
	}
	if used < 150 {
		t.Errorf("only %d messages were found in the sources", used)
	}
}

func TestEveryWordThatIsPutTogetherExists(t *testing.T) {
	t.Parallel()
	var ids []string
	for begin, ends := range map[string][]string{
		"order_":      {shop.AwaitingPayment, shop.Confirmed, shop.Completed, shop.Expired, shop.Cancelled},
		"refund_":     {"requested", "pending", "succeeded", "failed"},
		"unit_price_": {"kg", "l"},
		"sort_":       {"newest", "price", "price_desc", "name"},
		"page_":       {"terms", "legal-notice", "privacy"},
		"field_":      {"email", "name", "phone", "company", "siren", "vat_number", "line1", "line2", "postal_code", "city", "country", "birth_date", "accept_terms", "shipping_option", "lang"},
		"problem_":    {"403", "403_text", "404", "404_text", "409", "409_text", "413", "413_text", "422", "422_text", "429", "429_text", "500", "500_text", "503", "503_text"},
	} {
		for _, end := range ends {
			ids = append(ids, begin+end)
		}
	}
	for _, id := range ids {
		if !words.In(text.EN).Has(id) {
			t.Errorf("no locale file has %q", id)
		}
	}
}

func TestEveryLegalTextSpeaksEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		for _, slug := range legalSlugs {
			body, version, ok := legalText(slug, lang)
			if !ok || version == "" || titleOf(body) == "" {
				t.Errorf("%s in %s: there %v, version %q, title %q", slug, lang, ok, version, titleOf(body))
			}
		}
	}
	if TermsVersion() == "" {
		t.Error("the terms have no version")
	}
}

// office is a whole office, for pages.
func office() setting.Office {
	return setting.Office{ShopName: "La Boutique de Beffroy", LegalName: "Office de tourisme de Beffroy", LegalForm: "EPIC",
		Address: place.Address{Line1: "1 place du Beffroi", PostalCode: "59599", City: "Beffroy-sur-Scarpe", Country: "FR"}, Email: "boutique@beffroy.example", Phone: "+33 3 27 00 00 00",
		SIREN: "732829320", VATNumber: "FR44732829320", Director: "Anne Carpentier", Host: "Hébergeur", MediatorName: "Médiateur", MediatorURL: "https://mediateur.example",
		Town: "Beffroy-sur-Scarpe", Hours: setting.Words{FR: "Du lundi au samedi, de 10 h à 18 h", EN: "Monday to Saturday, 10:00 to 18:00"}, Tagline: setting.Words{FR: "Ce que l’on rapporte.", EN: "What one brings home."}}
}
