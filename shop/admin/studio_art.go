package admin

import (
	"io"
	"net/http"
	"reflect"
	"unicode/utf8"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/setting"
	"boutique/internal/staff"
)

// mountStudioArt takes artwork, which is bigger than forms.
func (a *Admin) mountStudioArt(r chi.Router) {
	r.Post("/studio/art", a.may(staff.Manage, a.setStudioArt))
}

// studioArt is the artwork that only the studio prints.
func studioArt(s *setting.Studio) []artwork {
	return []artwork{{"tape", &s.Tape}, {"sticker", &s.Sticker}, {"square", &s.Square}, {"stamp", &s.Stamp}}
}

// setStudioArt keeps the artwork that was brought; what cannot be printed is named beside its field and
// nothing is changed.
func (a *Admin) setStudioArt(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(maxArtwork); err != nil {
		return badForm(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	before, err := setting.GetStudio(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	next := before
	for _, art := range studioArt(&next) {
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
	if reflect.DeepEqual(before, next) {
		return a.done(w, r, "notice_setting", "/admin/studio")
	}
	err = setting.Change(r.Context(), a.Pool, setting.KeyStudio, next, actorOf(r).String())
	if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
		v, err := a.studioView(r)
		if err != nil {
			return err
		}
		v.Wrong = map[string]string{}
		for _, field := range f.Fields {
			v.Wrong[field.Place] = sentenceOf(v.Page, field)
		}
		return a.show(w, r, f.Kind.Status(), StudioPage(v))
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_setting", "/admin/studio")
}
