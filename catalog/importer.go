package catalog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// ImportOptions say how a file is brought in.
type ImportOptions struct {
	// Format is how the file describes products; FormatAuto, or empty, recognises it by its head.
	Format Format
	// DryRun judges the file and changes nothing.
	DryRun bool
	Actor  string
	// Photos is where the file's photographs lie, by name; nil when it names none.
	Photos fs.FS
	// Progress hears how many products of how many are done; nil hears nothing.
	Progress func(done, of int)
	// Begin and End are steps of the import's own transaction, before its first product and after its
	// last; nil is no step. A dry run never comes to its end.
	Begin func(ctx context.Context, tx pgx.Tx) error
	End   func(ctx context.Context, tx pgx.Tx, report Report) error
}

// Report says what an import did, or would do. With Issues nothing was changed.
type Report struct {
	Products, Variants, Photos  int
	Created, Changed, Unchanged int
	Published                   int
	// Pictured counts the products whose photographs changed.
	Pictured int
	// Format is what the file was read as.
	Format Format
	Issues []Issue
	// Warnings are rows that came in otherwise than they say: not put online, without their category.
	Warnings []Issue
	// More and MoreWarnings count what is not named.
	More, MoreWarnings int
	// Details are the first of what comes in or changes.
	Details []ImportDetail
	// Broken is why the file could not be read at all; nil when it could.
	Broken *Issue `json:",omitempty"`

	places [][]rowPlace // of another shop's products, once they are gathered
}

// singleColumns are the columns that stand once; the others stand once per language.
var singleColumns = []string{
	"slug", "family", "category", "maker", "vat_class", "sku", "gtin", "option1_swatch", "option2_swatch", "price", "cost", "weight_g", "length_mm", "width_mm", "height_mm",
	"stock", "customs_code", "origin_country", "net_quantity", "net_unit", "manufacturer_name", "manufacturer_address", "manufacturer_contact", "allergens",
	"alcohol_by_volume", "author", "publisher", "isbn", "book_condition", "photos", "shipping_classes", "publish",
}

var languageColumns = []string{
	"name", "short", "description", "option1_name", "option1_value", "option2_name", "option2_value", "warnings", "ingredients", "composition", "photo_alts",
}

var allLanguages = []text.Lang{text.FR, text.EN, text.NL, text.DE}

func isProductColumn(name string) bool {
	if slices.Contains(singleColumns, name) || slices.Contains(factColumns, name) || slices.Contains(variantColumns, name) {
		return true
	}
	for _, l := range allLanguages {
		if base, ok := strings.CutSuffix(name, "_"+string(l)); ok && (slices.Contains(languageColumns, base) || slices.Contains(factLanguageColumns, base)) {
			return true
		}
	}
	return false
}

// imported is one product of a file.
type imported struct {
	line    int
	content Content
	photos  []importedPhoto
	publish bool
	// shows is the photograph of each article's own, by SKU.
	shows map[string]string
	// foreign tells a product of another shop's export, which says little of what the law wants.
	foreign bool
}

type importedPhoto struct {
	name   string
	alts   map[text.Lang]string
	staged StagedPhoto
}

// errRefused rolls a dry run back.
var errRefused = errors.New("nothing is kept")

// Import brings products in from the shop's own CSV format: one row per variant; a row that repeats
// the slug before it adds a variant. All rows or none: with any issue nothing is changed, and every
// bad row is named by line, column and reason. Products are found by slug, variants by SKU; a file
// that says what is there already changes nothing.
func (s *Service) Import(ctx context.Context, r io.Reader, o ImportOptions) (Report, error) {
	file, err := rewindable(r)
	if err != nil {
		return Report{}, err
	}
	report := Report{Format: o.Format}
	wanted := wantedPhotos{}
	if err := report.each(file, o, func(in imported) error {
		report.Products++
		report.Variants += len(in.content.Variants)
		report.Photos += len(in.photos)
		wanted.add(in)
		return nil
	}); err != nil {
		return report, err
	}
	early := slices.Clone(report.Warnings)
	if err := s.stagePhotos(ctx, &report, &wanted, o); err != nil {
		return report, err
	}
	report.inOrder()
	if len(report.Issues) > 0 {
		return report, nil
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		report.Created, report.Changed, report.Unchanged, report.Published, report.Pictured, report.Warnings, report.Details = 0, 0, 0, 0, 0, slices.Clone(early), nil
		if o.Begin != nil {
			if err := o.Begin(ctx, tx); err != nil {
				return err
			}
		}
		if err := bumpLater(ctx, tx); err != nil {
			return err
		}
		places, err := knownPlaces(ctx, tx)
		if err != nil {
			return err
		}
		bringing := bringing{s: s, tx: tx, new: pg.InOneMessage(tx), report: &report, places: places, o: o}
		again := Report{Format: report.Format, places: report.places}
		if err := again.each(file, o, func(in imported) error {
			wanted.staged(&in)
			if in.foreign {
				report.withoutPlaces(&in, places)
			}
			return bringing.take(ctx, in)
		}); err != nil {
			return err
		}
		if err := bringing.end(ctx); err != nil {
			return err
		}
		if len(report.Issues) > 0 || o.DryRun {
			return errRefused
		}
		if report.Created+report.Changed+report.Published+report.Pictured > 0 {
			if err := bumpNow(ctx, tx); err != nil {
				return err
			}
		}
		if o.End != nil {
			return o.End(ctx, tx, report)
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return report, err
}

// rewindable is a file that can be read from its beginning again: itself, or what it holds.
func rewindable(r io.Reader) (io.ReadSeeker, error) {
	if file, ok := r.(io.ReadSeeker); ok {
		return file, nil
	}
	data, err := io.ReadAll(io.LimitReader(r, maxHeldBytes+1))
	if err == nil && len(data) > maxHeldBytes {
		err = fault.New(fault.TooLarge, "import_too_large", "the file has more than 64 MB")
	}
	return bytes.NewReader(data), err
}

// each reads the file's products one after the other, each as a whole: the shop's own format row by row,
// the export of another shop by where a product's rows stand, since that may be anywhere.
func (r *Report) each(file io.ReadSeeker, o ImportOptions, take func(imported) error) error {
	defer r.inOrder()
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	t, issues, err := openTable(file, maxImportBytes)
	r.note(issues...)
	if err != nil || t == nil {
		return err
	}
	if r.Format == FormatAuto || r.Format == "" {
		r.Format = recognise(t.columns)
	}
	g := grouping{report: r, slugs: map[string]bool{}, skus: map[string]int{}, take: take}
	if r.Format == FormatBoutique {
		if issues := judgeHead(t.columns, isProductColumn, []string{"slug", "sku", "price"}); issues != nil {
			r.note(issues...)
			return nil
		}
		for {
			row, issues, ok, err := t.next()
			if err != nil {
				return err
			}
			if !ok {
				return g.end()
			}
			r.note(issues...)
			if row.cells == nil {
				continue
			}
			if err := g.row(row); err != nil {
				return err
			}
		}
	}
	if like := recognise(t.columns); like != r.Format {
		r.note(issue(1, "", "head_of_another", "format", string(r.Format)))
		return nil
	}
	g.take = func(in imported) error {
		if in.foreign = true; o.Photos == nil && len(in.photos) > 0 {
			r.warn(issue(in.line, "photos", "photos_stay"))
			in.photos = nil
		}
		return take(in)
	}
	return r.eachForeign(file, t, g)
}

// eachForeign reads the products of another shop's export.
func (r *Report) eachForeign(file io.ReadSeeker, t *table, g grouping) error {
	if r.places == nil {
		places, issues, err := gather(t, r.Format)
		r.note(issues...)
		if err != nil {
			return err
		}
		r.places = places
	}
	again := rereading{file: file, table: t}
	for _, places := range r.places {
		var err error
		rows := make([]row, len(places))
		for i, at := range places {
			if rows[i], err = again.row(at); err != nil {
				return err
			}
		}
		ours, issues := translated(r.Format, rows)
		r.note(issues...)
		for _, row := range ours {
			if err := g.row(row); err != nil {
				return err
			}
		}
	}
	return g.end()
}

// stagePhotos stores every photograph that the file names before the transaction: files first. A
// dry run only looks whether they are there.
func (s *Service) stagePhotos(ctx context.Context, report *Report, wanted *wantedPhotos, o ImportOptions) error {
	for _, name := range wanted.names {
		refuse := func(i Issue) {
			i.Line, i.Column, i.Of = wanted.lines[name], "photos", name
			report.note(i)
		}
		if kept := ownPhoto.FindStringSubmatch(name); kept != nil && len(report.Issues) == 0 {
			staged, there, err := knownPhoto(ctx, s.Pool, kept[1])
			if err != nil {
				return err
			}
			if there {
				wanted.there[name] = staged
				continue
			}
		}
		if o.Photos == nil {
			refuse(issue(0, "", "photo_no_folder"))
			continue
		}
		if !fs.ValidPath(name) {
			refuse(issue(0, "", "photo_name"))
			continue
		}
		file, err := o.Photos.Open(name)
		if err != nil {
			refuse(issue(0, "", "photo_not_there"))
			continue
		}
		if o.DryRun || len(report.Issues) > 0 {
			file.Close()
			continue
		}
		staged, err := s.Photos.Stage(ctx, name, file)
		file.Close()
		if f, ok := fault.As(err); ok && f.Kind != fault.Internal {
			refuse(issueOf(0, "", f))
		} else if err != nil {
			return err
		}
		wanted.there[name] = staged
	}
	return nil
}

// staysDraft says what a product that was to go online still lacks, in the languages of the desk.
func staysDraft(line int, failing []Criterion) Issue {
	todo := Labels{}
	for _, lang := range text.Leading() {
		var list []string
		for _, c := range failing {
			list = append(list, c.ToDo(lang))
		}
		todo[lang] = strings.Join(list, " ")
	}
	i := issue(line, "publish", "stays_draft", "todo", todo[text.EN])
	i.Params["todo"] = todo
	return i
}

// over keeps, of a product that is there already, what the file does not speak of.
func (in imported) over(before Content) Content {
	c := in.content
	texts := map[text.Lang]Text{}
	for lang, t := range before.Texts {
		texts[lang] = t
	}
	for lang, t := range c.Texts {
		texts[lang] = t.over(texts[lang])
	}
	c.Texts, c.Legal, c.AnalyticCode = texts, c.Legal.over(before.Legal), cmp.Or(c.AnalyticCode, before.AnalyticCode)
	c.keepOptions(before.Options)
	c.Variants = overVariants(c.Variants, before.Variants)
	if in.foreign {
		c.Family, c.VATClass, c.Category, c.Maker, c.Legal = before.Family, before.VATClass, before.Category, before.Maker, before.Legal
		c.OriginCountry, c.CustomsCode, c.ShippingClasses = before.OriginCountry, before.CustomsCode, before.ShippingClasses
		for i := range c.Variants {
			v := &c.Variants[i]
			for _, old := range before.Variants {
				if old.SKU == v.SKU && v.LengthMM == 0 {
					v.LengthMM, v.WidthMM, v.HeightMM = old.LengthMM, old.WidthMM, old.HeightMM
				}
			}
		}
	}
	return c
}

// keepOptions keeps the codes, the values and their order of options that are there already: a file
// knows them by their French names, and names no value that nothing is sold of.
func (c *Content) keepOptions(before []Option) {
	for n := range c.Options {
		o := &c.Options[n]
		at := slices.IndexFunc(before, func(b Option) bool { return b.Labels[text.FR] == o.Labels[text.FR] })
		if at < 0 {
			continue
		}
		o.Code = before[at].Code
		values, codes := slices.Clone(before[at].Values), map[string]string{}
		for _, v := range o.Values {
			same := slices.IndexFunc(values, func(b OptionValue) bool { return b.Labels[text.FR] == v.Labels[text.FR] })
			if same < 0 {
				values = append(values, v)
				continue
			}
			codes[v.Code] = values[same].Code
			v.Code = values[same].Code
			values[same] = v
		}
		o.Values = values
		for i := range c.Variants {
			if code, ok := codes[c.Variants[i].Values[n]]; ok {
				c.Variants[i].Values[n] = code
			}
		}
	}
}

// overVariants keeps of each article what the file says nothing of. One that is no longer sold and that
// the file does not name stays as it is.
func overVariants(file, before []Variant) []Variant {
	var list []Variant
	had := map[string]Variant{}
	for _, v := range before {
		had[v.SKU] = v
	}
	for _, v := range file {
		list = append(list, v.over(had[v.SKU]))
		delete(had, v.SKU)
	}
	for _, v := range before {
		if _, unnamed := had[v.SKU]; unnamed && v.Retired {
			list = append(list, v)
		}
	}
	return list
}
