package admin

import (
	"bytes"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"boutique/catalog"
	"boutique/internal/mail/catcher"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
	"boutique/shop"
	"boutique/shop/label"
	"boutique/shop/ui/htmltest"
)

// speaks are the languages of the desk.
var speaks = []text.Lang{text.FR, text.EN}

// empty are all pages of the desk with nothing on them: what a new office sees.
func empty(p Page) map[string]templ.Component {
	dossier := shop.Dossier{}
	dossier.Number, dossier.Status, dossier.PaymentStatus, dossier.FulfilmentStatus = "B26-0000-0000", shop.AwaitingPayment, "unpaid", "unfulfilled"
	return map[string]templ.Component{
		"RevisionsPage": RevisionsPage(RevisionsView{Page: p}), "RevisionPage": RevisionPage(RevisionView{Page: p}),
		"StockPage": StockPage(StockView{Page: p}), "CountsPage": CountsPage(CountsView{Page: p}), "CountPage": CountPage(CountView{Page: p}), "CountSheet": CountSheet(CountView{Page: p}),
		"FamiliesPage": FamiliesPage(FamiliesView{Page: p}), "FamilyPage": FamilyPage(FamilyView{Page: p, New: true}), "PricesPage": PricesPage(PricesView{Page: p}),
		"ShippingPage": ShippingPage(ShippingView{Page: p}), "MethodPage": MethodPage(MethodView{Page: p, Method: shop.Method{ID: "m", Names: shop.Names{text.FR: "Colis"}}}), "CoveragePage": CoveragePage(CoverageView{Page: p}), "SimulatePage": SimulatePage(SimulateView{Page: p}),
		"StudioPage": StudioPage(StudioView{Page: p, Kind: "sticker", Sheet: label.Sheets()[1]}), "PackingPage": PackingPage(PackingView{Page: p}), "PickingPage": PickingPage(PickingView{Page: p}), "PackPage": PackPage(PackView{Page: p, Order: dossier}),
		"AuditPage": AuditPage(AuditView{Page: p}), "BooksPage": BooksPage(BooksView{Page: p}), "MailPage": MailPage(MailView{Page: p, Mail: catcher.Mail{Subject: "Objet"}}), "MailsPage": MailsPage(MailsView{Page: p}),
		"MembersPage": MembersPage(MembersView{Page: p}), "MovementsPage": MovementsPage(MovementsView{Page: p, SKU: "MUG"}), "OrderPage": OrderPage(OrderView{Page: p, Order: dossier}), "OrdersPage": OrdersPage(OrdersView{Page: p}),
		"GridPage": GridPage(GridView{Page: p}), "SummaryPage": SummaryPage(SummaryView{Page: p}), "RefusedEditPage": RefusedEditPage(RefusedEditView{Page: p, Slug: "mug"}),
		"CriteriaPage": CriteriaPage(CriteriaView{Page: p}), "CriterionPage": CriterionPage(CriterionView{Page: p, Rule: catalog.Rule{Check: catalog.OwnExpression}}),
		"PhotosPage": PhotosPage(PhotosView{Page: p}), "PhotoDeskPage": PhotoDeskPage(PhotoDeskView{Page: p}), "PhotoPage": PhotoPage(PhotoView{PhotoDeskView: PhotoDeskView{Page: p, Renderer: pictures{}}, Photo: catalog.Photo{Width: 320, Height: 240}, N: 1}),
		"ProblemPage": ProblemPage(ProblemView{Page: p}), "ProductPage": ProductPage(ProductView{Page: p, Product: catalog.Product{State: catalog.Draft}}), "ProductsPage": ProductsPage(ProductsView{Page: p}),
		"ImportsPage": ImportsPage(ImportsView{Page: p}), "ImportPage": ImportPage(ImportView{Page: p, File: catalog.ImportFile{State: catalog.ImportJudging}}),
		"MatrixPage": MatrixPage(MatrixView{Page: p}),
		"FindPage":   FindPage(FindView{Page: p}), "SearchesPage": SearchesPage(SearchesView{Page: p}), "BoardPage": BoardPage(BoardView{Page: p, Columns: []BoardColumn{{Stage: catalog.StageIdea}}}), "CandidatePage": CandidatePage(CandidateView{Page: p, Candidate: catalog.Candidate{Stage: catalog.StageIdea}}),
		"MarketPage": MarketPage(MarketView{Page: p}), "MakersPage": MakersPage(MakersView{Page: p}), "CategoriesPage": CategoriesPage(CategoriesView{Page: p}), "CategoryPage": CategoryPage(CategoryView{Page: p}), "MakerPage": MakerPage(MakerView{Page: p}),
		"ReturnsPage": ReturnsPage(ReturnsView{Page: p}), "ReturnPage": ReturnPage(ReturnView{Page: p, Return: shop.Return{Number: "R26-0000-0000", State: shop.ReturnDeclared}}), "MoneyPage": MoneyPage(MoneyView{Page: p, Order: dossier.Order}), "StripePage": StripePage(StripeView{Page: p}), "PayoutsPage": PayoutsPage(PayoutsView{Page: p}), "PayoutPage": PayoutPage(PayoutView{Page: p}),
		"TillPage": TillPage(TillView{Page: p}), "VouchersPage": VouchersPage(VouchersView{Page: p}),
		"LedgerPage": LedgerPage(LedgerView{Page: p}), "EntryPage": EntryPage(EntryView{Page: p}), "DocumentsPage": DocumentsPage(DocumentsView{Page: p}), "ClosingPage": ClosingPage(ClosingView{Page: p}), "ProofsPage": ProofsPage(ProofsView{Page: p}), "ProofPage": ProofPage(ProofView{Page: p, Sale: ledger.ExportSale{Number: "F2026-000001", OrderNumber: "B26-0000-0000", State: ledger.ProofMissing}}), "MappingPage": MappingPage(MappingView{Page: p}), "OpeningPage": OpeningPage(OpeningView{Page: p}), "SettingsPage": SettingsPage(SettingsView{Page: p}), "SignInPage": SignInPage(SignInView{Page: p}), "TodayPage": TodayPage(TodayView{Page: p}),
	}
}

// pictures gives every photograph one address.
type pictures struct{ catalog.Renderer }

func (pictures) Shown(string, int, int, string) []catalog.Rendition {
	return []catalog.Rendition{{Width: 320, Height: 240, Ext: "jpg", URL: "/photos/one.jpg"}}
}

func (pictures) Ready(int, string) bool { return false }

func TestEmptyPagesAreWellFormed(t *testing.T) {
	t.Parallel()
	for _, lang := range speaks {
		page := Page{P: words.In(lang), Title: "Titre", Actor: staff.Actor{Email: "camille@office.example", Name: "Camille", Role: staff.Manager}, Here: "/admin"}
		for name, component := range empty(page) {
			t.Run(string(lang)+" "+name, func(t *testing.T) {
				t.Parallel()
				var b bytes.Buffer
				if err := component.Render(t.Context(), &b); err != nil {
					t.Fatal(err)
				}
				htmltest.WellFormed(t, b.String())
			})
		}
	}
}

// Every exported component takes part in the test above.
func TestEveryPageIsDrawnEmpty(t *testing.T) {
	t.Parallel()
	drawn := empty(Page{P: words.In(text.FR)})
	for _, source := range sources(t, "*.templ") {
		for _, m := range regexp.MustCompile(`(?m)^templ ([A-Z]\w*)\(`).FindAllStringSubmatch(source, -1) {
			if drawn[m[1]] == nil {
				t.Errorf("%s is drawn by no test: add it to the empty pages", m[1])
			}
		}
	}
}

func TestTheDeskHasTheSameWordsInBothLanguages(t *testing.T) {
	t.Parallel()
	if missing := words.Missing(text.EN); len(missing) > 0 {
		t.Errorf("English lacks %q", missing)
	}
	for _, source := range sources(t, "*.templ") {
		for _, m := range regexp.MustCompile(`\bT\("([a-z0-9_]+)"[,)]`).FindAllStringSubmatch(source, -1) {
			if !words.In(text.FR).Has(m[1]) {
				t.Errorf("the message %q is in no locale file", m[1])
			}
		}
	}
}

// sources reads the files of this package whose names match.
func sources(t *testing.T, pattern string) []string {
	t.Helper()
	here := os.DirFS(".")
	names, err := fs.Glob(here, pattern)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %d files", pattern, err, len(names))
	}
	var list []string
	for _, name := range slices.Sorted(slices.Values(names)) {
		data, err := fs.ReadFile(here, name)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.ToValidUTF8(string(data), "?"))
	}
	return list
}
