package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountCategories(r chi.Router) {
	r.Get("/categories", a.may(staff.ReadCatalog, a.categories))
	r.Post("/categories", a.may(staff.EditCatalog, a.createCategory))
	r.Get("/categories/{slug}", a.may(staff.ReadCatalog, a.category))
	r.Post("/categories/{slug}", a.may(staff.EditCatalog, a.saveCategory))
	r.Post("/categories/{slug}/remove", a.may(staff.EditCatalog, a.removeCategory))
}

// CategoriesView is the list of categories, in the order of the shop.
type CategoriesView struct {
	Page
	Categories  []catalog.CategorySummary
	Name, Error string
}

// CategoryView is a category's form. Position is what was typed.
type CategoryView struct {
	Page
	Category catalog.CategoryContent
	Position string
	Photos   []MakerPhoto
	Products int
	Error    string
}

func (a *Admin) categories(w http.ResponseWriter, r *http.Request) error {
	return a.showCategories(w, r, http.StatusOK, "", nil)
}

func (a *Admin) showCategories(w http.ResponseWriter, r *http.Request, status int, name string, cause error) error {
	p, err := a.page(r, "categories", "categories")
	if err != nil {
		return err
	}
	v := CategoriesView{Page: p, Name: name}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if v.Categories, err = catalog.ListCategories(r.Context(), a.Pool); err != nil {
		return err
	}
	return a.show(w, r, status, CategoriesPage(v))
}

func (a *Admin) createCategory(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	slug, err := a.Catalog.AddCategory(r.Context(), name, actorOf(r).String())
	if sayable(err) {
		return a.showCategories(w, r, http.StatusUnprocessableEntity, name, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/categories/"+slug)
}

func (a *Admin) category(w http.ResponseWriter, r *http.Request) error {
	c, photos, products, err := catalog.GetCategory(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	return a.showCategory(w, r, http.StatusOK, CategoryView{Category: c, Position: strconv.Itoa(c.Position), Products: products}, photos)
}

func (a *Admin) showCategory(w http.ResponseWriter, r *http.Request, status int, v CategoryView, photos []string) error {
	p, err := a.page(r, "categories", "categories")
	if err != nil {
		return err
	}
	p.Title = v.Category.Names.In(p.Lang())
	v.Page = p
	for _, sha := range photos {
		for _, one := range a.Renderer.Renditions(sha, 1600, 1600) {
			if one.Ext == "jpg" {
				v.Photos = append(v.Photos, MakerPhoto{sha, one.URL})
				break
			}
		}
	}
	return a.show(w, r, status, CategoryPage(v))
}

func (a *Admin) saveCategory(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, photos, products, err := catalog.GetCategory(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	f := r.PostForm
	c := catalog.CategoryContent{Slug: before.Slug, PhotoSHA256: f.Get("photo"), Names: catalog.Labels{}, Descriptions: catalog.Labels{}}
	for _, lang := range text.Offered() {
		c.Names[lang], c.Descriptions[lang] = f.Get("name_"+string(lang)), f.Get("description_"+string(lang))
	}
	if c.Position, err = strconv.Atoi(strings.TrimSpace(f.Get("position"))); err != nil {
		var fields fault.Fields
		fields.Add("position", "not_a_number", "must be a whole number up to 9999")
		err = fields.Err()
	} else {
		err = a.Catalog.SaveCategory(r.Context(), c, actorOf(r).String())
	}
	if sayable(err) {
		p := Page{P: words.In(langOf(r))}
		return a.showCategory(w, r, http.StatusUnprocessableEntity, CategoryView{Category: c, Position: f.Get("position"), Products: products, Error: sentence(p, err)}, photos)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/categories/"+before.Slug)
}

func (a *Admin) removeCategory(w http.ResponseWriter, r *http.Request) error {
	err := a.Catalog.RemoveCategory(r.Context(), chi.URLParam(r, "slug"), actorOf(r).String())
	if sayable(err) {
		return a.showCategories(w, r, http.StatusConflict, "", err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_category_removed", "/admin/categories")
}

// spokenLanguages names the languages in which something has a name of its own.
func spokenLanguages(l catalog.Labels) string {
	var list []text.Lang
	for _, lang := range text.Offered() {
		if l[lang] != "" {
			list = append(list, lang)
		}
	}
	return langNames(list)
}
