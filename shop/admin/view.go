package admin

import (
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/audit"
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

// languages are those that the desk speaks: staff read it in one of these, whatever more the shop
// offers its visitors.
var languages = words.Complete()

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
	// NoBackup tells that the newest backup is old, or that there is none.
	NoBackup bool
	// Full are the disks that need room.
	Full    []Disk
	Returns int
	// ToTake counts the orders that wait to be paid at the desk.
	ToTake       int
	Flagged      []catalog.Flagged
	FlaggedCount int
	Photos       catalog.PhotoWarnings
	Plans        []catalog.Plan
	Rules        []catalog.Rule
	Week         []Bar
	// Unsendable are articles on sale whose weight or size is missing.
	Unsendable []catalog.Unsendable
	// Tasks are open disputes and early warnings.
	Tasks []Task
	// Unproved counts the exports whose proof is missing past its time.
	Unproved int64
	// First is what a new office has still to do; nil once something is online and the office has said who it is.
	First *FirstSteps
}

// FirstSteps tells how far a new office has come.
type FirstSteps struct {
	// Missing counts what the law wants shown and the office has not said.
	Missing, Categories, Products, Online int
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
	Order    shop.Dossier
	Articles Articles
	Disputes []payments.Dispute
	Warnings []payments.FraudWarning
	// Export is the order's invoice when it bears no VAT because the goods leave.
	Export *ledger.ExportSale
	Form   OrderForm
	Error  string
}

// ProductsView is the list of products.
type ProductsView struct {
	Page
	State, Category, Q, Next string
	Products                 []catalog.ProductSummary
	Categories               []catalog.CategoryChoice
	Families                 []catalog.Family
	Standings                map[int64]catalog.Standing
}

// categoryName is what the reader calls a category.
func (v ProductsView) categoryName(slug string) string {
	for _, c := range v.Categories {
		if c.Slug == slug {
			return c.Labels.In(v.Lang())
		}
	}
	return slug
}

// ProductView is a product's page. Content is what its form holds.
type ProductView struct {
	Page
	Product    catalog.Product
	Content    catalog.Content
	Families   []catalog.Family
	Family     catalog.Family
	Classes    []vat.Class
	Categories []catalog.CategoryChoice
	Makers     []catalog.MakerChoice
	Checklist  ChecklistView
	Preview    map[text.Lang]string
	Renderer   catalog.Renderer
	Error      string
	// Version is the one that the form is based on.
	Version int
	Merge   *catalog.Merge
	Draft   *catalog.Unsaved
}

// Missing counts the blocking criteria that are not met.
func (v ProductView) Missing() int { return len(catalog.Failing(v.Checklist.Criteria)) }

// BooksView is what a period's documents come to.
type BooksView struct {
	Page
	From, To, Error string
	Totals          []ledger.SalesTotal
	Days            []Bar
	Period          PeriodView
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

// plot is the drawing of some days' sales: bars on a baseline with their day below, and what the
// highest comes to above.
type plot struct {
	ViewBox string
	bars    []plotBar
	top     money.Amount
	width   int
}

type plotBar struct {
	X, Y, Width, Height, Middle string
	Label, Under                string
}

const (
	plotGround = 140
	plotHead   = 22
	plotHeight = 162
)

func plotOf(p Page, days []Bar) plot {
	out := plot{width: 640}
	if len(days) <= 10 {
		out.width = 340
	}
	out.ViewBox = fmt.Sprintf("0 0 %d %d", out.width, plotHeight)
	for _, d := range days {
		out.top = max(out.top, d.Gross)
	}
	step := float64(out.width) / float64(max(1, len(days)))
	for i, d := range days {
		height := 0.0
		if out.top > 0 && d.Gross > 0 {
			height = max(2, float64(d.Gross)/float64(out.top)*(plotGround-plotHead))
		}
		x := float64(i) * step
		bar := plotBar{X: fmt.Sprintf("%.1f", x+step*0.14), Y: fmt.Sprintf("%.1f", plotGround-height), Width: fmt.Sprintf("%.1f", step*0.72), Height: fmt.Sprintf("%.1f", height),
			Middle: fmt.Sprintf("%.1f", x+step/2), Label: p.P.Day(d.Day) + p.P.Colon() + " " + p.P.Money(d.Gross)}
		if len(days) <= 10 || d.Day.Day() == 1 || d.Day.Day()%5 == 0 && len(days) <= 62 {
			bar.Under = itoa(d.Day.Day())
		}
		out.bars = append(out.bars, bar)
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

// sold tells whether there is anything to draw.
func sold(days []Bar) bool {
	return slices.ContainsFunc(days, func(d Bar) bool { return d.Gross != 0 })
}

func promiseDay(p Page, t *time.Time) string {
	if t == nil {
		return "–"
	}
	return p.P.Day(t.Add(12 * time.Hour))
}

// late tells whether an order that is still here was promised for today or before.
func late(p Page, o shop.OrderSummary) bool {
	return o.Status == shop.Confirmed && o.PromiseTo != nil && !p.Now.IsZero() && o.PromiseTo.Format(time.DateOnly) <= p.Now.In(text.Paris()).Format(time.DateOnly)
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

// actorName names who did something in an order's story: a person or program as they are known to
// the journal, the shopper, Stripe and the shop's own clock in the reader's words.
func actorName(p Page, actor string) string {
	if id := "actor_" + strings.ReplaceAll(actor, " ", "_"); p.P.Has(id) {
		return p.T(id)
	}
	return strings.TrimPrefix(actor, "staff:")
}

// moment is one line of an order's story.
type moment struct {
	At          time.Time
	What, Aside string
}

// story is what happened to an order and its shipments, in the order of time.
func story(v OrderView) []moment {
	var list []moment
	for _, s := range v.Order.History {
		list = append(list, moment{s.At, v.T("event_" + s.Event), strings.TrimSpace(actorName(v.Page, s.Actor) + " " + s.Reason)})
	}
	for _, sh := range v.Order.Shipments {
		for _, s := range sh.History {
			list = append(list, moment{s.At, v.T("shipment_n", "n", sh.N) + v.P.Colon() + " " + v.T("event_"+s.Event), actorName(v.Page, s.Actor)})
		}
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.At.Compare(b.At) })
	return list
}

// methodName names a means of payment in the reader's words.
func methodName(p Page, method string) string {
	if id := "method_" + method; p.P.Has(id) {
		return p.T(id)
	}
	return method
}

func joined(list []string) string { return strings.Join(list, ", ") }
