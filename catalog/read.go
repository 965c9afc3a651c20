package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

func errNoProduct() error {
	return fault.New(fault.NotFound, "product_not_found", "there is no such product")
}

// GetProduct reads a product by its slug, for staff. An unknown one is NotFound.
func GetProduct(ctx context.Context, q pg.Querier, slug string) (Product, error) {
	var id int64
	err := q.QueryRow(ctx, sqlProductIDBySlug, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Product{}, errNoProduct()
	}
	if err != nil {
		return Product{}, err
	}
	return productByID(ctx, q, id)
}

// FindProduct is GetProduct for an address that may be a former one.
func FindProduct(ctx context.Context, q pg.Querier, slug string) (Product, error) {
	var id int64
	err := q.QueryRow(ctx, sqlProductIDByAnySlug, pgx.NamedArgs{"slug": strings.ToValidUTF8(slug, "")}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return Product{}, errNoProduct()
	}
	if err != nil {
		return Product{}, err
	}
	return productByID(ctx, q, id)
}

func productByID(ctx context.Context, q pg.Querier, id int64) (Product, error) {
	list, err := loadProducts(ctx, q, []int64{id})
	if err != nil {
		return Product{}, err
	}
	if len(list) == 0 {
		return Product{}, errNoProduct()
	}
	return list[0], nil
}

type productRow struct {
	ID              int64
	Slug            string
	Family          string
	Law             string
	Category        string
	Maker           string
	VATClass        string `db:"vat_class"`
	State           string
	PublishedAt     *time.Time
	Version         int
	Legal           []byte
	ShippingClasses []string
	OriginCountry   string
	CustomsCode     string
	AnalyticCode    string
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// loadProducts reads whole products in nine statements, however many they are, in the order of
// their ids.
func loadProducts(ctx context.Context, q pg.Querier, ids []int64) ([]Product, error) {
	args := pgx.NamedArgs{"ids": ids}
	rows, err := q.Query(ctx, sqlProducts, args)
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[productRow])
	if err != nil {
		return nil, err
	}
	list := make([]Product, len(found))
	at := make(map[int64]*Product, len(found))
	for i, r := range found {
		p := Product{ID: r.ID, State: r.State, PublishedAt: r.PublishedAt, Version: r.Version, Law: r.Law, TextsAt: map[text.Lang]time.Time{}, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Content: Content{
			Slug: r.Slug, Family: r.Family, Category: r.Category, Maker: r.Maker, VATClass: vat.Class(r.VATClass), Texts: map[text.Lang]Text{},
			OriginCountry: r.OriginCountry, CustomsCode: r.CustomsCode, AnalyticCode: r.AnalyticCode, ShippingClasses: r.ShippingClasses,
		}}
		if err := json.Unmarshal(r.Legal, &p.Legal); err != nil {
			return nil, err
		}
		list[i] = p
		at[r.ID] = &list[i]
	}
	for _, load := range []func(context.Context, pg.Querier, pgx.NamedArgs, map[int64]*Product) error{loadTexts, loadOptions, loadVariants, loadReductions, loadPhotos, loadSignatures} {
		if err := load(ctx, q, args, at); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func loadTexts(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlTextsOf, args)
	if err != nil {
		return err
	}
	var id int64
	var lang string
	var t Text
	var when time.Time
	_, err = pgx.ForEachRow(rows, []any{&id, &lang, &t.Name, &t.Short, &t.Description, &t.SEOTitle, &t.SEODescription, &when}, func() error {
		at[id].Texts[text.Lang(lang)], at[id].TextsAt[text.Lang(lang)] = t, when
		return nil
	})
	return err
}

func loadOptions(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlOptionsOf, args)
	if err != nil {
		return err
	}
	var id int64
	var code, option, swatch string
	var labels []byte
	if _, err = pgx.ForEachRow(rows, []any{&id, &code, &labels}, func() error {
		o := Option{Code: code}
		if err := json.Unmarshal(labels, &o.Labels); err != nil {
			return err
		}
		at[id].Options = append(at[id].Options, o)
		return nil
	}); err != nil {
		return err
	}
	if rows, err = q.Query(ctx, sqlOptionValuesOf, args); err != nil {
		return err
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &option, &code, &labels, &swatch}, func() error {
		v := OptionValue{Code: code, Swatch: swatch}
		if err := json.Unmarshal(labels, &v.Labels); err != nil {
			return err
		}
		for i := range at[id].Options {
			if at[id].Options[i].Code == option {
				at[id].Options[i].Values = append(at[id].Options[i].Values, v)
			}
		}
		return nil
	})
	return err
}

func loadVariants(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlVariantsOf, args)
	if err != nil {
		return err
	}
	var id int64
	var v Variant
	var cost *int64
	_, err = pgx.ForEachRow(rows, []any{&id, &v.ID, &v.SKU, &v.GTIN, &cost, &v.WeightG, &v.LengthMM, &v.WidthMM, &v.HeightMM, &v.Retired, &v.VATClass, &v.CustomsCode, &v.OriginCountry, &v.AnalyticCode, &v.Price, &v.Stock, &v.Reserved, &v.Values}, func() error {
		one := v
		if cost != nil {
			c := money.Amount(*cost)
			one.Cost = &c
		}
		one.Values = append([]string(nil), v.Values...)
		at[id].Variants = append(at[id].Variants, one)
		return nil
	})
	return err
}

func loadPhotos(ctx context.Context, q pg.Querier, args pgx.NamedArgs, at map[int64]*Product) error {
	rows, err := q.Query(ctx, sqlPhotosOf, args)
	if err != nil {
		return err
	}
	photos, err := pgx.CollectRows(rows, scanPhoto)
	if err != nil {
		return err
	}
	for _, p := range photos {
		at[p.ProductID].Photos = append(at[p.ProductID].Photos, p)
	}
	return nil
}
