package storefront

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/money"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/ui"
	"boutique/shop/ui/htmltest"
)

// pages renders every page of the shop from one kind of view.
type pages struct {
	home     HomeView
	list     ListView
	product  ProductView
	cart     CartView
	checkout CheckoutView
	order    OrderView
	legal    LegalView
	problem  ProblemView
}

func (p pages) all() map[string]templ.Component {
	return map[string]templ.Component{
		"stop": StopPage(StopView{Page: p.home.Page, Name: "Mug"}), "home": HomePage(p.home), "list": ListPage(p.list), "product": ProductPage(p.product), "cart": CartPage(p.cart), "checkout": CheckoutPage(p.checkout),
		"order": OrderPage(p.order), "legal": LegalPage(p.legal), "problem": ProblemPage(p.problem),
	}
}

func TestEmptyViewsMakeWellFormedPages(t *testing.T) {
	t.Parallel()
	for name, page := range (pages{}).all() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			htmltest.WellFormed(t, draw(t, page))
		})
	}
	for _, lang := range text.Offered() {
		empty := Page{P: words.In(lang)}
		views := pages{home: HomeView{Page: empty}, list: ListView{Page: empty}, product: ProductView{Page: empty}, cart: CartView{Page: empty}, checkout: CheckoutView{Page: empty},
			order: OrderView{Page: empty}, legal: LegalView{Page: empty}, problem: ProblemView{Page: empty}}
		for name, page := range views.all() {
			t.Run(string(lang)+" "+name, func(t *testing.T) {
				t.Parallel()
				html := draw(t, page)
				htmltest.WellFormed(t, html)
				if !strings.Contains(html, `<html lang="`+string(lang)+`"`) {
					t.Error("the page does not say its language")
				}
			})
		}
	}
}

func TestFullViewsMakeWellFormedPages(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		for name, page := range fullPages(t, lang).all() {
			t.Run(string(lang)+" "+name, func(t *testing.T) {
				t.Parallel()
				html := draw(t, page)
				htmltest.WellFormed(t, html)
				if strings.Contains(html, "<script>") {
					t.Error("what a person wrote became a script")
				}
			})
		}
	}
}

// TestWordsThatFallBackToFrenchSaySo: what is read aloud is read in its own language.
func TestWordsThatFallBackToFrenchSaySo(t *testing.T) {
	t.Parallel()
	html := draw(t, ProductPage(fullPages(t, text.NL).product))
	for _, want := range []string{`<h1 lang="fr">`, `<p class="short" lang="fr">Un article.</p>`, `<div lang="fr"><p>Son histoire.</p>`, `<p class="story-text" lang="fr">`,
		`<dd lang="fr">Eau, malt d’orge.</dd>`, `<dd lang="fr">Fragile.</dd>`, `alt="Un mug blanc a" lang="fr"`, `<span lang="fr">taille s</span>`, `lang="fr">Textile</a>`} {
		if !strings.Contains(html, want) {
			t.Errorf("the Dutch page lacks %s", want)
		}
	}
	html = draw(t, ProductPage(fullPages(t, text.EN).product))
	if strings.Contains(html, `<h1 lang`) || strings.Contains(html, `<dd lang`) {
		t.Error("what is in the page's language is marked as another")
	}
	if n := strings.Count(html[strings.Index(html, `id="languages"`):], "hreflang="); n != 4 {
		t.Errorf("the language chooser offers %d languages", n)
	}
}

// TestTheOrderButtonBinds holds the words on the button to the law (C. conso. art. L221-14; § 312j BGB;
// art. 6:230v BW): they say that the order is to be paid.
func TestTheOrderButtonBinds(t *testing.T) {
	t.Parallel()
	for lang, want := range map[text.Lang]string{text.FR: "Payer ma commande", text.EN: "Pay my order", text.NL: "Bestelling met betalingsverplichting", text.DE: "Zahlungspflichtig bestellen"} {
		html := draw(t, CheckoutPage(fullPages(t, lang).checkout))
		if !strings.Contains(html, want+"</button>") && !strings.Contains(html, want+" </button>") {
			t.Errorf("%s: the button does not say %q", lang, want)
		}
	}
}

// variations are pages in other states than the fullest one.
func TestPagesInEveryStateAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, lang := range text.Offered() {
		full := fullPages(t, lang)
		states := map[string]templ.Component{}
		for _, status := range []string{shop.AwaitingPayment, shop.Confirmed, shop.Completed, shop.Expired, shop.Cancelled} {
			v := full.order
			v.Order.Status, v.Pay, v.Just, v.Pending = status, status == shop.AwaitingPayment, false, false
			states["order "+status] = OrderPage(v)
			v.Order.ShippingKind = string(shop.KindCollection)
			states["collected order "+status] = OrderPage(v)
		}
		desk := full.order
		desk.Order.Status, desk.Order.PaysAt, desk.Pay, desk.Just = shop.AwaitingPayment, shop.PaysAtDesk, true, false
		states["order to be paid at the desk"] = OrderPage(desk)
		pending := full.order
		pending.Pending, pending.Refresh = true, 5
		states["pending order"] = OrderPage(pending)
		nothing := full.list
		nothing.Cards, nothing.Total, nothing.Search, nothing.Query = nil, 0, true, `<script>"'`
		states["nothing found"] = ListPage(nothing)
		nothing.Search = false
		states["empty category"] = ListPage(nothing)
		search := full.list
		search.Search, search.Query = true, "beffroi"
		states["search"] = ListPage(search)
		out := full.product
		out.LeftOf, out.Left = map[int64]int{}, 0
		states["sold out"] = ProductPage(out)
		few := full.product
		few.Left, few.Picked = 2, true
		states["few left"] = ProductPage(few)
		one := full.product
		item := *one.Item
		item.Variants, item.Pictures = item.Variants[:1], nil
		one.Item = &item
		states["one variant, no photograph"] = ProductPage(one)
		waiting := full.cart
		waiting.OrderURL = "/fr/orders/B-1?key=k"
		states["cart that waits for its payment"] = CartPage(waiting)
		undecided := full.checkout
		undecided.Form.ShippingOption = ""
		states["no delivery chosen"] = CheckoutPage(undecided)
		for name, page := range states {
			t.Run(string(lang)+" "+name, func(t *testing.T) {
				t.Parallel()
				htmltest.WellFormed(t, draw(t, page))
			})
		}
	}
}

func draw(t *testing.T, c templ.Component) string {
	t.Helper()
	body, err := render(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// hostile is what a person may write where a name is asked.
const hostile = `Zoé "<script>alert(1)</script>" O'Brien & fils`

func both(s string) map[text.Lang]string {
	return map[text.Lang]string{text.FR: s, text.EN: s + " (en)"}
}

func aPicture(sha string) catalog.Picture {
	p := catalog.Picture{SHA256: sha, Width: 1254, Height: 1254, FocalX: 40, FocalY: 60, Alts: both("Un mug blanc " + sha), Placeholder: "data:image/png;base64,AA=="}
	for _, w := range []int{160, 640, 1600} {
		p.Renditions = append(p.Renditions, catalog.Rendition{Width: w, Height: w, Ext: "webp", URL: fmt.Sprintf("/photos/%s-%d.webp", sha, w)},
			catalog.Rendition{Width: w, Height: w, Ext: "jpg", URL: fmt.Sprintf("/photos/%s-%d.jpg", sha, w)})
	}
	return p
}

func anItem() *catalog.Item {
	cents := money.Amount(1250)
	picture := aPicture("a")
	size := func(code string) catalog.OptionValue {
		return catalog.OptionValue{Code: code, Labels: both("taille " + code), Swatch: "#B5472F"}
	}
	return &catalog.Item{
		ID: 1, Slug: "t-shirt", Family: "alcohol", Category: &catalog.Category{Slug: "textile", Names: both("Textile"), Descriptions: both("De quoi s’habiller."), Photo: &picture, Count: 2},
		Maker: &catalog.Maker{Slug: "atelier", Name: hostile, Town: "Douai", Stories: both("Une histoire."), Count: 3},
		Texts: map[text.Lang]catalog.ItemText{
			text.FR: {Name: hostile, Short: "Un article.", Description: "Son histoire."},
			text.EN: {Name: hostile, Short: "An article.", Description: "Its story."},
		},
		Options: []catalog.Option{{Code: "size", Labels: both("Taille"), Values: []catalog.OptionValue{size("s"), size("m")}}},
		Variants: []catalog.ItemVariant{
			{ID: 1, SKU: "T-S", GTIN: "3760000000017", Values: []catalog.OptionValue{size("s")}, Price: 1250, WeightG: 180, LengthMM: 300, WidthMM: 255, HeightMM: 20, UnitPrice: &cents, Unit: "kg"},
			{ID: 2, SKU: "T-M", Values: []catalog.OptionValue{size("m")}, Price: 1450, WeightG: 190},
		},
		Pictures: []catalog.Picture{picture, aPicture("b")},
		Legal: catalog.LegalFacts{Manufacturer: catalog.Manufacturer{Name: hostile, Address: "1 rue du Four", Contact: "a@b.example"}, Warnings: both("Fragile."), NetQuantity: 750, NetUnit: "ml",
			Ingredients: both("Eau, malt d’orge."), Allergens: []string{"gluten", "unheard-of"}, AlcoholTenths: 65, Composition: both("Coton."), Author: "A. Auteur", Publisher: "Éditions", ISBN: "9782000000006",
			BookCondition: "used"},
		Origins: []string{"FR"}, MinPrice: 1250, MaxPrice: 1450,
	}
}

func anOrder(lang text.Lang) shop.Order {
	confirmed, payment, cart := noon, uuid.New(), uuid.New()
	return shop.Order{
		ID: uuid.New(), Number: "B-2026-0001", Status: shop.Confirmed, PaymentStatus: shop.Paid, FulfilmentStatus: "partially_fulfilled", Lang: lang, Email: "zoe@example.org", Phone: "+33612345678",
		Address: place.Address{Name: hostile, Company: "Fils & Cie", Line1: "12 rue de la Cloche", Line2: "Bât. B", PostalCode: "59500", City: "Douai", Country: "FR"}, ShippingKind: "parcel", ShippingMethod: "parcel",
		ShippingLabel: "Colissimo", Promise: &shop.Promise{From: noon, To: noon.AddDate(0, 0, 2)}, Goods: 2500, Shipping: 490, Total: 2990, TermsVersion: "2026-01", PlacedAt: noon, ExpiresAt: noon.Add(time.Hour),
		ConfirmedAt: &confirmed, PaymentID: &payment, CartID: &cart, Lines: []shop.OrderLine{{SKU: "T-S", Name: hostile, Options: "taille S", Quantity: 2, UnitPrice: 1250, Total: 2500, Slug: "t-shirt"}},
		VAT: []vat.RateSum{{Rate: 2000, Gross: 2490, VAT: 415}, {Rate: 550, Gross: 500, VAT: 26}},
	}
}

func fullPages(t *testing.T, lang text.Lang) pages {
	t.Helper()
	assets, err := ui.NewAssets("/static/", Static)
	if err != nil {
		t.Fatal(err)
	}
	item, price, free, missing := anItem(), money.Amount(490), money.Amount(7500), money.Amount(5000)
	promise := shop.Promise{From: noon, To: noon.AddDate(0, 0, 2)}
	p := Page{P: words.In(lang), Title: "Une page", Description: `Une "page" & plus`, Path: "/products?maker=x&sort=price", PublicURL: "https://boutique.example", Office: office(), HasLogo: true, LogoURL: "/brand/logo-1.svg",
		LogoDark: "/brand/logo-dark-1.svg", Categories: []*catalog.Category{item.Category, {Slug: "vide", Names: both("Vide")}}, Assets: assets, ThemeURL: "/theme-1.css", TestMode: true, Alcohol: true, Query: `"<b>`}
	cards := []Card{{item, 5}, {item, 2}, {item, 0}}
	countries := place.Choices([]place.Country{"FR", "BE"}, lang)
	lines := []shop.CartLine{{SKU: "T-S", Quantity: 2, Total: 2500, Shown: 2500, Sellable: catalog.Sellable{Slug: "t-shirt", Name: hostile, Options: "taille S", Price: 1250, VATClass: "standard", Family: "alcohol"}}}
	cart := shop.Cart{ID: uuid.New(), Lang: lang, To: shop.Destination{Country: "FR", PostalCode: "59500"}, Lines: lines, Goods: 2500,
		Problems: []shop.Problem{{Code: shop.ProblemPrice, SKU: "T-S", Params: map[string]any{"name": hostile, "before": money.Amount(1000), "now": money.Amount(1250)}},
			{Code: shop.ProblemShortage, SKU: "T-S", Params: map[string]any{"name": hostile, "available": 1}}}}
	quote := shop.Quote{To: cart.To, Goods: 2500, Options: []shop.Option{
		{Method: "parcel", Kind: "parcel", Carrier: "Colissimo", Names: shop.Names(both("Colissimo")), Price: 490, Promise: promise, Why: []shop.Reason{{Code: "book_minimum", Amount: 300}}, FreeFrom: &free, Missing: &missing},
		{Method: "office", Kind: shop.KindCollection, Names: shop.Names(both("Retrait")), Promise: promise},
	}, Refused: []shop.Refusal{{Method: "letter", Names: shop.Names(both("Lettre")), Code: "too_heavy", Params: map[string]any{"max_weight_g": 2000}}}}
	pictures := map[string]catalog.Picture{"T-S": item.Pictures[0]}
	var places fault.Fields
	for _, place := range []string{"email", "address.name", "phone", "address.company", "siren", "vat_number", "address.country", "address.line1", "address.line2", "address.postal_code", "address.city", "shipping_option",
		"birth_date", "accept_terms"} {
		places.AddWith(place, "line_too_long", "is too long", map[string]any{"max": 38})
	}
	refused, _ := fault.As(places.Err())
	order := anOrder(lang)
	shipment := shop.Shipment{N: 1, Kind: "delivery", State: "shipped", Carrier: "Colissimo", TrackingNumber: "8R123", TrackingURL: "https://track.example/8R123", Lines: []shop.LineQuantity{{SKU: "T-S", Quantity: 1}},
		History: []shop.Step{{Event: shop.EventShip, At: noon}, {Event: shop.EventMakeReady, At: noon}}}
	dossier := shop.Dossier{Order: order, Shipments: []shop.Shipment{shipment}, Payments: []payments.Payment{{ID: *order.PaymentID, Method: "card"}}, Refunds: []payments.Refund{{State: payments.Succeeded, Amount: 500}},
		Documents: []ledger.Issued{{Kind: ledger.KindInvoice, Number: "F2026-0001"}, {Kind: ledger.KindCreditNote, Number: "A2026-0001"}}}
	return pages{
		home: HomeView{Page: p, Hero: &cards[0], Newest: cards, Maker: item.Maker, MakerOf: item, From: &price, Free: &free, Ready: 2},
		list: ListView{Page: p, Heading: "Textile", Intro: "De quoi s’habiller.", Cards: cards, Total: 3, Filter: catalog.Filter{Sort: "price", Maker: "atelier", AvailableOnly: true},
			Facets: catalog.Facets{Makers: map[string]int{"atelier": 3}, Available: 2}, Makers: []*catalog.Maker{item.Maker, item.Maker}, Category: "textile", Base: "/categories/textile", More: "/products?after=x&sort=price", Hints: cards},
		product: ProductView{Page: p, Item: item, Text: item.In(lang), Chosen: item.Variants[0], Left: 7, LeftOf: map[int64]int{1: 7}, Promise: &promise, Ready: 1, From: &price, Related: cards, Error: "Choisissez."},
		cart:    CartView{Page: p, Cart: cart, Pictures: pictures, Quote: &quote, Countries: countries, Fields: sentences(p.P, refused.Fields), Removed: &Removed{SKU: "T-S", Name: hostile, Quantity: 2}, Notice: "Ajouté."},
		checkout: CheckoutView{Page: p, Cart: cart, Pictures: pictures, Quote: quote, Form: CheckoutForm{Email: `"<zoe>`, Name: hostile, Company: "C", SIREN: "1", VATNumber: "FR", Country: "FR", ShippingOption: "parcel", AcceptTerms: true},
			Fields: sentences(p.P, refused.Fields), Summary: refused.Fields, Countries: countries, Key: "0123456789abcdef", Notice: "Le total a changé.", Desk: "mardi 8 décembre", VAT: []VATRow{{2000, 415}}},
		order:   OrderView{Page: p, Order: dossier, Key: "k&k", Pictures: pictures, Pay: true, Just: true},
		legal:   LegalView{Page: p, HTML: "<h1>Un titre</h1><p>Un texte.</p>", Version: "2026-01"},
		problem: ProblemView{Page: p, Status: 409, Heading: "Trop tard", Sentence: "De peu.", Incident: "abc", Lines: []string{hostile}, Back: "/fr/cart", BackText: "Retour"},
	}
}

func TestMailsAreWellFormedAndSayEverythingTwice(t *testing.T) {
	t.Parallel()
	tracked := shop.Shipment{Carrier: "Colissimo", TrackingNumber: "8R123", TrackingURL: "https://track.example/8R123"}
	refund := payments.Refund{Amount: 500}
	for _, lang := range text.Offered() {
		full := shop.OrderMail{Order: anOrder(lang), Link: "https://boutique.example/fr/orders/B-2026-0001?key=k", Shipment: &tracked, Refund: &refund, Invoice: "F2026-0001"}
		collected := full
		collected.Order.ShippingKind = string(shop.KindCollection)
		empty := shop.OrderMail{Order: shop.Order{Lang: lang}}
		for name, m := range map[string]shop.OrderMail{"full": full, "collected": collected, "empty": empty} {
			mails := Mails{Office: office, PublicURL: "https://boutique.example"}
			if name == "empty" {
				mails.Office = func() setting.Office { return setting.Office{} }
			}
			for kind, write := range map[string]func(shop.OrderMail) (string, string, string, error){
				"confirmed": of(mails.OrderConfirmed), "shipped": of(mails.OrderShipped), "ready": of(mails.OrderReady), "refunded": of(mails.OrderRefunded), "returned": of(mails.PaymentReturned), "kept at the desk": of(mails.DeskReserved), "no longer kept": of(mails.DeskEnded),
			} {
				t.Run(strings.Join([]string{string(lang), name, kind}, " "), func(t *testing.T) {
					t.Parallel()
					subject, plain, html, err := write(m)
					if err != nil {
						t.Fatal(err)
					}
					htmltest.WellFormed(t, html)
					if strings.TrimSpace(subject) == "" || strings.ContainsAny(subject, "\r\n[") || strings.Contains(plain, "[mail") {
						t.Errorf("subject %q, text %q", subject, plain)
					}
					if name == "empty" {
						return
					}
					for _, part := range []string{m.Link, office().LegalName} {
						if !strings.Contains(plain, part) || !strings.Contains(html, part) {
							t.Errorf("the mail does not say %q in both forms", part)
						}
					}
					if kind == "confirmed" && (!strings.Contains(plain, words.In(lang).Money(m.Order.Total)) || !strings.Contains(html, words.In(lang).Money(m.Order.Total))) {
						t.Error("the confirmation does not say the total")
					}
					form := map[text.Lang]string{text.FR: "notifie/notifions (*)", text.EN: "hereby give notice", text.NL: "herroep/herroepen", text.DE: "widerrufe"}[lang]
					for _, part := range []string{form, "https://boutique.example/" + string(lang) + "/pages/privacy"} {
						if kept := kind == "confirmed" || kind == "kept at the desk"; strings.Contains(strings.ToLower(plain), strings.ToLower(part)) != kept || strings.Contains(strings.ToLower(html), strings.ToLower(part)) != kept {
							t.Errorf("the terms with the model form (%q) belong to what confirms an order, in both forms, and to nothing else", part)
						}
					}
				})
			}
		}
	}
	t.Run("an empty view", func(t *testing.T) {
		t.Parallel()
		htmltest.WellFormed(t, draw(t, mailPage(MailView{})))
	})
}

func of(write func(shop.OrderMail) (mail.Message, error)) func(shop.OrderMail) (string, string, string, error) {
	return func(m shop.OrderMail) (string, string, string, error) {
		message, err := write(m)
		return message.Subject, message.Text, message.HTML, err
	}
}
