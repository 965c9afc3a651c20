package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// GridColumn is a column of the bulk edit: of the product, which its first variant's row carries, or
// of each variant.
type GridColumn struct {
	Code      string
	OfVariant bool
	Figure    bool
	Lang      text.Lang
	get       func(Product, Variant) string
	set       func(c *Content, v *Variant, value string) string
}

// GridColumns are the columns of the bulk edit, in their order.
func GridColumns() []GridColumn {
	var list []GridColumn
	for _, lang := range text.Offered() {
		list = append(list, GridColumn{Code: "name_" + string(lang), Lang: lang, get: func(p Product, _ Variant) string { return p.Texts[lang].Name }, set: func(c *Content, _ *Variant, value string) string {
			t := c.Texts[lang]
			t.Name = value
			c.Texts[lang] = t
			return ""
		}})
	}
	of := func(code string, get func(Product) string, set func(*Content, string)) {
		list = append(list, GridColumn{Code: code, get: func(p Product, _ Variant) string { return get(p) }, set: func(c *Content, _ *Variant, value string) string { set(c, value); return "" }})
	}
	of("category", func(p Product) string { return p.Category }, func(c *Content, s string) { c.Category = s })
	of("maker", func(p Product) string { return p.Maker }, func(c *Content, s string) { c.Maker = s })
	of("vat_class", func(p Product) string { return string(p.VATClass) }, func(c *Content, s string) { c.VATClass = vat.Class(s) })
	of("origin_country", func(p Product) string { return p.OriginCountry }, func(c *Content, s string) { c.OriginCountry = strings.ToUpper(s) })
	of("customs_code", func(p Product) string { return p.CustomsCode }, func(c *Content, s string) { c.CustomsCode = s })
	list = append(list,
		GridColumn{Code: "gtin", OfVariant: true, get: func(_ Product, v Variant) string { return v.GTIN }, set: func(_ *Content, v *Variant, value string) string { v.GTIN = value; return "" }},
		GridColumn{Code: "price", OfVariant: true, Figure: true, get: func(_ Product, v Variant) string { return v.Price.Decimal() }, set: func(_ *Content, v *Variant, value string) string {
			amount, err := money.Parse(value)
			if err != nil || amount <= 0 {
				return "amount_invalid"
			}
			v.Price = amount
			return ""
		}},
		GridColumn{Code: "cost", OfVariant: true, Figure: true, get: func(_ Product, v Variant) string {
			if v.Cost == nil {
				return ""
			}
			return v.Cost.Decimal()
		}, set: func(_ *Content, v *Variant, value string) string {
			if value == "" {
				v.Cost = nil
				return ""
			}
			amount, err := money.Parse(value)
			if err != nil || amount < 0 {
				return "amount_invalid"
			}
			v.Cost = &amount
			return ""
		}})
	for _, m := range []struct {
		code string
		of   func(*Variant) *int
	}{{"weight_g", func(v *Variant) *int { return &v.WeightG }}, {"length_mm", func(v *Variant) *int { return &v.LengthMM }}, {"width_mm", func(v *Variant) *int { return &v.WidthMM }}, {"height_mm", func(v *Variant) *int { return &v.HeightMM }}} {
		list = append(list, GridColumn{Code: m.code, OfVariant: true, Figure: true, get: func(_ Product, v Variant) string { return strconv.Itoa(*m.of(&v)) }, set: func(_ *Content, v *Variant, value string) string {
			n, err := strconv.Atoi(value)
			if err != nil {
				return "dimensions_out_of_range"
			}
			*m.of(v) = n
			return ""
		}})
	}
	return list
}

// GridRow is a variant in the bulk edit. Cells holds its columns; those of the product stand in the
// row of its first variant alone.
type GridRow struct {
	Slug, SKU, Name, State string
	First                  bool
	Cells                  map[string]string
}

// Grid reads the rows of a bulk edit. next is where the list goes on.
func Grid(ctx context.Context, q pg.Querier, f ProductFilter) (rows []GridRow, next string, err error) {
	found, next, err := ListProducts(ctx, q, f)
	if err != nil {
		return nil, "", err
	}
	at := map[int64]int{}
	var ids []int64
	for i, p := range found {
		at[p.ID] = i
		ids = append(ids, p.ID)
	}
	list, err := loadProducts(ctx, q, ids)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(list, func(a, b Product) int { return at[a.ID] - at[b.ID] })
	for _, p := range list {
		for i, v := range p.selling() {
			row := GridRow{Slug: p.Slug, SKU: v.SKU, Name: p.name(), State: p.State, First: i == 0, Cells: map[string]string{}}
			for _, c := range GridColumns() {
				if c.OfVariant || row.First {
					row.Cells[c.Code] = c.get(p, v)
				}
			}
			rows = append(rows, row)
		}
	}
	return rows, next, nil
}

// CellEdit is what somebody wants a cell to hold.
type CellEdit struct {
	SKU, Column, Value string
}

// CellChange is a cell that an edit changes.
type CellChange struct {
	SKU    string `json:"sku"`
	Column string `json:"column"`
	Before string `json:"before"`
	After  string `json:"after"`
}

// ProductChange is what a bulk edit changes of a product, as it was at a version. VersionAfter is that
// of the product once it is changed.
type ProductChange struct {
	Slug         string       `json:"slug"`
	Name         string       `json:"name"`
	Version      int          `json:"version"`
	VersionAfter int          `json:"version_after,omitempty"`
	Cells        []CellChange `json:"cells"`
}

// CellProblem is a cell that cannot be changed so.
type CellProblem struct {
	CellEdit
	Code string
}

// mostEdits is how many cells one bulk edit changes.
const mostEdits = 20_000

// PlanEdit tells what edits would change, and which of them cannot be made. It changes nothing.
func (s *Service) PlanEdit(ctx context.Context, edits []CellEdit) ([]ProductChange, []CellProblem, error) {
	if len(edits) > mostEdits {
		return nil, nil, fault.Newf(fault.TooLarge, "too_many_cells", "a bulk edit changes at most %d cells", mostEdits)
	}
	var skus []string
	for _, e := range edits {
		skus = append(skus, strings.ToValidUTF8(e.SKU, ""))
	}
	rows, err := s.Pool.Query(ctx, sqlProductsOfSKUs, pgx.NamedArgs{"skus": skus})
	if err != nil {
		return nil, nil, err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return nil, nil, err
	}
	list, err := loadProducts(ctx, s.Pool, ids)
	if err != nil {
		return nil, nil, err
	}
	slices.SortFunc(list, func(a, b Product) int { return strings.Compare(a.Slug, b.Slug) })
	of := map[string]*Product{}
	for i := range list {
		for _, v := range list[i].selling() {
			of[v.SKU] = &list[i]
		}
	}
	wanted := map[*Product][]CellEdit{}
	var problems []CellProblem
	for _, e := range edits {
		p := of[e.SKU]
		if p == nil {
			problems = append(problems, CellProblem{e, "sku_not_found"})
			continue
		}
		wanted[p] = append(wanted[p], e)
	}
	unknown, err := s.unknownPlaces(ctx, edits)
	if err != nil {
		return nil, nil, err
	}
	problems = append(problems, unknown...)
	var changes []ProductChange
	for i := range list {
		change, wrong := list[i].planEdit(wanted[&list[i]])
		problems = append(problems, wrong...)
		if len(change.Cells) > 0 {
			changes = append(changes, change)
		}
	}
	return changes, problems, nil
}

// unknownPlaces finds the edits that name a category or a maker that is none of the shop's.
func (s *Service) unknownPlaces(ctx context.Context, edits []CellEdit) ([]CellProblem, error) {
	known := map[string]map[string]bool{"category": {"": true}, "maker": {"": true}}
	categories, err := CategoryChoices(ctx, s.Pool)
	if err != nil {
		return nil, err
	}
	for _, c := range categories {
		known["category"][c.Slug] = true
	}
	makers, err := MakerChoices(ctx, s.Pool)
	if err != nil {
		return nil, err
	}
	for _, m := range makers {
		known["maker"][m.Slug] = true
	}
	var problems []CellProblem
	for _, e := range edits {
		if places, ok := known[e.Column]; ok && !places[strings.TrimSpace(e.Value)] {
			problems = append(problems, CellProblem{e, e.Column + "_unknown"})
		}
	}
	return problems, nil
}

// planEdit tells what edits change of one product; pure.
func (p *Product) planEdit(edits []CellEdit) (ProductChange, []CellProblem) {
	change := ProductChange{Slug: p.Slug, Name: p.name(), Version: p.Version}
	var problems []CellProblem
	content := p.Content.clone()
	for _, e := range edits {
		before, after, code := p.edit(&content, e)
		switch {
		case code != "":
			problems = append(problems, CellProblem{e, code})
		case before != after:
			change.Cells = append(change.Cells, CellChange{e.SKU, e.Column, before, after})
		}
	}
	var invalid *fault.Error
	if len(change.Cells) > 0 && errors.As(content.Check(), &invalid) {
		for _, f := range invalid.Fields {
			place := f.Place[strings.LastIndexByte(f.Place, '.')+1:]
			problems = append(problems, CellProblem{CellEdit{SKU: change.Cells[0].SKU, Column: place}, f.Code})
		}
	}
	return change, problems
}

// edit sets one cell of a content and tells what it held and what it holds then; code says what is
// wrong with it.
func (p *Product) edit(c *Content, e CellEdit) (before, after, code string) {
	at := slices.IndexFunc(GridColumns(), func(g GridColumn) bool { return g.Code == e.Column })
	variant := slices.IndexFunc(c.Variants, func(v Variant) bool { return v.SKU == e.SKU })
	if at < 0 || variant < 0 {
		return "", "", "column_unknown"
	}
	column := GridColumns()[at]
	value := strings.TrimSpace(e.Value)
	if len(value) > 2000 || !text.Valid(value) || strings.ContainsAny(value, "\r\n\t") {
		return "", "", "text_malformed"
	}
	was := column.get(Product{Content: *c}, c.Variants[variant])
	// What is of the product stands in the row of its first variant: the empty cells below say nothing.
	if selling := p.selling(); !column.OfVariant && value == "" && (len(selling) == 0 || selling[0].SKU != e.SKU) {
		return was, was, ""
	}
	if code := column.set(c, &c.Variants[variant], value); code != "" {
		return was, was, code
	}
	return was, column.get(Product{Content: *c}, c.Variants[variant]), ""
}

// ApplyEdit makes the changes of a bulk edit: all of them or none. A product that somebody else changed
// since the plan was made is Stale with code product_changed, named by its slug.
func (s *Service) ApplyEdit(ctx context.Context, changes []ProductChange, actor string) (int64, error) {
	return s.applyEdit(ctx, changes, nil, actor)
}

func (s *Service) applyEdit(ctx context.Context, changes []ProductChange, undoes *int64, actor string) (int64, error) {
	cells := 0
	for _, c := range changes {
		cells += len(c.Cells)
	}
	if cells == 0 {
		return 0, fault.New(fault.Conflict, "nothing_to_change", "nothing would change")
	}
	if cells > mostEdits {
		return 0, fault.Newf(fault.TooLarge, "too_many_cells", "a bulk edit changes at most %d cells", mostEdits)
	}
	changes = slices.Clone(changes)
	slices.SortFunc(changes, func(a, b ProductChange) int { return strings.Compare(a.Slug, b.Slug) })
	var id int64
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		for i := range changes {
			version, err := s.applyChange(ctx, tx, changes[i], actor)
			if err != nil {
				return err
			}
			changes[i].VersionAfter = version
		}
		data, err := json.Marshal(changes)
		if err != nil {
			return err
		}
		err = tx.QueryRow(ctx, sqlInsertBulkEdit, pgx.NamedArgs{"changes": data, "undoes": undoes, "actor": actor}).Scan(&id)
		if pg.IsUnique(err, "a bulk edit is undone once") {
			return fault.New(fault.Conflict, "undone_already", "this was undone already")
		}
		return err
	})
	return id, err
}

func (s *Service) applyChange(ctx context.Context, tx pgx.Tx, change ProductChange, actor string) (version int, err error) {
	p, err := s.lock(ctx, tx, change.Slug)
	if err != nil {
		return 0, err
	}
	stale := fault.New(fault.Stale, "product_changed", "somebody else changed "+p.name()+" since you read it: look at what changed, then save again").With("slug", p.Slug).With("version", p.Version)
	if change.Version != p.Version {
		return 0, stale
	}
	content := p.Content.clone()
	for _, cell := range change.Cells {
		before, _, code := p.edit(&content, CellEdit{cell.SKU, cell.Column, cell.After})
		if code != "" {
			var fields fault.Fields
			fields.Add(cell.Column, code, "of "+cell.SKU+" cannot be so")
			return 0, fields.Err()
		}
		if before != cell.Before {
			return 0, stale
		}
	}
	if _, err := s.update(ctx, tx, p, content, actor); err != nil {
		return 0, err
	}
	after, err := productByID(ctx, tx, p.ID)
	return after.Version, err
}

// BulkEdit is a bulk edit that was made. Undoes names the one that it took back, UndoneBy the one that
// took it back.
type BulkEdit struct {
	ID       int64
	At       time.Time
	Actor    string
	Changes  []ProductChange
	Undoes   *int64
	UndoneBy *int64
}

// Cells counts the cells that it changed.
func (b BulkEdit) Cells() int {
	n := 0
	for _, c := range b.Changes {
		n += len(c.Cells)
	}
	return n
}

// ListBulkEdits lists the newest bulk edits.
func ListBulkEdits(ctx context.Context, q pg.Querier, limit int) ([]BulkEdit, error) {
	return readBulkEdits(ctx, q, 0, limit)
}

func readBulkEdits(ctx context.Context, q pg.Querier, id int64, limit int) ([]BulkEdit, error) {
	rows, err := q.Query(ctx, sqlBulkEdits, pgx.NamedArgs{"id": id, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (BulkEdit, error) {
		var b BulkEdit
		var changes []byte
		if err := row.Scan(&b.ID, &b.At, &b.Actor, &changes, &b.Undoes, &b.UndoneBy); err != nil {
			return b, err
		}
		return b, json.Unmarshal(changes, &b.Changes)
	})
}

// UndoEdit takes a bulk edit back, all of it or nothing: a product that was changed since is Stale,
// one that was undone already a Conflict.
func (s *Service) UndoEdit(ctx context.Context, id int64, actor string) error {
	list, err := readBulkEdits(ctx, s.Pool, id, 1)
	if err != nil {
		return err
	}
	if id <= 0 || len(list) == 0 {
		return fault.New(fault.NotFound, "bulk_edit_not_found", "there is no such bulk edit")
	}
	if list[0].UndoneBy != nil {
		return fault.New(fault.Conflict, "undone_already", "this was undone already")
	}
	var back []ProductChange
	for _, c := range list[0].Changes {
		one := ProductChange{Slug: c.Slug, Name: c.Name, Version: c.VersionAfter}
		// Backwards, for a cell that was named twice.
		for _, cell := range slices.Backward(c.Cells) {
			one.Cells = append(one.Cells, CellChange{cell.SKU, cell.Column, cell.After, cell.Before})
		}
		back = append(back, one)
	}
	_, err = s.applyEdit(ctx, back, &id, actor)
	return err
}
