package storefront

import (
	"encoding/xml"
	"net/http"

	"boutique/internal/text"
)

func (s *Storefront) robots(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rules := "User-agent: *\nDisallow: /admin\nDisallow: /api/\n"
	for _, lang := range text.Offered() {
		rules += "Disallow: /" + string(lang) + "/cart\nDisallow: /" + string(lang) + "/checkout\nDisallow: /" + string(lang) + "/orders/\nDisallow: /" + string(lang) + "/search\n"
	}
	_, err := w.Write([]byte(rules + "Sitemap: " + s.PublicURL + "/sitemap.xml\n"))
	return err
}

type sitemapLink struct {
	Rel  string `xml:"rel,attr"`
	Lang string `xml:"hreflang,attr"`
	Href string `xml:"href,attr"`
}

type sitemapURL struct {
	Location   string        `xml:"loc"`
	Alternates []sitemapLink `xml:"xhtml:link"`
}

func (s *Storefront) sitemap(w http.ResponseWriter, _ *http.Request) error {
	snapshot := s.Shelf.Current()
	paths := []string{"/", "/products", "/makers"}
	for _, c := range snapshot.Categories {
		if c.Count > 0 {
			paths = append(paths, "/categories/"+c.Slug)
		}
	}
	for _, m := range snapshot.Makers {
		if m.Count > 0 {
			paths = append(paths, "/makers/"+m.Slug)
		}
	}
	for _, i := range snapshot.Items() {
		paths = append(paths, "/products/"+i.Slug)
	}
	for _, slug := range legalSlugs {
		paths = append(paths, "/pages/"+slug)
	}
	set := struct {
		XMLName xml.Name     `xml:"urlset"`
		NS      string       `xml:"xmlns,attr"`
		XHTML   string       `xml:"xmlns:xhtml,attr"`
		URLs    []sitemapURL `xml:"url"`
	}{NS: "http://www.sitemaps.org/schemas/sitemap/0.9", XHTML: "http://www.w3.org/1999/xhtml"}
	for _, path := range paths {
		var links []sitemapLink
		for _, lang := range text.Offered() {
			links = append(links, sitemapLink{"alternate", string(lang), s.PublicURL + "/" + string(lang) + path})
		}
		for _, lang := range text.Offered() {
			set.URLs = append(set.URLs, sitemapURL{s.PublicURL + "/" + string(lang) + path, links})
		}
	}
	body, err := xml.MarshalIndent(set, "", " ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/xml; charset=utf-8")
	_, err = w.Write(append([]byte(xml.Header), body...))
	return err
}
