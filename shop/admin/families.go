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

func (a *Admin) mountFamilies(r chi.Router) {
	r.Get("/families", a.may(staff.ReadCatalog, a.families))
	r.Get("/families/{code}", a.may(staff.ReadCatalog, a.family))
	r.Post("/families/{code}", a.may(staff.EditCatalog, a.saveFamily))
}

// FamiliesView is the list of families.
type FamiliesView struct {
	Page
	Families []catalog.Family
	// Counts are how many products each has.
	Counts map[string]int
}

// FamilyView is a family's form; New is one that is not kept yet.
type FamilyView struct {
	Page
	Family   catalog.Family
	Families []catalog.Family
	New      bool
	// Used tells that products are of it.
	Used  bool
	Error string
}

// newFamily is the place of the form for a new family; no family's code can have a hyphen.
const newFamily = "new-family"

func (a *Admin) families(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "families", "families")
	if err != nil {
		return err
	}
	v := FamiliesView{Page: p}
	if v.Families, err = catalog.ListFamilies(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Counts, err = catalog.CountByFamily(r.Context(), a.Pool); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, FamiliesPage(v))
}

func (a *Admin) family(w http.ResponseWriter, r *http.Request) error {
	code := chi.URLParam(r, "code")
	if code == newFamily {
		return a.showFamily(w, r, http.StatusOK, catalog.Family{Follows: "accessory"}, true, nil)
	}
	f, err := catalog.GetFamily(r.Context(), a.Pool, code)
	if err != nil {
		return err
	}
	return a.showFamily(w, r, http.StatusOK, f, false, nil)
}

func (a *Admin) showFamily(w http.ResponseWriter, r *http.Request, status int, f catalog.Family, isNew bool, cause error) error {
	p, err := a.page(r, "families", "new_family")
	if err != nil {
		return err
	}
	if !isNew {
		p.Title = f.Labels.In(p.Lang())
	}
	v := FamilyView{Page: p, Family: f, New: isNew}
	if v.Families, err = catalog.ListFamilies(r.Context(), a.Pool); err != nil {
		return err
	}
	counts, err := catalog.CountByFamily(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	v.Used = counts[f.Code] > 0
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, FamilyPage(v))
}

func (a *Admin) saveFamily(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	f, isNew := catalog.Family{Code: chi.URLParam(r, "code")}, false
	if f.Code == newFamily {
		f.Code, isNew = get("code"), true
	}
	if get("action") == "delete" {
		if err := a.Catalog.DeleteFamily(r.Context(), f.Code, actorOf(r).String()); err != nil {
			return err
		}
		return a.done(w, r, "notice_saved", "/admin/families")
	}
	f.Follows, f.Labels = get("follows"), catalog.Labels{}
	for _, lang := range catalog.Spoken() {
		if label := get("label_" + string(lang)); label != "" {
			f.Labels[lang] = label
		}
	}
	for _, fact := range catalog.Facts() {
		switch get("fact_" + fact.Code) {
		case "may":
			f.Facts = append(f.Facts, fact.Code)
		case "must":
			f.Facts, f.Required = append(f.Facts, fact.Code), append(f.Required, fact.Code)
		}
	}
	for n := range maxShots {
		shot := catalog.Shot{Code: get("shot_" + strconv.Itoa(n)), Labels: catalog.Labels{}}
		for _, lang := range []text.Lang{text.FR, text.EN} {
			if label := get("shot_" + strconv.Itoa(n) + "_" + string(lang)); label != "" {
				shot.Labels[lang] = label
			}
		}
		if len(shot.Labels) == 0 {
			continue
		}
		if shot.Code == "" {
			shot.Code = strings.ReplaceAll(catalog.SlugOf(shot.Labels.In(text.FR)), "-", "_")
			shot.Code = shot.Code[:min(len(shot.Code), 40)]
		}
		f.Shots = append(f.Shots, shot)
	}
	version := versionOf(get("version"))
	f.Version = max(1, version)
	if isNew {
		version = 0
	} else {
		version = f.Version
	}
	saved, err := a.Catalog.SaveFamily(r.Context(), f, version, actorOf(r).String())
	if e, ok := fault.As(err); ok && (e.Kind == fault.Invalid || e.Kind == fault.Conflict || e.Kind == fault.Stale) {
		f.BuiltIn = slices.Contains(catalog.Families(), f.Code)
		return a.showFamily(w, r, e.Kind.Status(), f, isNew, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/families/"+saved.Code)
}

// maxShots is how many views the form has room for.
const maxShots = 12

// shotAt is a view of a family by its place in the form; an empty one past the last.
func shotAt(f catalog.Family, n int) catalog.Shot {
	if n < len(f.Shots) {
		return f.Shots[n]
	}
	return catalog.Shot{}
}

// need tells how much a family needs a fact: not, may or must.
func need(f catalog.Family, fact string) string {
	switch {
	case f.Requires(fact):
		return "must"
	case f.Says(fact):
		return "may"
	}
	return "not"
}
