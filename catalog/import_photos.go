package catalog

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// The limits of a zip of photographs.
const (
	maxZipEntries = 20_000
	maxZipBytes   = 4 << 30
	maxZipEntry   = 64 << 20
)

// ZipPhotos reads a zip as a folder of photographs: its files by their bare names. It refuses, by
// name and reason, what no honest zip holds: too many entries, more bytes than it may unpack to,
// paths that climb out, links, two files of one name.
func ZipPhotos(r io.ReaderAt, size int64) (fs.FS, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fault.New(fault.Invalid, "zip_unreadable", "is no zip that can be read: "+err.Error())
	}
	return photosOf(archive)
}

func photosOf(archive *zip.Reader) (fs.FS, error) {
	refuse := func(code, name, why string) error {
		return fault.New(fault.Invalid, code, fmt.Sprintf("%q in the zip %s", clip(name), why)).With("name", clip(name))
	}
	if len(archive.File) > maxZipEntries {
		return nil, fault.New(fault.TooLarge, "zip_too_many", fmt.Sprintf("the zip has %d entries, at most %d are taken", len(archive.File), maxZipEntries)).With("entries", len(archive.File))
	}
	files, total := zipFolder{}, uint64(0)
	for _, f := range archive.File {
		name := strings.ReplaceAll(f.Name, `\`, "/")
		switch {
		case strings.HasSuffix(name, "/"):
			continue
		case !fs.ValidPath(name):
			return nil, refuse("zip_climbs_out", f.Name, "climbs out of it")
		case !f.Mode().IsRegular():
			return nil, refuse("zip_not_a_file", f.Name, "is a link or no file")
		case f.UncompressedSize64 > maxZipEntry:
			return nil, refuse("zip_entry_large", f.Name, "is larger than 64 MB")
		}
		if total += f.UncompressedSize64; total > maxZipBytes {
			return nil, fault.New(fault.TooLarge, "zip_too_large", "the zip unpacks to more than 4 GB")
		}
		base := path.Base(name)
		if strings.HasPrefix(name, "__MACOSX/") || strings.HasPrefix(base, ".") {
			continue
		}
		if files[base] != nil {
			return nil, refuse("zip_name_twice", f.Name, "has the name of another one")
		}
		files[base] = f
	}
	return files, nil
}

type zipFolder map[string]*zip.File

// Open opens a photograph of the zip by its bare name. What unpacks to more than its entry says ends
// in an error, as archive/zip reads it.
func (z zipFolder) Open(name string) (fs.File, error) {
	f, ok := z[name]
	if !ok {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	return zipFile{r, f}, nil
}

type zipFile struct {
	io.ReadCloser
	file *zip.File
}

// Stat tells the size that the zip gives the file.
func (f zipFile) Stat() (fs.FileInfo, error) { return f.file.FileInfo(), nil }

// ownPhoto is how an export names a photograph that the shop holds already.
var ownPhoto = regexp.MustCompile(`^([0-9a-f]{64})\.(?:jpg|png|webp)$`)

// knownPhoto finds a photograph that some product shows already.
func knownPhoto(ctx context.Context, q pg.Querier, sha256 string) (StagedPhoto, bool, error) {
	var p StagedPhoto
	rows, err := q.Query(ctx, sqlKnownPhoto, pgx.NamedArgs{"sha256": sha256})
	if err != nil {
		return p, false, err
	}
	p, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[StagedPhoto])
	if errors.Is(err, pgx.ErrNoRows) {
		return p, false, nil
	}
	return p, err == nil, err
}

// ownPhoto notes which of the product's photographs is an article's own.
func (r *Report) ownPhoto(row row, p *imported, sku string) {
	name := row.get("variant_photo")
	if name == "" {
		return
	}
	if !slices.ContainsFunc(p.photos, func(ph importedPhoto) bool { return ph.name == name }) {
		r.issue(row, "variant_photo", "photo_of_none")
		return
	}
	if p.shows == nil {
		p.shows = map[string]string{}
	}
	p.shows[sku] = name
}

// importOwnPhotos gives articles the photographs of their own that the file names.
func (s *Service) importOwnPhotos(ctx context.Context, tx pgx.Tx, productID int64, in imported) (changed bool, err error) {
	if len(in.shows) == 0 {
		return false, nil
	}
	p, err := productByID(ctx, tx, productID)
	if err != nil {
		return false, err
	}
	shows := map[string]int64{}
	for sku, name := range in.shows {
		at := slices.IndexFunc(in.photos, func(ph importedPhoto) bool { return ph.name == name })
		of := slices.IndexFunc(p.Photos, func(ph Photo) bool {
			return ph.SHA256 == in.photos[at].staged.SHA256 || ph.Source.SHA256 == in.photos[at].staged.SHA256
		})
		if of >= 0 {
			shows[sku] = p.Photos[of].ID
		}
	}
	return showOwn(ctx, tx, p, shows)
}

// wantedPhotos are the photographs that a file names: each once, with the line that names it first and
// what is stored of it.
type wantedPhotos struct {
	names []string
	lines map[string]int
	there map[string]StagedPhoto
}

func (w *wantedPhotos) add(in imported) {
	if w.lines == nil {
		w.lines, w.there = map[string]int{}, map[string]StagedPhoto{}
	}
	for _, ph := range in.photos {
		if _, known := w.lines[ph.name]; !known {
			w.names, w.lines[ph.name] = append(w.names, ph.name), in.line
		}
	}
}

// staged gives a product's photographs what is stored of them.
func (w *wantedPhotos) staged(in *imported) {
	for i := range in.photos {
		in.photos[i].staged = w.there[in.photos[i].name]
	}
}

// places are where a product may belong: the shop's categories and makers by their slugs, and its families.
type places struct {
	categories, makers map[string]int64
	families           map[string]bool
}

// knownPlaces reads all of them.
func knownPlaces(ctx context.Context, q pg.Querier) (*places, error) {
	return readPlaces(ctx, q, sqlPlaces, nil)
}

// placesOf reads those that a product names.
func placesOf(ctx context.Context, q pg.Querier, c Content) (*places, error) {
	return readPlaces(ctx, q, sqlPlacesOf, pgx.NamedArgs{"category": c.Category, "maker": c.Maker, "family": c.Family})
}

func readPlaces(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) (*places, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	p := &places{map[string]int64{}, map[string]int64{}, map[string]bool{}}
	var kind, name string
	var id int64
	_, err = pgx.ForEachRow(rows, []any{&kind, &name, &id}, func() error {
		switch kind {
		case "category":
			p.categories[name] = id
		case "maker":
			p.makers[name] = id
		default:
			p.families[name] = true
		}
		return nil
	})
	return p, err
}

// withoutPlaces takes off a category or maker that the shop does not have, with a warning: another
// shop's words for them seldom are ours, and a person chooses before the product goes online.
func (r *Report) withoutPlaces(in *imported, known *places) {
	for _, one := range []struct {
		column string
		slug   *string
		known  map[string]int64
	}{{"category", &in.content.Category, known.categories}, {"maker", &in.content.Maker, known.makers}} {
		if _, there := one.known[*one.slug]; !there && *one.slug != "" {
			r.warn(issue(in.line, one.column, "place_unknown", "slug", *one.slug))
			*one.slug = ""
		}
	}
}

// ImportDetail is what a file brings of a product, or changes of it: New, or the places that change.
type ImportDetail struct {
	Line       int
	Slug, Name string
	New        bool
	Changes    []Change
}

// mostDetails is how many products a report shows one by one.
const mostDetails = 200

func (r *Report) detail(in imported, before, after Content) {
	if len(r.Details) >= mostDetails {
		return
	}
	d := ImportDetail{Line: in.line, Slug: after.Slug, Name: after.Texts[text.FR].Name, New: before.Slug == ""}
	if !d.New {
		changes, err := Changes(RevisedOf(before), RevisedOf(after))
		if err == nil {
			d.Changes = append(changes, variantChanges(before, after)...)
		}
	}
	r.Details = append(r.Details, d)
}

// variantChanges lists what differs between the articles of two contents, by SKU.
func variantChanges(before, after Content) []Change {
	had := map[string]Variant{}
	for _, v := range before.Variants {
		had[v.SKU] = v
	}
	var list []Change
	for _, v := range after.Variants {
		old, known := had[v.SKU]
		delete(had, v.SKU)
		if !known {
			list = append(list, Change{v.SKU, "", "+"})
			continue
		}
		for _, c := range []struct {
			place         string
			before, after any
		}{
			{"price", old.Price.Decimal(), v.Price.Decimal()}, {"stock", old.Stock, v.Stock}, {"gtin", old.GTIN, v.GTIN}, {"cost", costOf(old), costOf(v)},
			{"weight_g", old.WeightG, v.WeightG}, {"length_mm", old.LengthMM, v.LengthMM}, {"width_mm", old.WidthMM, v.WidthMM}, {"height_mm", old.HeightMM, v.HeightMM},
			{"vat_class", old.VATClass, v.VATClass}, {"customs_code", old.CustomsCode, v.CustomsCode}, {"origin_country", old.OriginCountry, v.OriginCountry}, {"analytic_code", old.AnalyticCode, v.AnalyticCode},
		} {
			if was, now := fmt.Sprint(c.before), fmt.Sprint(c.after); was != now {
				list = append(list, Change{v.SKU + "." + c.place, was, now})
			}
		}
		if old.Retired != v.Retired {
			list = append(list, Change{v.SKU, "–", "+"})
		}
	}
	for _, v := range before.Variants {
		if _, gone := had[v.SKU]; gone && !v.Retired {
			list = append(list, Change{v.SKU, "+", "–"})
		}
	}
	return list
}

func costOf(v Variant) string {
	if v.Cost == nil {
		return ""
	}
	return v.Cost.Decimal()
}
