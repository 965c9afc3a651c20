package setting

import (
	"math"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"boutique/internal/fault"
	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// The limits of what an office says of itself, in characters.
const (
	maxName     = 120
	maxSentence = 300
)

// Clean trims every field and folds its white space.
func (o Office) Clean() Office {
	for _, s := range o.lines() {
		*s.value = place.Line(*s.value)
	}
	o.Address = o.Address.Clean()
	o.SIREN = strings.ReplaceAll(o.SIREN, " ", "")
	o.VATNumber = strings.ToUpper(strings.ReplaceAll(o.VATNumber, " ", ""))
	return o
}

type officeLine struct {
	place string
	value *string
	max   int
}

func (o *Office) lines() []officeLine {
	list := []officeLine{
		{"shop_name", &o.ShopName, maxName}, {"legal_name", &o.LegalName, maxName}, {"legal_form", &o.LegalForm, maxName}, {"email", &o.Email, maxName}, {"phone", &o.Phone, 40},
		{"siren", &o.SIREN, 20}, {"vat_number", &o.VATNumber, 20}, {"director", &o.Director, maxName}, {"host", &o.Host, maxSentence}, {"mediator_name", &o.MediatorName, maxName},
		{"mediator_url", &o.MediatorURL, maxSentence}, {"town", &o.Town, maxName},
	}
	for _, lang := range text.Offered() {
		list = append(list, officeLine{"hours." + string(lang), o.Hours.Of(lang), maxSentence}, officeLine{"tagline." + string(lang), o.Tagline.Of(lang), maxSentence})
	}
	return list
}

// Check names every field that cannot be kept. What is only missing before the office may sell is
// told by Missing.
func (o Office) Check() error {
	var fields fault.Fields
	for _, l := range o.lines() {
		if utf8.RuneCountInString(*l.value) > l.max {
			fields.Add(l.place, "too_long", "has at most "+strconv.Itoa(l.max)+" characters")
		}
	}
	if o.ShopName == "" {
		fields.Add("shop_name", "required", "is missing")
	}
	if parsed, err := mail.ParseAddress(o.Email); o.Email != "" && (err != nil || parsed.Address != o.Email) {
		fields.Add("email", "email_invalid", "is not an e-mail address")
	}
	if o.SIREN != "" && !place.ValidSIREN(o.SIREN) {
		fields.Add("siren", "siren_invalid", "is not a SIREN: nine digits with their check digit")
	}
	if o.VATNumber != "" && !vatNumber.MatchString(o.VATNumber) {
		fields.Add("vat_number", "vat_number_invalid", "is not a French VAT number, like FR44732829320")
	}
	if u, err := url.Parse(o.MediatorURL); o.MediatorURL != "" && (err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "") {
		fields.Add("mediator_url", "url_invalid", "is not an address like https://mediateur.example")
	}
	if _, ok := place.PostalCode("FR", o.Address.PostalCode); o.Address.PostalCode != "" && !ok {
		fields.Add("address.postal_code", "postal_code_invalid", "is not a French postal code")
	}
	return fields.Err()
}

var vatNumber = regexp.MustCompile(`^FR[0-9A-Z]{2}[0-9]{9}$`)

// Check names what is wrong with the artwork: it must be SVG that prints (no text, script, picture or
// style sheet), and the accent a colour on which white text can be read (WCAG 2.2, 1.4.3: 4.5 to 1).
func (b Brand) Check() error {
	var fields fault.Fields
	for _, art := range []struct{ place, svg string }{{"logo", b.Logo}, {"logo_dark", b.LogoDark}, {"mark", b.Mark}, {"black", b.Black}} {
		if art.svg == "" {
			continue
		}
		if _, err := pdf.ReadSVG([]byte(art.svg)); err != nil {
			fields.AddWith(art.place, "artwork_invalid", "cannot be printed: "+err.Error(), map[string]any{"reason": err.Error()})
		}
	}
	if b.Accent != "" {
		contrast, ok := contrastWithWhite(b.Accent)
		switch {
		case !ok:
			fields.Add("accent", "colour_invalid", "is not a colour like #B5472F")
		case contrast < 4.5:
			fields.AddWith("accent", "colour_too_light", "is too light for white text to be read on it", map[string]any{"contrast": strconv.FormatFloat(contrast, 'f', 1, 64)})
		}
	}
	return fields.Err()
}

var colour = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// contrastWithWhite is the contrast ratio of WCAG 2.2 between white and a colour like #B5472F.
func contrastWithWhite(hex string) (float64, bool) {
	if !colour.MatchString(hex) {
		return 0, false
	}
	luminance := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		v, _ := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		c := float64(v) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		luminance += weight * c
	}
	return 1.05 / (luminance + .05), true
}

var slugForm = regexp.MustCompile(`^[a-z0-9-]{0,80}$`)

// Check names what cannot be the slug of a product or of a maker. One that is not on sale leaves the
// choice to the shop.
func (h Home) Check() error {
	var fields fault.Fields
	for place, slug := range map[string]string{"product": h.Product, "maker": h.Maker} {
		if !slugForm.MatchString(slug) {
			fields.Add(place, "slug_invalid", "must have small letters, digits and hyphens, at most 80")
		}
	}
	return fields.Err()
}
