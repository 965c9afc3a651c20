package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/text"
)

type rendition struct {
	URL    string `json:"url"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	Format string `json:"format"`
}

type picture struct {
	Alt         string      `json:"alt"`
	Width       int         `json:"width"`
	Height      int         `json:"height"`
	Placeholder string      `json:"placeholder,omitempty"`
	Renditions  []rendition `json:"renditions" nullable:"false"`
}

// The words of an availability.
const (
	inStock  = "in_stock"
	lowStock = "low_stock"
	soldOut  = "out_of_stock"
)

// few is how many pieces are few.
const few = 3

func availability(n int) string {
	switch {
	case n <= 0:
		return soldOut
	case n <= few:
		return lowStock
	}
	return inStock
}

type productSummary struct {
	Slug         string       `json:"slug"`
	Name         string       `json:"name"`
	Short        string       `json:"short"`
	Category     string       `json:"category"`
	Maker        string       `json:"maker"`
	Price        money.Amount `json:"price" doc:"the lowest price of its variants"`
	Photo        *picture     `json:"photo"`
	Availability string       `json:"availability" enum:"in_stock,low_stock,out_of_stock"`
	Available    bool         `json:"available"`
}

type productOption struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// reduction is one that may be announced: beside it stands the lowest price of the 30 days before it
// began (C. conso. art. L112-1-1).
type reduction struct {
	LowestPrice30Days money.Amount `json:"lowest_price_30_days"`
	Percent           int          `json:"percent"`
	Since             time.Time    `json:"since"`
	Until             time.Time    `json:"until"`
}

func reductionOf(r *catalog.Reduction) *reduction {
	if !r.Announced() {
		return nil
	}
	return &reduction{r.Was, r.Percent(), r.Began.UTC(), r.Ends.UTC()}
}

type productVariant struct {
	SKU          string          `json:"sku"`
	GTIN         string          `json:"gtin,omitempty"`
	Options      []productOption `json:"options" nullable:"false"`
	Price        money.Amount    `json:"price"`
	Reduction    *reduction      `json:"reduction,omitempty"`
	UnitPrice    *money.Amount   `json:"unit_price,omitempty"`
	Unit         string          `json:"unit,omitempty"`
	Available    bool            `json:"available"`
	Availability string          `json:"availability" enum:"in_stock,low_stock,out_of_stock"`
	WeightG      int             `json:"weight_g"`
}

type legalInformation struct {
	Manufacturer  *catalog.Manufacturer `json:"manufacturer,omitempty"`
	Responsible   *catalog.Manufacturer `json:"responsible_person,omitempty"`
	Identifier    string                `json:"identifier,omitempty"`
	Warnings      string                `json:"warnings,omitempty"`
	NetQuantity   int                   `json:"net_quantity,omitempty"`
	NetUnit       string                `json:"net_unit,omitempty"`
	Ingredients   string                `json:"ingredients,omitempty"`
	Allergens     []string              `json:"allergens,omitempty"`
	AlcoholTenths int                   `json:"alcohol_tenths,omitempty" doc:"tenths of a percent by volume"`
	Composition   string                `json:"composition,omitempty"`
	Author        string                `json:"author,omitempty"`
	Publisher     string                `json:"publisher,omitempty"`
	ISBN          string                `json:"isbn,omitempty"`
	BookCondition string                `json:"book_condition,omitempty" doc:"new or used"`
	Storage       string                `json:"storage,omitempty"`
	Use           string                `json:"use,omitempty"`
	Care          string                `json:"care,omitempty"`
	Nutrition     *catalog.Nutrition    `json:"nutrition,omitempty" doc:"per 100 g or 100 ml; nutrients in hundredths of a gram"`
	AgeMonths     int                   `json:"age_months,omitempty"`
	NoWithdrawal  string                `json:"no_withdrawal,omitempty" doc:"why the article cannot be sent back (C. conso. art. L221-28); absent where it can"`
	Origin        string                `json:"origin_country,omitempty"`
}

type product struct {
	productSummary
	Description string           `json:"description" doc:"HTML, cleaned"`
	Photos      []picture        `json:"photos" nullable:"false"`
	Variants    []productVariant `json:"variants" nullable:"false"`
	Legal       legalInformation `json:"legal"`
}

type category struct {
	Slug        string     `json:"slug"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Products    int        `json:"products"`
	Children    []category `json:"children" nullable:"false"`
}

func pictureOf(p catalog.Picture, lang text.Lang) picture {
	p = p.Drawn()
	out := picture{Alt: p.Alt(lang), Width: p.Width, Height: p.Height, Placeholder: p.Placeholder, Renditions: []rendition{}}
	for _, r := range p.Renditions {
		out.Renditions = append(out.Renditions, rendition{r.URL, r.Width, r.Height, r.Ext})
	}
	return out
}

func (a *API) summaryOf(i *catalog.Item, lang text.Lang) productSummary {
	t := i.In(lang)
	s := productSummary{Slug: i.Slug, Name: t.Name, Short: t.Short, Price: i.MinPrice}
	if i.Category != nil {
		s.Category = i.Category.Slug
	}
	if i.Maker != nil {
		s.Maker = i.Maker.Name
	}
	if len(i.Pictures) > 0 {
		p := pictureOf(i.Pictures[0], lang)
		s.Photo = &p
	}
	left := 0
	for _, v := range i.Variants {
		left += max(0, a.Shelf.Available(v.ID))
	}
	s.Availability, s.Available = availability(left), left > 0
	return s
}

func (a *API) productOf(i *catalog.Item, lang text.Lang) product {
	t, l := i.In(lang), i.Legal
	p := product{productSummary: a.summaryOf(i, lang), Description: t.HTML(), Photos: []picture{}, Variants: []productVariant{}, Legal: legalInformation{
		Warnings: catalog.Labels(l.Warnings).In(lang), NetQuantity: l.NetQuantity, NetUnit: l.NetUnit, Ingredients: catalog.Labels(l.Ingredients).In(lang), Allergens: l.Allergens,
		AlcoholTenths: l.AlcoholTenths, Composition: catalog.Labels(l.Composition).In(lang), Author: l.Author, Publisher: l.Publisher, ISBN: l.ISBN, Origin: strings.Join(i.Origins, ", "),
		Identifier: l.Identifier, BookCondition: l.BookCondition, Storage: catalog.Labels(l.Storage).In(lang), Use: catalog.Labels(l.Use).In(lang), Care: catalog.Labels(l.Care).In(lang),
		AgeMonths: l.AgeMonths, NoWithdrawal: l.Withdrawal,
	}}
	if l.Responsible.Name != "" {
		p.Legal.Responsible = &l.Responsible
	}
	if l.Nutrition.EnergyKJ > 0 {
		p.Legal.Nutrition = &l.Nutrition
	}
	if l.Manufacturer.Name != "" {
		p.Legal.Manufacturer = &l.Manufacturer
	}
	for _, ph := range i.Pictures {
		p.Photos = append(p.Photos, pictureOf(ph, lang))
	}
	for _, v := range i.Variants {
		left := a.Shelf.Available(v.ID)
		one := productVariant{SKU: v.SKU, GTIN: v.GTIN, Options: []productOption{}, Price: v.Price, Reduction: reductionOf(v.Reduction), UnitPrice: v.UnitPrice, Unit: v.Unit, Available: left > 0, Availability: availability(left), WeightG: v.WeightG}
		for n, value := range v.Values {
			one.Options = append(one.Options, productOption{i.Options[n].Labels.In(lang), value.Labels.In(lang)})
		}
		p.Variants = append(p.Variants, one)
	}
	return p
}

func (a *API) mountCatalog() {
	register(a, huma.Operation{OperationID: "list-products", Method: http.MethodGet, Path: "/api/v1/products", Summary: "Published products"},
		func(_ context.Context, in *struct {
			Category string `query:"category" maxLength:"80"`
			Q        string `query:"q" maxLength:"200"`
			Sort     string `query:"sort" enum:"newest,price,price_desc,name,relevance"`
			Limit    int    `query:"limit" minimum:"1" maximum:"100" default:"24"`
			Cursor   string `query:"cursor" maxLength:"80"`
			Lang     string `query:"lang" maxLength:"5"`
		}) (*list[productSummary], error) {
			lang, err := langOf(in.Lang)
			if err != nil {
				return nil, err
			}
			page := a.Shelf.List(catalog.Filter{Lang: lang, Category: in.Category, Query: in.Q, Sort: in.Sort, Limit: in.Limit, After: in.Cursor})
			if in.Q != "" && page.Total == 0 {
				a.Shelf.CountMiss(lang, in.Q)
			}
			items := make([]productSummary, len(page.Items))
			for n, i := range page.Items {
				items[n] = a.summaryOf(i, lang)
			}
			return listOf(items, page.Next), nil
		})
	register(a, huma.Operation{OperationID: "get-product", Method: http.MethodGet, Path: "/api/v1/products/{slug}", Summary: "One product: variants, photographs, texts and legal information"},
		func(_ context.Context, in *struct {
			Slug string `path:"slug" maxLength:"80"`
			Lang string `query:"lang" maxLength:"5"`
		}) (*struct{ Body product }, error) {
			lang, err := langOf(in.Lang)
			if err != nil {
				return nil, err
			}
			snapshot := a.Shelf.Current()
			item, ok := snapshot.Product(in.Slug)
			if !ok {
				if to, moved := snapshot.Moved(in.Slug); moved {
					item, ok = snapshot.Product(to)
				}
			}
			if !ok {
				return nil, fault.New(fault.NotFound, "product_not_found", "there is no such product")
			}
			return &struct{ Body product }{a.productOf(item, lang)}, nil
		})
	register(a, huma.Operation{OperationID: "list-categories", Method: http.MethodGet, Path: "/api/v1/categories", Summary: "The tree of categories"},
		func(_ context.Context, in *struct {
			Lang string `query:"lang" maxLength:"5"`
		}) (*list[category], error) {
			lang, err := langOf(in.Lang)
			if err != nil {
				return nil, err
			}
			var items []category
			for _, c := range a.Shelf.Current().Categories {
				items = append(items, category{c.Slug, c.Names.In(lang), c.Descriptions.In(lang), c.Count, []category{}})
			}
			return listOf(items, ""), nil
		})
}
