package admin

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func (a *Admin) mountCatalogue(r chi.Router) {
	r.Get("/catalogue", a.may(staff.ReadCatalog, a.products))
	r.Post("/catalogue", a.may(staff.EditCatalog, a.createProduct))
	r.Get("/catalogue/{slug}", a.may(staff.ReadCatalog, a.product))
	r.Post("/catalogue/{slug}", a.may(staff.EditCatalog, a.saveProduct))
	r.Post("/catalogue/{slug}/publish", a.may(staff.EditCatalog, a.publish))
	r.Post("/catalogue/{slug}/unpublish", a.may(staff.EditCatalog, a.unpublish))
	r.Post("/catalogue/{slug}/variants/{sku}", a.may(staff.ReadCatalog, a.changeVariant))
}

func (a *Admin) products(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "catalogue", "catalogue")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := ProductsView{Page: p, State: q.Get("state"), Category: q.Get("category"), Q: strings.TrimSpace(q.Get("q"))}
	if v.Products, v.Next, err = a.Shelf.ListProducts(r.Context(), catalog.ProductFilter{State: v.State, Category: v.Category, Q: v.Q, After: q.Get("after"), Limit: 100}); err != nil {
		return err
	}
	if v.Categories, err = catalog.CategoryChoices(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Families, err = catalog.ListFamilies(r.Context(), a.Pool); err != nil {
		return err
	}
	ids := make([]int64, len(v.Products))
	for i, one := range v.Products {
		ids[i] = one.ID
	}
	if v.Standings, err = catalog.Standings(r.Context(), a.Pool, ids); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, ProductsPage(v))
}

// createProduct makes a draft from a name, and leads to it.
func (a *Admin) createProduct(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	name, sku := strings.TrimSpace(r.PostForm.Get("name")), strings.TrimSpace(r.PostForm.Get("sku"))
	price, err := money.Parse(r.PostForm.Get("price"))
	if err != nil {
		price = 0
	}
	slug := catalog.SlugOf(name)
	p, err := a.Catalog.CreateProduct(r.Context(), catalog.Content{Slug: slug, Family: r.PostForm.Get("family"), VATClass: vat.Class(r.PostForm.Get("vat_class")),
		Texts: map[text.Lang]catalog.Text{text.FR: {Name: name}}, Variants: []catalog.Variant{{SKU: sku, Price: price}}}, actorOf(r).String())
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_created", "/admin/catalogue/"+p.Slug)
}

func (a *Admin) product(w http.ResponseWriter, r *http.Request) error {
	p, err := catalog.GetProduct(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	draft, err := catalog.DraftOf(r.Context(), a.Pool, p.ID, actorOf(r).String())
	if err != nil {
		return err
	}
	v := ProductView{Product: p, Content: p.Content, Version: p.Version, Draft: draft}
	if draft != nil && r.URL.Query().Get("draft") != "" {
		draft.Content.Into(&v.Content)
		v.Version, v.Draft = draft.Version, nil
	}
	return a.drawProduct(w, r, http.StatusOK, v, nil)
}

// showProduct shows a product; content is what the form holds, which differs after a refusal.
func (a *Admin) showProduct(w http.ResponseWriter, r *http.Request, status int, product catalog.Product, content catalog.Content, cause error) error {
	v := ProductView{Product: product, Content: content, Version: product.Version}
	if version := versionOf(r.PostForm.Get("version")); version > 0 {
		v.Version = version
	}
	return a.drawProduct(w, r, status, v, cause)
}

// versionOf reads the version that a form was drawn from; what is none is 0, which is older than any.
func versionOf(s string) int {
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 0 {
		return 0
	}
	return int(n)
}

// showMerged shows an edit together with what others did meanwhile.
func (a *Admin) showMerged(w http.ResponseWriter, r *http.Request, product catalog.Product, m catalog.Merge, cause error) error {
	return a.drawProduct(w, r, http.StatusPreconditionFailed, ProductView{Product: product, Content: m.Content, Version: m.Version, Merge: &m}, cause)
}

func (a *Admin) drawProduct(w http.ResponseWriter, r *http.Request, status int, v ProductView, cause error) error {
	product, content := v.Product, v.Content
	p, err := a.page(r, "catalogue", "catalogue")
	if err != nil {
		return err
	}
	p.Title = cmp.Or(product.Texts[p.Lang()].Name, product.Texts[text.FR].Name, product.Slug)
	v.Page, v.Classes, v.Renderer = p, vat.Classes(), a.Renderer
	if v.Categories, err = catalog.CategoryChoices(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Makers, err = catalog.MakerChoices(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Families, err = catalog.ListFamilies(r.Context(), a.Pool); err != nil {
		return err
	}
	for _, f := range v.Families {
		if f.Code == content.Family {
			v.Family = f
		}
	}
	if v.Checklist, err = a.checklist(r, product); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if r.PostForm.Get("action") == "preview" {
		v.Preview = map[text.Lang]string{}
		for lang, t := range content.Texts {
			v.Preview[lang] = catalog.Markdown(t.Description)
		}
	}
	return a.show(w, r, status, ProductPage(v))
}

// apply reads the product's form into its content.
func apply(r *http.Request, c *catalog.Content) {
	get := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(r.PostForm.Get(name), "\r\n", "\n"))
	}
	for _, lang := range text.Offered() {
		t := c.Texts[lang]
		l := string(lang)
		t.Name, t.Short, t.Description, t.SEOTitle, t.SEODescription = get("name_"+l), get("short_"+l), get("description_"+l), get("seo_title_"+l), get("seo_description_"+l)
		c.Texts[lang] = t
	}
	c.Slug, c.Family, c.Category, c.Maker, c.VATClass = get("slug"), get("family"), get("category"), get("maker"), vat.Class(get("vat_class"))
	c.OriginCountry, c.CustomsCode, c.AnalyticCode = strings.ToUpper(get("origin_country")), get("customs_code"), get("analytic_code")
	applyFacts(r, c)
	c.ShippingClasses = nil
	for _, class := range strings.FieldsFunc(get("shipping_classes"), func(r rune) bool { return r == ',' || r == ' ' }) {
		c.ShippingClasses = append(c.ShippingClasses, class)
	}
}

// saveProduct saves the form, or shows its preview. A stale edit is brought together with what others
// did meanwhile, and nothing is lost.
func (a *Admin) saveProduct(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, typed, err := a.typed(r)
	if err != nil {
		return err
	}
	if r.PostForm.Get("action") == "preview" {
		return a.showProduct(w, r, http.StatusOK, before, typed, nil)
	}
	version := versionOf(r.PostForm.Get("version"))
	version = max(1, version)
	after, err := a.Catalog.UpdateProduct(r.Context(), before.Slug, version, actorOf(r).String(), func(c *catalog.Content) error {
		apply(r, c)
		return nil
	})
	if fault.KindOf(err) == fault.Stale {
		return a.afterStale(w, r, before.Slug, version, typed, err)
	}
	if f, ok := fault.As(err); ok && f.Kind != fault.Internal && f.Kind != fault.NotFound && f.Kind != fault.Unavailable {
		return a.showProduct(w, r, f.Kind.Status(), before, typed, err)
	}
	if err != nil {
		return err
	}
	return a.saved(w, r, after)
}

func (a *Admin) publish(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "slug")
	_, err := a.Catalog.Publish(r.Context(), slug, actorOf(r).String())
	if fault.Is(err, "criteria_not_met") {
		p, read := catalog.GetProduct(r.Context(), a.Pool, slug)
		if read != nil {
			return read
		}
		return a.showProduct(w, r, http.StatusConflict, p, p.Content, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_published", "/admin/catalogue/"+slug)
}

func (a *Admin) unpublish(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "slug")
	if _, err := a.Catalog.Unpublish(r.Context(), slug, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_unpublished", "/admin/catalogue/"+slug)
}

// changeVariant sets what its form changes of a variant: price and measures for those who edit the
// catalogue, stock for those who edit stock.
func (a *Admin) changeVariant(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	slug, sku := chi.URLParam(r, "slug"), chi.URLParam(r, "sku")
	err := a.setPriceAndMeasures(r, slug, sku)
	if err == nil {
		err = a.setOnHand(r, sku)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		p, read := catalog.GetProduct(r.Context(), a.Pool, slug)
		if read != nil {
			return read
		}
		return a.showProduct(w, r, f.Kind.Status(), p, p.Content, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/catalogue/"+slug+"#variants")
}

// setPriceAndMeasures writes a variant's price and measures when the form has others.
func (a *Admin) setPriceAndMeasures(r *http.Request, slug, sku string) error {
	product, err := catalog.GetProduct(r.Context(), a.Pool, slug)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(product.Variants, func(v catalog.Variant) bool { return v.SKU == sku })
	if at < 0 {
		return fault.New(fault.NotFound, "sku_not_found", "no article has this SKU")
	}
	var fields fault.Fields
	before := product.Variants[at]
	after := before
	if r.PostForm.Has("price") {
		if after.Price, err = money.Parse(r.PostForm.Get("price")); err != nil {
			fields.Add("price", "amount_invalid", "must be an amount like 12,50")
		}
	}
	for name, to := range measures(&after) {
		if !r.PostForm.Has(name) {
			continue
		}
		if *to, err = strconv.Atoi(strings.TrimSpace(r.PostForm.Get(name))); err != nil {
			fields.Add(name, "dimensions_out_of_range", "must be grams and millimetres that a parcel can have")
		}
	}
	if err := fields.Err(); err != nil {
		return err
	}
	actor := actorOf(r)
	measured := [4]int{after.WeightG, after.LengthMM, after.WidthMM, after.HeightMM} != [4]int{before.WeightG, before.LengthMM, before.WidthMM, before.HeightMM}
	if measured || after.Price != before.Price {
		if err := actor.Must(staff.EditCatalog); err != nil {
			return err
		}
	}
	if measured {
		_, err := a.Catalog.UpdateProduct(r.Context(), slug, product.Version, actor.String(), func(c *catalog.Content) error {
			v := &c.Variants[at]
			v.WeightG, v.LengthMM, v.WidthMM, v.HeightMM = after.WeightG, after.LengthMM, after.WidthMM, after.HeightMM
			return nil
		})
		if err != nil {
			return err
		}
	}
	if after.Price != before.Price {
		return a.Catalog.SetPrice(r.Context(), sku, int64(after.Price), time.Time{}, actor.String())
	}
	return nil
}

func measures(v *catalog.Variant) map[string]*int {
	return map[string]*int{"weight_g": &v.WeightG, "length_mm": &v.LengthMM, "width_mm": &v.WidthMM, "height_mm": &v.HeightMM}
}

// setOnHand moves the stock by the difference between what the form showed and what was typed, so
// that a sale made meanwhile is not undone.
func (a *Admin) setOnHand(r *http.Request, sku string) error {
	if !r.PostForm.Has("on_hand") {
		return nil
	}
	var fields fault.Fields
	typed, err := strconv.Atoi(strings.TrimSpace(r.PostForm.Get("on_hand")))
	seen, errSeen := strconv.Atoi(r.PostForm.Get("on_hand_seen"))
	reason := strings.TrimSpace(r.PostForm.Get("reason"))
	switch {
	case err != nil || errSeen != nil || typed < 0 || typed > 1_000_000 || seen < 0 || seen > 1_000_000:
		fields.Add("on_hand", "stock_out_of_range", "must be between 0 and 1,000,000")
	case typed == seen:
		return nil
	case reason == "":
		fields.Add("reason", "reason_length", "must say why, in at most 200 characters")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	if err := actorOf(r).Must(staff.EditStock); err != nil {
		return err
	}
	_, err = a.Catalog.MoveStock(r.Context(), sku, catalog.Web, "", typed-seen, reason, actorOf(r).String())
	return err
}
