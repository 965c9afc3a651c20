// Package catalog is what the shop sells: products and their variants, texts, prices, photographs
// and stock, the criteria for putting them online, and the published catalogue in memory.
package catalog

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/gosimple/slug"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// Families are the kinds of articles that the shop knows the law of. An office adds its own, each
// under the law of one of these.
func Families() []string {
	return []string{"tableware", "textile", "paper", "book", "food", "alcohol", "toy", "cosmetics", "jewellery", "accessory", "gift_set", "digital_guide", "gift_card"}
}

// Spoken are the languages that texts may be written in, whether or not the shop offers them yet.
func Spoken() []text.Lang { return []text.Lang{text.FR, text.EN, text.NL, text.DE} }

// The states of a product.
const (
	Draft     = "draft"
	Published = "published"
	Retired   = "retired"
)

// Product is a product as staff see and edit it. Version counts its edits: an edit names the
// version that it is based on.
type Product struct {
	ID          int64
	State       string
	PublishedAt *time.Time
	Version     int
	CreatedAt   time.Time
	UpdatedAt   time.Time
	// Law is the family of the shop's own whose law the product is under: its family, or the one that
	// an office's own family follows.
	Law string
	// TextsAt is when each language's texts were written, or last found to say what their source says.
	TextsAt map[text.Lang]time.Time
	Photos  []Photo
	// Signatures holds the newest of each kind.
	Signatures map[string]Signature
	Content
}

// Content is what an edit or an import sets of a product.
type Content struct {
	Slug            string
	Family          string
	Category        string // its slug; empty for none
	Maker           string // its slug; empty for none
	VATClass        vat.Class
	Texts           map[text.Lang]Text
	Options         []Option
	Variants        []Variant
	Legal           LegalFacts
	OriginCountry   string
	CustomsCode     string
	ShippingClasses []string
	// AnalyticCode is the accountant's own word for what is sold, which the books keep beside the account.
	AnalyticCode string
}

// ClassOf is the VAT class that an article is sold under: its own, or the product's.
func (c Content) ClassOf(v Variant) vat.Class { return cmp.Or(v.VATClass, c.VATClass) }

// Origins are the countries that the product's articles on sale come from, each once; empty for one
// that does not say.
func (c Content) Origins() []string {
	var list []string
	for _, v := range c.Variants {
		if from := cmp.Or(v.OriginCountry, c.OriginCountry); !v.Retired && !slices.Contains(list, from) {
			list = append(list, from)
		}
	}
	if list == nil {
		list = []string{c.OriginCountry}
	}
	return list
}

// Text is a product's texts in one language. Description is Markdown.
type Text struct {
	Name           string `json:"name"`
	Short          string `json:"short"`
	Description    string `json:"description"`
	SEOTitle       string `json:"seo_title,omitempty"`
	SEODescription string `json:"seo_description,omitempty"`
}

// Labels are a word per language; French is always there.
type Labels map[text.Lang]string

// In gives the label in the language, in French when it has none.
func (l Labels) In(lang text.Lang) string {
	if s := l[lang]; s != "" {
		return s
	}
	return l[text.FR]
}

// Spoken gives the label in the language, and the language that it is really in: French when it has
// none in the one that was asked for.
func (l Labels) Spoken(lang text.Lang) (string, text.Lang) {
	if s := l[lang]; s != "" {
		return s, lang
	}
	return l[text.FR], text.FR
}

// Option is what variants differ by: a size, a colour.
type Option struct {
	Code   string        `json:"code"`
	Labels Labels        `json:"labels"`
	Values []OptionValue `json:"values"`
}

// OptionValue is one size, one colour. Swatch is a colour like #B5472F, or empty.
type OptionValue struct {
	Code   string `json:"code"`
	Labels Labels `json:"labels"`
	Swatch string `json:"swatch,omitempty"`
}

// Variant is what is sold: an article with its SKU. Values names one value per option, in the
// options' order. Price is the one in force; Stock what is on hand on the web. VAT class, customs code,
// origin and analytic code are empty where they are the product's.
type Variant struct {
	ID       int64
	SKU      string
	GTIN     string
	Values   []string
	Price    money.Amount
	Cost     *money.Amount
	WeightG  int
	LengthMM int
	WidthMM  int
	HeightMM int
	Stock    int
	Reserved int
	Retired  bool

	VATClass      vat.Class
	CustomsCode   string
	OriginCountry string
	AnalyticCode  string

	// Reduction is the one in force; nil when the price is the ordinary one.
	Reduction *Reduction
}

// StagedPhoto is an original that the photo store holds already, under its SHA-256. Width and
// Height are those of the upright picture.
type StagedPhoto struct {
	SHA256        string
	Ext           string
	Width, Height int
	Bytes         int64
}

// PhotoIntake checks a photograph and stores its original, before any transaction: files first,
// rows last. A file that is no good photograph is Invalid, with the reason.
type PhotoIntake interface {
	Stage(ctx context.Context, name string, r io.Reader) (StagedPhoto, error)
	// Derive cuts and turns a stored original into a new one, and stores that.
	Derive(ctx context.Context, source Original, edit Edit) (StagedPhoto, error)
}

// Deliverability tells whether an article can be sent to the home zone.
type Deliverability interface {
	Deliverable(weightG, lengthMM, widthMM, heightMM int, classes []string) bool
}

// Service holds the staff's use cases of the catalogue.
type Service struct {
	Pool   *pgxpool.Pool
	Clock  clock.Clock
	Photos PhotoIntake
	// Deliver reads the conditions of dispatch in force.
	Deliver func(ctx context.Context) (Deliverability, error)
	// EnqueueRender inserts the job that makes a photograph's renditions, in the transaction.
	EnqueueRender func(ctx context.Context, tx pgx.Tx, sha256 string) error
	// EnqueueSoon does the same before whatever waits already, for a photograph that somebody looks at;
	// nil is EnqueueRender.
	EnqueueSoon func(ctx context.Context, tx pgx.Tx, sha256 string) error
	// EnqueueImport inserts the job that judges a file of products, or brings it in.
	EnqueueImport func(ctx context.Context, tx pgx.Tx, id int64) error
	Logger        *slog.Logger

	own ownRules
}

// SlugOf makes an address out of a name.
func SlugOf(name string) string {
	s := slug.Make(name)
	return s[:min(len(s), 80)]
}
