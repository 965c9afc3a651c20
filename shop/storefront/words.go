package storefront

import (
	"embed"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/shop"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

func itoa(n int) string { return strconv.Itoa(n) }

func langURL(lang text.Lang, path string) templ.SafeURL {
	return templ.URL("/" + string(lang) + path)
}

func telURL(phone string) templ.SafeURL {
	return templ.URL("tel:" + strings.Join(strings.Fields(phone), ""))
}

func mailURL(address string) templ.SafeURL { return templ.URL("mailto:" + address) }

func officeHours(p Page) string { return p.Office.Hours.In(p.Lang()) }

// inLang marks words that are in another language than the page, so that programs that read pages
// aloud say them right.
func inLang(p Page, words text.Lang) templ.Attributes {
	if words == "" || words == p.Lang() {
		return nil
	}
	return templ.Attributes{"lang": string(words)}
}

// saidIn marks a sentence of the office's own that it has not written in the page's language.
func saidIn(p Page, w setting.Words) templ.Attributes {
	_, lang := w.Spoken(p.Lang())
	return inLang(p, lang)
}

// spokenIn marks words of which there may be none in the page's language.
func spokenIn(p Page, words map[text.Lang]string) templ.Attributes {
	_, lang := catalog.Labels(words).Spoken(p.Lang())
	return inLang(p, lang)
}

// shopName is the shop's name; plainly "the shop" while the office has given it none.
func shopName(p Page) string {
	if p.Office.ShopName == "" {
		return p.T("shop")
	}
	return p.Office.ShopName
}

func listHeading(v ListView) string {
	if v.Heading == "" {
		return v.T("list_all")
	}
	return v.Heading
}

func problemHeading(v ProblemView) string {
	if v.Heading == "" {
		return v.T("problem_500")
	}
	return v.Heading
}

func tagline(p Page) string { return p.Office.Tagline.In(p.Lang()) }

// priceOf is a product's price in a list: one price, or the lowest of several.
func priceOf(p Page, i *catalog.Item) string {
	if i.MinPrice == i.MaxPrice {
		return p.P.Money(i.MinPrice)
	}
	return p.T("price_from", "price", p.P.Money(i.MinPrice))
}

func priceWords(p Page, a money.Amount) string {
	if a == 0 {
		return p.T("free")
	}
	return p.P.Money(a)
}

func optionNames(v ProductView) string {
	var names []string
	for _, o := range v.Item.Options {
		names = append(names, o.Labels.In(v.Lang()))
	}
	return strings.Join(names, ", ")
}

// variantRow is the variants that stand on one line: those that share the first of several options, as all
// sizes of one colour do. first has no code when there is but one line.
type variantRow struct {
	first    catalog.OptionValue
	variants []catalog.ItemVariant
}

// shown is a variant without what its line says already.
func (r variantRow) shown(v catalog.ItemVariant) catalog.ItemVariant {
	if r.first.Code != "" {
		v.Values = v.Values[1:]
	}
	return v
}

// variantRows puts variants with several options on a line for each value of the first, where a line has more
// than one.
func variantRows(variants []catalog.ItemVariant) []variantRow {
	var rows []variantRow
	for _, v := range variants {
		if len(v.Values) < 2 {
			return []variantRow{{variants: variants}}
		}
		at := slices.IndexFunc(rows, func(r variantRow) bool { return r.first.Code == v.Values[0].Code })
		if at < 0 {
			at, rows = len(rows), append(rows, variantRow{first: v.Values[0]})
		}
		rows[at].variants = append(rows[at].variants, v)
	}
	if len(rows) == len(variants) {
		return []variantRow{{variants: variants}}
	}
	return rows
}

func stockWords(v ProductView) string {
	switch {
	case v.Left <= 0:
		return v.T("stock_out")
	case v.Left <= 3:
		return v.T("few_left", "count", v.Left)
	case len(v.Item.Variants) > 1 && !v.Picked:
		return v.T("stock_choose")
	}
	return v.T("stock_in")
}

// promiseWords says when an order of now would arrive.
func promiseWords(p Page, promise shop.Promise) string {
	from, to := p.P.Day(promise.From), p.P.Day(promise.To)
	if from == to {
		return p.T("promise_on", "day", to)
	}
	return p.T("promise_between", "from", from, "to", to)
}

func promiseShort(p Page, promise shop.Promise) string {
	return p.T("promise_by", "day", p.P.Day(promise.To))
}

// promiseLong says when and where an option has the goods for its shopper.
func promiseLong(p Page, o shop.Option) string {
	from, to := p.P.Day(o.Promise.From), p.P.Day(o.Promise.To)
	switch {
	case o.Kind == shop.KindCollection && (o.Stop != nil || len(o.Stops) > 0):
		return p.T("promise_ready_there", "day", to)
	case o.Kind == shop.KindCollection:
		return p.T("promise_ready", "day", to)
	case o.Kind == shop.KindPickup && from == to:
		return p.T("promise_point_on", "day", to)
	case o.Kind == shop.KindPickup:
		return p.T("promise_point", "from", from, "to", to)
	}
	return promiseWords(p, o.Promise)
}

// deliveryWords are a delivery's name and where it is fetched.
func deliveryWords(v CheckoutView, o shop.Option) string {
	if o.Stop == nil {
		return o.Names.In(v.Lang())
	}
	return o.Names.In(v.Lang()) + " – " + o.Stop.Name
}

// NearOf is the postal code near which a method's points are listed.
func (f CheckoutForm) NearOf(o shop.Option) string {
	if near := f.Near[o.Method]; near != "" {
		return near
	}
	return f.PostalCode
}

// FarFrom tells that no point of the list lies in the neighbourhood of the postal code.
func (f CheckoutForm) FarFrom(o shop.Option) bool {
	code := strings.ReplaceAll(f.NearOf(o), " ", "")
	return len(code) >= 2 && !slices.ContainsFunc(o.Stops, func(s shop.Stop) bool { return strings.HasPrefix(s.Address.PostalCode, code[:2]) })
}

// phoneNeeded tells that customs will want to call about the parcel.
func phoneNeeded(v CheckoutView) bool {
	o := v.Chosen()
	return place.FormOf(place.Country(v.Form.Country)).Phone && (o == nil || o.Kind != shop.KindCollection && o.Kind != shop.KindDigital)
}

// phoneHint says why the carrier wants a number.
func phoneHint(v CheckoutView) string {
	if phoneNeeded(v) {
		return v.T("hint_phone_customs")
	}
	return v.T("hint_phone")
}

// partLabel is what the chosen country calls a part of its addresses.
func partLabel(v CheckoutView, part place.Part) string {
	if variant := place.FormOf(place.Country(v.Form.Country)).Labels[part]; variant != "" {
		return v.T("part_" + string(part) + "_" + variant)
	}
	return v.T("field_" + string(part))
}

func codeHint(v CheckoutView) string {
	return v.T("hint_postal_code", "example", place.PostalExample(place.Country(v.Form.Country)))
}

// streetHint tells the lines of France that they are short.
func streetHint(v CheckoutView) string {
	if c := place.Country(v.Form.Country); c != "FR" && c != "MC" {
		return ""
	}
	return v.T("hint_line1")
}

// codeKeys is the keyboard for postal codes: figures, where the country's have nothing else.
func (f CheckoutForm) codeKeys() string {
	if strings.Trim(place.PostalExample(place.Country(f.Country)), "0123456789") != "" {
		return "text"
	}
	return "numeric"
}

func labels(m map[text.Lang]string, lang text.Lang) string { return catalog.Labels(m).In(lang) }

func netQuantity(v ProductView) string {
	l := v.Item.Legal
	if l.NetQuantity <= 0 || l.NetUnit == "" || l.NetUnit == "piece" {
		return ""
	}
	return fmt.Sprintf("%d\u00a0%s", l.NetQuantity, l.NetUnit)
}

func alcohol(v ProductView) string {
	if v.Item.Legal.AlcoholTenths == 0 {
		return ""
	}
	return v.P.Percent(v.Item.Legal.AlcoholTenths*10) + " vol."
}

func allergens(v ProductView) string {
	var list []string
	for _, a := range v.Item.Legal.Allergens {
		if id := "allergen_" + a; v.P.Has(id) {
			a = v.T(id)
		}
		list = append(list, a)
	}
	return strings.Join(list, ", ")
}

func bookCondition(v ProductView) string {
	if v.Item.Family != "book" {
		return ""
	}
	if v.Item.Legal.BookCondition == "used" {
		return v.T("book_used")
	}
	return v.T("book_new")
}

func size(v ProductView) string {
	c := v.Chosen
	if c.LengthMM == 0 {
		return ""
	}
	cm := func(mm int) string {
		s := fmt.Sprintf("%d.%d", mm/10, mm%10)
		s = strings.TrimSuffix(s, ".0")
		if v.Lang() != text.EN {
			s = strings.Replace(s, ".", ",", 1)
		}
		return s
	}
	return fmt.Sprintf("%s × %s × %s\u00a0cm", cm(c.LengthMM), cm(c.WidthMM), cm(c.HeightMM))
}

// fieldID is the id of a field's element.
func fieldID(place string) string {
	return strings.ReplaceAll(strings.TrimPrefix(place, "address."), ".", "-")
}

// invalid marks a field that was refused, for programs that read pages aloud.
func invalid(fields FieldErrors, place string) templ.Attributes {
	if fields[place] == "" {
		return nil
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "error-" + place}
}

// described ties an input to its hint and, when it is wrong, to what is wrong with it.
func described(fields FieldErrors, place, hint string) templ.Attributes {
	var ids []string
	out := templ.Attributes{}
	if hint != "" {
		ids = append(ids, "hint-"+fieldID(place))
	}
	if fields[place] != "" {
		ids = append(ids, "error-"+place)
		out["aria-invalid"] = "true"
	}
	if len(ids) > 0 {
		out["aria-describedby"] = strings.Join(ids, " ")
	}
	return out
}

// sentences puts wrong fields in the reader's words.
func sentences(p text.Printer, fields []fault.Field) FieldErrors {
	out := FieldErrors{}
	for _, f := range fields {
		args := []any{}
		for k, v := range f.Params {
			args = append(args, k, v)
		}
		if id := "error_" + f.Code; p.Has(id) {
			out[f.Place] = p.T(id, args...)
		} else {
			out[f.Place] = p.T("error_invalid")
		}
	}
	return out
}

// vatRows are the rates that a sum contains VAT of: what bears none (a gift card, an export) has no row of zero.
func vatRows(rates []vat.RateSum) []VATRow {
	var rows []VATRow
	for _, r := range rates {
		if r.VAT != 0 {
			rows = append(rows, VATRow{int(r.Rate), r.VAT})
		}
	}
	return rows
}

// withQuery adds parameters to a path, leaving empty ones out.
func withQuery(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}
