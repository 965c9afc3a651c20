// Package setting keeps what an office says of itself and of its shop: typed in Go, dated in the
// database, never overwritten. Every legal mention printed by the shop is such a setting.
package setting

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/place"
	"boutique/internal/text"
)

// Querier is a pool or a transaction.
type Querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

// Key names a setting.
type Key string

// The settings.
const (
	KeyOffice   Key = "office"
	KeyMentions Key = "mentions"
	KeyBrand    Key = "brand"
	KeyHome     Key = "home"
)

// Office is who sells: shown on every page, mail and document.
type Office struct {
	ShopName     string        `json:"shop_name"`
	LegalName    string        `json:"legal_name"`
	LegalForm    string        `json:"legal_form"`
	Address      place.Address `json:"address"`
	Email        string        `json:"email"`
	Phone        string        `json:"phone"`
	SIREN        string        `json:"siren"`
	VATNumber    string        `json:"vat_number"`
	Director     string        `json:"director"`
	Host         string        `json:"host"`
	MediatorName string        `json:"mediator_name"`
	MediatorURL  string        `json:"mediator_url"`
	Town         string        `json:"town"`
	Hours        Words         `json:"hours"`
	Tagline      Words         `json:"tagline"`
}

// Words is a sentence of the office's own in each language of the shop.
type Words struct {
	FR string `json:"fr,omitempty"`
	EN string `json:"en,omitempty"`
	NL string `json:"nl,omitempty"`
	DE string `json:"de,omitempty"`
}

// Of is where the sentence of a language is kept, French for one that the shop does not know.
func (w *Words) Of(lang text.Lang) *string {
	switch lang {
	case text.EN:
		return &w.EN
	case text.NL:
		return &w.NL
	case text.DE:
		return &w.DE
	}
	return &w.FR
}

// In gives the sentence in the language, else in English to those who don't read French, else in French.
func (w Words) In(lang text.Lang) string {
	s, _ := w.Spoken(lang)
	return s
}

// Spoken gives the sentence as In does, and the language that it is really in.
func (w Words) Spoken(lang text.Lang) (string, text.Lang) {
	if s := *w.Of(lang); s != "" {
		return s, lang
	}
	if lang != text.FR && w.EN != "" {
		return w.EN, text.EN
	}
	return w.FR, text.FR
}

// AddressLine is the office's address in one line.
func (o Office) AddressLine() string {
	parts := []string{}
	for _, p := range []string{o.Address.Line1, o.Address.Line2, strings.TrimSpace(o.Address.PostalCode + " " + o.Address.City)} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.Join(parts, ", ")
}

// Missing lists what an office must still say before it may sell (LCEN art. 6; C. conso. L221-5).
func (o Office) Missing() []string {
	var missing []string
	for _, f := range []struct{ name, value string }{
		{"shop_name", o.ShopName}, {"legal_name", o.LegalName}, {"address", o.Address.Line1}, {"email", o.Email},
		{"phone", o.Phone}, {"siren", o.SIREN}, {"director", o.Director}, {"mediator_name", o.MediatorName},
	} {
		if f.value == "" {
			missing = append(missing, f.name)
		}
	}
	return missing
}

// Brand is how the office looks: its artwork as SVG, empty where it has none.
type Brand struct {
	Logo     string `json:"logo"`
	LogoDark string `json:"logo_dark"`
	Mark     string `json:"mark"`
	Black    string `json:"black"`
	// Accent is the colour of the one thing to do on a page, like #B5472F; empty for the shop's own.
	Accent string `json:"accent,omitempty"`
}

// GetBrand reads the office's artwork.
func GetBrand(ctx context.Context, q Querier) (Brand, error) {
	var b Brand
	_, err := Get(ctx, q, KeyBrand, &b)
	return b, err
}

// Home is what the shop's first page shows: the product whose photograph is the large one, and the
// maker whose story is told. Empty leaves the choice to the shop.
type Home struct {
	Product string `json:"product"`
	Maker   string `json:"maker"`
}

// GetHome reads what the first page shows.
func GetHome(ctx context.Context, q Querier) (Home, error) {
	var h Home
	_, err := Get(ctx, q, KeyHome, &h)
	return h, err
}

// Mentions are the dated legal sentences of invoices, by the reason why no VAT is due.
type Mentions struct {
	Export  string `json:"export"`
	Voucher string `json:"voucher"`
	Exempt  string `json:"exempt"`
	// Franchise is printed by an office that bears no VAT.
	Franchise string `json:"franchise"`
	// Discount, Penalties and Recovery are the sentences that an invoice to a business bears
	// (C. com. art. L441-9 and L441-10).
	Discount  string `json:"discount"`
	Penalties string `json:"penalties"`
	Recovery  string `json:"recovery"`
	// Destination is printed where the VAT is that of the shopper's country.
	Destination string `json:"destination"`
}

// DefaultMentions are the sentences in force; the articles of the CGI stay accepted on invoices
// until 2027-12-31 beside those of the CIBS.
func DefaultMentions() Mentions {
	return Mentions{
		Export:      "Exonération de TVA, articles 262 I et 294-2 du CGI",
		Voucher:     "Bon à usages multiples, TVA due lors de l’utilisation (article 256 ter du CGI)",
		Exempt:      "Exonération de TVA",
		Franchise:   "TVA non applicable, art. 293 B du CGI",
		Discount:    "Pas d’escompte pour paiement anticipé.",
		Penalties:   "En cas de retard de paiement : pénalités au taux de refinancement de la BCE majoré de dix points.",
		Recovery:    "Indemnité forfaitaire pour frais de recouvrement : 40 €.",
		Destination: "TVA de l’État de destination, déclarée par le guichet unique OSS (articles 258 A et 298 sexdecies G du CGI)",
	}
}

// Of gives the sentence for an exemption's name; empty for none.
func (m Mentions) Of(exemption string) string {
	switch exemption {
	case "export":
		return m.Export
	case "voucher":
		return m.Voucher
	case "exempt":
		return m.Exempt
	case "franchise":
		return m.Franchise
	}
	return ""
}

// Get reads the setting in force now into value; found is false when it was never set.
func Get(ctx context.Context, q Querier, key Key, value any) (found bool, err error) {
	rows, err := q.Query(ctx, sqlNewest, pgx.NamedArgs{"key": key})
	if err != nil {
		return false, err
	}
	data, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := json.Unmarshal(data, value); err != nil {
		return false, fmt.Errorf("setting %s: %w", key, err)
	}
	return true, nil
}

// GetOffice reads who sells; the zero Office when it was never set.
func GetOffice(ctx context.Context, q Querier) (Office, error) {
	var o Office
	_, err := Get(ctx, q, KeyOffice, &o)
	return o, err
}

// GetMentions reads the legal sentences in force, the defaults when none were set.
func GetMentions(ctx context.Context, q Querier) (Mentions, error) {
	m := DefaultMentions()
	_, err := Get(ctx, q, KeyMentions, &m)
	return m, err
}

// Set records a setting from validFrom on; zero means now. What was set before stays on record.
func Set(ctx context.Context, tx pgx.Tx, key Key, value any, validFrom time.Time, actor string) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	var from any
	if !validFrom.IsZero() {
		from = validFrom
	}
	_, err = tx.Exec(ctx, sqlInsert, pgx.NamedArgs{"key": key, "value": data, "valid_from": from, "actor": actor})
	return err
}
