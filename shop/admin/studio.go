package admin

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pdf"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/shop/label"
)

func (a *Admin) mountStudio(r chi.Router) {
	r.Get("/studio", a.may(staff.ReadCatalog, a.studio))
	r.Get("/studio/print.pdf", a.may(staff.ReadCatalog, a.print))
	r.Get("/studio/preview.svg", a.may(staff.ReadCatalog, a.preview))
}

// StudioView is what the studio's form holds, and the sheet that it prints on.
type StudioView struct {
	Page
	Kind, Title, Text, SKUs string
	Start, Count            int
	Sheet                   label.Sheet
	Tape                    label.Tape
	// Art names the artwork, Colours is full, one or two, Ink and Ink2 are those, Paper is the bare tape.
	Art, Colours, Ink, Ink2, Paper string
	Brand                          setting.Brand
	Artwork                        setting.Studio
	Wrong                          map[string]string
	Error                          string
	Query                          string
}

// kindsOfStudio are what the studio prints.
func kindsOfStudio() []string { return append(label.PieceKinds(), "price", "tape") }

// sheetFor is the paper that a kind is mostly printed on.
func sheetFor(kind string) label.Sheet {
	code := map[string]string{label.Sticker: "round-60", label.Fragile: "L7163", "price": "L7160"}[kind]
	if code == "" {
		code = "L7165"
	}
	s, _ := label.SheetOf(code)
	return s
}

func (a *Admin) studioView(r *http.Request) (StudioView, error) {
	p, err := a.page(r, "studio", "studio")
	if err != nil {
		return StudioView{}, err
	}
	q := r.URL.Query()
	number := func(name string, otherwise float64) float64 {
		n, err := strconv.ParseFloat(strings.Replace(q.Get(name), ",", ".", 1), 64)
		if err != nil || n < 0 || n > 5000 {
			return otherwise
		}
		return n
	}
	v := StudioView{Page: p, Kind: q.Get("kind"), Title: clip(q.Get("title"), 80), Text: clip(q.Get("text"), 400), SKUs: clip(q.Get("skus"), 4000),
		Start: max(1, int(number("start", 1))), Count: int(number("count", 0)), Art: q.Get("art"), Colours: q.Get("colours"), Query: q.Encode()}
	if v.Brand, err = setting.GetBrand(r.Context(), a.Pool); err != nil {
		return v, err
	}
	if v.Artwork, err = setting.GetStudio(r.Context(), a.Pool); err != nil {
		return v, err
	}
	if !slices.Contains(kindsOfStudio(), v.Kind) {
		v.Kind = label.Sticker
	}
	known := false
	if v.Sheet, known = label.SheetOf(q.Get("sheet")); !known {
		v.Sheet = sheetFor(v.Kind)
	}
	if q.Get("sheet") == "own" {
		v.Sheet = label.Sheet{Code: "own", Width: number("width", 210), Height: number("height", 297), Left: number("left", 10), Top: number("top", 10), CellWidth: number("cell_width", 60),
			CellHeight: number("cell_height", 40), PitchX: number("pitch_x", 62), PitchY: number("pitch_y", 42), Columns: int(number("columns", 3)), Rows: int(number("rows", 6)), Round: q.Get("round") != ""}
	}
	if v.Count == 0 {
		v.Count = max(1, v.Sheet.Cells()-v.Start+1)
	}
	v.Ink, v.Ink2, v.Paper = colourOr(q.Get("ink"), colourOr(v.Brand.Accent, pdf.Brick.Hex())), colourOr(q.Get("ink2"), pdf.Slate.Hex()), colourOr(q.Get("paper"), pdf.White.Hex())
	v.Tape = label.Tape{WidthMM: number("tape_width", 50), RepeatMM: number("repeat", 0), Repeats: max(1, int(number("repeats", 3))), BleedMM: number("bleed", 3), Marks: q.Get("marks") != "" || !q.Has("repeats"),
		Plates: q.Get("plates") != "", Paper: inkOf(v.Paper), Name: p.Office.ShopName, Created: a.Shop.Clock.Now().Truncate(24 * time.Hour)}
	switch v.Colours {
	case "one":
		v.Tape.Inks = []pdf.Color{inkOf(v.Ink)}
	case "two":
		v.Tape.Inks = []pdf.Color{inkOf(v.Ink), inkOf(v.Ink2)}
	default:
		v.Colours = "full"
	}
	if !slices.ContainsFunc(v.arts(), func(a artwork) bool { return a.Name == v.Art }) {
		v.Art = v.usual()
	}
	if v.Kind == "tape" {
		if v.Tape.Art, err = v.art(); err != nil {
			v.Error = sentence(p, err)
		}
	}
	if err := v.Sheet.Check(); err != nil && v.Kind != "tape" {
		v.Error = p.T("sheet_wrong")
	}
	return v, nil
}

// colourOr is a colour like #B5472F, or another one when it is none.
func colourOr(hex, otherwise string) string {
	if _, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32); err != nil || len(hex) != 7 {
		return otherwise
	}
	return strings.ToUpper(hex)
}

// arts is the artwork that the office has to print with.
func (v *StudioView) arts() []artwork {
	return slices.DeleteFunc(append(studioArt(&v.Artwork), artwork{"logo", &v.Brand.Logo}, artwork{"mark", &v.Brand.Mark}, artwork{"black", &v.Brand.Black}),
		func(a artwork) bool { return *a.SVG == "" })
}

// usual is the artwork that a kind is mostly printed with: the first of a list that the office has.
func (v *StudioView) usual() string {
	wanted := map[string][]string{"tape": {"tape", "logo"}, label.Sticker: {"sticker", "mark"}, label.Card: {"logo"}, label.Tag: {"mark", "logo"}}[v.Kind]
	if v.Kind == label.Sticker && !v.Sheet.Round {
		wanted = []string{"square", "sticker", "mark"}
	}
	for _, name := range wanted {
		if slices.ContainsFunc(v.arts(), func(a artwork) bool { return a.Name == name }) {
			return name
		}
	}
	return ""
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most])
	}
	return s
}

func (a *Admin) studio(w http.ResponseWriter, r *http.Request) error {
	v, err := a.studioView(r)
	if err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, StudioPage(v))
}

// print draws what the studio's form holds.
func (a *Admin) print(w http.ResponseWriter, r *http.Request) error {
	v, err := a.studioView(r)
	if err != nil {
		return err
	}
	data, err := a.draw(r, v)
	if err != nil {
		if _, ours := fault.As(err); ours {
			return err
		}
		return fault.New(fault.Invalid, "sheet_wrong", err.Error())
	}
	return sendPDF(w, "studio-"+v.Kind, data)
}

func sendPDF(w http.ResponseWriter, name string, data []byte) error {
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", name+".pdf"))
	_, err := w.Write(data)
	return err
}

// preview shows what print would print: the sheet, or the tape.
func (a *Admin) preview(w http.ResponseWriter, r *http.Request) error {
	v, err := a.studioView(r)
	if err != nil {
		return err
	}
	picture, err := a.picture(r, v)
	if err != nil {
		said := v.T("sheet_wrong")
		if f, ours := fault.As(err); ours {
			said = sentence(v.Page, f)
		}
		picture = label.Saying(said)
	}
	h := w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Cache-Control", "no-store")
	_, err = io.WriteString(w, picture)
	return err
}

func (a *Admin) picture(r *http.Request, v StudioView) (string, error) {
	art, err := v.art()
	if err != nil {
		return "", err
	}
	switch v.Kind {
	case "tape":
		return v.Tape.Picture()
	case "price":
		labels, err := a.priceLabels(r, v)
		if err != nil {
			return "", err
		}
		return label.PriceLabelsPicture(labels, v.Sheet, v.Start)
	}
	return label.PiecesPicture(v.piece(art), v.Sheet, v.Start, v.Count)
}

// art reads the artwork that was chosen; nil when there is none.
func (v *StudioView) art() (*pdf.SVG, error) {
	for _, a := range v.arts() {
		if a.Name == v.Art {
			art, err := pdf.ReadSVG([]byte(*a.SVG))
			if err != nil {
				return nil, err
			}
			if _, tile := art.Ground(); tile {
				return art, nil
			}
			return art.Trim(), nil
		}
	}
	if v.Kind == "tape" {
		return nil, fault.New(fault.Conflict, "no_artwork", "the tape needs the office's logo: bring it in the settings")
	}
	return nil, nil
}

func (v *StudioView) piece(art *pdf.SVG) label.Piece {
	return label.Piece{Kind: v.Kind, Lang: v.Lang(), Art: art, Title: v.Title, Text: v.Text, Ink: inkOf(v.Ink)}
}

func (a *Admin) draw(r *http.Request, v StudioView) ([]byte, error) {
	art, err := v.art()
	if err != nil {
		return nil, err
	}
	switch v.Kind {
	case "tape":
		return v.Tape.Draw()
	case "price":
		labels, err := a.priceLabels(r, v)
		if err != nil {
			return nil, err
		}
		return label.PriceLabels(labels, v.Sheet, v.Start, v.Tape.Created)
	}
	return label.Pieces(v.piece(art), v.Sheet, v.Start, v.Count, v.Tape.Created)
}

// inkOf reads the brand's colour, "#B5472F".
func inkOf(hex string) pdf.Color {
	n, err := strconv.ParseUint(strings.TrimPrefix(hex, "#"), 16, 32)
	if err != nil || len(hex) != 7 {
		return pdf.Brick
	}
	return pdf.Color{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n)}
}

// priceLabels reads "SKU quantity" lines, as the simulator does.
func (a *Admin) priceLabels(r *http.Request, v StudioView) ([]label.PriceLabel, error) {
	var skus []string
	times := map[string]int{}
	for _, line := range strings.FieldsFunc(v.SKUs, func(r rune) bool { return r == '\n' || r == ',' || r == ';' }) {
		parts := strings.Fields(line)
		if len(parts) == 0 {
			continue
		}
		n := 1
		if len(parts) > 1 {
			if given, err := strconv.Atoi(parts[1]); err == nil && given > 0 && given <= 500 {
				n = given
			}
		}
		if times[parts[0]] == 0 {
			skus = append(skus, parts[0])
		}
		times[parts[0]] += n
	}
	sold, err := catalog.Sellables(r.Context(), a.Pool, v.Lang(), skus)
	if err != nil {
		return nil, err
	}
	declared, err := catalog.DeclaredOf(r.Context(), a.Pool, skus)
	if err != nil {
		return nil, err
	}
	if len(skus) == 0 {
		return nil, fault.New(fault.Invalid, "no_articles", "name the articles to label, one a line")
	}
	var list []label.PriceLabel
	for _, sku := range skus {
		s, known := sold[sku]
		if !known {
			return nil, fault.Newf(fault.NotFound, "sku_not_found", "no article has the SKU %s", sku)
		}
		l := label.PriceLabel{Name: s.Name, Options: s.Options, SKU: sku, Price: s.Price, Lang: v.Lang(), URL: a.Shop.PublicURL + "/fr/products/" + s.Slug}
		if len(declared[sku].GTIN) == 13 {
			l.GTIN = declared[sku].GTIN
		}
		for range times[sku] {
			list = append(list, l)
		}
	}
	return list, nil
}
