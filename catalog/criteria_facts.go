package catalog

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"

	"boutique/internal/expression"
	"boutique/internal/text"
)

// ProductFacts is a product as the office's own expressions see it, under the name product: money in
// cents, weights in grams, lengths in millimetres, texts by language. Nothing in it depends on a clock.
type ProductFacts struct {
	Slug            string            `cel:"slug"`
	Family          string            `cel:"family"`
	Category        string            `cel:"category"`
	Maker           string            `cel:"maker"`
	VATClass        string            `cel:"vat_class"`
	Name            map[string]string `cel:"name"`
	Short           map[string]string `cel:"short"`
	Description     map[string]string `cel:"description"`
	SEOTitle        map[string]string `cel:"seo_title"`
	SEODescription  map[string]string `cel:"seo_description"`
	OriginCountry   string            `cel:"origin_country"`
	CustomsCode     string            `cel:"customs_code"`
	ShippingClasses []string          `cel:"shipping_classes"`
	Photos          []PhotoFacts      `cel:"photos"`
	Variants        []VariantFacts    `cel:"variants"`
	Manufacturer    string            `cel:"manufacturer"`
	Warnings        map[string]string `cel:"warnings"`
	Ingredients     map[string]string `cel:"ingredients"`
	Composition     map[string]string `cel:"composition"`
	Allergens       []string          `cel:"allergens"`
	NetQuantity     int               `cel:"net_quantity"`
	NetUnit         string            `cel:"net_unit"`
	AlcoholTenths   int               `cel:"alcohol_tenths"`
	Author          string            `cel:"author"`
	Publisher       string            `cel:"publisher"`
	ISBN            string            `cel:"isbn"`
	BookCondition   string            `cel:"book_condition"`
}

// PhotoFacts is a photograph as expressions see it. What is not measured yet has the sharpness 0.
type PhotoFacts struct {
	Width     int               `cel:"width"`
	Height    int               `cel:"height"`
	Alt       map[string]string `cel:"alt"`
	View      string            `cel:"view"`
	Credit    string            `cel:"credit"`
	Licence   string            `cel:"licence"`
	Sharpness int               `cel:"sharpness"`
}

// VariantFacts is a variant on offer as expressions see it. A cost that is not known is 0.
type VariantFacts struct {
	SKU      string   `cel:"sku"`
	GTIN     string   `cel:"gtin"`
	Values   []string `cel:"values"`
	Price    int      `cel:"price"`
	Cost     int      `cel:"cost"`
	WeightG  int      `cel:"weight_g"`
	LengthMM int      `cel:"length_mm"`
	WidthMM  int      `cel:"width_mm"`
	HeightMM int      `cel:"height_mm"`
	Stock    int      `cel:"stock"`
}

// newExpressions makes the language of the office's own rules.
func newExpressions() (*expression.Language, error) {
	return expression.New[ProductFacts]("product", reflect.TypeFor[PhotoFacts](), reflect.TypeFor[VariantFacts]())
}

// FactNames lists what an expression may ask of a product, for the help beside its field.
func FactNames() []string {
	var names []string
	for _, part := range []struct {
		prefix string
		of     reflect.Type
	}{{"product.", reflect.TypeFor[ProductFacts]()}, {"product.photos[0].", reflect.TypeFor[PhotoFacts]()}, {"product.variants[0].", reflect.TypeFor[VariantFacts]()}} {
		for i := range part.of.NumField() {
			names = append(names, part.prefix+part.of.Field(i).Tag.Get("cel"))
		}
	}
	return names
}

// FactsOf reads a product for expressions.
func FactsOf(p Product) ProductFacts {
	f := ProductFacts{
		Slug: p.Slug, Family: p.Family, Category: p.Category, Maker: p.Maker, VATClass: string(p.VATClass), OriginCountry: p.OriginCountry, CustomsCode: p.CustomsCode,
		ShippingClasses: p.ShippingClasses, Name: map[string]string{}, Short: map[string]string{}, Description: map[string]string{}, SEOTitle: map[string]string{}, SEODescription: map[string]string{},
		Manufacturer: p.Legal.Manufacturer.Name, Warnings: byCode(p.Legal.Warnings), Ingredients: byCode(p.Legal.Ingredients), Composition: byCode(p.Legal.Composition),
		Allergens: p.Legal.Allergens, NetQuantity: p.Legal.NetQuantity, NetUnit: p.Legal.NetUnit, AlcoholTenths: p.Legal.AlcoholTenths,
		Author: p.Legal.Author, Publisher: p.Legal.Publisher, ISBN: p.Legal.ISBN, BookCondition: p.Legal.BookCondition,
	}
	for lang, t := range p.Texts {
		for _, one := range []struct {
			to map[string]string
			s  string
		}{{f.Name, t.Name}, {f.Short, t.Short}, {f.Description, t.Description}, {f.SEOTitle, t.SEOTitle}, {f.SEODescription, t.SEODescription}} {
			if one.s != "" {
				one.to[string(lang)] = one.s
			}
		}
	}
	for _, ph := range p.Photos {
		one := PhotoFacts{Width: ph.Width, Height: ph.Height, Alt: byCode(ph.Alts), View: ph.View, Credit: ph.Credit, Licence: ph.Licence}
		if ph.Quality != nil {
			one.Sharpness = ph.Quality.Sharpness
		}
		f.Photos = append(f.Photos, one)
	}
	for _, v := range p.selling() {
		cost := 0
		if v.Cost != nil {
			cost = int(*v.Cost)
		}
		f.Variants = append(f.Variants, VariantFacts{v.SKU, v.GTIN, v.Values, int(v.Price), cost, v.WeightG, v.LengthMM, v.WidthMM, v.HeightMM, v.Stock - v.Reserved})
	}
	return f
}

func byCode(m map[text.Lang]string) map[string]string {
	out := make(map[string]string, len(m))
	for lang, s := range m {
		out[string(lang)] = s
	}
	return out
}

// Fingerprint names what a reviewer signs: a product's words, facts and photographs. Prices, costs,
// stock and measures move without a new signature.
func (p Product) Fingerprint() string {
	type picture struct {
		SHA256 string
		Alts   map[text.Lang]string
	}
	reviewed := struct {
		Family, Category, Maker, VATClass, Origin string
		Texts                                     map[text.Lang]Text
		Options                                   []Option
		SKUs                                      []string
		Legal                                     LegalFacts
		Pictures                                  []picture
		Own                                       []string `json:",omitempty"`
	}{p.Family, p.Category, p.Maker, string(p.VATClass), p.OriginCountry, map[text.Lang]Text{}, p.Options, nil, p.Legal, nil, nil}
	for lang, t := range p.Texts {
		if t != (Text{}) {
			reviewed.Texts[lang] = t
		}
	}
	for _, v := range p.selling() {
		reviewed.SKUs = append(reviewed.SKUs, v.SKU)
		if v.VATClass != "" || v.OriginCountry != "" {
			reviewed.Own = append(reviewed.Own, v.SKU+" "+string(v.VATClass)+" "+v.OriginCountry)
		}
	}
	for _, ph := range p.Photos {
		reviewed.Pictures = append(reviewed.Pictures, picture{ph.SHA256, ph.Alts})
	}
	// A map's keys are written in order, so that the same content has the same fingerprint.
	data, err := json.Marshal(reviewed)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}
