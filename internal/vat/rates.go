package vat

import (
	"fmt"
	"time"

	"boutique/internal/place"
	"boutique/internal/text"
)

// Exemption says why no VAT is due; empty when VAT is due.
type Exemption string

// The reasons, each the key of a mention that the office's settings date and word.
const (
	Taxed        Exemption = ""
	ExportExempt Exemption = "export"  // CGI art. 262 I and 294-2
	OutsideScope Exemption = "voucher" // CGI art. 256 ter: a multi-purpose voucher is taxed when it is used
	ClassExempt  Exemption = "exempt"
	// FranchiseExempt is a seller that bears no VAT (CGI art. 293 B).
	FranchiseExempt Exemption = "franchise"
)

type dated struct {
	territory place.Territory
	class     Class
	from      string
	rate      Rate
}

// rates holds the French rates, each with the day from which it applies. Goods sent to other
// member states bear French VAT while the yearly threshold of distance sales is not crossed
// (CGI art. 259 D).
var rates = []dated{
	{place.Mainland, Standard, "2014-01-01", 2000},      // CGI art. 278
	{place.Mainland, Confectionery, "2014-01-01", 2000}, // CGI art. 278-0 bis A 1, exception
	{place.Mainland, Alcohol, "2014-01-01", 2000},       // CGI art. 278-0 bis A 1, exception
	{place.Mainland, Books, "2013-01-01", 550},          // CGI art. 278-0 bis A 3
	{place.Mainland, Food, "2012-01-01", 550},           // CGI art. 278-0 bis A 1
	{place.Mainland, Press, "1989-01-01", 210},          // CGI art. 298 septies
	{place.Corsica, Standard, "2014-01-01", 2000},       // CGI art. 297 names special rates only
	{place.Corsica, Confectionery, "2014-01-01", 2000},
	{place.Corsica, Alcohol, "2014-01-01", 2000},
	{place.Corsica, Books, "2013-01-01", 210}, // CGI art. 297 I-1-2, also when sent from the mainland (I-2)
	{place.Corsica, Food, "2012-01-01", 210},  // CGI art. 297 I-1-2
	{place.Corsica, Press, "1989-01-01", 210},
}

// RateOf gives the rate of a class of goods delivered to a territory on a day (in Europe/Paris),
// and the reason when none is due. It fails for a class or a day that no rate is known for.
func RateOf(class Class, where place.Territory, day time.Time) (Rate, Exemption, error) {
	switch {
	case class == VoucherMulti:
		return 0, OutsideScope, nil
	case class == Exempt:
		return 0, ClassExempt, nil
	case where == place.Export:
		return 0, ExportExempt, nil
	case where == place.Union:
		where = place.Mainland
	}
	on := day.In(text.Paris()).Format(time.DateOnly)
	found, since := Rate(-1), ""
	for _, r := range rates {
		if r.territory == where && r.class == class && r.from <= on && r.from >= since {
			found, since = r.rate, r.from
		}
	}
	if found < 0 {
		return 0, Taxed, fmt.Errorf("no VAT rate is known for %s in %s on %s", class, where, on)
	}
	return found, Taxed, nil
}
