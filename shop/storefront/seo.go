package storefront

import (
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
