// Package vat is the only VAT code of the shop: classes of goods, dated rates by territory, and
// the one function that carves VAT out of prices and shares it to the cent.
package vat

// Class is what VAT law sees in an article. A person chooses it for each article; it is never
// derived (chocolate alone falls in two classes: BOI 3 C-2-06).
type Class string

// The classes the shop needs.
const (
	Standard      Class = "standard"
	Books         Class = "books"
	Food          Class = "food"
	Confectionery Class = "confectionery_chocolate_20"
	Alcohol       Class = "alcohol"
	Press         Class = "press_2_1"
	VoucherMulti  Class = "voucher_multi"
	Exempt        Class = "exempt"
)

// Classes lists the classes in the order in which staff choose from them.
func Classes() []Class {
	return []Class{Standard, Books, Food, Confectionery, Alcohol, Press, VoucherMulti, Exempt}
}

// ParseClass reads a class; ok is false for anything that is none.
func ParseClass(s string) (Class, bool) {
	for _, c := range Classes() {
		if string(c) == s {
			return c, true
		}
	}
	return "", false
}

// Rate is a VAT rate in basis points: 2000 is 20 %.
type Rate int
