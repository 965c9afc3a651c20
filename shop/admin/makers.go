package admin

import (
	"io"
	"net/http"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountMakers(r chi.Router) {
	r.Get("/makers", a.may(staff.ReadCatalog, a.makers))
	r.Post("/makers", a.may(staff.EditCatalog, a.createMaker))
	r.Get("/makers/{slug}", a.may(staff.ReadCatalog, a.maker))
	r.Post("/makers/{slug}", a.may(staff.EditCatalog, a.saveMaker))
	r.Post("/makers/{slug}/photo", a.may(staff.EditCatalog, a.changeMakerPhoto))
	r.Post("/makers/{slug}/uploads", a.may(staff.EditCatalog, a.beginMakerUpload))
}

// maxMap is the largest outline map's form.
const maxMap = 3 << 20

// MakersView is the list of makers, and the map that they stand on.
type MakersView struct {
	Page
	Makers             []catalog.MakerSummary
	Map                catalog.OutlineMap
	Local, All         int
	Share              string
	Name, Error        string
	North, South, West string
	East               string
}

// MakerView is a maker's form.
type MakerView struct {
	Page
	Maker               catalog.MakerContent
	Latitude, Longitude string
	Photos              []MakerPhoto
	// Own is the maker's own photograph; nil when it has none.
	Own      *catalog.MakerPhoto
	Renderer catalog.Renderer
	// InShop tells a maker with articles online: the others have no page there.
	InShop bool
	Error  string
}

// MakerPhoto is a photograph of a maker's product, to choose from.
type MakerPhoto struct {
	SHA256, URL string
}

func (a *Admin) makers(w http.ResponseWriter, r *http.Request) error {
	return a.showMakers(w, r, http.StatusOK, "", nil)
}

func (a *Admin) showMakers(w http.ResponseWriter, r *http.Request, status int, name string, cause error) error {
	p, err := a.page(r, "makers", "makers")
	if err != nil {
		return err
	}
	v := MakersView{Page: p, Name: name}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if v.Makers, err = catalog.ListMakers(r.Context(), a.Pool); err != nil {
		return err
	}
	for _, m := range v.Makers {
		v.All += m.Published
		if m.Local {
			v.Local += m.Published
		}
	}
	if v.All > 0 {
		v.Share = p.P.Percent(v.Local * 100 / v.All * 100)
	}
	if v.Map, err = catalog.GetMap(r.Context(), a.Pool); err != nil {
		return err
	}
	if v.Map.SVG != "" {
		v.North, v.South, v.West, v.East = catalog.Degrees(&v.Map.North), catalog.Degrees(&v.Map.South), catalog.Degrees(&v.Map.West), catalog.Degrees(&v.Map.East)
	}
	return a.show(w, r, status, MakersPage(v))
}

func (a *Admin) createMaker(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	slug := catalog.SlugOf(name)
	if _, _, err := catalog.GetMaker(r.Context(), a.Pool, slug); err == nil {
		return a.done(w, r, "", "/admin/makers/"+slug)
	} else if fault.KindOf(err) != fault.NotFound {
		return err
	}
	err := a.Catalog.SaveMaker(r.Context(), catalog.MakerContent{Slug: slug, Name: name}, actorOf(r).String())
	if sayable(err) {
		return a.showMakers(w, r, http.StatusUnprocessableEntity, name, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/makers/"+slug)
}

func (a *Admin) maker(w http.ResponseWriter, r *http.Request) error {
	c, photos, err := catalog.GetMaker(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	return a.showMaker(w, r, http.StatusOK, MakerView{Maker: c, Latitude: catalog.Degrees(c.Latitude), Longitude: catalog.Degrees(c.Longitude)}, photos)
}

func (a *Admin) showMaker(w http.ResponseWriter, r *http.Request, status int, v MakerView, photos []string) error {
	p, err := a.page(r, "makers", "makers")
	if err != nil {
		return err
	}
	p.Title = v.Maker.Name
	v.Page, v.Renderer = p, a.Renderer
	shown, known := a.Shelf.Current().Maker(v.Maker.Slug)
	v.InShop = known && shown.Count > 0
	if v.Own == nil {
		if v.Own, err = catalog.GetMakerPhoto(r.Context(), a.Pool, v.Maker.Slug); err != nil {
			return err
		}
	}
	for _, sha := range photos {
		url := ""
		for _, one := range a.Renderer.Renditions(sha, 1600, 1600) {
			if one.Ext == "jpg" && url == "" {
				url = one.URL
			}
		}
		v.Photos = append(v.Photos, MakerPhoto{sha, url})
	}
	return a.show(w, r, status, MakerPage(v))
}

func (a *Admin) saveMaker(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	before, photos, err := catalog.GetMaker(r.Context(), a.Pool, chi.URLParam(r, "slug"))
	if err != nil {
		return err
	}
	f := r.PostForm
	c := catalog.MakerContent{Slug: before.Slug, Name: f.Get("name"), Town: f.Get("town"), Address: f.Get("address"), Website: f.Get("website"), Local: f.Get("local") == "1", PhotoSHA256: f.Get("photo"), Stories: catalog.Labels{}}
	for _, lang := range text.Offered() {
		c.Stories[lang] = strings.ReplaceAll(f.Get("story_"+string(lang)), "\r\n", "\n")
	}
	var fields fault.Fields
	for _, one := range []struct {
		name string
		to   **int32
	}{{"latitude", &c.Latitude}, {"longitude", &c.Longitude}} {
		if *one.to, err = catalog.ParseDegrees(f.Get(one.name)); err != nil {
			fields.Add(one.name, "coordinates_invalid", "must be degrees like 50.3675")
		}
	}
	if err = fields.Err(); err == nil {
		err = a.Catalog.SaveMaker(r.Context(), c, actorOf(r).String())
	}
	if sayable(err) {
		p := Page{P: words.In(langOf(r))}
		return a.showMaker(w, r, http.StatusUnprocessableEntity, MakerView{Maker: c, Latitude: f.Get("latitude"), Longitude: f.Get("longitude"), Error: sentence(p, err)}, photos)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/makers/"+before.Slug)
}

// setMap takes the outline map and the degrees of its edges.
func (a *Admin) setMap(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseMultipartForm(maxMap); err != nil {
		return badForm(err)
	}
	defer func() { _ = r.MultipartForm.RemoveAll() }()
	var m catalog.OutlineMap
	var fields fault.Fields
	for _, one := range []struct {
		name string
		to   *int32
	}{{"north", &m.North}, {"south", &m.South}, {"west", &m.West}, {"east", &m.East}} {
		degrees, err := catalog.ParseDegrees(r.PostForm.Get(one.name))
		if err != nil || degrees == nil {
			fields.Add(one.name, "coordinates_invalid", "must be degrees like 50.3675")
			continue
		}
		*one.to = *degrees
	}
	if file, _, err := r.FormFile("svg"); err == nil {
		data, err := io.ReadAll(file)
		file.Close()
		if err != nil {
			return badForm(err)
		}
		m.SVG = string(data)
	}
	err := fields.Err()
	if err == nil {
		err = a.Catalog.SetMap(r.Context(), m, actorOf(r).String())
	}
	if sayable(err) {
		return a.showMakers(w, r, http.StatusUnprocessableEntity, "", err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/makers")
}
