// Package money is the shop's arithmetic: whole euro cents, never a float.
package money

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Currency is the only currency the shop sells in (ISO 4217).
const Currency = "EUR"

// Amount is a sum of money in euro cents. It may be negative (a credit note, a correction).
type Amount int64

// ErrSyntax is returned by Parse for text that is no amount of money.
var ErrSyntax = errors.New("not an amount of money: write it like 12,50")

type wire struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// MarshalJSON writes {"amount": 1250, "currency": "EUR"}, minor units.
func (a Amount) MarshalJSON() ([]byte, error) {
	return json.Marshal(wire{int64(a), Currency})
}

// UnmarshalJSON reads what MarshalJSON writes and refuses any currency but the euro.
func (a *Amount) UnmarshalJSON(b []byte) error {
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return err
	}
	if w.Currency != Currency {
		return fmt.Errorf("currency %q: only %s is sold", w.Currency, Currency)
	}
	*a = Amount(w.Amount)
	return nil
}

// Times is the amount of n units. It panics when the product does not fit, which no order that
// passed the limits on quantity and price can reach.
func (a Amount) Times(n int) Amount {
	p := int64(a) * int64(n)
	if n != 0 && p/int64(n) != int64(a) {
		panic("money: overflow")
	}
	return Amount(p)
}

// Decimal writes the amount with a decimal comma and no separator of thousands: 1234,50.
// It is the form of the CSV exports and of the FEC (LPF art. A47 A-1, XII-2).
func (a Amount) Decimal() string { return string(a.AppendDecimal(nil)) }

// AppendDecimal appends what Decimal writes: files of a million lines need no text for each amount.
func (a Amount) AppendDecimal(b []byte) []byte { return a.appendDecimal(b, ',') }

// Point writes the amount with a decimal point, the form of XML documents: 1234.50.
func (a Amount) Point() string { return string(a.appendDecimal(nil, '.')) }

func (a Amount) appendDecimal(b []byte, separator byte) []byte {
	n := uint64(a)
	if a < 0 {
		b, n = append(b, '-'), uint64(-(a+1))+1
	}
	b = append(strconv.AppendUint(b, n/100, 10), separator)
	return append(b, byte('0'+n%100/10), byte('0'+n%10))
}

// Parse reads an amount typed by a person: "12", "12,5", "12,50", "12.50", with an optional minus
// sign and euro sign, spaces of any kind as separators of thousands. It never rounds: more than
// two decimals are refused.
func Parse(s string) (Amount, error) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case ' ', '\u00a0', '\u202f', '€':
			return -1
		}
		return r
	}, s)
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	whole, fraction, separated := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	if whole == "" || (separated && fraction == "") || len(fraction) > 2 {
		return 0, ErrSyntax
	}
	fraction += strings.Repeat("0", 2-len(fraction))
	var n int64
	for _, r := range whole + fraction {
		if r < '0' || r > '9' {
			return 0, ErrSyntax
		}
		if n > (math.MaxInt64-9)/10 {
			return 0, ErrSyntax
		}
		n = n*10 + int64(r-'0')
	}
	if negative {
		n = -n
	}
	return Amount(n), nil
}

// Sum adds the amounts.
func Sum(amounts ...Amount) Amount {
	var total Amount
	for _, a := range amounts {
		total += a
	}
	return total
}
