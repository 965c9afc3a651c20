package shop

import "boutique/internal/place"

// NeedsCustoms tells whether an order's parcels need a customs declaration: all that leave the
// union's VAT area, overseas France included.
func NeedsCustoms(o Order) bool {
	return !o.Collected() && place.TerritoryOf(o.Address.Country, o.Address.PostalCode) == place.Export
}
