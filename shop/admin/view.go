package admin

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/audit"
	"boutique/internal/mail"
	"boutique/internal/mail/catcher"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/vat"
	"boutique/payments"
	"boutique/payments/ledger"
	"boutique/shop"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

// SignInView is the sign-in page.
type SignInView struct {
	Page
	Email, Next, Error string
}

// Bar is a day's sales.
type Bar struct {
	Day   time.Time
	Gross money.Amount
}

// TodayView is what needs doing now.
type TodayView struct {
	Page
	Orders               []shop.OrderSummary
	Parcels, Collections int
	Low                  []catalog.LowStock
	Drafts               []catalog.ProductSummary
	Health               payments.Health
	Unsent               int
	Week                 []Bar
}

// OrdersView is the list of orders.
type OrdersView struct {
	Page
	Tab, Q, Next string
	Orders       []shop.OrderSummary
}

// OrderForm is what the forms of an order's page hold.
type OrderForm struct {
	Key, Carrier, TrackingNumber, Amount, Reason string
	Shipping                                     bool
}

// OrderView is an order's page.
type OrderView struct {
	Page
	Order shop.Dossier
	Form  OrderForm
	Error string
}

// ProductsView is the list of products.
type ProductsView struct {
	Page
	State, Category, Q, Next string
	Products                 []catalog.ProductSummary
	Categories               []catalog.CategoryChoice
}

// ProductView is a product's page. Content is what its form holds.
type ProductView struct {
	Page
	Product    catalog.Product
	Content    catalog.Content
	Families   []string
	Classes    []vat.Class
	Categories []catalog.CategoryChoice
	Makers     []catalog.MakerChoice
	Criteria   []catalog.Criterion
	Preview    map[text.Lang]string
	Renderer   catalog.Renderer
	Error      string
	Stale      bool
}

// Missing counts the blocking criteria that are not met.
func (v ProductView) Missing() int { return len(catalog.Failing(v.Criteria)) }

// MovementsView is a variant's stock and how it came to be.
type MovementsView struct {
	Page
	SKU       string
	Level     catalog.Level
	Movements []catalog.Movement
}

// BooksView is what a period's documents come to.
type BooksView struct {
	Page
	From, To, Error string
	Totals          []ledger.SalesTotal
	Days            []Bar
}

// MailsView is the outbox.
type MailsView struct {
	Page
	Mails []mail.Sent
	Next  int64
}

// MailView is one mail.
type MailView struct {
	Page
	Mail catcher.Mail
}

// AuditView is who did what.
type AuditView struct {
	Page
	Rows []audit.Row
	Next int64
}

// MembersView is the staff.
type MembersView struct {
	Page
	Members                         []staff.Member
	Error                           string
	NewEmail, NewPassword, NewToken string
	Cause                           error
}

// ProblemView is the page of an error.
type ProblemView struct {
	Page
	Sentence, Incident string
	Lines              []string
}

func itoa(n int) string { return strconv.Itoa(n) }

func i64(n int64) string { return strconv.FormatInt(n, 10) }

// plot is the drawing of a few days' sales: bars on a baseline, with the highest written above.
type plot struct {
	bars []plotBar
	top  money.Amount
}

type plotBar struct {
	X, Y, Width, Height string
	Label               string
}

const (
	plotWidth  = 640
	plotHeight = 160
)

func plotOf(p Page, days []Bar) plot {
	var out plot
	for _, d := range days {
		out.top = max(out.top, d.Gross)
	}
	if len(days) == 0 {
		return out
	}
	step := float64(plotWidth) / float64(len(days))
	for i, d := range days {
		height := 0.0
		if out.top > 0 && d.Gross > 0 {
			height = max(2, float64(d.Gross)/float64(out.top)*(plotHeight-30))
		}
		out.bars = append(out.bars, plotBar{
			X: fmt.Sprintf("%.1f", float64(i)*step+step*0.12), Y: fmt.Sprintf("%.1f", plotHeight-height), Width: fmt.Sprintf("%.1f", step*0.76), Height: fmt.Sprintf("%.1f", height),
			Label: p.P.Day(d.Day) + " : " + p.P.Money(d.Gross),
		})
	}
	return out
}

func sumOf(days []Bar) money.Amount {
	var sum money.Amount
	for _, d := range days {
		sum += d.Gross
	}
	return sum
}

func promiseDay(p Page, t *time.Time) string {
	if t == nil {
		return "–"
	}
	return p.P.Day(t.Add(12 * time.Hour))
}

func alcoholOf(c catalog.Content) string {
	if c.Legal.AlcoholTenths == 0 {
		return ""
	}
	return strings.TrimSuffix(money.Amount(c.Legal.AlcoholTenths*10).Decimal(), "0")
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return itoa(n)
}

func langName(l text.Lang) string {
	return map[text.Lang]string{text.FR: "Français", text.EN: "English", text.NL: "Nederlands", text.DE: "Deutsch"}[l]
}

func joined(list []string) string { return strings.Join(list, ", ") }
