package admin

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountImport(r chi.Router) {
	r.Get("/import", a.may(staff.EditCatalog, a.imports))
	r.Get("/import/{id}", a.may(staff.EditCatalog, a.importFile))
	r.Post("/import/{id}/start", a.may(staff.EditCatalog, a.startImport))
	r.Post("/import/{id}/drop", a.may(staff.EditCatalog, a.dropImport))
}

// shownImports is how many files that were brought are listed.
const shownImports = 20

// ImportsView is where files of products are brought.
type ImportsView struct {
	Page
	Files []catalog.ImportFile
	Error string
}

// ImportView is a file that somebody brought: what it would change, how far it has come, what became
// of it.
type ImportView struct {
	Page
	File  catalog.ImportFile
	Error string
}

func (a *Admin) imports(w http.ResponseWriter, r *http.Request) error {
	return a.showImports(w, r, http.StatusOK, nil)
}

func (a *Admin) showImports(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := a.page(r, "import", "import")
	if err != nil {
		return err
	}
	v := ImportsView{Page: p}
	if v.Files, err = catalog.ListImports(r.Context(), a.Pool, shownImports); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, ImportsPage(v))
}

// bringFile takes the file as it comes: nothing of it is kept in memory or on disk here.
func (a *Admin) bringFile(w http.ResponseWriter, r *http.Request) error {
	parts, err := r.MultipartReader()
	if err != nil {
		return badForm(err)
	}
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return a.showImports(w, r, http.StatusUnprocessableEntity, fault.New(fault.Invalid, "import_empty", "the file is empty"))
		}
		if err != nil {
			return badForm(err)
		}
		if part.FormName() != "file" {
			continue
		}
		id, err := a.Catalog.BringFile(r.Context(), part.FileName(), part, actorOf(r).String())
		if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.TooLarge) {
			return a.showImports(w, r, f.Kind.Status(), err)
		}
		if err != nil {
			return err
		}
		return a.done(w, r, "", "/admin/import/"+i64(id))
	}
}

func importID(r *http.Request) int64 {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return -1
	}
	return id
}

func (a *Admin) importFile(w http.ResponseWriter, r *http.Request) error {
	return a.showImport(w, r, http.StatusOK, nil)
}

func (a *Admin) showImport(w http.ResponseWriter, r *http.Request, status int, cause error) error {
	p, err := a.page(r, "import", "import")
	if err != nil {
		return err
	}
	v := ImportView{Page: p}
	if v.File, err = catalog.GetImport(r.Context(), a.Pool, importID(r)); err != nil {
		return err
	}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	return a.show(w, r, status, ImportPage(v))
}

func (a *Admin) startImport(w http.ResponseWriter, r *http.Request) error {
	return a.afterImport(w, r, a.Catalog.StartImport(r.Context(), importID(r), actorOf(r).String()), "/admin/import/"+i64(importID(r)))
}

func (a *Admin) dropImport(w http.ResponseWriter, r *http.Request) error {
	return a.afterImport(w, r, a.Catalog.DropImport(r.Context(), importID(r)), "/admin/import")
}

func (a *Admin) afterImport(w http.ResponseWriter, r *http.Request, err error, to string) error {
	if fault.KindOf(err) == fault.Conflict {
		return a.showImport(w, r, http.StatusConflict, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "", to)
}

// importSentence says what has become of a file, in one sentence.
func importSentence(p Page, f catalog.ImportFile) string {
	report := f.Report
	if report == nil {
		report = &catalog.Report{}
	}
	switch {
	case f.State == catalog.ImportRefused && f.Problem != "":
		return p.T("import_said_broken", "problem", importProblem(p, f))
	case f.State == catalog.ImportRefused:
		return p.T("import_said_refused", "count", len(report.Issues)+report.More)
	case f.State == catalog.ImportJudged:
		return p.T("import_said_judged", "products", report.Products, "created", report.Created, "changed", report.Changed, "same", report.Unchanged)
	case f.State == catalog.ImportDone:
		return p.T("import_said_done", "products", report.Products, "created", report.Created, "changed", report.Changed, "same", report.Unchanged, "published", report.Published)
	case f.State == catalog.ImportRunning:
		return p.T("import_said_importing", "done", f.Done, "of", f.Total)
	}
	return p.T("import_said_judging", "done", f.Done, "of", f.Total)
}

// importReason says in the reader's words why a row, or a file, is not taken as it is. A reason that the
// desk has no words for is said as it was noted, in English.
func importReason(p Page, i catalog.Issue) (said string, lang text.Lang) {
	said, lang = i.Reason, text.EN
	args := []any{}
	for name, value := range i.Params {
		if perLanguage, ok := value.(map[string]any); ok {
			value = perLanguage[string(p.Lang())]
		}
		args = append(args, name, value)
	}
	for _, id := range []string{"issue_" + i.Code, "error_" + i.Code} {
		if i.Code != "" && p.P.Has(id) {
			said, lang = p.T(id, args...), p.Lang()
			break
		}
	}
	if i.Of != "" {
		said = p.T("import_of_what", "what", i.Of, "said", said)
	}
	return said, lang
}

// importProblem says what is wrong with a file itself.
func importProblem(p Page, f catalog.ImportFile) string {
	if f.Report == nil || f.Report.Broken == nil {
		return f.Problem
	}
	said, _ := importReason(p, *f.Report.Broken)
	return strings.TrimSuffix(said, ".")
}

// nothingNew tells a file that says what is there already.
func nothingNew(f catalog.ImportFile) bool {
	return f.Report != nil && f.Report.Created+f.Report.Changed == 0
}

// importedPlace names what a file changes of a product: a place of its own, or an article's.
func importedPlace(p Page, place string) string {
	sku, column, of := strings.Cut(place, ".")
	if of && slices.Contains(matrixColumns, column) || column == "stock" {
		if column == "stock" {
			return sku + " " + p.T("on_hand")
		}
		return sku + " " + matrixHead(p, column)
	}
	if strings.ToUpper(place) == place {
		return place
	}
	return placeName(p, place)
}

// shortly is the beginning of a long text.
func shortly(s string) string {
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}

func importTone(f catalog.ImportFile) string {
	if f.State == catalog.ImportRefused {
		return "problem"
	}
	return "notice"
}
