package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountTexts(r chi.Router) {
	r.Get("/catalogue/{slug}/revisions", a.may(staff.ReadCatalog, a.revisions))
	r.Get("/catalogue/{slug}/revisions/{version}", a.may(staff.ReadCatalog, a.revision))
	r.Post("/catalogue/{slug}/revisions/{version}", a.may(staff.EditCatalog, a.restore))
	r.Post("/catalogue/{slug}/draft", a.may(staff.EditCatalog, a.keepDraft))
	r.Post("/catalogue/{slug}/draft/drop", a.may(staff.EditCatalog, a.dropDraft))
}

// RevisionLine is a revision in the list, with the places that it changed.
type RevisionLine struct {
	catalog.Revision
	Places []string
	First  bool
}

// RevisionsView is what a product said over time.
type RevisionsView struct {
	Page
	Product catalog.Product
	Lines   []RevisionLine
	Older   int
}

// RevisionView is one revision beside what is there now.
type RevisionView struct {
	Page
	Product  catalog.Product
	Revision catalog.Revision
	Made     []catalog.Change // what the revision changed
	Since    []catalog.Change // what has changed since
}

// shownRevisions is how many revisions a page lists.
const shownRevisions = 30

func (a *Admin) revisions(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "catalogue", "revisions")
	if err != nil {
		return err
	}
	v := RevisionsView{Page: p}
	if v.Product, err = catalog.GetProduct(r.Context(), a.Pool, chi.URLParam(r, "slug")); err != nil {
		return err
	}
	upTo, err := strconv.Atoi(r.URL.Query().Get("from"))
	if err != nil || upTo < 1 || upTo > v.Product.Version {
		upTo = v.Product.Version
	}
	list, err := catalog.Revisions(r.Context(), a.Pool, v.Product.ID, upTo, shownRevisions+1)
	if err != nil {
		return err
	}
	for i, one := range list {
		line := RevisionLine{Revision: one, First: i == len(list)-1 && i < shownRevisions}
		if i+1 < len(list) {
			changes, err := catalog.Changes(list[i+1].Content, one.Content)
			if err != nil {
				return err
			}
			for _, c := range changes {
				line.Places = append(line.Places, placeName(p, c.Place))
			}
		}
		if i == shownRevisions {
			v.Older = one.Version
			break
		}
		v.Lines = append(v.Lines, line)
	}
	return a.show(w, r, http.StatusOK, RevisionsPage(v))
}

func (a *Admin) revision(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "catalogue", "revisions")
	if err != nil {
		return err
	}
	v := RevisionView{Page: p}
	if v.Product, err = catalog.GetProduct(r.Context(), a.Pool, chi.URLParam(r, "slug")); err != nil {
		return err
	}
	version := versionOf(chi.URLParam(r, "version"))
	if version == 0 {
		return fault.New(fault.NotFound, "revision_not_found", "the product has no such revision")
	}
	if v.Revision, err = catalog.GetRevision(r.Context(), a.Pool, v.Product.ID, version); err != nil {
		return err
	}
	before, err := catalog.Revisions(r.Context(), a.Pool, v.Product.ID, version-1, 1)
	if err != nil {
		return err
	}
	if len(before) == 1 {
		if v.Made, err = catalog.Changes(before[0].Content, v.Revision.Content); err != nil {
			return err
		}
	}
	if v.Since, err = catalog.Changes(v.Revision.Content, catalog.RevisedOf(v.Product.Content)); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, RevisionPage(v))
}

func (a *Admin) restore(w http.ResponseWriter, r *http.Request) error {
	version := versionOf(chi.URLParam(r, "version"))
	if version == 0 {
		return fault.New(fault.NotFound, "revision_not_found", "the product has no such revision")
	}
	p, err := a.Catalog.RestoreRevision(r.Context(), chi.URLParam(r, "slug"), version, actorOf(r).String())
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_restored", "/admin/catalogue/"+p.Slug)
}

// keepDraft keeps what is typed and not saved, for the page that sends it every few seconds.
func (a *Admin) keepDraft(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	p, typed, err := a.typed(r)
	if err != nil {
		return err
	}
	version := versionOf(r.PostForm.Get("version"))
	if err := a.Catalog.SaveDraft(r.Context(), p.Slug, max(1, version), typed, actorOf(r).String()); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *Admin) dropDraft(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "slug")
	if err := a.Catalog.DropDraft(r.Context(), slug, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "", "/admin/catalogue/"+slug)
}

// typed is the product that a form is about, and the content that the form holds.
func (a *Admin) typed(r *http.Request) (catalog.Product, catalog.Content, error) {
	p, err := catalog.FindProduct(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return p, catalog.Content{}, err
	}
	typed := p.Content
	typed.Texts = map[text.Lang]catalog.Text{}
	for lang, t := range p.Texts {
		typed.Texts[lang] = t
	}
	apply(r, &typed)
	return p, typed, nil
}

// afterStale answers an edit that is based on an old version. When nothing that editors write has
// changed since, it is saved; else both edits are brought together in the form, and what others
// changed is shown.
func (a *Admin) afterStale(w http.ResponseWriter, r *http.Request, slug string, version int, typed catalog.Content, cause error) error {
	m, err := a.Catalog.MergeEdit(r.Context(), slug, version, typed)
	if err != nil {
		return err
	}
	if len(m.Theirs) == 0 {
		after, err := a.Catalog.UpdateProduct(r.Context(), slug, m.Version, actorOf(r).String(), func(c *catalog.Content) error { apply(r, c); return nil })
		if err == nil {
			return a.saved(w, r, after)
		}
		if fault.KindOf(err) != fault.Stale {
			return err
		}
	}
	p, err := catalog.GetProduct(r.Context(), a.Pool, slug)
	if err != nil {
		return err
	}
	return a.showMerged(w, r, p, m, cause)
}

// saved ends a save: translations that were found right are noted, the draft is forgotten.
func (a *Admin) saved(w http.ResponseWriter, r *http.Request, after catalog.Product) error {
	for _, lang := range text.Offered() {
		if r.PostForm.Get("confirm_"+string(lang)) != "" {
			if err := a.Catalog.ConfirmTranslation(r.Context(), after.Slug, lang, actorOf(r).String()); err != nil {
				return err
			}
		}
	}
	if err := a.Catalog.DropDraft(r.Context(), after.Slug, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/catalogue/"+after.Slug)
}

// placeName names a place of a product: "Français : description".
func placeName(p Page, place string) string {
	parts := strings.Split(place, ".")
	if parts[0] == "legal" {
		parts = parts[1:]
	}
	if parts[0] == "texts" && len(parts) == 3 {
		return langName(text.Lang(parts[1])) + p.P.Colon() + " " + p.T("text_"+parts[2])
	}
	suffix := ""
	if last := parts[len(parts)-1]; len(parts) > 1 && slices.Contains(catalog.Spoken(), text.Lang(last)) {
		parts, suffix = parts[:len(parts)-1], " ("+langName(text.Lang(last))+")"
	}
	whole := strings.Join(parts, "_")
	for _, id := range []string{"field_" + whole, "fact_" + whole, whole, "fact_" + parts[0], "field_" + parts[len(parts)-1]} {
		if p.P.Has(id) {
			return p.T(id) + suffix
		}
	}
	return place
}
