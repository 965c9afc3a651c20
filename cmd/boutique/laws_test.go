package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// floors gives each package its floor; imports go to a strictly lower one. Ground has steps of its
// own, so that it is no heap.
var floors = map[string]float64{
	"cmd/boutique":    4,
	"shop/storefront": 3, "shop/admin": 3, "shop/api": 3,
	"shop/ui": 2.5, "shop/ui/htmltest": 2.5, "shop/label": 2.5,
	"shop":          2,
	"catalog/photo": 1.5, "payments/stripe": 1.5, "payments/desk": 1.5, "payments/ledger": 1.5,
	"payments/stripe/emulator": 1.5, "payments/stripe/mocktest": 1.6, "payments/stripe/schema": 1.4,
	"catalog": 1, "payments": 1,
	"internal/mail": 0.5, "internal/staff": 0.5, "internal/jobs": 0.45, "internal/audit": 0.35, "internal/setting": 0.4, "internal/web": 0.4,
	"internal/mail/catcher": 0.3, "internal/pg/pgtest": 0.45, "internal/trace": 0.3, "internal/pgserver": 0.3, "internal/pg": 0.3, "internal/vat": 0.3, "internal/pdf": 0.3, "internal/pdf/pdftest": 0.3, "internal/sheet": 0.3, "internal/sheet/sheettest": 0.3, "internal/archive": 0.3,
	"internal/place": 0.25, "internal/machine": 0.2, "internal/invariant": 0.2, "internal/text": 0.2,
	"internal/money": 0.1, "internal/fault": 0.1, "internal/clock": 0.1,
	"internal/expression": 0.3,
	"migrations":          0.3,
}

// neverMeet are packages that only shop knows together.
var neverMeet = []string{"catalog", "payments", "payments/ledger"}

type source struct {
	pkg, name string
	test      bool
	file      *ast.File
}

func (s source) path() string { return s.pkg + "/" + s.name }

// sources parses every Go file of the module that is not generated.
func sources(t *testing.T, fset *token.FileSet) []source {
	t.Helper()
	var list []source
	root := os.DirFS("../..")
	err := fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if strings.HasPrefix(d.Name(), ".") && name != "." || d.Name() == "testdata" || d.Name() == "node_modules" || name == "payments/stripe/conformance" {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_templ.go") {
			return nil
		}
		file, err := parser.ParseFile(fset, filepath.Join("../..", name), nil, parser.ParseComments)
		if err != nil {
			return err
		}
		list = append(list, source{pkg: path.Dir(name), name: path.Base(name), test: strings.HasSuffix(name, "_test.go"), file: file})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 30 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(list))
	}
	return list
}

func (s source) imports() []string {
	var list []string
	for _, i := range s.file.Imports {
		p, _ := strconv.Unquote(i.Path.Value)
		list = append(list, p)
	}
	return list
}

func TestLaw1ImportsGoToAStrictlyLowerFloor(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test {
			continue
		}
		floor, known := floors[s.pkg]
		if !known {
			t.Errorf("%s lies in no room of the floor plan", s.path())
			continue
		}
		for _, i := range s.imports() {
			to, own := strings.CutPrefix(i, "boutique/")
			if !own {
				continue
			}
			switch {
			case strings.HasPrefix(to, s.pkg+"/"):
				t.Errorf("%s imports its own subfolder %s", s.path(), to)
			case strings.HasPrefix(s.pkg, to+"/"):
			case floors[to] >= floor:
				t.Errorf("%s (floor %g) imports %s (floor %g)", s.path(), floor, to, floors[to])
			}
			if slices.Contains(neverMeet, s.pkg) && slices.Contains(neverMeet, to) && !strings.HasPrefix(s.pkg, to+"/") {
				t.Errorf("%s imports %s: only shop knows both", s.path(), to)
			}
		}
	}
}

func TestTheEmulatorKnowsNothingOfTheShop(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		for _, i := range s.imports() {
			if strings.HasPrefix(i, "cel.dev/") && s.pkg != "internal/expression" {
				t.Errorf("%s imports %s: only internal/expression may", s.path(), i)
			}
			if s.pkg == "payments/stripe/emulator" && !s.test && strings.HasPrefix(i, "boutique/") {
				t.Errorf("%s imports %s", s.path(), i)
			}
			if strings.HasPrefix(i, "github.com/stripe/stripe-go") && s.pkg != "payments/stripe" && !strings.HasPrefix(s.pkg, "payments/stripe/") {
				t.Errorf("%s imports stripe-go: only payments/stripe may", s.path())
			}
		}
	}
}

// owners says which package each table belongs to.
var owners = map[string]string{
	"pickup_point": "shop", "parcel": "shop", "collection": "shop", "shelf": "shop",
	"setting": "internal/setting", "staff": "internal/staff", "staff_token": "internal/staff", "attempt": "internal/staff",
	"audit_log": "internal/audit", "mail": "internal/mail",
	"maker": "catalog", "maker_text": "catalog", "maker_photo": "catalog", "maker_photo_text": "catalog", "category": "catalog", "category_text": "catalog", "product": "catalog", "product_former_slug": "catalog",
	"product_text": "catalog", "product_option": "catalog", "product_option_value": "catalog", "variant": "catalog", "variant_option_value": "catalog",
	"price": "catalog", "stock_location": "catalog", "stock": "catalog", "stock_movement": "catalog", "stock_hold": "catalog", "photo": "catalog",
	"family": "catalog", "reduction": "catalog", "reduction_end": "catalog", "product_revision": "catalog", "product_draft": "catalog", "stock_count": "catalog", "stock_count_line": "catalog", "back_in_stock": "catalog",
	"photo_text": "catalog", "rendition": "catalog", "catalog_version": "catalog", "search_miss": "catalog",
	"criterion": "catalog", "criterion_history": "catalog", "product_signature": "catalog", "product_author": "catalog", "product_judgement": "catalog",
	"publication_plan": "catalog", "bulk_edit": "catalog",
	"search_synonym": "catalog", "candidate": "catalog", "candidate_history": "catalog", "market_offer": "catalog", "market_photo": "catalog", "maker_map": "catalog",
	"variant_photo": "catalog", "product_import": "catalog", "product_import_part": "catalog", "photo_quality": "catalog", "upload": "catalog", "upload_part": "catalog",
	"cart": "shop", "cart_line": "shop", "shipping_conditions": "shop", "orders": "shop", "order_line": "shop", "order_vat": "shop", "order_history": "shop",
	"shipment": "shop", "shipment_line": "shop", "shipment_history": "shop", "idempotency": "shop",
	"voucher": "shop", "voucher_use": "shop", "gift_card": "payments", "gift_card_movement": "payments", "gift_card_use": "payments",
	"order_return": "shop", "return_line": "shop", "return_outcome": "shop", "return_history": "shop",
	"payment": "payments", "payment_history": "payments", "refund": "payments", "refund_history": "payments", "payment_event": "payments", "payment_balance": "payments",
	"dispute": "payments", "dispute_history": "payments", "fraud_warning": "payments", "balance_line": "payments", "payout": "payments", "payout_line": "payments", "comparison": "payments",
	"desk_session": "payments/desk", "desk_counter": "payments/desk", "desk_receipt": "payments/desk", "desk_deposit": "payments/desk", "desk_deposit_line": "payments/desk",
	"document_counter": "payments/ledger", "document": "payments/ledger", "document_vat": "payments/ledger", "booked_sale": "payments/ledger", "document_file": "payments/ledger",
	"account": "payments/ledger", "entry": "payments/ledger", "entry_line": "payments/ledger", "journal_head": "payments/ledger",
	"journal": "payments/ledger", "chart_account": "payments/ledger", "account_mapping": "payments/ledger", "closing": "payments/ledger", "export_proof": "payments/ledger", "export_vat": "payments/ledger", "order_tax": "shop",
}

var tableNamed = regexp.MustCompile(`(?i)\b(?:from|join|into|update)\s+(?:only\s+)?([a-z_]+)\b`)

// statements lists the constants of every *_sql.go file.
func statements(t *testing.T) map[string]map[string]string {
	t.Helper()
	all := map[string]map[string]string{}
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test || !strings.HasSuffix(s.name, "_sql.go") {
			continue
		}
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				t.Errorf("%s holds something other than constants", s.path())
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					literal, ok := v.Values[i].(*ast.BasicLit)
					if !ok {
						t.Errorf("%s: %s is not one literal", s.path(), name.Name)
						continue
					}
					text, err := strconv.Unquote(literal.Value)
					if err != nil {
						t.Fatal(err)
					}
					if all[s.pkg] == nil {
						all[s.pkg] = map[string]string{}
					}
					all[s.pkg][name.Name] = text
				}
			}
		}
	}
	return all
}

func TestLaw2SQLLivesWithTheOwnerOfTheTable(t *testing.T) {
	t.Parallel()
	for pkg, list := range statements(t) {
		for name, text := range list {
			if strings.Contains(text, "select *") {
				t.Errorf("%s: %s does not list its columns", pkg, name)
			}
			for _, m := range tableNamed.FindAllStringSubmatch(text, -1) {
				if owner, isTable := owners[strings.ToLower(m[1])]; isTable && owner != pkg {
					t.Errorf("%s: %s names the table %s of %s", pkg, name, m[1], owner)
				}
			}
		}
	}
}

// reaching are the methods by which code reaches the database.
var reaching = []string{"Query", "QueryRow", "Exec", "BeginTx", "SendBatch", "CopyFrom"}

func TestLaw2And3StatementsAreConstantsAndReachingTakesAContext(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test || s.pkg == "migrations" || strings.HasSuffix(s.pkg, "pgtest") || s.pkg == "internal/pgserver" || s.pkg == "internal/pg" {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok || len(call.Args) < 2 {
					return true
				}
				selector, ok := call.Fun.(*ast.SelectorExpr)
				if !ok || !slices.Contains(reaching, selector.Sel.Name) {
					return true
				}
				if _, literal := call.Args[1].(*ast.BasicLit); literal {
					t.Errorf("%s: %s runs a statement that is no constant of a *_sql.go file", s.path(), f.Name.Name)
				}
				if !takesContext(f) {
					t.Errorf("%s: %s reaches the database without a context", s.path(), f.Name.Name)
				}
				return true
			})
		}
	}
}

func takesContext(f *ast.FuncDecl) bool {
	for _, p := range f.Type.Params.List {
		name := exprString(p.Type)
		if name == "context.Context" || name == "*http.Request" || strings.HasSuffix(name, ".Context") {
			return true
		}
	}
	return false
}

func exprString(e ast.Expr) string {
	switch v := e.(type) {
	case *ast.Ident:
		return v.Name
	case *ast.SelectorExpr:
		return exprString(v.X) + "." + v.Sel.Name
	case *ast.StarExpr:
		return "*" + exprString(v.X)
	}
	return ""
}

// pure are packages and files that compute and reach nothing.
var pure = []string{
	"internal/money/", "internal/vat/", "internal/machine/", "shop/label/",
	"shop/shipping.go", "shop/zone.go", "shop/tariff.go", "shop/choice.go", "shop/check.go", "shop/packer.go", "shop/coverage.go", "shop/tariff_file.go", "shop/quote.go", "shop/parcel.go", "shop/promise.go", "shop/lifecycle.go", "catalog/criteria.go", "catalog/criteria_checks.go", "catalog/criteria_facts.go",
}

func TestLaw3PureCodeReachesNothing(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test || !slices.ContainsFunc(pure, func(p string) bool { return strings.HasPrefix(s.path(), p) }) {
			continue
		}
		for _, i := range s.imports() {
			if strings.HasPrefix(i, "github.com/jackc/pgx") || i == "net" || strings.HasPrefix(i, "net/") || i == "os" || strings.HasPrefix(i, "os/") {
				t.Errorf("%s imports %s", s.path(), i)
			}
		}
	}
}

// forbidden are selectors that only some packages may use.
var forbidden = []struct {
	pkg, name string
	may       []string
}{
	{"os", "Getenv", []string{"cmd/boutique"}},
	{"os", "LookupEnv", []string{"cmd/boutique"}},
	{"os", "Environ", []string{"cmd/boutique", "internal/pgserver"}},
	{"http", "DefaultClient", nil},
	{"http", "Get", nil},
	{"slog", "Default", nil},
	{"slog", "SetDefault", nil},
	{"slog", "Info", nil},
	{"slog", "Error", nil},
	{"log", "Println", nil},
	{"log", "Printf", nil},
	{"time", "Now", []string{"internal/clock", "cmd/boutique", "payments/stripe/emulator", "payments/stripe/mocktest", "internal/pgserver", "internal/pg/pgtest"}},
	{"time", "Sleep", []string{"internal/pgserver", "internal/pg/pgtest"}},
}

func TestLaw4NothingIsGlobal(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test {
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := selector.X.(*ast.Ident)
			if !ok {
				return true
			}
			for _, f := range forbidden {
				if x.Name == f.pkg && x.Obj == nil && selector.Sel.Name == f.name && !slices.Contains(f.may, s.pkg) {
					t.Errorf("%s uses %s.%s", s.path(), f.pkg, f.name)
				}
			}
			return true
		})
	}
}

func TestLaw5AStepNeitherCommitsNorCallsOut(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t, token.NewFileSet()) {
		if s.test || s.pkg == "internal/pg" {
			continue
		}
		for _, d := range s.file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			handed := ""
			for _, p := range f.Type.Params.List {
				if exprString(p.Type) == "pgx.Tx" && len(p.Names) > 0 {
					handed = p.Names[0].Name
				}
			}
			if handed == "" {
				continue
			}
			ast.Inspect(f.Body, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch on := exprString(selector.X); {
				case on == handed && (selector.Sel.Name == "Commit" || selector.Sel.Name == "Rollback"),
					on == "time" && selector.Sel.Name == "Sleep", on == "http", on == "net", on == "smtp", selector.Sel.Name == "dial", strings.HasSuffix(on, ".Gateway") && selector.Sel.Name != "Livemode" && selector.Sel.Name != "Methods":
					t.Errorf("%s: %s is handed a transaction and uses %s.%s", s.path(), f.Name.Name, on, selector.Sel.Name)
				}
				return true
			})
		}
	}
}
