package catalog

import (
	"context"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

var (
	// An origin, a customs code and an analytic code may be missing: the criteria ask for them.
	originForm   = regexp.MustCompile(`^([A-Z]{2})?$`)
	customsForm  = regexp.MustCompile(`^[0-9 .]{0,20}$`)
	swatchForm   = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)
	analyticForm = regexp.MustCompile(`^([A-Za-z0-9][A-Za-z0-9._-]{0,39})?$`)

	slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	skuForm  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
	// familyForm is the form of a family's code; whether there is one of that code the database knows.
	familyForm = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)
)

// The limits of a product's texts, in bytes.
const (
	maxName        = 200
	maxShort       = 600
	maxDescription = 20_000
)

// Check names everything in the content that cannot be kept. What is only missing for publication
// is left to the criteria.
func (c Content) Check() error {
	var fields fault.Fields
	if !slugForm.MatchString(c.Slug) || len(c.Slug) > 80 {
		fields.Add("slug", "slug_invalid", "must have small letters, digits and hyphens, at most 80")
	}
	if !familyForm.MatchString(c.Family) {
		fields.Add("family", "family_unknown", "must be one of the shop's families, like "+strings.Join(Families(), ", "))
	}
	c.Legal.check(&fields)
	if _, ok := vat.ParseClass(string(c.VATClass)); !ok {
		fields.Add("vat_class", "vat_class_unknown", "must be a VAT class, chosen by a person")
	}
	for lang, t := range c.Texts {
		if len(t.Name) > maxName {
			fields.Add("texts."+string(lang)+".name", "too_long", "has at most 200 characters")
		}
		if len(t.Short) > maxShort {
			fields.Add("texts."+string(lang)+".short", "too_long", "has at most 600 characters")
		}
		if len(t.Description) > maxDescription {
			fields.Add("texts."+string(lang)+".description", "too_long", "has at most 20,000 characters")
		}
	}
	if !originForm.MatchString(c.OriginCountry) {
		fields.Add("origin_country", "country_unknown", "must be a country's code of two letters")
	}
	if !analyticForm.MatchString(c.AnalyticCode) {
		fields.Add("analytic_code", "analytic_code_invalid", "must have letters, digits, points, hyphens, at most 40")
	}
	seen := map[string]bool{}
	for _, v := range c.Variants {
		at := "variants." + v.SKU
		if !skuForm.MatchString(v.SKU) || len(v.SKU) > 64 {
			fields.Add(at+".sku", "sku_invalid", "must have letters, digits, points, hyphens, at most 64")
		}
		if seen[v.SKU] {
			fields.Add(at+".sku", "sku_twice", "is used twice")
		}
		seen[v.SKU] = true
		if v.GTIN != "" && !ValidGTIN(v.GTIN) {
			fields.Add(at+".gtin", "gtin_invalid", "is no GTIN: its check digit is wrong")
		}
		if v.Price < 0 || v.Price > 100_000_00 {
			fields.Add(at+".price", "price_out_of_range", "must be between 0.01 and 100,000 euros")
		}
		if v.WeightG < 0 || v.LengthMM < 0 || v.WidthMM < 0 || v.HeightMM < 0 || max(v.LengthMM, v.WidthMM, v.HeightMM) > 10_000 || v.WeightG > 1_000_000 {
			fields.Add(at+".dimensions", "dimensions_out_of_range", "must be grams and millimetres that a parcel can have")
		}
		if v.Stock < 0 || v.Stock > 1_000_000 {
			fields.Add(at+".stock", "stock_out_of_range", "must be between 0 and 1,000,000")
		}
		v.checkOwn(&fields, at)
		// One that is no longer sold keeps the options of its day.
		if !v.Retired && len(v.Values) != len(c.Options) {
			fields.Add(at+".values", "values_missing", "must name one value for each option")
		}
	}
	return fields.Err()
}

// checkOwn judges what an article has of its own, beside its product.
func (v Variant) checkOwn(fields *fault.Fields, at string) {
	if _, ok := vat.ParseClass(string(v.VATClass)); v.VATClass != "" && !ok {
		fields.Add(at+".vat_class", "vat_class_unknown", "must be a VAT class, or empty for the product's")
	}
	if !originForm.MatchString(v.OriginCountry) {
		fields.Add(at+".origin_country", "country_unknown", "must be a country's code of two letters")
	}
	if !customsForm.MatchString(v.CustomsCode) {
		fields.Add(at+".customs_code", "customs_code_invalid", "must be a customs code: digits, at most 20")
	}
	if !analyticForm.MatchString(v.AnalyticCode) {
		fields.Add(at+".analytic_code", "analytic_code_invalid", "must have letters, digits, points, hyphens, at most 40")
	}
}

// CreateProduct makes a draft. A slug or SKU that is taken is a Conflict.
func (s *Service) CreateProduct(ctx context.Context, c Content, actor string) (Product, error) {
	var made Product
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		id, err := s.insert(ctx, tx, c, nil, actor)
		if err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		made, err = productByID(ctx, tx, id)
		return err
	})
	return made, err
}

// insert makes a draft; the catalogue's version is left to whoever calls it. known are the shop's places
// when they were read already, else nil.
func (s *Service) insert(ctx context.Context, tx pgx.Tx, c Content, known *places, actor string) (int64, error) {
	if err := c.Check(); err != nil {
		return 0, err
	}
	args, err := columns(ctx, tx, c, known)
	if err != nil {
		return 0, err
	}
	var id int64
	if err := tx.QueryRow(ctx, sqlInsertProduct, args).Scan(&id); err != nil {
		return 0, taken(err)
	}
	if err := s.saveParts(ctx, tx, id, Content{}, c, actor); err != nil {
		return 0, err
	}
	if err := keepRevision(ctx, tx, id, nil, c, 1, actor); err != nil {
		return 0, err
	}
	if err := signContent(ctx, tx, id, Content{}, c, actor); err != nil {
		return 0, err
	}
	return id, audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.create", Subject: "product:" + c.Slug})
}

// UpdateProduct edits a product: it reads it under a lock, lets edit change its content, and keeps
// what changed. version is the one that the editor saw; when somebody else edited since, it is
// Stale with code product_changed. Zero takes whatever is there. A product that edit leaves as it
// was keeps its version.
func (s *Service) UpdateProduct(ctx context.Context, slug string, version int, actor string, edit func(*Content) error) (Product, error) {
	var after Product
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockProduct, pgx.NamedArgs{"slug": slug}); err != nil {
			return err
		}
		before, err := GetProduct(ctx, tx, slug)
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return stale(ctx, tx, before, version)
		}
		content := before.Content.clone()
		if err := edit(&content); err != nil {
			return err
		}
		if _, err := s.update(ctx, tx, before, content, actor); err != nil {
			return err
		}
		after, err = productByID(ctx, tx, before.ID)
		return err
	})
	return after, err
}

// stale says what changed since the version that an editor saw, and who changed it last.
func stale(ctx context.Context, q pg.Querier, now Product, version int) error {
	f := fault.New(fault.Stale, "product_changed", "somebody else changed this product since you read it: look at what changed, then save again").With("version", now.Version)
	base, found, err := revisionUpTo(ctx, q, now.ID, version)
	if err != nil {
		return err
	}
	if !found {
		return f
	}
	changed, err := Changes(base.Content, RevisedOf(now.Content))
	if err != nil {
		return err
	}
	places := make([]string, len(changed))
	for i, c := range changed {
		places[i] = c.Place
	}
	last, _, err := revisionUpTo(ctx, q, now.ID, now.Version)
	if err != nil {
		return err
	}
	return f.With("changed", places).With("by", last.Author)
}

// update keeps the difference between a product and its new content; changed tells whether there
// was any.
func (s *Service) update(ctx context.Context, tx pgx.Tx, before Product, c Content, actor string) (changed bool, err error) {
	if err := c.Check(); err != nil {
		return false, err
	}
	if before.says(c) {
		return false, nil
	}
	args, err := columns(ctx, tx, c, nil)
	if err != nil {
		return false, err
	}
	args["id"] = before.ID
	if err := keepBookPrice(ctx, tx, before.ID, c); err != nil {
		return false, err
	}
	if _, err := tx.Exec(ctx, sqlUpdateProduct, args); err != nil {
		return false, taken(err)
	}
	if before.Slug != c.Slug {
		if _, err := tx.Exec(ctx, sqlKeepFormerSlug, pgx.NamedArgs{"slug": before.Slug, "product_id": before.ID}); err != nil {
			return false, err
		}
	}
	if err := s.saveParts(ctx, tx, before.ID, before.Content, c, actor); err != nil {
		return false, err
	}
	if err := keepRevision(ctx, tx, before.ID, &before, c, before.Version+1, actor); err != nil {
		return false, err
	}
	if err := signContent(ctx, tx, before.ID, before.Content, c, actor); err != nil {
		return false, err
	}
	if err := bump(ctx, tx); err != nil {
		return false, err
	}
	return true, audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.update", Subject: "product:" + c.Slug})
}

func taken(err error) error {
	switch {
	case pg.IsUnique(err, "a product's slug is used once"):
		return fault.New(fault.Conflict, "slug_taken", "another product has this address")
	case pg.IsUnique(err, "a SKU is used once"):
		return fault.New(fault.Conflict, "sku_taken", "another article has this SKU")
	case pg.IsUnique(err, "a GTIN is used once"):
		return fault.New(fault.Conflict, "gtin_taken", "another article has this GTIN")
	}
	return err
}

// columns are the arguments of a product's own row.
func columns(ctx context.Context, tx pgx.Tx, c Content, known *places) (pgx.NamedArgs, error) {
	legal, err := json.Marshal(c.Legal)
	if err != nil {
		return nil, err
	}
	if known == nil {
		if known, err = placesOf(ctx, tx, c); err != nil {
			return nil, err
		}
	}
	var category, maker *int64
	for _, link := range []struct {
		slug, field string
		known       map[string]int64
		id          **int64
	}{{c.Category, "category", known.categories, &category}, {c.Maker, "maker", known.makers, &maker}} {
		if link.slug == "" {
			continue
		}
		id, there := link.known[link.slug]
		if !there {
			var fields fault.Fields
			fields.Add(link.field, link.field+"_unknown", "is none of the shop's")
			return nil, fields.Err()
		}
		*link.id = &id
	}
	if !known.families[c.Family] {
		var fields fault.Fields
		fields.Add("family", "family_unknown", "is none of the shop's families")
		return nil, fields.Err()
	}
	classes := c.ShippingClasses
	if classes == nil {
		classes = []string{}
	}
	return pgx.NamedArgs{
		"slug": c.Slug, "family": c.Family, "category_id": category, "maker_id": maker, "vat_class": string(c.VATClass), "legal": legal,
		"shipping_classes": classes, "origin_country": c.OriginCountry, "customs_code": c.CustomsCode, "analytic_code": c.AnalyticCode,
	}, nil
}

// saveParts keeps texts, options and variants where they differ from before.
func (s *Service) saveParts(ctx context.Context, tx pgx.Tx, id int64, before, c Content, actor string) error {
	for lang, t := range c.Texts {
		if before.Texts[lang] == t {
			continue
		}
		if _, err := tx.Exec(ctx, sqlPutText, pgx.NamedArgs{"product_id": id, "lang": string(lang), "name": t.Name, "short": t.Short, "description": t.Description, "seo_title": t.SEOTitle, "seo_description": t.SEODescription}); err != nil {
			return err
		}
	}
	if !reflect.DeepEqual(before.Options, c.Options) {
		if err := saveOptions(ctx, tx, id, c.Options); err != nil {
			return err
		}
	}
	had := map[string]Variant{}
	for _, v := range before.Variants {
		had[v.SKU] = v
	}
	for position, v := range c.Variants {
		if err := s.saveVariant(ctx, tx, id, position, had[v.SKU], v, c.Options, actor); err != nil {
			return err
		}
		delete(had, v.SKU)
	}
	for _, gone := range had {
		if _, err := tx.Exec(ctx, sqlRetireVariant, pgx.NamedArgs{"id": gone.ID}); err != nil {
			return err
		}
	}
	return nil
}

func saveOptions(ctx context.Context, tx pgx.Tx, id int64, options []Option) error {
	if _, err := tx.Exec(ctx, sqlDeleteOptions, pgx.NamedArgs{"product_id": id}); err != nil {
		return err
	}
	for i, o := range options {
		labels, err := json.Marshal(o.Labels)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlInsertOption, pgx.NamedArgs{"product_id": id, "code": o.Code, "position": i, "labels": labels}); err != nil {
			return err
		}
		for j, v := range o.Values {
			labels, err := json.Marshal(v.Labels)
			if err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlInsertOptionValue, pgx.NamedArgs{"product_id": id, "option": o.Code, "code": v.Code, "position": j, "labels": labels, "swatch": v.Swatch}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) saveVariant(ctx context.Context, tx pgx.Tx, productID int64, position int, before, v Variant, options []Option, actor string) error {
	var cost *int64
	if v.Cost != nil {
		cents := int64(*v.Cost)
		cost = &cents
	}
	args := pgx.NamedArgs{"product_id": productID, "sku": v.SKU, "gtin": v.GTIN, "position": position, "cost": cost, "weight_g": v.WeightG,
		"length_mm": v.LengthMM, "width_mm": v.WidthMM, "height_mm": v.HeightMM, "retired": v.Retired,
		"vat_class": string(v.VATClass), "customs_code": v.CustomsCode, "origin_country": v.OriginCountry, "analytic_code": v.AnalyticCode}
	var id, owner int64
	if err := tx.QueryRow(ctx, sqlPutVariant, args).Scan(&id, &owner); err != nil {
		return taken(err)
	}
	if owner != productID {
		return fault.New(fault.Conflict, "sku_taken", "another article has this SKU").With("sku", v.SKU)
	}
	if v.Retired && len(v.Values) != len(options) {
		return nil
	}
	if before.ID != 0 {
		if _, err := tx.Exec(ctx, sqlDeleteVariantValues, pgx.NamedArgs{"variant_id": id}); err != nil {
			return err
		}
	}
	for i, value := range v.Values {
		if _, err := tx.Exec(ctx, sqlInsertVariantValue, pgx.NamedArgs{"variant_id": id, "option": options[i].Code, "value": value}); err != nil {
			return err
		}
	}
	if before.ID == 0 {
		return firstOf(ctx, tx, id, v, actor)
	}
	if v.Price > 0 && v.Price != before.Price {
		if err := setPrice(ctx, tx, id, int64(v.Price), nil, actor); err != nil {
			return err
		}
	}
	return setStock(ctx, tx, id, Web, v.Stock-before.Stock, "import", "", actor)
}

// firstOf gives a new article its first price and stock: nothing of it can be reduced, held or sold yet.
func firstOf(ctx context.Context, tx pgx.Tx, id int64, v Variant, actor string) error {
	if v.Price > 0 {
		if _, err := tx.Exec(ctx, sqlInsertPrice, pgx.NamedArgs{"variant_id": id, "amount": int64(v.Price), "valid_from": nil, "actor": actor}); err != nil {
			return err
		}
	}
	if err := addStock(ctx, tx, id, Web, v.Stock); err != nil || v.Stock == 0 {
		return err
	}
	return insertMovement(ctx, tx, id, Web, v.Stock, "import", "", actor)
}

// setStock moves stock by a difference, with its movement; zero moves nothing.
func setStock(ctx context.Context, tx pgx.Tx, variantID int64, location string, delta int, reason, reference, actor string) error {
	if delta == 0 {
		return nil
	}
	if err := addStock(ctx, tx, variantID, location, delta); err != nil {
		return err
	}
	return insertMovement(ctx, tx, variantID, location, delta, reason, reference, actor)
}

// clone copies the content deeply enough that an edit can't touch what it was read from.
func (c Content) clone() Content {
	texts := make(map[text.Lang]Text, len(c.Texts))
	for lang, t := range c.Texts {
		texts[lang] = t
	}
	c.Texts = texts
	c.Options = slices.Clone(c.Options)
	c.Variants = slices.Clone(c.Variants)
	for i := range c.Variants {
		c.Variants[i].Values = slices.Clone(c.Variants[i].Values)
	}
	c.ShippingClasses = slices.Clone(c.ShippingClasses)
	c.Legal.Allergens = slices.Clone(c.Legal.Allergens)
	return c
}

// says tells whether two contents say the same.
func (c Content) says(other Content) bool {
	return reflect.DeepEqual(c.comparable(), other.comparable())
}

// comparable is the content without what an edit cannot set and without the difference between
// nothing and empty.
func (c Content) comparable() Content {
	c = c.clone()
	for i := range c.Variants {
		c.Variants[i].ID, c.Variants[i].Reserved, c.Variants[i].Reduction = 0, 0, nil
		if len(c.Variants[i].Values) == 0 {
			c.Variants[i].Values = nil
		}
		if c.Variants[i].Cost != nil {
			cost := *c.Variants[i].Cost
			c.Variants[i].Cost = &cost
		}
	}
	if len(c.ShippingClasses) == 0 {
		c.ShippingClasses = nil
	}
	if len(c.Options) == 0 {
		c.Options = nil
	}
	if len(c.Legal.Allergens) == 0 {
		c.Legal.Allergens = nil
	}
	for _, m := range c.Legal.spoken() {
		if len(*m) == 0 {
			*m = nil
		}
	}
	for lang, t := range c.Texts {
		if t == (Text{}) {
			delete(c.Texts, lang)
		}
	}
	return c
}
