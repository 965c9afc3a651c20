package storefront

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strings"
	"testing"

	"boutique/internal/text"
)

// readSitemap is a file as a search engine reads it.
type readSitemap struct {
	XMLName xml.Name
	Files   []string `xml:"sitemap>loc"`
	Pages   []struct {
		Location string `xml:"loc"`
		Others   []struct {
			Rel  string `xml:"rel,attr"`
			Lang string `xml:"hreflang,attr"`
			Href string `xml:"href,attr"`
		} `xml:"http://www.w3.org/1999/xhtml link"`
	} `xml:"url"`
}

// many are n pages of products.
func many(n int) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for i := range n {
			if !yield("/products/", fmt.Sprintf("un-article-%06d", i)) {
				return
			}
		}
	}
}

func TestASitemapIsSplitWhereItsProtocolEnds(t *testing.T) {
	t.Parallel()
	const public = "https://boutique.example/d'office & co"
	langs := text.Offered()
	for name, c := range map[string]struct{ products, addresses, size, files int }{
		"nothing":                    {0, 50_000, 50 << 20, 1},
		"what just fits":             {12_500, 50_000, 50 << 20, 1},
		"one page more":              {12_501, 50_000, 50 << 20, 2},
		"a hundred thousand":         {100_000, 50_000, 50 << 20, 8},
		"files that are small":       {1_000, 50_000, 100_000, 25},
		"files of one page, at most": {3, 1, 1, 3},
	} {
		m := mapped(public, langs, many(c.products), c.addresses, c.size)
		if m.files != c.files {
			t.Errorf("%s: %d files, not %d", name, m.files, c.files)
		}
		seen, pages := map[string]bool{}, 0
		for n := 1; n <= m.files; n++ {
			var b bytes.Buffer
			if err := m.file(&b, n); err != nil {
				t.Fatal(err)
			}
			has := bytes.Count(b.Bytes(), []byte("<loc>"))
			if pages += has; c.size > 1 && (b.Len() > c.size || has > c.addresses) {
				t.Errorf("%s: file %d has %d addresses in %d bytes", name, n, has, b.Len())
			}
			// A file of many is written like one of few.
			if c.products <= 1_000 {
				readFile(t, b.Bytes(), public, seen)
			}
		}
		if pages != c.products*len(langs) || c.products <= 1_000 && len(seen) != pages {
			t.Errorf("%s: %d addresses, %d different ones, of %d pages in %d languages", name, pages, len(seen), c.products, len(langs))
		}
		var b bytes.Buffer
		var read readSitemap
		if err := m.index(&b); err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(b.Bytes(), &read); err != nil || read.XMLName.Local != "sitemapindex" || len(read.Files) != m.files || read.Files[0] != public+"/sitemap-1.xml" {
			t.Errorf("%s: the index is %+v, %v", name, read, err)
		}
	}
}

// readFile reads a file, and holds that each page stands there once with its other languages beside it.
func readFile(t *testing.T, file []byte, public string, seen map[string]bool) {
	t.Helper()
	langs := text.Offered()
	var read readSitemap
	if err := xml.Unmarshal(file, &read); err != nil || read.XMLName.Local != "urlset" || read.XMLName.Space != "http://www.sitemaps.org/schemas/sitemap/0.9" {
		t.Fatalf("%v %v", read.XMLName, err)
	}
	for _, p := range read.Pages {
		if seen[p.Location] || !strings.HasPrefix(p.Location, public+"/") || len(p.Others) != len(langs) {
			t.Fatalf("%s stands twice, or elsewhere, or with %d languages", p.Location, len(p.Others))
		}
		seen[p.Location] = true
		for i, o := range p.Others {
			if o.Rel != "alternate" || o.Lang != string(langs[i]) || o.Href[len(public)+3:] != p.Location[len(public)+3:] || !strings.HasPrefix(o.Href, public+"/"+o.Lang+"/") {
				t.Fatalf("beside %s stands %+v", p.Location, o)
			}
		}
	}
}

func TestASmallShopsSitemapIsOneFile(t *testing.T) {
	t.Parallel()
	shopper := openShop(t).shopper()
	p := shopper.get("/sitemap.xml")
	var read readSitemap
	if err := xml.Unmarshal([]byte(p.body), &read); err != nil || p.status != http.StatusOK || read.XMLName.Local != "urlset" {
		t.Fatalf("%d %v %v", p.status, read.XMLName, err)
	}
	found := false
	for _, one := range read.Pages {
		found = found || one.Location == shopper.url+"/en/products/mug"
	}
	if !found {
		t.Error("the mug is not on the map")
	}
	for _, name := range []string{"1", "0", "2", "x"} {
		if p := shopper.get("/sitemap-" + name + ".xml"); p.status != http.StatusNotFound {
			t.Errorf("/sitemap-%s.xml is answered %d", name, p.status)
		}
	}
}

// BenchmarkSitemap writes one full file of a catalogue of 100,000 products.
func BenchmarkSitemap(b *testing.B) {
	m := mapped("https://boutique.example", text.Offered(), many(100_000), mostAddresses, mostSitemapBytes)
	b.ReportAllocs()
	for b.Loop() {
		if err := m.file(io.Discard, 4); err != nil {
			b.Fatal(err)
		}
	}
}
