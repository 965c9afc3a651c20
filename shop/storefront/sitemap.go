package storefront

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"io"
	"iter"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/text"
	"boutique/shop/ui"
)

// What one file of a sitemap holds at most, by the protocol of sitemaps.org.
const (
	mostAddresses    = 50_000
	mostSitemapBytes = 50 << 20
)

const (
	sitemapHead  = xml.Header + `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n"
	sitemapFoot  = "</urlset>\n"
	sitemapsHead = xml.Header + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n"
	sitemapsFoot = "</sitemapindex>\n"
)

// sitemap is where the shop's pages are, each in every language with the others beside it. It is written
// as it is walked, in one file while its addresses fit, else in several that an index names; all files
// lie at the root, since one speaks of what lies beside and below it only.
type sitemap struct {
	public  string // escaped
	langs   []text.Lang
	paths   iter.Seq2[string, string] // a folder and what lies in it
	perFile int
	files   int
}

// mapped measures the paths, and says how many go into a file of so many addresses and bytes.
func mapped(public string, langs []text.Lang, paths iter.Seq2[string, string], addresses, size int) sitemap {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(public)) // a buffer takes everything
	m := sitemap{public: escaped.String(), langs: langs, paths: paths}
	count, longest := 0, ""
	for folder, name := range paths {
		if count++; len(folder)+len(name) > len(longest) {
			longest = folder + name
		}
	}
	m.perFile = max(1, min(addresses/len(langs), (size-len(sitemapHead)-len(sitemapFoot))/len(m.page(nil, longest, ""))))
	m.files = max(1, (count+m.perFile-1)/m.perFile)
	return m
}

// page appends a page's address in each language.
func (m sitemap) page(to []byte, folder, name string) []byte {
	address := func(lang text.Lang) {
		to = append(to, m.public...)
		to = append(to, '/')
		to = append(to, lang...)
		to = append(to, folder...)
		to = append(to, name...)
	}
	for _, lang := range m.langs {
		to = append(to, " <url><loc>"...)
		address(lang)
		to = append(to, "</loc>"...)
		for _, other := range m.langs {
			to = append(to, `<xhtml:link rel="alternate" hreflang="`...)
			to = append(to, other...)
			to = append(to, `" href="`...)
			address(other)
			to = append(to, `"/>`...)
		}
		to = append(to, "</url>\n"...)
	}
	return to
}

// sitemapPiece is how much of a file is held while it is written.
const sitemapPiece = 64 << 10

// file writes the n-th file, counted from one.
func (m sitemap) file(w io.Writer, n int) error {
	piece := append(make([]byte, 0, sitemapPiece+8<<10), sitemapHead...)
	at := 0
	for folder, name := range m.paths {
		at++
		if at <= (n-1)*m.perFile {
			continue
		}
		if at > n*m.perFile {
			break
		}
		if piece = m.page(piece, folder, name); len(piece) >= sitemapPiece {
			if _, err := w.Write(piece); err != nil {
				return err
			}
			piece = piece[:0]
		}
	}
	_, err := w.Write(append(piece, sitemapFoot...))
	return err
}

// index writes which files there are.
func (m sitemap) index(w io.Writer) error {
	all := []byte(sitemapsHead)
	for n := 1; n <= m.files; n++ {
		all = append(all, " <sitemap><loc>"+m.public+"/sitemap-"+strconv.Itoa(n)+".xml</loc></sitemap>\n"...)
	}
	_, err := w.Write(append(all, sitemapsFoot...))
	return err
}

// addresses are the paths of the pages that a search engine may know of. They are made of letters,
// digits and hyphens: slugs are.
func addresses(snapshot *catalog.Snapshot) iter.Seq2[string, string] {
	return func(yield func(folder, name string) bool) {
		for _, path := range []string{"/", "/products", "/makers"} {
			if !yield(path, "") {
				return
			}
		}
		for _, c := range snapshot.Categories {
			if c.Count > 0 && !yield("/categories/", c.Slug) {
				return
			}
		}
		for _, m := range snapshot.Makers {
			if m.Count > 0 && !yield("/makers/", m.Slug) {
				return
			}
		}
		for _, slug := range legalSlugs {
			if !yield("/pages/", slug) {
				return
			}
		}
		for _, i := range snapshot.Items() {
			if !yield("/products/", i.Slug) {
				return
			}
		}
	}
}

func (s *Storefront) mapped() sitemap {
	return mapped(s.PublicURL, text.Offered(), addresses(s.Shelf.Current()), mostAddresses, mostSitemapBytes)
}

func (s *Storefront) sitemap(w http.ResponseWriter, r *http.Request) error {
	m := s.mapped()
	if m.files > 1 {
		return writeSitemap(w, r, m.index)
	}
	return writeSitemap(w, r, func(to io.Writer) error { return m.file(to, 1) })
}

func (s *Storefront) sitemapFile(w http.ResponseWriter, r *http.Request) error {
	m := s.mapped()
	n, err := strconv.Atoi(chi.URLParam(r, "n"))
	if err != nil || n < 1 || n > m.files || m.files == 1 {
		return fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}
	return writeSitemap(w, r, func(to io.Writer) error { return m.file(to, n) })
}

// writeSitemap sends a file as it is written; after its first byte an error is a broken line only.
func writeSitemap(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	h.Set("Vary", "Accept-Encoding")
	if !ui.AcceptsGzip(r) {
		_ = write(w)
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	z, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return err
	}
	if write(z) == nil {
		_ = z.Close()
	}
	return nil
}
