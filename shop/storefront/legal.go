package storefront

import (
	"embed"
	"net/http"
	"slices"
	"strings"
	"text/template"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/text"
	"boutique/shop"
)

//go:embed legal/*.md
var legalFiles embed.FS

// legalSlugs are the office's texts.
var legalSlugs = []string{"terms", "delivery", "withdrawal", "legal-notice", "privacy", "accessibility"}

// legalText reads a text of a language and its version; ok is false when there is none.
func legalText(slug string, lang text.Lang) (body, version string, ok bool) {
	data, err := legalFiles.ReadFile("legal/" + slug + "." + string(lang) + ".md")
	if err != nil {
		return "", "", false
	}
	head, rest, _ := strings.Cut(string(data), "\n")
	version, found := strings.CutPrefix(head, "version: ")
	if !found {
		return string(data), "", true
	}
	return rest, strings.TrimSpace(version), true
}

// TermsVersion is the version of the terms of sale that shoppers accept.
func TermsVersion() string {
	_, version, _ := legalText("terms", text.FR)
	return version
}

// versionDate is a text's version as the day it is; as it is written when it names none.
func versionDate(p Page, version string) string {
	day, err := time.ParseInLocation(time.DateOnly, version, text.Paris())
	if err != nil {
		return version
	}
	return p.P.Date(day)
}

// legalPage shows one of the office's texts, filled in with what the office says of itself.
func (s *Storefront) legalPage(p Page, r *http.Request) (browsed, error) {
	slug := chi.URLParam(r, "slug")
	if !slices.Contains(legalSlugs, slug) {
		return browsed{}, fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}
	markdown, version, err := legalMarkdown(p, slug, s.settings().conditions)
	if err != nil {
		return browsed{}, err
	}
	v := LegalView{Page: p, HTML: asHeading(catalog.Markdown(markdown)), Version: versionDate(p, version)}
	v.Title = titleOf(markdown)
	return browsed{page: LegalPage(v)}, nil
}

// legalMarkdown is one of the office's texts, filled in with what the office says of itself and with how it
// delivers.
func legalMarkdown(p Page, slug string, c shop.Conditions) (markdown, version string, err error) {
	body, version, ok := legalText(slug, p.Lang())
	if !ok {
		return "", "", fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}
	t, err := template.New(slug).Parse(body)
	if err != nil {
		return "", "", err
	}
	o := p.Office
	var b strings.Builder
	err = t.Execute(&b, map[string]any{
		"LegalName": o.LegalName, "Address": o.AddressLine(), "Email": o.Email, "Phone": o.Phone, "SIREN": o.SIREN, "VATNumber": o.VATNumber, "Director": o.Director,
		"Host": o.Host, "MediatorName": o.MediatorName, "MediatorURL": o.MediatorURL, "Town": o.Town, "ShopName": o.ShopName, "OpeningHours": strings.TrimSuffix(officeHours(p), "."), "Lang": string(p.Lang()),
		"Collect": readyWithin(c) > 0, "KeptDays": c.KeptDays(), "Methods": deliveryRows(p, c),
	})
	return b.String(), version, err
}

// asHeading makes the text's first heading the page's own.
func asHeading(html string) string {
	html = strings.Replace(html, "<h2>", "<h1>", 1)
	return strings.Replace(html, "</h2>", "</h1>", 1)
}

func titleOf(markdown string) string {
	for _, line := range strings.Split(markdown, "\n") {
		if t, ok := strings.CutPrefix(line, "# "); ok {
			return t
		}
	}
	return ""
}
