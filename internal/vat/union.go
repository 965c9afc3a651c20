package vat

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"boutique/internal/place"
	"boutique/internal/text"
)

//go:embed rates.csv
var ratesFile string

// unionRates are the dated rates of the member states, read once from the table that names the
// source of each.
var unionRates = sync.OnceValue(func() map[string][]dated {
	r := csv.NewReader(strings.NewReader(ratesFile))
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("vat: rates.csv: %v", err))
	}
	all := map[string][]dated{}
	for _, row := range rows[1:] {
		class, ok := map[string]Class{"standard": Standard, "printed_books": Books}[row[1]]
		if !ok || len(row[0]) != 2 {
			continue
		}
		percent, err := strconv.ParseFloat(row[2], 64)
		if err != nil {
			panic(fmt.Sprintf("vat: rates.csv: %v", err))
		}
		all[row[0]] = append(all[row[0]], dated{class: class, from: row[3], rate: Rate(math.Round(percent * 100))})
	}
	return all
})

// Sale is where goods are supplied and by whom, as VAT sees it.
type Sale struct {
	Territory place.Territory
	// Country is the member state of the shopper, and Destination tells that its VAT is due instead of
	// the French one (CGI art. 258 A and 259 D).
	Country     place.Country
	Destination bool
	// Franchise is an office that bears no VAT (CGI art. 293 B).
	Franchise bool
}

// RateOf gives the rate of a class of goods on a day (in Europe/Paris), and the reason when none is
// due.
func (s Sale) RateOf(class Class, day time.Time) (Rate, Exemption, error) {
	if class != VoucherMulti && class != Exempt && s.Franchise {
		return 0, FranchiseExempt, nil
	}
	if !s.Destination || s.Territory != place.Union || class == VoucherMulti || class == Exempt {
		return RateOf(class, s.Territory, day)
	}
	rate, _, err := rateIn(s.Country, class, day)
	return rate, Taxed, err
}

// rateIn gives a member state's rate. Of the reduced ones only that of printed books is known, and
// not everywhere: any other class, and a book where its rate is not known, bears the standard rate,
// and review tells that a person should look at it.
func rateIn(country place.Country, class Class, day time.Time) (rate Rate, review bool, err error) {
	on := day.In(text.Paris()).Format(time.DateOnly)
	find := func(class Class) (Rate, bool) {
		found, since, ok := Rate(0), "", false
		for _, r := range unionRates()[string(country)] {
			if r.class == class && r.from <= on && r.from >= since {
				found, since, ok = r.rate, r.from, true
			}
		}
		return found, ok
	}
	if class == Books {
		if rate, ok := find(Books); ok {
			return rate, false, nil
		}
	}
	rate, ok := find(Standard)
	if !ok {
		return 0, false, fmt.Errorf("no VAT rate is known for %s in %s on %s", class, country, on)
	}
	return rate, class == Books || class == Food || class == Press, nil
}

// NeedsReview tells whether a class of goods is taxed at a member state's standard rate only because
// its reduced one is not known here.
func NeedsReview(country place.Country, class Class, day time.Time) bool {
	_, review, err := rateIn(country, class, day)
	return err != nil || review
}
