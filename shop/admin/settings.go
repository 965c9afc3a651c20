package admin

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
)

// maxArtwork is the size of a form with four pieces of artwork.
const maxArtwork = 9 << 20

func (a *Admin) mountSettings(r chi.Router) {
	r.Get("/settings", a.may(staff.Manage, a.settings))
	r.Post("/settings/office", a.may(staff.Manage, a.setOffice))
	r.Post("/settings/home", a.may(staff.Manage, a.setHome))
}

// SettingsView is what the office says of itself and how its shop looks. Office, Brand and Home are
// what their forms hold.
type SettingsView struct {
	Page
	Said     setting.Office
	Brand    setting.Brand
	Home     setting.Home
	Payment  setting.Payment
	Products []catalog.ProductSummary
	Makers   []catalog.MakerChoice
	Changes  map[setting.Key][]setting.Version
	Wrong    map[string]string
}

// officeField is one field of the office's form.
type officeField struct {
	Name, Label, Kind, Autocomplete string
	Lang                            text.Lang
	Value                           *string
}

// officeFields are the fields of the office's form, in its order.
func officeFields(p Page, o *setting.Office) []officeField {
	list := []officeField{
		{"shop_name", "", "text", "off", "", &o.ShopName}, {"legal_name", "", "text", "organization", "", &o.LegalName}, {"legal_form", "", "text", "off", "", &o.LegalForm},
		{"address.line1", "", "text", "address-line1", "", &o.Address.Line1}, {"address.line2", "", "text", "address-line2", "", &o.Address.Line2},
		{"address.postal_code", "", "text", "postal-code", "", &o.Address.PostalCode}, {"address.city", "", "text", "address-level2", "", &o.Address.City},
		{"town", "", "text", "off", "", &o.Town}, {"email", "", "email", "email", "", &o.Email}, {"phone", "", "tel", "tel", "", &o.Phone},
		{"siren", "", "text", "off", "", &o.SIREN}, {"vat_number", "", "text", "off", "", &o.VATNumber}, {"director", "", "text", "name", "", &o.Director}, {"host", "", "text", "off", "", &o.Host},
		{"mediator_name", "", "text", "off", "", &o.MediatorName}, {"mediator_url", "", "url", "url", "", &o.MediatorURL},
	}
	for _, what := range []struct {
		name string
		of   *setting.Words
	}{{"hours", &o.Hours}, {"tagline", &o.Tagline}} {
		for _, lang := range text.Offered() {
			list = append(list, officeField{what.name + "." + string(lang), "", "text", "off", lang, what.of.Of(lang)})
		}
	}
	for i, f := range list {
		list[i].Label = p.T("office_" + strings.ReplaceAll(strings.TrimSuffix(f.Name, "."+string(f.Lang)), ".", "_"))
		if f.Lang != "" {
			list[i].Label += " (" + langName(f.Lang) + ")"
		}
	}
	return list
}

// artwork is one piece of artwork and what it is for.
type artwork struct {
	Name string
	SVG  *string
}

func artworks(b *setting.Brand) []artwork {
	return []artwork{{"logo", &b.Logo}, {"logo_dark", &b.LogoDark}, {"mark", &b.Mark}, {"black", &b.Black}}
}

func (a *Admin) readSettings(r *http.Request) (SettingsView, error) {
	var v SettingsView
	var err error
	ctx := r.Context()
	if v.Page, err = a.page(r, "settings", "settings"); err != nil {
		return v, err
	}
	v.Said = v.Page.Office
	if v.Brand, err = setting.GetBrand(ctx, a.Pool); err != nil {
		return v, err
	}
	if v.Payment, err = setting.GetPayment(ctx, a.Pool); err != nil {
		return v, err
	}
	if v.Home, err = setting.GetHome(ctx, a.Pool); err != nil {
		return v, err
	}
	if v.Products, _, err = catalog.ListProducts(ctx, a.Pool, catalog.ProductFilter{State: catalog.Published, Limit: 500}); err != nil {
		return v, err
	}
	if v.Makers, err = catalog.MakerChoices(ctx, a.Pool); err != nil {
		return v, err
	}
	v.Changes = map[setting.Key][]setting.Version{}
	for _, key := range []setting.Key{setting.KeyOffice, setting.KeyBrand, setting.KeyHome, setting.KeyPayment} {
		if v.Changes[key], err = setting.Versions(ctx, a.Pool, key, 5); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (a *Admin) settings(w http.ResponseWriter, r *http.Request) error {
	v, err := a.readSettings(r)
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, SettingsPage(v))
}

// keepSetting keeps what a form said, or shows the form again with what is wrong beside its fields.
func (a *Admin) keepSetting(w http.ResponseWriter, r *http.Request, key setting.Key, before, value setting.Checked, again func(*SettingsView)) error {
	if !reflect.DeepEqual(before, value) {
		err := setting.Change(r.Context(), a.Pool, key, value, actorOf(r).String())
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			v, err := a.readSettings(r)
			if err != nil {
				return err
			}
			again(&v)
			v.Wrong = map[string]string{}
			for _, field := range f.Fields {
				v.Wrong[field.Place] = sentenceOf(v.Page, field)
			}
			return a.show(w, r, f.Kind.Status(), SettingsPage(v))
		}
		if err != nil {
			return err
		}
	}
	return a.done(w, r, "notice_setting", "/admin/settings#"+string(key))
}

// sentenceOf says what is wrong with a field in the reader's words.
func sentenceOf(p Page, f fault.Field) string {
	id := "error_" + f.Code
	if !p.P.Has(id) {
		return f.Message
	}
	args := []any{}
	for name, value := range f.Params {
		args = append(args, name, value)
	}
	return p.T(id, args...)
}

func (a *Admin) setOffice(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, err := setting.GetOffice(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	said := before
	for _, f := range officeFields(Page{P: words.In(langOf(r))}, &said) {
		if r.PostForm.Has(f.Name) {
			*f.Value = r.PostForm.Get(f.Name)
		}
	}
	said.Address.Country = "FR"
	said = said.Clean()
	return a.keepSetting(w, r, setting.KeyOffice, before, said, func(v *SettingsView) { v.Said = said })
}

func (a *Admin) setBrand(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(maxArtwork); err != nil {
		return badForm(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	before, err := setting.GetBrand(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	brand := before
	brand.Accent = strings.ToUpper(strings.TrimSpace(r.PostFormValue("accent")))
	for _, art := range artworks(&brand) {
		if r.PostFormValue("remove_"+art.Name) != "" {
			*art.SVG = ""
		}
		file, _, err := r.FormFile(art.Name)
		if err != nil {
			continue
		}
		data, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			return err
		}
		if !utf8.Valid(data) {
			data = []byte("not SVG")
		}
		*art.SVG = string(data)
	}
	return a.keepSetting(w, r, setting.KeyBrand, before, brand, func(v *SettingsView) { v.Brand.Accent = brand.Accent })
}

func (a *Admin) setHome(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, err := setting.GetHome(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	home := setting.Home{Product: r.PostForm.Get("product"), Maker: r.PostForm.Get("maker")}
	return a.keepSetting(w, r, setting.KeyHome, before, home, func(v *SettingsView) { v.Home = home })
}
