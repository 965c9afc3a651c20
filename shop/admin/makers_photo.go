package admin

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/text"
)

// shown is the maker's own photograph as the desk draws any.
func (v MakerView) shown() catalog.Photo {
	return catalog.Photo{SHA256: v.Own.SHA256, Width: v.Own.Width, Height: v.Own.Height, Made: v.Own.Made}
}

// pending tells whether its renditions are still being made: the page looks again.
func (v MakerView) pending() bool {
	return v.Own != nil && v.Renderer != nil && !v.Renderer.Ready(v.Own.Width, v.Own.Made)
}

// undescribed says in which of the languages that every article is written in it has no description.
func (v MakerView) undescribed() string {
	return altsMissing(v.Page, catalog.Photo{Alts: v.Own.Alts})
}

// refuseMaker shows a maker's page again with the reason of a refusal; own is what was typed of its
// photograph, nil what is there.
func (a *Admin) refuseMaker(w http.ResponseWriter, r *http.Request, own *catalog.MakerPhoto, cause error) error {
	f, ok := fault.As(cause)
	if !ok || f.Kind != fault.Invalid && f.Kind != fault.TooLarge && f.Kind != fault.Conflict {
		return cause
	}
	c, photos, err := catalog.GetMaker(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	p := Page{P: words.In(langOf(r))}
	return a.showMaker(w, r, f.Kind.Status(), MakerView{Maker: c, Own: own, Latitude: catalog.Degrees(c.Latitude), Longitude: catalog.Degrees(c.Longitude), Error: sentence(p, cause)}, photos)
}

// addMakerPhoto takes the photograph of a form; without scripts it comes so, with them in pieces.
func (a *Admin) addMakerPhoto(w http.ResponseWriter, r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return badForm(err)
	}
	slug := chi.URLParam(r, "slug")
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return a.done(w, r, "", makerPhotoOf(slug))
		}
		if err != nil {
			return badForm(err)
		}
		if part.FormName() != "photo" || part.FileName() == "" {
			continue
		}
		if err := a.Catalog.SetMakerPhoto(r.Context(), slug, part.FileName(), part, actorOf(r).String()); err != nil {
			return a.refuseMaker(w, r, nil, err)
		}
		return a.done(w, r, "notice_saved", makerPhotoOf(slug))
	}
}

func makerPhotoOf(slug string) string { return "/admin/makers/" + slug + "#own-photo" }

func (a *Admin) beginMakerUpload(w http.ResponseWriter, r *http.Request) error {
	return a.announceUpload(w, r, a.Catalog.BeginMakerUpload)
}

// changeMakerPhoto does what the button of the photograph's form says.
func (a *Admin) changeMakerPhoto(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	slug, actor, ctx := chi.URLParam(r, "slug"), actorOf(r).String(), r.Context()
	if r.PostForm.Get("action") == "delete" {
		if err := a.Catalog.RemoveMakerPhoto(ctx, slug, actor); err != nil {
			return err
		}
		return a.done(w, r, "notice_saved", makerPhotoOf(slug))
	}
	own, err := catalog.GetMakerPhoto(ctx, a.Pool, slug)
	if err != nil {
		return err
	}
	if own == nil {
		return fault.New(fault.NotFound, "photo_not_found", "the maker has no photograph of its own")
	}
	if own.MakerPhotoNotes, err = makerNotes(r); err == nil {
		err = a.Catalog.DescribeMakerPhoto(ctx, slug, own.MakerPhotoNotes, actor)
	}
	if err != nil {
		return a.refuseMaker(w, r, own, err)
	}
	return a.done(w, r, "notice_saved", makerPhotoOf(slug))
}

// makerNotes reads what the form says of a maker's photograph. The languages that every article is
// written in need their alternative text.
func makerNotes(r *http.Request) (catalog.MakerPhotoNotes, error) {
	form := r.PostForm
	n := catalog.MakerPhotoNotes{Alts: map[text.Lang]string{}, Credit: strings.TrimSpace(form.Get("credit"))}
	var fields fault.Fields
	for _, lang := range text.Offered() {
		name := "alt_" + string(lang)
		if n.Alts[lang] = strings.TrimSpace(form.Get(name)); n.Alts[lang] == "" && slices.Contains(text.Leading(), lang) {
			fields.Add(name, "alt_required", "must describe the photograph for those who do not see it")
		}
	}
	for name, to := range map[string]*int{"focal_x": &n.FocalX, "focal_y": &n.FocalY} {
		percent, err := strconv.Atoi(strings.TrimSpace(form.Get(name)))
		if err != nil {
			fields.Add("focal", "focal_out_of_range", "must be between 0 and 100 percent")
		}
		*to = percent
	}
	return n, fields.Err()
}
