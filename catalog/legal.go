package catalog

import "boutique/internal/text"

// LegalFacts are what the law wants said of an article before it is bought. Which of them an
// article needs follows from its family.
type LegalFacts struct {
	// Manufacturer answers for the article's safety (Regulation (EU) 2023/988 art. 19).
	Manufacturer Manufacturer `json:"manufacturer,omitzero"`
	// Responsible is the person in the Union who answers for it when its manufacturer is outside
	// (art. 16 of the same).
	Responsible Manufacturer `json:"responsible,omitzero"`
	// Identifier is what tells the article apart: a type, model or lot (art. 19 of the same).
	Identifier string               `json:"identifier,omitempty"`
	Warnings   map[text.Lang]string `json:"warnings,omitempty"`
	// NetQuantity in NetUnit (g, kg, ml, l, piece) makes the unit price (C. conso. art. L112-1).
	NetQuantity int    `json:"net_quantity,omitempty"`
	NetUnit     string `json:"net_unit,omitempty"`
	// Ingredients with their allergens (Regulation (EU) 1169/2011 art. 14).
	Ingredients map[text.Lang]string `json:"ingredients,omitempty"`
	Allergens   []string             `json:"allergens,omitempty"`
	// Storage and Use are how to keep it and what to do with it; Care is how to wash or clean it.
	Storage   map[text.Lang]string `json:"storage,omitempty"`
	Use       map[text.Lang]string `json:"use,omitempty"`
	Care      map[text.Lang]string `json:"care,omitempty"`
	Nutrition Nutrition            `json:"nutrition,omitzero"`
	// AlcoholTenths is the alcoholic strength by volume in tenths of a percent: 65 is 6.5 %.
	AlcoholTenths int `json:"alcohol_tenths,omitempty"`
	// Composition is the fibres of a textile (Regulation (EU) 1007/2011 art. 16).
	Composition map[text.Lang]string `json:"composition,omitempty"`
	Author      string               `json:"author,omitempty"`
	Publisher   string               `json:"publisher,omitempty"`
	ISBN        string               `json:"isbn,omitempty"`
	// AgeMonths is the least age of who plays with a toy (Directive 2009/48 art. 11).
	AgeMonths int `json:"age_months,omitempty"`
	// BookCondition is new or used: new books have a fixed price and a legal delivery fee (loi 81-766).
	BookCondition string `json:"book_condition,omitempty"`
	// Withdrawal says why an article cannot be sent back (C. conso. art. L221-28), as one of the codes
	// of WithdrawalExceptions; empty where the shopper has the right.
	Withdrawal string `json:"withdrawal,omitempty"`
}

// Nutrition is the declaration per 100 g or 100 ml (Regulation (EU) 1169/2011 art. 30): energy in
// kilojoules and kilocalories, the nutrients in hundredths of a gram. It is there when it has energy.
type Nutrition struct {
	EnergyKJ     int `json:"energy_kj"`
	EnergyKcal   int `json:"energy_kcal"`
	Fat          int `json:"fat"`
	Saturates    int `json:"saturates"`
	Carbohydrate int `json:"carbohydrate"`
	Sugars       int `json:"sugars"`
	Protein      int `json:"protein"`
	Salt         int `json:"salt"`
}

// Nutrient is one line of a nutrition declaration, in hundredths of a gram.
type Nutrient struct {
	Code       string
	Hundredths *int
}

// Nutrients are the nutrients in the order of the law.
func (n *Nutrition) Nutrients() []Nutrient {
	return []Nutrient{{"fat", &n.Fat}, {"saturates", &n.Saturates}, {"carbohydrate", &n.Carbohydrate}, {"sugars", &n.Sugars}, {"protein", &n.Protein}, {"salt", &n.Salt}}
}

// WithdrawalExceptions are the reasons of C. conso. art. L221-28 that an article may have. Ordinary
// bottles of alcohol have none.
func WithdrawalExceptions() []string {
	return []string{"made_to_measure", "perishable", "hygiene", "mixed", "alcohol_market", "media", "periodical", "digital"}
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
