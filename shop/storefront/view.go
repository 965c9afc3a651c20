package storefront

import (
	"github.com/a-h/templ"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/shop"
	"boutique/shop/ui"
)

// Page is what every page has: its words, its place, and the frame around it.
type Page struct {
	P           text.Printer
	Title       string
	Description string
	// Path is the page's address behind its language, with its query: the language switch keeps it.
	Path       string
	PublicURL  string
	Office     setting.Office
	HasLogo    bool
	LogoURL    string
	LogoDark   string
	Categories []*catalog.Category
	Assets     *ui.Assets
	ThemeURL   string
	TestMode   bool
	Alcohol    bool
	NoIndex    bool
	Hero       string
	Refresh    int
	Query      string
}

// Lang is the page's language; French when it was given none.
func (p Page) Lang() text.Lang { return spoken(p.P).Lang() }

// T writes a message.
func (p Page) T(id string, args ...any) string { return spoken(p.P).T(id, args...) }

// spoken is the printer, or the French one for a view that was given none.
func spoken(p text.Printer) text.Printer {
	if p == (text.Printer{}) {
		return words.In(text.FR)
	}
	return p
}

// To is the address of another page in the same language.
func (p Page) To(path string) templ.SafeURL {
	return templ.URL("/" + string(p.Lang()) + path)
}

// Asset is the address of a static file.
func (p Page) Asset(name string) string { return p.Assets.URL(name) }

// Card is a product in a list.
type Card struct {
	Item *catalog.Item
	Left int
}

// HomeView is the shop's first page.
type HomeView struct {
	Page
	Hero    *Card
	Newest  []Card
	Maker   *catalog.Maker
	MakerOf *catalog.Item
	From    *money.Amount
	Free    *money.Amount
	// Ready is within how many working days an order that is fetched lies ready; 0 when none is.
	Ready int
}

// ListView is a list of products: all of them, a category, a maker, a search.
type ListView struct {
	Page
	Heading  string
	Intro    string
	Cards    []Card
	Total    int
	Filter   catalog.Filter
	Facets   catalog.Facets
	Makers   []*catalog.Maker
	Category string
	Base     string
	More     string
	Search   bool
	Hints    []Card
}

// ProductView is a product's page.
type ProductView struct {
	Page
	Item    *catalog.Item
	Text    catalog.ItemText
	Chosen  catalog.ItemVariant
	Picked  bool
	Left    int
	LeftOf  map[int64]int
	Picture int
	Promise *shop.Promise
	// Ready is within how many working days an order that is fetched lies ready; 0 when none is.
	Ready    int
	From     *money.Amount
	Related  []Card
	Error    string
	Quantity int
	// Asked tells what became of a shopper's wish to be told: yes, or again for an address that is none.
	Asked string
}

// CartView is the cart's page.
type CartView struct {
	Page
	Cart      shop.Cart
	Pictures  map[string]catalog.Picture
	Quote     *shop.Quote
	Countries []place.Choice
	Fields    FieldErrors
	Removed   *Removed
	OrderURL  string
	Notice    string
}

// Removed is an article that was just taken out, and may come back.
type Removed struct {
	SKU      string
	Name     string
	Quantity int
}

// FieldErrors are the sentences beside the fields of a refused form, by place.
type FieldErrors map[string]string

// CheckoutForm is what the checkout's fields hold.
type CheckoutForm struct {
	Email, Name, Phone, Company, SIREN, VATNumber string
	Line1, Line2, PostalCode, City, Country       string
	ShippingOption, BirthDate, Payment            string
	AcceptTerms, Business                         bool
	// Near are the postal codes near which pickup points are looked for, by method.
	Near map[string]string
}

// CheckoutView is the checkout's one page.
type CheckoutView struct {
	Page
	Cart      shop.Cart
	Pictures  map[string]catalog.Picture
	Quote     shop.Quote
	Form      CheckoutForm
	Fields    FieldErrors
	Summary   []fault.Field
	Countries []place.Choice
	Key       string
	Notice    string
	VAT       []VATRow
	// Desk is the last day on which an order that is fetched may be paid at the desk; empty when it may not.
	Desk string
	// Split is the address with its street in two lines, offered when one does not hold it.
	Split *place.Address
}

// Chosen is the delivery that the form has chosen, with its point or desk; nil while there is none.
func (v CheckoutView) Chosen() *shop.Option {
	choice := shop.ParseChoice(v.Form.ShippingOption)
	o, err := v.Quote.Choose(choice)
	if err != nil || len(o.Stops) > 1 && choice.Stop == "" {
		return nil
	}
	return &o
}

// VATRow is one rate's VAT in a sum.
type VATRow struct {
	Rate int
	VAT  money.Amount
}

// OrderView is an order's page.
type OrderView struct {
	Page
	Order    shop.Dossier
	Key      string
	Pictures map[string]catalog.Picture
	Pay      bool
	Just     bool
	Pending  bool
}

// AtDesk tells an order that waits to be paid at the desk.
func (v OrderView) AtDesk() bool { return v.Pay && v.Order.AtDesk() }

// HasCards tells whether the order bought gift cards that may be printed.
func (v OrderView) HasCards() bool {
	if v.Order.ConfirmedAt == nil {
		return false
	}
	for _, l := range v.Order.Lines {
		if l.GiftCard && l.Quantity > l.Refunded {
			return true
		}
	}
	return false
}

// Paid is the payment that the order stands on; nil while there is none.
func (v OrderView) Paid() *payments.Payment {
	for i, p := range v.Order.Payments {
		if v.Order.PaymentID != nil && p.ID == *v.Order.PaymentID {
			return &v.Order.Payments[i]
		}
	}
	return nil
}

// LegalView is a page of the office's texts.
type LegalView struct {
	Page
	HTML    string
	Version string
}

// ProblemView is a page that says what went wrong, and a way on.
type ProblemView struct {
	Page
	Status   int
	Heading  string
	Sentence string
	Incident string
	Lines    []string
	Back     string
	BackText string
}

// MailView is what a mail says of an order.
type MailView struct {
	P       text.Printer
	Office  setting.Office
	Subject string
	Intro   []string
	Order   shop.Order
	Link    string
	Button  string
	Lines   bool
	Track   string
	// Print is where what was bought can be printed; empty for what is sent.
	Print string
	// Withdrawal is where the order may be withdrawn from; empty when it is not said.
	Withdrawal string
	// To is where what was ordered goes or waits, under ToHeading; empty when it goes by mail.
	ToHeading string
	To        []string
	// Terms stand at the end of what confirms an order; nil in the other mails.
	Terms *MailTerms
}

// Lang is the mail's language; French when it was given none.
func (v MailView) Lang() text.Lang { return spoken(v.P).Lang() }

// T writes a message.
func (v MailView) T(id string, args ...any) string { return spoken(v.P).T(id, args...) }
