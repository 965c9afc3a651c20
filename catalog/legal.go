package catalog

import "boutique/internal/text"

// LegalFacts are what the law wants said of an article before it is bought. Which of them an
// article needs follows from its family.
type LegalFacts struct {
	// Manufacturer answers for the article's safety (Regulation (EU) 2023/988 art. 19).
	Manufacturer Manufacturer         `json:"manufacturer,omitzero"`
	Warnings     map[text.Lang]string `json:"warnings,omitempty"`
	// NetQuantity in NetUnit (g, kg, ml, l, piece) makes the unit price (C. conso. art. L112-1).
	NetQuantity int    `json:"net_quantity,omitempty"`
	NetUnit     string `json:"net_unit,omitempty"`
	// Ingredients with their allergens (Regulation (EU) 1169/2011 art. 14).
	Ingredients map[text.Lang]string `json:"ingredients,omitempty"`
	Allergens   []string             `json:"allergens,omitempty"`
	// AlcoholTenths is the alcoholic strength by volume in tenths of a percent: 65 is 6.5 %.
	AlcoholTenths int `json:"alcohol_tenths,omitempty"`
	// Composition is the fibres of a textile (Regulation (EU) 1007/2011 art. 16).
	Composition map[text.Lang]string `json:"composition,omitempty"`
	Author      string               `json:"author,omitempty"`
	Publisher   string               `json:"publisher,omitempty"`
	ISBN        string               `json:"isbn,omitempty"`
	// BookCondition is new or used: new books have a fixed price and a legal delivery fee (loi 81-766).
	BookCondition string `json:"book_condition,omitempty"`
}

// Manufacturer is who made an article, or answers for it.
type Manufacturer struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address,omitempty"`
	Contact string `json:"contact,omitempty"`
}

// ValidGTIN tells whether a code is a GTIN-8, -12, -13 or -14 with its check digit. An ISBN-13 is one.
func ValidGTIN(code string) bool {
	switch len(code) {
	case 8, 12, 13, 14:
	default:
		return false
	}
	sum := 0
	for i := range len(code) {
		d := int(code[len(code)-1-i] - '0')
		if d < 0 || d > 9 {
			return false
		}
		if i%2 == 1 {
			d *= 3
		}
		sum += d
	}
	return sum%10 == 0
}
