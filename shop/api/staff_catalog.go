package api

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/internal/web"
)

type staffVariant struct {
	SKU      string        `json:"sku"`
	GTIN     string        `json:"gtin"`
	Values   []string      `json:"values" nullable:"false"`
	Price    money.Amount  `json:"price"`
	Cost     *money.Amount `json:"cost"`
	WeightG  int           `json:"weight_g"`
	LengthMM int           `json:"length_mm"`
	WidthMM  int           `json:"width_mm"`
	HeightMM int           `json:"height_mm"`
	Stock    int           `json:"stock" doc:"on hand on the web"`
	Retired  bool          `json:"retired"`
	// What is left out is the product's.
	VATClass      string `json:"vat_class,omitempty"`
	CustomsCode   string `json:"customs_code,omitempty" maxLength:"20"`
	OriginCountry string `json:"origin_country,omitempty" maxLength:"2"`
	AnalyticCode  string `json:"analytic_code,omitempty" maxLength:"40"`
}

// staffContent is what a product's edit may set. In a PATCH what is left out stays as it is.
type staffContent struct {
	Slug            *string                    `json:"slug,omitempty" maxLength:"80"`
	Family          *string                    `json:"family,omitempty"`
	Category        *string                    `json:"category,omitempty"`
	Maker           *string                    `json:"maker,omitempty"`
	VATClass        *string                    `json:"vat_class,omitempty"`
	Texts           map[text.Lang]catalog.Text `json:"texts,omitempty"`
	Options         *[]catalog.Option          `json:"options,omitempty"`
	Variants        *[]staffVariant            `json:"variants,omitempty"`
	Legal           *catalog.LegalFacts        `json:"legal,omitempty"`
	OriginCountry   *string                    `json:"origin_country,omitempty" maxLength:"2"`
	CustomsCode     *string                    `json:"customs_code,omitempty" maxLength:"20"`
	AnalyticCode    *string                    `json:"analytic_code,omitempty" maxLength:"40" doc:"the accountant's own word for what is sold"`
	ShippingClasses *[]string                  `json:"shipping_classes,omitempty"`
}

func (in staffContent) apply(c *catalog.Content) error {
	set := func(to *string, from *string) {
		if from != nil {
			*to = strings.TrimSpace(*from)
		}
	}
	set(&c.Slug, in.Slug)
	set(&c.Family, in.Family)
	set(&c.Category, in.Category)
	set(&c.Maker, in.Maker)
	set(&c.OriginCountry, in.OriginCountry)
	set(&c.CustomsCode, in.CustomsCode)
	set(&c.AnalyticCode, in.AnalyticCode)
	if in.VATClass != nil {
		c.VATClass = vat.Class(*in.VATClass)
	}
	var fields fault.Fields
	for lang, t := range in.Texts {
		if lang != text.FR && lang != text.EN && lang != text.NL && lang != text.DE {
			fields.Add("texts."+string(lang), "lang_unknown", "is not a language of the shop")
			continue
		}
		c.Texts[lang] = t
	}
	if in.Options != nil {
		c.Options = *in.Options
	}
	if in.Variants != nil {
		had := map[string]catalog.Variant{}
		for _, v := range c.Variants {
			had[v.SKU] = v
		}
		c.Variants = nil
		for _, v := range *in.Variants {
			values := v.Values
			if values == nil {
				values = []string{}
			}
			one := had[v.SKU]
			one.SKU, one.GTIN, one.Values, one.Price, one.Cost, one.WeightG = v.SKU, v.GTIN, values, v.Price, v.Cost, v.WeightG
			one.LengthMM, one.WidthMM, one.HeightMM, one.Stock, one.Retired = v.LengthMM, v.WidthMM, v.HeightMM, v.Stock, v.Retired
			one.VATClass, one.CustomsCode, one.OriginCountry, one.AnalyticCode = vat.Class(v.VATClass), v.CustomsCode, v.OriginCountry, v.AnalyticCode
			c.Variants = append(c.Variants, one)
		}
	}
	if in.Legal != nil {
		c.Legal = *in.Legal
	}
	if in.ShippingClasses != nil {
		c.ShippingClasses = *in.ShippingClasses
	}
	return fields.Err()
}

type staffPhoto struct {
	ID         int64                `json:"id"`
	SHA256     string               `json:"sha256"`
	Width      int                  `json:"width"`
	Height     int                  `json:"height"`
	Alts       map[text.Lang]string `json:"alts"`
	State      string               `json:"state" enum:"pending,ready"`
	Renditions []rendition          `json:"renditions" nullable:"false"`
}

type staffProduct struct {
	State     string       `json:"state" enum:"draft,published,retired"`
	Version   int          `json:"version"`
	UpdatedAt time.Time    `json:"updated_at"`
	Photos    []staffPhoto `json:"photos" nullable:"false"`
	staffContent
}

type staffProductAnswer struct {
	ETag string `header:"ETag"`
	Body staffProduct
}

func (a *API) photoOf(p catalog.Photo) staffPhoto {
	out := staffPhoto{ID: p.ID, SHA256: p.SHA256, Width: p.Width, Height: p.Height, Alts: p.Alts, State: "pending", Renditions: []rendition{}}
	if a.Renderer.Ready(p.Width, p.Made) {
		out.State = "ready"
	}
	for _, r := range a.Renderer.Renditions(p.SHA256, p.Width, p.Height) {
		out.Renditions = append(out.Renditions, rendition{r.URL, r.Width, r.Height, r.Ext})
	}
	return out
}

func (a *API) staffProductOf(p catalog.Product) *staffProductAnswer {
	class, variants := string(p.VATClass), []staffVariant{}
	for _, v := range p.Variants {
		variants = append(variants, staffVariant{v.SKU, v.GTIN, v.Values, v.Price, v.Cost, v.WeightG, v.LengthMM, v.WidthMM, v.HeightMM, v.Stock, v.Retired, string(v.VATClass), v.CustomsCode, v.OriginCountry, v.AnalyticCode})
	}
	options, classes := p.Options, p.ShippingClasses
	if options == nil {
		options = []catalog.Option{}
	}
	out := &staffProductAnswer{ETag: etag(p.Version), Body: staffProduct{State: p.State, Version: p.Version, UpdatedAt: p.UpdatedAt.UTC(), Photos: []staffPhoto{}, staffContent: staffContent{
		Slug: &p.Slug, Family: &p.Family, Category: &p.Category, Maker: &p.Maker, VATClass: &class, Texts: p.Texts, Options: &options, Variants: &variants,
		Legal: &p.Legal, OriginCountry: &p.OriginCountry, CustomsCode: &p.CustomsCode, AnalyticCode: &p.AnalyticCode, ShippingClasses: &classes,
	}}}
	for _, ph := range p.Photos {
		out.Body.Photos = append(out.Body.Photos, a.photoOf(ph))
	}
	return out
}

func etag(version int) string { return `"` + strconv.Itoa(version) + `"` }

// versionOf reads If-Match; "*" and nothing match any version.
func versionOf(ifMatch string) (int, error) {
	ifMatch = strings.TrimPrefix(strings.TrimSpace(ifMatch), "W/")
	if ifMatch == "" || ifMatch == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.Trim(ifMatch, `"`))
	if err != nil || n < 1 {
		return 0, fault.New(fault.Stale, "product_changed", "If-Match names no version of this product: read it again")
	}
	return n, nil
}

// SlugPath is the place of a product.
type SlugPath struct {
	Slug string `path:"slug" maxLength:"80"`
}

// SKUPath is the place of a variant.
type SKUPath struct {
	SKU string `path:"sku" maxLength:"64"`
}

type criterion struct {
	Code     string `json:"code"`
	Met      bool   `json:"met"`
	Blocking bool   `json:"blocking"`
	Name     string `json:"name"`
	ToDo     string `json:"todo"`
	Field    string `json:"field"`
	Unjudged string `json:"unjudged,omitempty" doc:"why an expression of the office's own could not be judged; it is not met then"`
}

func (a *API) mountStaffCatalog() {
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-list-products", Method: http.MethodGet, Path: "/api/v1/staff/products", Summary: "Every product, drafts included"}), a.staffProducts)
	register(a, a.staffCall(staff.EditCatalog, huma.Operation{OperationID: "staff-create-product", Method: http.MethodPost, Path: "/api/v1/staff/products", Summary: "A new draft", DefaultStatus: http.StatusCreated}),
		func(ctx context.Context, in *struct{ Body staffContent }) (*staffProductAnswer, error) {
			content := catalog.Content{Texts: map[text.Lang]catalog.Text{}}
			if err := in.Body.apply(&content); err != nil {
				return nil, err
			}
			p, err := a.Catalog.CreateProduct(ctx, content, actorOf(ctx).String())
			if err != nil {
				return nil, err
			}
			return a.staffProductOf(p), nil
		})
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-get-product", Method: http.MethodGet, Path: "/api/v1/staff/products/{slug}", Summary: "A product as staff edit it"}),
		func(ctx context.Context, in *SlugPath) (*staffProductAnswer, error) {
			p, err := catalog.GetProduct(ctx, a.Catalog.Pool, in.Slug)
			if err != nil {
				return nil, err
			}
			return a.staffProductOf(p), nil
		})
	register(a, a.staffCall(staff.EditCatalog, huma.Operation{OperationID: "staff-edit-product", Method: http.MethodPatch, Path: "/api/v1/staff/products/{slug}", Summary: "Edits a product; with If-Match a stale edit gets 412"}),
		func(ctx context.Context, in *struct {
			SlugPath
			IfMatch string `header:"If-Match"`
			Body    staffContent
		}) (*staffProductAnswer, error) {
			version, err := versionOf(in.IfMatch)
			if err != nil {
				return nil, err
			}
			p, err := a.Catalog.UpdateProduct(ctx, in.Slug, version, actorOf(ctx).String(), in.Body.apply)
			if err != nil {
				return nil, err
			}
			return a.staffProductOf(p), nil
		})
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-criteria", Method: http.MethodGet, Path: "/api/v1/staff/products/{slug}/criteria", Summary: "Each criterion for publication: met or not, and what to do"}),
		func(ctx context.Context, in *struct {
			SlugPath
			Lang string `query:"lang" maxLength:"5"`
		}) (*list[criterion], error) {
			lang, err := langOf(in.Lang)
			if err != nil {
				return nil, err
			}
			p, err := catalog.GetProduct(ctx, a.Catalog.Pool, in.Slug)
			if err != nil {
				return nil, err
			}
			judged, err := a.Catalog.Criteria(ctx, p)
			if err != nil {
				return nil, err
			}
			items := make([]criterion, len(judged))
			for i, c := range judged {
				items[i] = criterion{c.Code, c.Met, c.Blocking, c.Name(lang), "", c.Field, c.Unjudged}
				if !c.Met {
					items[i].ToDo = c.ToDo(lang)
				}
			}
			return listOf(items, ""), nil
		})
	register(a, a.staffCall(staff.EditCatalog, huma.Operation{OperationID: "staff-publish", Method: http.MethodPost, Path: "/api/v1/staff/products/{slug}/publish", Summary: "Puts a product online, when all blocking criteria are met"}),
		func(ctx context.Context, in *SlugPath) (*staffProductAnswer, error) {
			p, err := a.Catalog.Publish(ctx, in.Slug, actorOf(ctx).String())
			if err != nil {
				return nil, err
			}
			return a.staffProductOf(p), nil
		})
	register(a, a.staffCall(staff.EditCatalog, huma.Operation{OperationID: "staff-add-photo", Method: http.MethodPost, Path: "/api/v1/staff/products/{slug}/photos", Summary: "Adds a photograph, with its alternative texts", DefaultStatus: http.StatusCreated, MaxBodyBytes: maxPhoto}), a.addPhoto)
	a.mountStaffFamilies()
	a.mountStock()
}

func (a *API) staffProducts(ctx context.Context, in *struct {
	State    string `query:"state" enum:"draft,published,retired"`
	Category string `query:"category" maxLength:"80"`
	Q        string `query:"q" maxLength:"200"`
	Limit    int    `query:"limit" minimum:"1" maximum:"500" default:"100"`
	Cursor   string `query:"cursor" maxLength:"80"`
}) (*list[staffSummary], error) {
	found, next, err := a.Shelf.ListProducts(ctx, catalog.ProductFilter{State: in.State, Category: in.Category, Q: in.Q, After: in.Cursor, Limit: in.Limit})
	if err != nil {
		return nil, err
	}
	items := make([]staffSummary, len(found))
	for i, p := range found {
		items[i] = staffSummary{p.Slug, p.Name, p.State, p.Family, p.Category, money.Amount(p.Price), p.Variants, p.Available, p.UpdatedAt.UTC()}
	}
	return listOf(items, next), nil
}

type staffSummary struct {
	Slug      string       `json:"slug"`
	Name      string       `json:"name"`
	State     string       `json:"state"`
	Family    string       `json:"family"`
	Category  string       `json:"category"`
	Price     money.Amount `json:"price"`
	Variants  int          `json:"variants"`
	Available int          `json:"available"`
	UpdatedAt time.Time    `json:"updated_at"`
}

type photoForm struct {
	Photo huma.FormFile `form:"photo" required:"true"`
	AltFR string        `form:"alt_fr" maxLength:"500"`
	AltEN string        `form:"alt_en" maxLength:"500"`
	AltNL string        `form:"alt_nl" maxLength:"500"`
	AltDE string        `form:"alt_de" maxLength:"500"`
}

func (a *API) addPhoto(ctx context.Context, in *struct {
	SlugPath
	RawBody huma.MultipartFormFiles[photoForm]
}) (*struct{ Body staffPhoto }, error) {
	form := in.RawBody.Data()
	if !form.Photo.IsSet {
		var fields fault.Fields
		fields.Add("photo", "required", "is missing")
		return nil, fields.Err()
	}
	defer form.Photo.Close()
	alts := map[text.Lang]string{}
	for lang, alt := range map[text.Lang]string{text.FR: form.AltFR, text.EN: form.AltEN, text.NL: form.AltNL, text.DE: form.AltDE} {
		if alt = strings.TrimSpace(alt); alt != "" {
			alts[lang] = alt
		}
	}
	p, err := a.Catalog.AttachPhoto(ctx, in.Slug, form.Photo.Filename, form.Photo, alts, actorOf(ctx).String())
	if err != nil {
		return nil, err
	}
	return &struct{ Body staffPhoto }{a.photoOf(p)}, nil
}

type stockLevel struct {
	SKU       string `json:"sku"`
	Location  string `json:"location"`
	OnHand    int    `json:"on_hand"`
	Reserved  int    `json:"reserved"`
	Available int    `json:"available"`
}

type stockAnswer struct{ Body stockLevel }

func stockOf(l catalog.Level) *stockAnswer {
	return &stockAnswer{stockLevel{l.SKU, l.Location, l.OnHand, l.Reserved, l.Available}}
}

func (a *API) mountStock() {
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-get-stock", Method: http.MethodGet, Path: "/api/v1/staff/variants/{sku}/stock", Summary: "A variant's stock at a location"}),
		func(ctx context.Context, in *struct {
			SKUPath
			Location string `query:"location" default:"web" maxLength:"40"`
		}) (*stockAnswer, error) {
			l, err := catalog.StockOf(ctx, a.Catalog.Pool, in.SKU, in.Location)
			return stockOf(l), err
		})
	register(a, a.staffCall(staff.EditStock, huma.Operation{OperationID: "staff-set-stock", Method: http.MethodPut, Path: "/api/v1/staff/variants/{sku}/stock", Summary: "Says how many pieces are on hand"}),
		func(ctx context.Context, in *struct {
			SKUPath
			Body struct {
				OnHand   int    `json:"on_hand" required:"true" minimum:"0" maximum:"1000000"`
				Reason   string `json:"reason" maxLength:"200"`
				Location string `json:"location,omitempty" maxLength:"40"`
			}
		}) (*stockAnswer, error) {
			l, err := a.Catalog.SetStock(ctx, in.SKU, in.Body.Location, in.Body.OnHand, in.Body.Reason, actorOf(ctx).String())
			return stockOf(l), err
		})
	register(a, a.staffCall(staff.EditStock, huma.Operation{OperationID: "staff-move-stock", Method: http.MethodPost, Path: "/api/v1/staff/variants/{sku}/stock-movements", Summary: "Adds to, takes from or transfers what is on hand", DefaultStatus: http.StatusCreated}),
		func(ctx context.Context, in *struct {
			SKUPath
			Body struct {
				Delta    int    `json:"delta" required:"true" minimum:"-1000000" maximum:"1000000"`
				Reason   string `json:"reason" maxLength:"200"`
				Location string `json:"location,omitempty" maxLength:"40"`
				To       string `json:"to,omitempty" maxLength:"40"`
			}
		}) (*stockAnswer, error) {
			l, err := a.Catalog.MoveStock(ctx, in.SKU, in.Body.Location, in.Body.To, in.Body.Delta, in.Body.Reason, actorOf(ctx).String())
			return stockOf(l), err
		})
	register(a, a.staffCall(staff.EditCatalog, huma.Operation{OperationID: "staff-set-price", Method: http.MethodPut, Path: "/api/v1/staff/variants/{sku}/price", Summary: "A price from now on, or from a planned moment; every price is kept"}),
		func(ctx context.Context, in *struct {
			SKUPath
			Body struct {
				Price     money.Amount `json:"price" required:"true"`
				ValidFrom *time.Time   `json:"valid_from,omitempty"`
				ValidTo   *time.Time   `json:"valid_to,omitempty" doc:"makes the price a reduction, which ends by itself at this moment"`
			}
		}) (*struct {
			Body struct {
				SKU       string       `json:"sku"`
				Price     money.Amount `json:"price"`
				ValidFrom time.Time    `json:"valid_from"`
			}
		}, error) {
			from := time.Time{}
			if in.Body.ValidFrom != nil {
				from = *in.Body.ValidFrom
			}
			err := error(nil)
			if in.Body.ValidTo != nil {
				err = a.Catalog.Reduce(ctx, []catalog.NewPrice{{SKU: in.SKU, Price: int64(in.Body.Price)}}, from, *in.Body.ValidTo, actorOf(ctx).String())
			} else {
				err = a.Catalog.SetPrice(ctx, in.SKU, int64(in.Body.Price), from, actorOf(ctx).String())
			}
			if err != nil {
				return nil, err
			}
			if from.IsZero() {
				from = a.Shop.Clock.Now()
			}
			out := &struct {
				Body struct {
					SKU       string       `json:"sku"`
					Price     money.Amount `json:"price"`
					ValidFrom time.Time    `json:"valid_from"`
				}
			}{}
			out.Body.SKU, out.Body.Price, out.Body.ValidFrom = in.SKU, in.Body.Price, from.UTC()
			return out, nil
		})
}

// Exporter writes an export of a kind into w; permission is what it takes to have it. What is wrong
// with the request is said before the first byte.
type Exporter interface {
	Export(ctx context.Context, kind, from, to, format string, begin func(contentType, filename string) http.ResponseWriter) error
	Permission(kind string) (staff.Permission, bool)
}

// mountExports streams exports; they are not JSON answers, so they stand beside huma.
func (a *API) mountExports(r chi.Router) {
	r.Get("/api/v1/staff/exports/{kind}", a.Errors.Handle(func(w http.ResponseWriter, r *http.Request) error {
		token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok {
			w.Header().Set("WWW-Authenticate", "Bearer")
			return fault.New(fault.Unknown, "token_missing", "send a token: Authorization: Bearer …")
		}
		actor, err := a.Staff.Authenticate(r.Context(), strings.TrimSpace(token))
		if err != nil {
			return err
		}
		kind := chi.URLParam(r, "kind")
		permission, known := a.Exporter.Permission(kind)
		if !known {
			return fault.New(fault.NotFound, "export_unknown", "there is no such export")
		}
		if err := actor.Must(permission); err != nil {
			return err
		}
		return Stream(w, r, a.Exporter, kind)
	}))
	a.huma.OpenAPI().AddOperation(&huma.Operation{OperationID: "staff-export", Method: http.MethodGet, Path: "/api/v1/staff/exports/{kind}", Summary: "An export, streamed: products, orders, sales, vat, oss, payments, payouts, invoices, entries, ereporting, receipts, stock-value, export-proofs, fec; csv, xlsx or json, invoices also zip",
		Tags: []string{"staff"}, Security: []map[string][]string{{"staff": {}}}, Parameters: []*huma.Param{
			{Name: "kind", In: "path", Required: true, Schema: &huma.Schema{Type: "string"}}, {Name: "from", In: "query", Schema: &huma.Schema{Type: "string", Format: "date"}},
			{Name: "to", In: "query", Schema: &huma.Schema{Type: "string", Format: "date"}}, {Name: "format", In: "query", Schema: &huma.Schema{Type: "string", Enum: []any{"csv", "xlsx", "json", "zip"}}},
		}, Responses: map[string]*huma.Response{"200": {Description: "the file"}}})
}

// Stream writes an export as the answer to a request, whose parameters are from, to and format. When
// it fails after the first byte the connection is cut, so that nobody takes a part for the whole.
func Stream(w http.ResponseWriter, r *http.Request, exporter Exporter, kind string) error {
	q, begun := r.URL.Query(), false
	err := exporter.Export(r.Context(), kind, q.Get("from"), q.Get("to"), q.Get("format"), func(contentType, filename string) http.ResponseWriter {
		begun = true
		h := w.Header()
		h.Set("Content-Type", contentType)
		h.Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", filename))
		web.Private(w)
		return w
	})
	if err != nil && begun {
		panic(http.ErrAbortHandler)
	}
	return err
}
