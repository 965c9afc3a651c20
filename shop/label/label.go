// Package label draws what goes onto and into a parcel. It is pure: data in, PDF out.
package label

import (
	"embed"
	"strings"

	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

// Office is who sends: printed at the head of every paper. Without a logo the name stands in its
// place.
type Office struct {
	Name    string
	Address place.Address
	Email   string
	Phone   string
	Logo    *pdf.SVG
}

// lines are the office's address without its name.
func (o Office) lines(lang text.Lang) []string {
	a := o.Address
	a.Name, a.Company = "", ""
	return a.Lines(lang)
}

// contact is how a shopper reaches the office, in one line.
func (o Office) contact() string {
	var parts []string
	for _, p := range []string{o.Email, o.Phone} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, " · ")
}

// drawLogo draws the logo, or the name in its place, within a box and returns its height.
func (o Office) drawLogo(d *pdf.Document, x, y, width, height float64) float64 {
	if o.Logo != nil {
		_, h := d.Art(o.Logo.Trim(), x, y, width, height)
		return h
	}
	style := pdf.Style{Face: pdf.Heading, Size: 14, Color: pdf.Black}
	return d.Lines(x, y, d.Clip(o.Name, style, width, 2), style, pdf.Left)
}
