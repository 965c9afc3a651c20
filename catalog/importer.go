package catalog

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
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
}

// Report says what an import did, or would do. With Issues nothing was changed.
type Report struct {
	Products, Variants, Photos  int
	Created, Changed, Unchanged int
	Published                   int
	// Format is what the file was read as.
	Format Format
	Issues []Issue
	// Warnings are rows that were brought in but could not be put online, each with its reason.
	Warnings []Issue
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
	report := Report{Format: o.Format}
	rows, issues, err := readTable(r, func(columns []string) []Issue {
		if report.Format == FormatAuto || report.Format == "" {
			report.Format = recognise(columns)
		}
		if report.Format != FormatBoutique {
			if like := recognise(columns); like != report.Format {
				return []Issue{{1, "", "is not the head of a " + string(report.Format) + " export"}}
			}
			return nil
		}
		return judgeHead(columns, isProductColumn, []string{"slug", "sku", "price"})
	})
	if err != nil {
		return Report{}, err
	}
	rows, more := translated(report.Format, rows)
	report.Issues = append(issues, more...)
	products := report.group(rows)
	for i := range products {
		if products[i].foreign = report.Format != FormatBoutique; products[i].foreign && o.Photos == nil && len(products[i].photos) > 0 {
			report.Warnings = append(report.Warnings, Issue{products[i].line, "photos", "stay behind: no folder or zip of photographs was given"})
			products[i].photos = nil
		}
	}
	early := report.Warnings
	for i := range products {
		report.Products++
		report.Variants += len(products[i].content.Variants)
		report.Photos += len(products[i].photos)
	}
	if err := s.stagePhotos(ctx, &report, products, o); err != nil {
		return report, err
	}
	if len(report.Issues) > 0 {
		return report, nil
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		report.Created, report.Changed, report.Unchanged, report.Published, report.Warnings = 0, 0, 0, 0, slices.Clone(early)
		for i := range products {
			if err := s.importOne(ctx, tx, &report, products[i], o); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(i+1, len(products))
			}
		}
		if len(report.Issues) > 0 || o.DryRun {
			return errRefused
		}
		return nil
	})
	if errors.Is(err, errRefused) {
		err = nil
	}
	return report, err
}

// stagePhotos stores every photograph that the file names before the transaction: files first. A
// dry run only looks whether they are there.
func (s *Service) stagePhotos(ctx context.Context, report *Report, products []imported, o ImportOptions) error {
	for i := range products {
		for j := range products[i].photos {
			ph := &products[i].photos[j]
			issue := func(reason string) {
				report.Issues = append(report.Issues, Issue{products[i].line, "photos", ph.name + ": " + reason})
			}
			if kept := ownPhoto.FindStringSubmatch(ph.name); kept != nil && len(report.Issues) == 0 {
				staged, there, err := knownPhoto(ctx, s.Pool, kept[1])
				if err != nil {
					return err
				}
				if there {
					ph.staged = staged
					continue
				}
			}
			if o.Photos == nil {
				issue("no folder of photographs was given")
				continue
			}
			if !fs.ValidPath(ph.name) {
				issue("is no file name")
				continue
			}
			file, err := o.Photos.Open(ph.name)
			if err != nil {
				issue("is not in the folder of photographs")
				continue
			}
			if o.DryRun || len(report.Issues) > 0 {
				file.Close()
				continue
			}
			ph.staged, err = s.Photos.Stage(ctx, ph.name, file)
			file.Close()
			if f, ok := fault.As(err); ok && f.Kind != fault.Internal {
				issue(f.Detail)
			} else if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) importOne(ctx context.Context, tx pgx.Tx, report *Report, in imported, o ImportOptions) error {
	var id int64
	if in.foreign {
		if err := knownPlaces(ctx, tx, &in.content); err != nil {
			return err
		}
	}
	existing, err := GetProduct(ctx, tx, in.content.Slug)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		if id, err = s.insert(ctx, tx, in.content, o.Actor); err == nil {
			report.Created++
		}
	case err == nil:
		id = existing.ID
		var changed bool
		if changed, err = s.update(ctx, tx, existing, in.over(existing.Content), o.Actor); err == nil && changed {
			report.Changed++
		} else if err == nil {
			report.Unchanged++
		}
	}
	if f, ok := fault.As(err); ok && f.Kind != fault.Internal && f.Kind != fault.Unavailable {
		if len(f.Fields) == 0 {
			report.Issues = append(report.Issues, Issue{in.line, "", f.Detail})
		}
		for _, field := range f.Fields {
			report.Issues = append(report.Issues, Issue{in.line, field.Place, field.Message})
		}
		return errRefused
	}
	if err != nil {
		return err
	}
	if o.DryRun {
		return nil
	}
	if err := s.importPhotos(ctx, tx, id, existing.Photos, in.photos); err != nil {
		return err
	}
	if err := s.importOwnPhotos(ctx, tx, id, in); err != nil {
		return err
	}
	if !in.publish {
		return nil
	}
	p, err := productByID(ctx, tx, id)
	if err != nil || p.State == Published {
		return err
	}
	err = s.publish(ctx, tx, p, o.Actor)
	if fault.Is(err, "criteria_not_met") {
		list, err := s.Criteria(ctx, p)
		if err != nil {
			return err
		}
		var todo []string
		for _, c := range Failing(list) {
			todo = append(todo, c.ToDo(text.EN))
		}
		report.Warnings = append(report.Warnings, Issue{in.line, "publish", "stays a draft: " + strings.Join(todo, " ")})
		return nil
	}
	if err == nil {
		report.Published++
	}
	return err
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

func (s *Service) importPhotos(ctx context.Context, tx pgx.Tx, productID int64, had []Photo, photos []importedPhoto) error {
	known := map[string]Photo{}
	for _, p := range had {
		known[p.SHA256], known[p.Source.SHA256] = p, p
	}
	next := len(had)
	for _, ph := range photos {
		if old, there := known[ph.staged.SHA256]; there {
			for lang, alt := range ph.alts {
				if old.Alts[lang] == alt {
					delete(ph.alts, lang)
				}
			}
			if err := putAlts(ctx, tx, old.ID, ph.alts); err != nil {
				return err
			}
			continue
		}
		if err := s.attach(ctx, tx, productID, next, ph.staged, ph.alts, s.EnqueueRender); err != nil {
			return err
		}
		next++
	}
	return nil
}

// group turns rows into products and notes everything that is wrong with them.
func (r *Report) group(rows []row) []imported {
	var products []imported
	slugs, skus := map[string]bool{}, map[string]int{}
	for _, row := range rows {
		name := row.get("slug")
		if name == "" {
			r.issue(row, "slug", "is missing")
			continue
		}
		adds := len(products) > 0 && products[len(products)-1].content.Slug == name
		if !adds {
			if slugs[name] {
				r.issue(row, "slug", "stands further up already: keep a product's rows together")
				continue
			}
			slugs[name] = true
			products = append(products, r.product(row))
		}
		p := &products[len(products)-1]
		v := r.variant(row, p)
		v.own(row)
		r.ownPhoto(row, p, v.SKU)
		if before, twice := skus[v.SKU]; twice && v.SKU != "" {
			r.issue(row, "sku", fmt.Sprintf("is the one of line %d", before))
		}
		skus[v.SKU] = row.line
		p.content.Variants = append(p.content.Variants, v)
	}
	for _, p := range products {
		if err := p.content.Check(); err != nil {
			f, _ := fault.As(err)
			for _, field := range f.Fields {
				if !strings.Contains(field.Place, ".values") {
					r.Issues = append(r.Issues, Issue{p.line, field.Place, field.Message})
				}
			}
		}
	}
	return products
}

func (r *Report) issue(row row, column, reason string) {
	r.Issues = append(r.Issues, Issue{row.line, row.column(column), reason})
}

// perLanguage reads a column that stands once per language, where it is not empty.
func perLanguage(row row, column string) map[text.Lang]string {
	m := map[text.Lang]string{}
	for _, l := range allLanguages {
		if s := row.get(column + "_" + string(l)); s != "" {
			m[l] = s
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

func list(cell, separator string) []string {
	var out []string
	for _, s := range strings.Split(cell, separator) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func (r *Report) number(row row, column string) int {
	cell := row.get(column)
	if cell == "" {
		return 0
	}
	n, err := strconv.Atoi(cell)
	if err != nil || n < 0 {
		r.issue(row, column, fmt.Sprintf("must be a whole number, not %q", clip(cell)))
	}
	return n
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "…"
	}
	return s
}

func (r *Report) product(row row) imported {
	p := imported{line: row.line}
	c := &p.content
	c.Slug, c.Family, c.Category, c.Maker = row.get("slug"), row.get("family"), row.get("category"), row.get("maker")
	c.VATClass = vat.Class(row.get("vat_class"))
	c.Texts = map[text.Lang]Text{}
	for _, l := range allLanguages {
		t := Text{Name: row.get("name_" + string(l)), Short: row.get("short_" + string(l)), Description: row.get("description_" + string(l))}
		if t != (Text{}) {
			c.Texts[l] = t
		}
	}
	c.OriginCountry, c.CustomsCode = strings.ToUpper(row.get("origin_country")), row.get("customs_code")
	c.ShippingClasses = list(row.get("shipping_classes"), ",")
	c.Legal = LegalFacts{
		Manufacturer: Manufacturer{row.get("manufacturer_name"), row.get("manufacturer_address"), row.get("manufacturer_contact")},
		Warnings:     perLanguage(row, "warnings"), NetQuantity: r.number(row, "net_quantity"), NetUnit: row.get("net_unit"),
		Ingredients: perLanguage(row, "ingredients"), Allergens: list(row.get("allergens"), ","), Composition: perLanguage(row, "composition"),
		Author: row.get("author"), Publisher: row.get("publisher"), ISBN: row.get("isbn"), BookCondition: row.get("book_condition"),
	}
	if cell := row.get("alcohol_by_volume"); cell != "" {
		tenths, err := money.Parse(cell)
		if err != nil || tenths < 0 || tenths > 100_00 || tenths%10 != 0 {
			r.issue(row, "alcohol_by_volume", fmt.Sprintf("must be percent with at most one decimal, like 6,5, not %q", clip(cell)))
		}
		c.Legal.AlcoholTenths = int(tenths / 10)
	}
	r.facts(row, c)
	if !slices.Contains(netUnits, c.Legal.NetUnit) {
		r.issue(row, "net_unit", "must be g, kg, ml, l, m or piece")
	}
	for n := 1; n <= 2; n++ {
		if labels := perLanguage(row, fmt.Sprintf("option%d_name", n)); labels != nil {
			c.Options = append(c.Options, Option{Code: slug.Make(Labels(labels).In(text.FR)), Labels: labels})
		}
	}
	names := list(row.get("photos"), "|")
	for _, name := range names {
		p.photos = append(p.photos, importedPhoto{name: name, alts: map[text.Lang]string{}})
	}
	for _, l := range allLanguages {
		column := "photo_alts_" + string(l)
		if row.get(column) == "" {
			continue
		}
		alts := strings.Split(row.get(column), "|")
		if len(alts) > len(names) {
			r.issue(row, column, fmt.Sprintf("has %d texts for %d photographs", len(alts), len(names)))
			continue
		}
		for i, alt := range alts {
			if alt = strings.TrimSpace(alt); alt != "" {
				p.photos[i].alts[l] = alt
			}
		}
	}
	switch strings.ToLower(row.get("publish")) {
	case "yes", "oui", "1", "true":
		p.publish = true
	case "no", "non", "0", "false", "":
	default:
		r.issue(row, "publish", "must be yes or no")
	}
	return p
}

func (r *Report) variant(row row, p *imported) Variant {
	v := Variant{SKU: row.get("sku"), GTIN: row.get("gtin"), WeightG: r.number(row, "weight_g"), LengthMM: r.number(row, "length_mm"),
		WidthMM: r.number(row, "width_mm"), HeightMM: r.number(row, "height_mm"), Stock: r.number(row, "stock")}
	if v.SKU == "" {
		r.issue(row, "sku", "is missing")
	}
	price, err := money.Parse(row.get("price"))
	if err != nil || price <= 0 {
		r.issue(row, "price", fmt.Sprintf("must be an amount like 12,50, not %q", clip(row.get("price"))))
	} else {
		v.Price = price
	}
	if cell := row.get("cost"); cell != "" {
		cost, err := money.Parse(cell)
		if err != nil || cost < 0 {
			r.issue(row, "cost", fmt.Sprintf("must be an amount like 6,20, not %q", clip(cell)))
		}
		v.Cost = &cost
	}
	for n := range p.content.Options {
		column := fmt.Sprintf("option%d_value", n+1)
		labels := perLanguage(row, column)
		if labels == nil {
			r.issue(row, column+"_fr", "is missing: the product has this option")
			v.Values = append(v.Values, "")
			continue
		}
		value := OptionValue{Code: slug.Make(Labels(labels).In(text.FR)), Labels: labels, Swatch: row.get(fmt.Sprintf("option%d_swatch", n+1))}
		option := &p.content.Options[n]
		if !slices.ContainsFunc(option.Values, func(o OptionValue) bool { return o.Code == value.Code }) {
			option.Values = append(option.Values, value)
		}
		v.Values = append(v.Values, value.Code)
	}
	return v
}
