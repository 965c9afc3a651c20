package admin

import (
	"slices"
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/text"
	"boutique/shop/ui"
)

// thumb is the address of a photograph at a width.
func thumb(r catalog.Renderer, ph catalog.Photo, width int) string {
	if r == nil {
		return ""
	}
	return ui.Source(catalog.Picture{Renditions: r.Shown(ph.SHA256, ph.Width, ph.Height, ph.Made)}, "jpg", width)
}

// ready tells whether a photograph is rendered and measured.
func (v PhotoDeskView) ready(ph catalog.Photo) bool {
	return v.Renderer != nil && v.Renderer.Ready(ph.Width, ph.Made) && ph.Quality != nil
}

// pending tells whether a photograph is still being prepared: the page looks again.
func (v PhotoDeskView) pending() bool {
	return slices.ContainsFunc(v.Product.Photos, func(ph catalog.Photo) bool { return !v.ready(ph) })
}

// remarks are what would make a photograph better, in sentences.
func (v PhotoDeskView) remarks(ph catalog.Photo) []string {
	var list []string
	for _, a := range ph.Advice() {
		list = append(list, a.Say(v.Lang()))
	}
	for _, t := range v.Twins[ph.ID] {
		id := "twin_near"
		if t.Same() {
			id = "twin_same"
		}
		if t.Slug == v.Product.Slug {
			list = append(list, v.T(id+"_here", "n", 1+slices.IndexFunc(v.Product.Photos, func(o catalog.Photo) bool { return o.ID == t.OtherID })))
		} else {
			list = append(list, v.T(id, "slug", t.Slug))
		}
	}
	return list
}

// licenceWords warn of a licence that ended or soon ends; empty else.
func licenceWords(p Page, ph catalog.Photo) string {
	state := ph.LicenceState(p.Now)
	if state == catalog.LicenceFine {
		return ""
	}
	return p.T("licence_"+state, "day", p.P.Date(ph.LicenceUntil.Add(12*time.Hour)))
}

// altsMissing says in which languages a photograph is not described; empty when it is in all.
func altsMissing(p Page, ph catalog.Photo) string {
	missing := ph.MissingAlts()
	if missing == nil {
		return ""
	}
	return p.T("alts_missing", "languages", langNames(missing))
}

func langNames(list []text.Lang) string {
	var names []string
	for _, l := range list {
		names = append(names, langName(l))
	}
	return strings.Join(names, ", ")
}

// viewNames names views in the reader's words.
func viewNames(p Page, shots []catalog.Shot) string {
	var names []string
	for _, shot := range shots {
		names = append(names, shot.Labels.In(p.Lang()))
	}
	return strings.Join(names, ", ")
}

// variantName names a variant by its values, or by its SKU.
func variantName(p catalog.Product, v catalog.Variant, lang text.Lang) string {
	var names []string
	for n, code := range v.Values {
		if n >= len(p.Options) {
			break
		}
		for _, value := range p.Options[n].Values {
			if value.Code == code {
				names = append(names, value.Labels.In(lang))
			}
		}
	}
	if len(names) == 0 {
		return v.SKU
	}
	return strings.Join(names, ", ")
}

func kilobytes(n int64) string { return i64((n + 1023) / 1024) }
