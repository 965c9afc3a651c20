package catalog

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

// exportColumns are the columns of the shop's own format, in the order in which they are written.
var exportColumns = []string{
	"slug", "family", "category", "maker", "vat_class", "name_fr", "name_en", "name_nl", "name_de", "short_fr", "short_en", "short_nl", "short_de",
	"description_fr", "description_en", "description_nl", "description_de", "sku", "gtin",
	"option1_name_fr", "option1_name_en", "option1_name_nl", "option1_name_de", "option1_value_fr", "option1_value_en", "option1_value_nl", "option1_value_de", "option1_swatch",
	"option2_name_fr", "option2_name_en", "option2_name_nl", "option2_name_de", "option2_value_fr", "option2_value_en", "option2_value_nl", "option2_value_de", "option2_swatch",
	"price", "cost", "weight_g", "length_mm", "width_mm", "height_mm", "stock", "customs_code", "origin_country", "net_quantity", "net_unit",
	"manufacturer_name", "manufacturer_address", "manufacturer_contact", "warnings_fr", "warnings_en", "warnings_nl", "warnings_de",
	"ingredients_fr", "ingredients_en", "ingredients_nl", "ingredients_de", "allergens",
	"alcohol_by_volume", "composition_fr", "composition_en", "composition_nl", "composition_de", "author", "publisher", "isbn", "book_condition",
	"photos", "photo_alts_fr", "photo_alts_en", "photo_alts_nl", "photo_alts_de", "shipping_classes", "publish",
}

// WriteProducts streams every article on offer in the format that Import reads: exported and imported
// again, nothing changes. Photographs are named by their SHA-256.
func WriteProducts(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format) error {
	e, err := sheet.NewEncoder(w, format, "products", allExportColumns())
	if err != nil {
		return err
	}
	rows, err := q.Query(ctx, sqlAllProductIDs)
	if err != nil {
		return err
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	for len(ids) > 0 {
		n := min(100, len(ids))
		products, err := loadProducts(ctx, q, ids[:n])
		if err != nil {
			return err
		}
		ids = ids[n:]
		for _, p := range products {
			p.Variants = p.selling()
			for i := range p.Variants {
				if err := e.Row(p.exportRow(i)...); err != nil {
					return err
				}
			}
		}
	}
	return e.Close()
}

// exportRow is a variant's row; what is the product's own stands on the first only.
func (p Product) exportRow(n int) []any {
	v := p.Variants[n]
	cells := map[string]any{"slug": p.Slug, "sku": v.SKU, "gtin": v.GTIN, "price": v.Price, "weight_g": v.WeightG, "length_mm": v.LengthMM, "width_mm": v.WidthMM, "height_mm": v.HeightMM, "stock": v.Stock}
	if v.Cost != nil {
		cells["cost"] = *v.Cost
	}
	for i, o := range p.Options {
		for _, value := range o.Values {
			if i < len(v.Values) && value.Code == v.Values[i] {
				for lang, label := range value.Labels {
					cells[fmt.Sprintf("option%d_value_%s", i+1, lang)] = label
				}
				cells[fmt.Sprintf("option%d_swatch", i+1)] = value.Swatch
			}
		}
	}
	p.exportOwn(v, cells)
	if n == 0 {
		p.exportProduct(cells)
	}
	columns := allExportColumns()
	row := make([]any, len(columns))
	for i, c := range columns {
		if row[i] = cells[c]; row[i] == nil {
			row[i] = ""
		}
	}
	return row
}

// fileName is how an export names a photograph.
func (p Photo) fileName() string { return p.Source.SHA256 + "." + p.Source.Ext }

func (p Product) exportProduct(cells map[string]any) {
	perLang := func(column string, m map[text.Lang]string) {
		for lang, s := range m {
			cells[column+"_"+string(lang)] = s
		}
	}
	cells["family"], cells["category"], cells["maker"], cells["vat_class"] = p.Family, p.Category, p.Maker, string(p.VATClass)
	for lang, t := range p.Texts {
		cells["name_"+string(lang)], cells["short_"+string(lang)], cells["description_"+string(lang)] = t.Name, t.Short, t.Description
	}
	for i, o := range p.Options {
		perLang(fmt.Sprintf("option%d_name", i+1), o.Labels)
	}
	l := p.Legal
	cells["customs_code"], cells["origin_country"] = p.CustomsCode, p.OriginCountry
	if l.NetQuantity > 0 {
		cells["net_quantity"] = l.NetQuantity
	}
	cells["net_unit"], cells["manufacturer_name"], cells["manufacturer_address"], cells["manufacturer_contact"] = l.NetUnit, l.Manufacturer.Name, l.Manufacturer.Address, l.Manufacturer.Contact
	perLang("warnings", l.Warnings)
	perLang("ingredients", l.Ingredients)
	perLang("composition", l.Composition)
	cells["allergens"] = strings.Join(l.Allergens, ",")
	if l.AlcoholTenths > 0 {
		cells["alcohol_by_volume"] = strings.TrimSuffix(money.Amount(l.AlcoholTenths*10).Decimal(), "0")
	}
	cells["author"], cells["publisher"], cells["isbn"], cells["book_condition"] = l.Author, l.Publisher, l.ISBN, l.BookCondition
	p.exportFacts(cells)
	var names []string
	alts := map[text.Lang][]string{}
	for n, ph := range p.Photos {
		names = append(names, ph.fileName())
		for lang, alt := range ph.Alts {
			if alts[lang] == nil {
				alts[lang] = make([]string, len(p.Photos))
			}
			alts[lang][n] = strings.ReplaceAll(alt, "|", "/")
		}
	}
	cells["photos"] = strings.Join(names, " | ")
	for lang, list := range alts {
		cells["photo_alts_"+string(lang)] = strings.Join(list, " | ")
	}
	cells["shipping_classes"], cells["publish"] = strings.Join(p.ShippingClasses, ","), "no"
	if p.State == Published {
		cells["publish"] = "yes"
	}
}
