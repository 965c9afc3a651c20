package admin

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/web"
)

// PhotosView is which products' photographs need something.
type PhotosView struct {
	Page
	Needs    []catalog.PhotoNeed
	Next     string
	Renderer catalog.Renderer
}

// PhotoDeskView is a product's photographs.
type PhotoDeskView struct {
	Page
	Product  catalog.Product
	Shots    []catalog.Shot
	Uploads  []catalog.Upload
	Twins    map[int64][]catalog.Twin
	Renderer catalog.Renderer
	Error    string
}

// PhotoView is one photograph.
type PhotoView struct {
	PhotoDeskView
	Photo catalog.Photo
	N     int
	Facts catalog.PhotoNotes
	Until string
}

func (a *Admin) mountPhotos(r chi.Router) {
	r.Get("/photos", a.may(staff.ReadCatalog, a.photoNeeds))
	r.Get("/catalogue/{slug}/photos", a.may(staff.ReadCatalog, a.photoDesk))
	r.Post("/catalogue/{slug}/photos/order", a.may(staff.EditCatalog, a.orderPhotos))
	r.Get("/catalogue/{slug}/photos/{photo}", a.may(staff.ReadCatalog, a.photo))
	r.Post("/catalogue/{slug}/photos/{photo}", a.may(staff.EditCatalog, a.changePhoto))
	r.Post("/catalogue/{slug}/uploads", a.may(staff.EditCatalog, a.beginUpload))
	r.Get("/uploads/{id}", a.may(staff.EditCatalog, a.uploadState))
	r.Delete("/uploads/{id}", a.may(staff.EditCatalog, a.forgetUpload))
}

// mountUploads mounts what takes files.
func (a *Admin) mountUploads(r chi.Router) {
	r.With(web.MaxBody(maxPhoto)).Post("/catalogue/{slug}/photos", a.may(staff.EditCatalog, a.addPhotos))
	r.With(web.MaxBody(maxPhoto)).Post("/makers/{slug}/photo-file", a.may(staff.EditCatalog, a.addMakerPhoto))
	r.With(web.MaxBody(catalog.MaxPart+1)).Put("/uploads/{id}", a.may(staff.EditCatalog, a.receivePart))
}

// perNeeds is how many products are listed at once.
const perNeeds = 60

func (a *Admin) photoNeeds(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "photos", "photos")
	if err != nil {
		return err
	}
	v := PhotosView{Page: p, Renderer: a.Renderer}
	after := strings.ToValidUTF8(r.URL.Query().Get("after"), "")
	if v.Needs, err = catalog.PhotoNeeds(r.Context(), a.Pool, p.Now, after, perNeeds+1); err != nil {
		return err
	}
	if len(v.Needs) > perNeeds {
		v.Needs = v.Needs[:perNeeds]
		v.Next = v.Needs[perNeeds-1].Slug
	}
	return a.show(w, r, http.StatusOK, PhotosPage(v))
}

func (a *Admin) deskView(ctx context.Context, r *http.Request, slug string) (PhotoDeskView, error) {
	p, err := a.page(r, "photos", "photos")
	if err != nil {
		return PhotoDeskView{}, err
	}
	v := PhotoDeskView{Page: p, Renderer: a.Renderer, Twins: map[int64][]catalog.Twin{}}
	if v.Product, err = catalog.GetProduct(ctx, a.Pool, slug); err != nil {
		return v, err
	}
	v.Title = v.Product.Texts[p.Lang()].Name
	if v.Title == "" {
		v.Title = v.Product.Slug
	}
	family, err := catalog.GetFamily(ctx, a.Pool, v.Product.Family)
	if err != nil {
		return v, err
	}
	v.Shots = family.Shots
	if v.Uploads, err = catalog.Uploads(ctx, a.Pool, v.Product.ID); err != nil {
		return v, err
	}
	twins, err := catalog.Twins(ctx, a.Pool, v.Product.ID)
	for _, t := range twins {
		v.Twins[t.PhotoID] = append(v.Twins[t.PhotoID], t)
	}
	return v, err
}

func (a *Admin) photoDesk(w http.ResponseWriter, r *http.Request) error {
	v, err := a.deskView(r.Context(), r, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PhotoDeskPage(v))
}

func (a *Admin) refusePhotos(w http.ResponseWriter, r *http.Request, slug, name string, cause error) error {
	f, ok := fault.As(cause)
	if !ok || f.Kind == fault.Internal || f.Kind == fault.NotFound || f.Kind == fault.Unavailable {
		return cause
	}
	v, err := a.deskView(r.Context(), r, slug)
	if err != nil {
		return err
	}
	v.Error = strings.TrimPrefix(name+v.P.Colon()+" "+sentence(v.Page, cause), v.P.Colon()+" ")
	return a.show(w, r, f.Kind.Status(), PhotoDeskPage(v))
}

// addPhotos takes the photographs of a form, one after the other: those that are good stay, and the
// first that is not is said.
func (a *Admin) addPhotos(w http.ResponseWriter, r *http.Request) error {
	slug := chi.URLParam(r, "slug")
	parts, err := r.MultipartReader()
	if err != nil {
		return badForm(err)
	}
	added := 0
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return badForm(err)
		}
		if part.FormName() != "photo" || part.FileName() == "" {
			continue
		}
		if _, err = a.Catalog.AttachPhoto(r.Context(), slug, part.FileName(), part, nil, actorOf(r).String()); err != nil {
			return a.refusePhotos(w, r, slug, part.FileName(), err)
		}
		added++
	}
	notice := "notice_photos"
	if added == 0 {
		notice = ""
	}
	return a.done(w, r, notice, deskOf(slug))
}

func deskOf(slug string) string { return "/admin/catalogue/" + slug + "/photos" }

// orderPhotos takes the order that was made by drag or keyboard.
func (a *Admin) orderPhotos(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	var ids []int64
	for _, s := range r.PostForm["photo"] {
		id, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return errNoSuchPhoto()
		}
		ids = append(ids, id)
	}
	slug := chi.URLParam(r, "slug")
	if err := a.Catalog.OrderPhotos(r.Context(), slug, ids, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "", deskOf(slug))
}

func errNoSuchPhoto() error {
	return fault.New(fault.NotFound, "photo_not_found", "the product has no such photograph")
}

func (a *Admin) photoView(r *http.Request) (PhotoView, error) {
	desk, err := a.deskView(r.Context(), r, chi.URLParam(r, "slug"))
	if err != nil {
		return PhotoView{}, err
	}
	id, err := strconv.ParseInt(chi.URLParam(r, "photo"), 10, 64)
	at := slices.IndexFunc(desk.Product.Photos, func(p catalog.Photo) bool { return p.ID == id })
	if err != nil || at < 0 {
		return PhotoView{}, errNoSuchPhoto()
	}
	v := PhotoView{PhotoDeskView: desk, Photo: desk.Product.Photos[at], N: at + 1}
	v.Facts = factsOfPhoto(v.Product, v.Photo)
	if v.Photo.LicenceUntil != nil {
		v.Until = v.Photo.LicenceUntil.Format(time.DateOnly)
	}
	return v, nil
}

// factsOfPhoto are the facts as they stand, for a form that changes some of them.
func factsOfPhoto(p catalog.Product, ph catalog.Photo) catalog.PhotoNotes {
	f := catalog.PhotoNotes{Alts: map[text.Lang]string{}, FocalX: ph.FocalX, FocalY: ph.FocalY, View: ph.View, Credit: ph.Credit, Licence: ph.Licence, LicenceUntil: ph.LicenceUntil}
	for lang, alt := range ph.Alts {
		f.Alts[lang] = alt
	}
	for _, one := range p.Variants {
		if slices.Contains(ph.Shows, one.ID) {
			f.Shows = append(f.Shows, one.SKU)
		}
	}
	return f
}

func (a *Admin) photo(w http.ResponseWriter, r *http.Request) error {
	v, err := a.photoView(r)
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, PhotoPage(v))
}

// changePhoto does what the button of a photograph's form says.
func (a *Admin) changePhoto(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	v, err := a.photoView(r)
	if err != nil {
		return err
	}
	slug, id, actor, ctx := v.Product.Slug, v.Photo.ID, actorOf(r).String(), r.Context()
	here := deskOf(slug) + "/" + i64(id)
	back := here
	if r.PostForm.Get("from") == "desk" {
		back = deskOf(slug) + "#photo-" + i64(id)
	}
	edit := v.Photo.Edit
	switch action := r.PostForm.Get("action"); action {
	case "up", "down":
		by := map[string]int{"up": -1, "down": 1}[action]
		err, back = a.Catalog.MovePhoto(ctx, slug, id, by, actor), deskOf(slug)+"#photo-"+i64(id)
	case "delete":
		err, back = a.Catalog.DeletePhoto(ctx, slug, id, actor), deskOf(slug)
	case "turn_left":
		_, err = a.Catalog.EditPhoto(ctx, slug, id, edit.Turned(270), actor)
	case "turn_right":
		_, err = a.Catalog.EditPhoto(ctx, slug, id, edit.Turned(90), actor)
	case "reset":
		_, err = a.Catalog.EditPhoto(ctx, slug, id, catalog.AsItCame(), actor)
	case "cut":
		if edit, err = cutOf(r, edit); err == nil {
			_, err = a.Catalog.EditPhoto(ctx, slug, id, edit, actor)
		}
	default:
		v.Facts, v.Until, err = factsFrom(r, v)
		if err == nil {
			err = a.Catalog.DescribePhoto(ctx, slug, id, v.Facts, actor)
		}
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.TooLarge) {
		v.Error = sentence(v.Page, err)
		return a.show(w, r, f.Kind.Status(), PhotoPage(v))
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", back)
}

// cutOf reads a cut of the picture that is shown, in percent, and makes it one of the original.
func cutOf(r *http.Request, before catalog.Edit) (catalog.Edit, error) {
	var parts [4]float64
	var fields fault.Fields
	for i, name := range []string{"cut_left", "cut_top", "cut_width", "cut_height"} {
		n, err := strconv.ParseFloat(strings.Replace(strings.TrimSpace(r.PostForm.Get(name)), ",", ".", 1), 64)
		if err != nil || n < 0 || n > 100 {
			fields.Add("cut", "cut_out_of_range", "must lie within the photograph")
			return before, fields.Err()
		}
		parts[i] = n
	}
	part := func(percent float64, of int) int { return int(percent*float64(of)/100 + .5) }
	after := catalog.Edit{Turn: before.Turn, X: before.X + part(parts[0], before.Width), Y: before.Y + part(parts[1], before.Height),
		Width: part(parts[2], before.Width), Height: part(parts[3], before.Height)}
	if parts[0]+parts[2] > 100.5 || parts[1]+parts[3] > 100.5 {
		fields.Add("cut", "cut_out_of_range", "must lie within the photograph")
		return before, fields.Err()
	}
	after.Width, after.Height = min(after.Width, before.X+before.Width-after.X), min(after.Height, before.Y+before.Height-after.Y)
	return after, nil
}

// factsFrom reads what a form says of a photograph; what it does not speak of stays. The languages that
// every article is written in need their alternative text.
func factsFrom(r *http.Request, v PhotoView) (catalog.PhotoNotes, string, error) {
	f, until := v.Facts, v.Until
	form := r.PostForm
	var fields fault.Fields
	for _, lang := range text.Offered() {
		name := "alt_" + string(lang)
		if !form.Has(name) {
			continue
		}
		if f.Alts[lang] = strings.TrimSpace(form.Get(name)); f.Alts[lang] == "" && slices.Contains(text.Leading(), lang) {
			fields.Add(name, "alt_required", "must describe the photograph for those who do not see it")
		}
	}
	for name, to := range map[string]*string{"view": &f.View, "credit": &f.Credit, "licence": &f.Licence} {
		if form.Has(name) {
			*to = strings.TrimSpace(form.Get(name))
		}
	}
	for name, to := range map[string]*int{"focal_x": &f.FocalX, "focal_y": &f.FocalY} {
		if form.Has(name) {
			n, err := strconv.ParseFloat(form.Get(name), 64)
			if err != nil || n < 0 || n > 100 {
				fields.Add("focal", "focal_out_of_range", "must be between 0 and 100 percent")
			}
			*to = int(n + .5)
		}
	}
	if form.Has("licence_until") {
		until, f.LicenceUntil = strings.TrimSpace(form.Get("licence_until")), nil
		if until != "" {
			day, err := time.Parse(time.DateOnly, until)
			if err != nil {
				fields.Add("licence_until", "date_invalid", "must be a day like 2027-03-31")
			}
			f.LicenceUntil = &day
		}
	}
	if form.Has("shows_asked") {
		f.Shows = form["shows"]
	}
	return f, until, fields.Err()
}

// uploadAnswer is what the desk's script is told of an upload.
type uploadAnswer struct {
	ID       string `json:"id"`
	Received int64  `json:"received"`
	Bytes    int64  `json:"bytes"`
	Photo    int64  `json:"photo,omitempty"`
	Problem  string `json:"problem,omitempty"`
}

func answerJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// refuseUpload says in the reader's words why a photograph is not taken.
func (a *Admin) refuseUpload(w http.ResponseWriter, r *http.Request, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind == fault.Internal {
		return err
	}
	p, read := a.page(r, "photos", "photos")
	if read != nil {
		return read
	}
	answer := uploadAnswer{Problem: sentence(p, err)}
	if received, ok := f.Params["received"].(int64); ok {
		answer.Received = received
	}
	return answerJSON(w, f.Kind.Status(), answer)
}

func (a *Admin) beginUpload(w http.ResponseWriter, r *http.Request) error {
	return a.announceUpload(w, r, a.Catalog.BeginUpload)
}

// announceUpload answers where the pieces of a photograph are to be sent.
func (a *Admin) announceUpload(w http.ResponseWriter, r *http.Request, begin func(ctx context.Context, slug, name string, size int64, actor string) (catalog.Upload, error)) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	size, _ := strconv.ParseInt(r.PostForm.Get("size"), 10, 64)
	u, err := begin(r.Context(), chi.URLParam(r, "slug"), r.PostForm.Get("name"), size, actorOf(r).String())
	if err != nil {
		return a.refuseUpload(w, r, err)
	}
	return answerJSON(w, http.StatusCreated, uploadAnswer{ID: u.ID, Bytes: u.Bytes})
}

func (a *Admin) uploadState(w http.ResponseWriter, r *http.Request) error {
	u, err := catalog.GetUpload(r.Context(), a.Pool, chi.URLParam(r, "id"))
	if err != nil {
		return a.refuseUpload(w, r, err)
	}
	return answerJSON(w, http.StatusOK, uploadAnswer{ID: u.ID, Received: u.Received, Bytes: u.Bytes})
}

// receivePart takes a piece; the last one makes the photograph.
func (a *Admin) receivePart(w http.ResponseWriter, r *http.Request) error {
	start, err := strconv.ParseInt(r.URL.Query().Get("start"), 10, 64)
	if err != nil {
		return badForm(err)
	}
	u, err := a.Catalog.ReceivePart(r.Context(), chi.URLParam(r, "id"), start, r.Body)
	if err != nil {
		return a.refuseUpload(w, r, err)
	}
	answer := uploadAnswer{ID: u.ID, Received: u.Received, Bytes: u.Bytes}
	if u.Received < u.Bytes {
		return answerJSON(w, http.StatusOK, answer)
	}
	ph, err := a.Catalog.FinishUpload(r.Context(), u.ID, actorOf(r).String())
	if err != nil {
		return a.refuseUpload(w, r, err)
	}
	answer.Photo = ph.ID
	return answerJSON(w, http.StatusCreated, answer)
}

func (a *Admin) forgetUpload(w http.ResponseWriter, r *http.Request) error {
	if err := a.Catalog.ForgetUpload(r.Context(), chi.URLParam(r, "id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
