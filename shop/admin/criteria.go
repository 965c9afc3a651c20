package admin

import (
	"fmt"
	"hash/fnv"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/setting"
	"boutique/internal/staff"
	"boutique/internal/text"
)

func (a *Admin) mountCriteria(r chi.Router) {
	r.Get("/criteria", a.may(staff.ReadCatalog, a.criteria))
	r.Get("/criteria/report.pdf", a.may(staff.ReadCatalog, a.criteriaReport))
	r.Get("/criteria/new", a.may(staff.EditCatalog, a.newCriterion))
	r.Post("/criteria/new", a.may(staff.EditCatalog, a.saveCriterion))
	r.Get("/criteria/{id}", a.may(staff.EditCatalog, a.criterion))
	r.Post("/criteria/{id}", a.may(staff.EditCatalog, a.saveCriterion))
	r.Post("/catalogue/{slug}/review", a.may(staff.EditCatalog, a.review))
	r.Post("/catalogue/{slug}/confirm-vat", a.may(staff.EditCatalog, a.confirmVAT))
	r.Post("/catalogue/{slug}/plan", a.may(staff.EditCatalog, a.plan))
	r.Post("/catalogue/{slug}/cancel-plan", a.may(staff.EditCatalog, a.cancelPlan))
}

// CriteriaView is the list of what the office asks.
type CriteriaView struct {
	Page
	Groups   []ruleGroup
	Families []catalog.Family
	Checks   []catalog.Check
	Failing  map[string]int
}

// ruleGroup is the rules of one subject.
type ruleGroup struct {
	Code  string
	Rules []catalog.Rule
}

// CriterionView is the form of a rule. Effect is what it would change, once looked at.
type CriterionView struct {
	Page
	Rule     catalog.Rule
	Check    catalog.Check
	Families []catalog.Family
	Facts    []string
	Error    string
	Wrong    map[string]string
	Effect   *catalog.RuleEffect
}

// Action is where the form goes.
func (v CriterionView) Action() string {
	if v.Rule.ID == 0 {
		return "/admin/criteria/new"
	}
	return "/admin/criteria/" + i64(v.Rule.ID)
}

// ChecklistView is what the rules say of a product, who signed what of it, and when it goes online.
type ChecklistView struct {
	Criteria []catalog.Criterion
	Signed   []catalog.Signature
	Plan     catalog.Plan
}

// Asks tells whether a check is asked of the product and not met.
func (v ChecklistView) Asks(check string) bool {
	return slices.ContainsFunc(v.Criteria, func(c catalog.Criterion) bool { return c.Rule.Check == check && !c.Met })
}

func (a *Admin) criteria(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "catalogue", "criteria")
	if err != nil {
		return err
	}
	v := CriteriaView{Page: p, Checks: catalog.Checks()}
	ctx := r.Context()
	rules, _, err := catalog.Rules(ctx, a.Pool)
	if err != nil {
		return err
	}
	v.Groups = grouped(rules)
	if v.Families, err = catalog.ListFamilies(ctx, a.Pool); err != nil {
		return err
	}
	if v.Failing, err = catalog.CountFailing(ctx, a.Pool); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, CriteriaPage(v))
}

// grouped gathers rules by their subject, in the order of the list; the office's own come last.
func grouped(rules []catalog.Rule) []ruleGroup {
	var groups []ruleGroup
	for _, r := range rules {
		code := "own"
		if c, known := catalog.CheckOf(r.Check); known {
			code = c.Group
		}
		at := slices.IndexFunc(groups, func(g ruleGroup) bool { return g.Code == code })
		if at < 0 {
			groups = append(groups, ruleGroup{Code: code})
			at = len(groups) - 1
		}
		groups[at].Rules = append(groups[at].Rules, r)
	}
	return groups
}

// scopeOf says for which families a rule is.
func scopeOf(p Page, r catalog.Rule, families []catalog.Family) string {
	if r.Scope == catalog.EveryFamily {
		return p.T("scope_all")
	}
	return p.T("scope_"+r.Scope+"_of", "families", familyNames(p, r.Families, families))
}

func familyNames(p Page, codes []string, families []catalog.Family) string {
	var names []string
	for _, code := range codes {
		name := code
		if at := slices.IndexFunc(families, func(f catalog.Family) bool { return f.Code == code }); at >= 0 {
			name = families[at].Labels.In(p.Lang())
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func (a *Admin) newCriterion(w http.ResponseWriter, r *http.Request) error {
	check := r.URL.Query().Get("check")
	rule := catalog.Rule{Check: catalog.OwnExpression, Level: catalog.Advisory, Scope: catalog.EveryFamily}
	if c, known := catalog.CheckOf(check); known {
		rule.Check, rule.Scope, rule.Params.Words = check, catalog.OnlyFamilies, c.Words
	}
	return a.showCriterion(w, r, http.StatusOK, rule, nil, nil)
}

func (a *Admin) criterion(w http.ResponseWriter, r *http.Request) error {
	rule, err := a.ruleAt(r)
	if err != nil {
		return err
	}
	return a.showCriterion(w, r, http.StatusOK, rule, nil, nil)
}

func (a *Admin) ruleAt(r *http.Request) (catalog.Rule, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return catalog.Rule{}, fault.New(fault.NotFound, "criterion_not_found", "there is no such criterion")
	}
	return catalog.RuleOf(r.Context(), a.Pool, id)
}

func (a *Admin) showCriterion(w http.ResponseWriter, r *http.Request, status int, rule catalog.Rule, effect *catalog.RuleEffect, cause error) error {
	p, err := a.page(r, "catalogue", "own_criterion")
	if err != nil {
		return err
	}
	v := CriterionView{Page: p, Rule: rule, Facts: catalog.FactNames(), Effect: effect, Wrong: map[string]string{}}
	v.Check, _ = catalog.CheckOf(rule.Check)
	if v.Check.Words != nil && rule.Params.Words == nil {
		v.Rule.Params.Words = v.Check.Words
	}
	if name := rule.Name(p.Lang()); name != "" {
		v.Page.Title = name
	}
	if v.Families, err = catalog.ListFamilies(r.Context(), a.Pool); err != nil {
		return err
	}
	if f, ok := fault.As(cause); ok {
		for _, field := range f.Fields {
			said := p.T("error_other", "detail", field.Message)
			if id := "error_" + field.Code; p.P.Has(id) {
				var args []any
				for name, value := range field.Params {
					args = append(args, name, value)
				}
				said = p.T(id, args...)
			}
			if v.Wrong[field.Place] != "" {
				said = v.Wrong[field.Place] + " " + said
			}
			v.Wrong[field.Place] = said
		}
		v.Error = sentence(p, cause)
		if len(f.Fields) > 0 {
			v.Error = p.T("criterion_wrong")
		}
	}
	return a.show(w, r, status, CriterionPage(v))
}

// readRule reads the form of a rule over what it was.
func readRule(r *http.Request, rule catalog.Rule) catalog.Rule {
	form := r.PostForm
	rule.Level, rule.Scope, rule.Families = form.Get("level"), form.Get("scope"), form["families"]
	rule.Params = catalog.Params{Numbers: map[string]int{}}
	check, _ := catalog.CheckOf(rule.Check)
	for _, n := range check.Numbers {
		value, err := strconv.Atoi(strings.TrimSpace(form.Get("param_" + n.Name)))
		if err != nil {
			value = n.Least - 1
		}
		rule.Params.Numbers[n.Name] = value
	}
	if check.Words != nil {
		rule.Params.Words = []string{}
		for line := range strings.Lines(strings.ReplaceAll(form.Get("words"), "\r\n", "\n")) {
			if word := strings.TrimSpace(line); word != "" {
				rule.Params.Words = append(rule.Params.Words, word)
			}
		}
	}
	if rule.Check == catalog.OwnExpression {
		rule.Expression = strings.TrimSpace(strings.ReplaceAll(form.Get("expression"), "\r\n", "\n"))
		rule.Sentences = map[text.Lang]catalog.Sentence{}
		for _, lang := range text.Offered() {
			rule.Sentences[lang] = catalog.Sentence{Name: strings.TrimSpace(form.Get("name_" + string(lang))), ToDo: strings.TrimSpace(form.Get("todo_" + string(lang)))}
		}
	}
	return rule
}

// saveCriterion first shows what a rule would change, then keeps it.
func (a *Admin) saveCriterion(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	rule := catalog.Rule{Check: r.PostForm.Get("check")}
	if chi.URLParam(r, "id") != "" {
		var err error
		if rule, err = a.ruleAt(r); err != nil {
			return err
		}
		rule.Version = versionOf(r.PostForm.Get("version"))
	}
	rule = readRule(r, rule)
	if r.PostForm.Get("action") != "save" || r.PostForm.Get("seen") != seenRule(rule) {
		effect, err := a.Catalog.Effect(r.Context(), rule)
		if f, ok := fault.As(err); ok && f.Kind == fault.Invalid {
			return a.showCriterion(w, r, f.Kind.Status(), rule, nil, err)
		}
		if err != nil {
			return err
		}
		return a.showCriterion(w, r, http.StatusOK, rule, &effect, nil)
	}
	_, err := a.Catalog.SaveRule(r.Context(), rule, actorOf(r).String())
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		return a.showCriterion(w, r, f.Kind.Status(), rule, nil, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_criterion", "/admin/criteria")
}

// seenRule names what a rule asks, so that one that was changed after its effect was shown is shown
// with its effect again.
func seenRule(r catalog.Rule) string {
	h := fnv.New64a()
	fmt.Fprint(h, r.Expression, r.Level, r.Scope, r.Families, r.Params.Numbers, r.Params.Words)
	return strconv.FormatUint(h.Sum64(), 36)
}

// criteriaReport draws by which rules the office publishes, and how each product stands.
func (a *Admin) criteriaReport(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	report, err := a.Catalog.Report(ctx, langOf(r))
	if err != nil {
		return err
	}
	office, err := setting.GetOffice(ctx, a.Pool)
	if err != nil {
		return err
	}
	brand, err := setting.GetBrand(ctx, a.Pool)
	if err != nil {
		return err
	}
	report.Office, report.Logo = office.LegalName, []byte(brand.Logo)
	pdf, err := report.Draw()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("inline; filename=%q", "criteria-"+report.At.In(text.Paris()).Format(time.DateOnly)+".pdf"))
	_, err = w.Write(pdf)
	return err
}

// checklist reads what the rules say of a product and what people signed.
func (a *Admin) checklist(r *http.Request, p catalog.Product) (ChecklistView, error) {
	var v ChecklistView
	var err error
	if v.Criteria, err = a.Catalog.Criteria(r.Context(), p); err != nil {
		return v, err
	}
	if v.Signed, err = catalog.Signatures(r.Context(), a.Pool, p.ID); err != nil {
		return v, err
	}
	v.Plan, err = catalog.PlanOf(r.Context(), a.Pool, p.ID)
	return v, err
}

// onProduct runs a use case on a product; a refusal shows the product again with its reason.
func (a *Admin) onProduct(w http.ResponseWriter, r *http.Request, notice string, work func(slug, actor string) error) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	slug := chi.URLParam(r, "slug")
	err := work(slug, actorOf(r).String())
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Stale) {
		p, read := catalog.GetProduct(r.Context(), a.Pool, slug)
		if read != nil {
			return read
		}
		return a.showProduct(w, r, f.Kind.Status(), p, p.Content, err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, notice, "/admin/catalogue/"+slug+"#criteria")
}

func (a *Admin) review(w http.ResponseWriter, r *http.Request) error {
	return a.onProduct(w, r, "notice_signed", func(slug, actor string) error {
		version := versionOf(r.PostForm.Get("version"))
		return a.Catalog.Review(r.Context(), slug, version, r.PostForm.Get("value"), strings.TrimSpace(r.PostForm.Get("note")), actor)
	})
}

func (a *Admin) confirmVAT(w http.ResponseWriter, r *http.Request) error {
	return a.onProduct(w, r, "notice_signed", func(slug, actor string) error { return a.Catalog.ConfirmVAT(r.Context(), slug, actor) })
}

func (a *Admin) plan(w http.ResponseWriter, r *http.Request) error {
	return a.onProduct(w, r, "notice_planned", func(slug, actor string) error {
		at, err := time.ParseInLocation("2006-01-02T15:04", r.PostForm.Get("publish_at"), text.Paris())
		if err != nil {
			var fields fault.Fields
			fields.Add("publish_at", "plan_out_of_range", "must lie ahead, within two years")
			return fields.Err()
		}
		return a.Catalog.PlanPublication(r.Context(), slug, at, actor)
	})
}

func (a *Admin) cancelPlan(w http.ResponseWriter, r *http.Request) error {
	return a.onProduct(w, r, "notice_plan_cancelled", func(slug, actor string) error { return a.Catalog.CancelPlan(r.Context(), slug, actor) })
}

// signatureValue says what was signed in the reader's words.
func signatureValue(p Page, s catalog.Signature) string {
	switch s.What {
	case catalog.SignedVAT:
		return p.T("vat_" + s.Value)
	case catalog.SignedReview:
		return p.T("review_" + s.Value)
	}
	return p.T("signed_score", "score", s.Value)
}

// missing are the criteria that are not met, what blocks first.
func missing(list []catalog.Criterion) []catalog.Criterion {
	var out []catalog.Criterion
	for _, c := range list {
		if !c.Met {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b catalog.Criterion) int {
		switch {
		case a.Blocking == b.Blocking:
			return 0
		case a.Blocking:
			return -1
		}
		return 1
	})
	return out
}

// defaultsOf are a check's parameters as the shop proposes them.
func defaultsOf(c catalog.Check) catalog.Params {
	p := catalog.Params{Numbers: map[string]int{}, Words: c.Words}
	for _, n := range c.Numbers {
		p.Numbers[n.Name] = n.Default
	}
	return p
}

// numberOf is what the form holds of a number.
func numberOf(r catalog.Rule, n catalog.Number) string {
	if value, set := r.Params.Numbers[n.Name]; set {
		return itoa(value)
	}
	return itoa(n.Default)
}

func contains(list []string, one string) bool { return slices.Contains(list, one) }

// wrongField marks a field that was refused, and names what is said of it.
func wrongField(wrong map[string]string, place string) templ.Attributes {
	if wrong[place] == "" {
		return templ.Attributes{}
	}
	return templ.Attributes{"aria-invalid": "true", "aria-describedby": "wrong_" + place}
}

// quality reads what Today says of the criteria.
func (a *Admin) quality(r *http.Request, v *TodayView) error {
	ctx := r.Context()
	var err error
	if v.Flagged, v.FlaggedCount, err = catalog.ListFlagged(ctx, a.Pool, 12); err != nil {
		return err
	}
	if v.Plans, err = catalog.ListPlans(ctx, a.Pool, 12); err != nil {
		return err
	}
	if v.Photos, err = catalog.CountPhotoWarnings(ctx, a.Pool, v.Now); err != nil {
		return err
	}
	if len(v.Flagged) > 0 || len(v.Plans) > 0 {
		v.Rules, _, err = catalog.Rules(ctx, a.Pool)
	}
	return err
}
