package shop

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"boutique/internal/place"
)

// CarrierColumn is one column of a carrier's file: its head and what stands in it.
type CarrierColumn struct{ Head, Field string }

// carrierFields are what a column may hold, by name.
var carrierFields = map[string]func(o Order, p PackedParcel) string{
	"reference":      func(o Order, _ PackedParcel) string { return o.Number },
	"parcel":         func(_ Order, p PackedParcel) string { return strconv.Itoa(p.N) },
	"name":           func(o Order, _ PackedParcel) string { return o.Address.Name },
	"company":        func(o Order, _ PackedParcel) string { return o.Address.Company },
	"line1":          func(o Order, _ PackedParcel) string { return o.Address.Line1 },
	"line2":          func(o Order, _ PackedParcel) string { return o.Address.Line2 },
	"postal_code":    func(o Order, _ PackedParcel) string { return o.Address.PostalCode },
	"city":           func(o Order, _ PackedParcel) string { return o.Address.City },
	"country":        func(o Order, _ PackedParcel) string { return string(o.Address.Country) },
	"phone":          func(o Order, _ PackedParcel) string { return o.Phone },
	"email":          func(o Order, _ PackedParcel) string { return o.Email },
	"weight_g":       func(_ Order, p PackedParcel) string { return strconv.Itoa(p.WeightG) },
	"method":         func(o Order, _ PackedParcel) string { return o.ShippingMethod },
	"pickup_point":   func(o Order, _ PackedParcel) string { return stopCode(o) },
	"pickup_country": func(o Order, _ PackedParcel) string { return stopCountry(o) },
	"value":          func(o Order, _ PackedParcel) string { return o.Goods.Decimal() },
	"lang":           func(o Order, _ PackedParcel) string { return strings.ToUpper(string(o.Lang)) },
}

func stopCode(o Order) string {
	if o.Quote.Stop == nil {
		return ""
	}
	return o.Quote.Stop.Code
}

func stopCountry(o Order) string {
	if o.Quote.Stop == nil {
		return ""
	}
	return string(o.Quote.Stop.Address.Country)
}

// CarrierPresets are the layouts that carriers' tools read: in ColiShip the columns are mapped once,
// Mondial Relay takes them in its own order.
func CarrierPresets() map[string][]CarrierColumn {
	return map[string][]CarrierColumn{
		"coliship": {{"Reference", "reference"}, {"NomDestinataire", "name"}, {"RaisonSociale", "company"}, {"Adresse1", "line1"}, {"Adresse2", "line2"}, {"CodePostal", "postal_code"},
			{"Commune", "city"}, {"CodePays", "country"}, {"Telephone", "phone"}, {"Mail", "email"}, {"Poids", "weight_g"}, {"CodeProduit", "method"}, {"CodePointRetrait", "pickup_point"}},
		"mondial-relay": {{"NumeroCommande", "reference"}, {"Langue", "lang"}, {"NomDestinataire", "name"}, {"Adresse1", "line1"}, {"Adresse2", "line2"}, {"Ville", "city"}, {"CodePostal", "postal_code"},
			{"Pays", "country"}, {"Telephone", "phone"}, {"Email", "email"}, {"PoidsGrammes", "weight_g"}, {"PaysRelais", "pickup_country"}, {"NumeroRelais", "pickup_point"}, {"Valeur", "value"}},
	}
}

// CarrierFields are the fields that a column may hold, in order of the alphabet.
func CarrierFields() []string { return slices.Sorted(maps.Keys(carrierFields)) }

// ColumnsOf reads "Head=field, Head=field"; unknown fields are named in the second answer.
func ColumnsOf(s string) (columns []CarrierColumn, unknown []string) {
	for _, part := range strings.Split(s, ",") {
		head, field, ok := strings.Cut(strings.TrimSpace(part), "=")
		if head == "" {
			continue
		}
		if !ok {
			field = head
		}
		if carrierFields[field] == nil {
			unknown = append(unknown, field)
			continue
		}
		columns = append(columns, CarrierColumn{place.Line(head), field})
	}
	return columns, unknown
}

// CarrierFile writes the parcels of some orders as CSV, one a line, UTF-8 with a byte order mark and
// semicolons. An order that was not packed yet has one line with the weights that were quoted.
func CarrierFile(list []Dossier, columns []CarrierColumn) string {
	var b strings.Builder
	b.WriteString("\ufeff")
	row := func(cell func(c CarrierColumn) string) {
		for i, c := range columns {
			if i > 0 {
				b.WriteByte(';')
			}
			value := cell(c)
			// A cell that a spreadsheet would compute stays a text.
			if strings.ContainsAny(value, ";\"\r\n") || value != "" && strings.ContainsRune("=+-@", rune(value[0])) && c.Field != "phone" {
				value = `"` + strings.ReplaceAll(strings.TrimLeft(value, "=+-@"), `"`, `""`) + `"`
			}
			b.WriteString(value)
		}
		b.WriteString("\r\n")
	}
	row(func(c CarrierColumn) string { return c.Head })
	for _, d := range list {
		parcels := d.packedParcels()
		for _, p := range parcels {
			row(func(c CarrierColumn) string { return carrierFields[c.Field](d.Order, p) })
		}
	}
	return b.String()
}

// packedParcels are an order's parcels as they were weighed, else as they were quoted.
func (d Dossier) packedParcels() []PackedParcel {
	var list []PackedParcel
	for _, sh := range d.Shipments {
		list = append(list, sh.Parcels...)
	}
	if len(list) > 0 {
		return list
	}
	for n, p := range d.Quote.Parcels {
		list = append(list, PackedParcel{N: n + 1, Carton: p.Carton, WeightG: p.WeightG, Pieces: p.Pieces})
	}
	return list
}

// PackedParcels are the parcels to print papers for, and when the last of them left.
func (d Dossier) PackedParcels() ([]PackedParcel, time.Time) {
	last := d.PlacedAt
	for _, sh := range d.Shipments {
		last = sh.CreatedAt
	}
	return d.packedParcels(), last
}
