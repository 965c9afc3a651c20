package catalog

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// The bounds of a product's options: what an export has columns for, and what a person can look over.
const (
	MostOptions      = 2
	MostCombinations = 150
)

// Combination is one value of each option. Variant is the article that it is, or would be; Sold tells
// whether it is on offer, Photo which photograph is its own (0 for none).
type Combination struct {
	Values  []string
	Variant Variant
	Sold    bool
	Photo   int64
}

// Key names the combination in a form.
func (c Combination) Key() string { return strings.Join(c.Values, ".") }

// Matrix lists every combination of some options with the product's articles in their places. Where
// an option is new, the articles that are there take its first value; those that find no place of
// their own are homeless, and no longer sold once the options are these.
func (p Product) Matrix(options []Option) (list []Combination, homeless []Variant) {
	for _, values := range combinations(options) {
		list = append(list, Combination{Values: values})
	}
	for _, v := range p.Variants {
		values := p.valuesUnder(options, v)
		at := slices.IndexFunc(list, func(c Combination) bool { return slices.Equal(c.Values, values) })
		if at < 0 || list[at].Variant.SKU != "" {
			if !v.Retired {
				homeless = append(homeless, v)
			}
			continue
		}
		list[at].Variant, list[at].Sold = v, !v.Retired
		list[at].Variant.Values = values
		for _, ph := range p.Photos {
			if slices.Contains(ph.Shows, v.ID) {
				list[at].Photo = ph.ID
			}
		}
	}
	return list, homeless
}

// combinations are all of the options' values, the last option's changing fastest. Without options
// there is one, of nothing.
func combinations(options []Option) [][]string {
	list := [][]string{nil}
	for _, o := range options {
		var longer [][]string
		for _, begun := range list {
			for _, v := range o.Values {
				longer = append(longer, append(slices.Clone(begun), v.Code))
			}
		}
		list = longer
	}
	return list
}

// valuesUnder are an article's values under other options; nil when it has one that they no longer have.
func (p Product) valuesUnder(options []Option, v Variant) []string {
	values := make([]string, 0, len(options))
	for _, o := range options {
		at := slices.IndexFunc(p.Options, func(before Option) bool { return before.Code == o.Code })
		switch {
		case at >= len(v.Values), len(o.Values) == 0:
			return nil
		case at < 0:
			values = append(values, o.Values[0].Code)
		case slices.ContainsFunc(o.Values, func(value OptionValue) bool { return value.Code == v.Values[at] }):
			values = append(values, v.Values[at])
		default:
			return nil
		}
	}
	return values
}

// NameOptions gives options and values that are new their codes, out of their French names. What is
// without a name is left out.
func NameOptions(options []Option) []Option {
	var list []Option
	for _, o := range options {
		o.Labels = o.Labels.withFrench()
		o.Code = codeFor(o.Code, o.Labels, func(code string) bool {
			return slices.ContainsFunc(list, func(other Option) bool { return other.Code == code })
		})
		var values []OptionValue
		for _, v := range o.Values {
			v.Labels = v.Labels.withFrench()
			v.Code = codeFor(v.Code, v.Labels, func(code string) bool {
				return slices.ContainsFunc(values, func(other OptionValue) bool { return other.Code == code })
			})
			if v.Code != "" {
				values = append(values, v)
			}
		}
		if o.Values = values; o.Code != "" && len(values) > 0 {
			list = append(list, o)
		}
	}
	return list
}

// withFrench gives a label that has no French word another language's.
func (l Labels) withFrench() Labels {
	for _, lang := range Spoken() {
		if l[text.FR] == "" && l[lang] != "" {
			l[text.FR] = l[lang]
		}
	}
	return l
}

func codeFor(code string, labels Labels, taken func(string) bool) string {
	if labels[text.FR] == "" {
		return ""
	}
	if code == "" {
		code = slug.Make(labels[text.FR])
	}
	once := code
	for n := 2; taken(code); n++ {
		code = once + "-" + strconv.Itoa(n)
	}
	return code
}

// checkOptions refuses options that no export could write and no person look over.
func checkOptions(options []Option) error {
	var fields fault.Fields
	if len(options) > MostOptions {
		fields.Add("options", "too_many_options", "are two at most")
	}
	if len(combinations(options)) > MostCombinations {
		fields.Add("options", "too_many_combinations", "make more than 150 combinations: make two products of it")
	}
	for _, o := range options {
		for _, v := range o.Values {
			if v.Swatch != "" && !swatchForm.MatchString(v.Swatch) {
				fields.Add("options", "swatch_invalid", "must have colours like #B5472F")
			}
		}
	}
	return fields.Err()
}

// Arrange makes a product's articles those of a matrix: its options, the combinations that are sold,
// and the photograph of each one's own. Articles that are no longer sold are retired, not forgotten:
// orders and stock speak of them. mark is that of the articles as the editor saw them: when somebody
// else changed them since, it is Stale with code product_changed; texts may have changed meanwhile, and
// stay. Empty takes whatever is there.
func (s *Service) Arrange(ctx context.Context, slug, mark, actor string, options []Option, list []Combination) (Product, error) {
	if err := checkOptions(options); err != nil {
		return Product{}, err
	}
	var after Product
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		if mark != "" && mark != p.MatrixMark() {
			return fault.New(fault.Stale, "product_changed", "somebody else changed this product's articles since you read them: look at what changed, then save again").With("version", p.Version)
		}
		c := p.Content.clone()
		var shows map[string]int64
		if c.Options, c.Variants, shows, err = arranged(p, options, list); err != nil {
			return err
		}
		changed, err := s.update(ctx, tx, p, c, actor)
		if err != nil {
			return err
		}
		if p, err = productByID(ctx, tx, p.ID); err != nil {
			return err
		}
		shown, err := showOwn(ctx, tx, p, shows)
		if err != nil {
			return err
		}
		if shown && !changed {
			if err := s.touch(ctx, tx, p, actor, "photo.own", shows); err != nil {
				return err
			}
		}
		after, err = productByID(ctx, tx, p.ID)
		return err
	})
	return after, err
}

// MatrixMark changes whenever what a matrix shows of a product does: options, articles and their own
// photographs, but not stock.
func (p Product) MatrixMark() string {
	type shown struct {
		Variant
		Photo int64
	}
	var list []shown
	for _, v := range p.Variants {
		v.Stock, v.Reserved, v.Reduction = 0, 0, nil
		one := shown{Variant: v}
		for _, ph := range p.Photos {
			if slices.Contains(ph.Shows, v.ID) {
				one.Photo = ph.ID
			}
		}
		list = append(list, one)
	}
	data, err := json.Marshal([]any{p.Options, list})
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// arranged are the options and articles that a matrix makes of a product: what is not in the matrix,
// like stock, stays as it is.
func arranged(p Product, options []Option, list []Combination) ([]Option, []Variant, map[string]int64, error) {
	places, _ := p.Matrix(options)
	had := map[string]Variant{}
	for _, one := range places {
		had[one.Key()] = one.Variant
	}
	var variants []Variant
	var fields fault.Fields
	sold, shows := 0, map[string]int64{}
	for _, one := range list {
		before := had[one.Key()]
		v := one.Variant
		if v.SKU == "" && !one.Sold {
			continue
		}
		if before.SKU != "" {
			v.SKU = before.SKU
		}
		v.ID, v.Stock, v.Reserved, v.Reduction, v.Values, v.Retired = before.ID, before.Stock, before.Reserved, before.Reduction, one.Values, !one.Sold
		if one.Sold {
			sold++
			shows[v.SKU] = one.Photo
		}
		if before.ID != 0 || one.Sold {
			variants = append(variants, v)
		}
	}
	// What has no place is no longer sold, and keeps the values of its day.
	for _, v := range p.Variants {
		if !slices.ContainsFunc(variants, func(kept Variant) bool { return kept.SKU == v.SKU }) {
			v.Retired = true
			variants = append(variants, v)
		}
	}
	if sold == 0 {
		fields.Add("variants", "nothing_sold", "must have at least one combination that is sold")
	}
	return options, variants, shows, fields.Err()
}

// showOwn gives articles photographs of their own, and takes from those with 0 the one they had; it
// tells whether that changed anything.
func showOwn(ctx context.Context, tx pgx.Tx, p Product, shows map[string]int64) (changed bool, err error) {
	var variants, photos []int64
	for _, v := range p.Variants {
		wanted, named := shows[v.SKU]
		if !named {
			continue
		}
		now := int64(0)
		for _, ph := range p.Photos {
			if slices.Contains(ph.Shows, v.ID) {
				now = ph.ID
			}
		}
		if wanted == now {
			continue
		}
		if wanted != 0 {
			if _, err := p.photo(wanted); err != nil {
				return false, err
			}
		}
		variants, photos = append(variants, v.ID), append(photos, wanted)
	}
	if len(variants) == 0 {
		return false, nil
	}
	_, err = tx.Exec(ctx, sqlShowOwn, pgx.NamedArgs{"variants": variants, "photos": photos, "product_id": p.ID})
	return true, err
}

// CompleteGTIN writes the check digit in the place of a final question mark: 376012345678? becomes
// 3760123456784. What has none stays as it is.
func CompleteGTIN(s string) string {
	digits, asked := strings.CutSuffix(strings.TrimSpace(s), "?")
	if !asked || strings.Trim(digits, "0123456789") != "" {
		return strings.TrimSpace(s)
	}
	for d := '0'; d <= '9'; d++ {
		if ValidGTIN(digits + string(d)) {
			return digits + string(d)
		}
	}
	return digits + "?"
}

// NextGTIN is the one after a GTIN that still waits for its check digit: 376012345678? is followed by
// 376012345679?, so that a series is numbered by its first.
func NextGTIN(s string) string {
	digits, asked := strings.CutSuffix(strings.TrimSpace(s), "?")
	if !asked {
		return s
	}
	next := []byte(digits)
	for i := len(next) - 1; i >= 0; i-- {
		if next[i] != '9' {
			next[i]++
			return string(next) + "?"
		}
		next[i] = '0'
	}
	return s
}
