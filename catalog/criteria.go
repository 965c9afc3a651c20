package catalog

import (
	"context"
	"embed"
	"slices"
	"strings"
	"time"

	"boutique/internal/expression"
	"boutique/internal/text"
)

//go:embed locale/*.json
var localeFiles embed.FS

var words = text.MustLoad(localeFiles, "locale")

// The levels of a rule: what it finds missing keeps a product offline, is advice only, or is not
// looked at.
const (
	Blocking = "blocking"
	Advisory = "advisory"
	Off      = "off"
)

// The scopes of a rule: every family of articles, those it names, or all others.
const (
	EveryFamily  = "all"
	OnlyFamilies = "only"
	AllButThese  = "except"
)

// OwnExpression is the check of a rule that the office wrote itself.
const OwnExpression = "expression"

// Rule is one thing that the office asks of its articles before they are put online: a check of the
// shop's list with its parameters, or an expression of the office's own with its sentences.
type Rule struct {
	ID         int64
	Code       string
	Check      string
	Expression string
	Level      string
	Scope      string
	Families   []string
	Params     Params
	Sentences  map[text.Lang]Sentence
	Position   int
	Version    int
	UpdatedBy  string
	UpdatedAt  time.Time

	own *expression.Expression
}

// Params are what a rule sets of its check: numbers by name, and words.
type Params struct {
	Numbers map[string]int `json:"numbers,omitempty"`
	Words   []string       `json:"words,omitempty"`
}

// Sentence is how an office words a rule of its own: what is asked, and what to do when it is missing.
type Sentence struct {
	Name string `json:"name"`
	ToDo string `json:"todo"`
}

// Applies tells whether the rule asks something of a family; law is the family of the shop's own that
// it follows.
func (r Rule) Applies(family, law string) bool {
	switch {
	case r.Level == Off:
		return false
	case r.Scope == EveryFamily:
		return true
	}
	named := slices.Contains(r.Families, family) || law != "" && slices.Contains(r.Families, law)
	return named == (r.Scope == OnlyFamilies)
}

// Name says the rule in the reader's words.
func (r Rule) Name(lang text.Lang) string {
	if r.Check == OwnExpression {
		if s := r.Sentences[lang].Name; s != "" {
			return s
		}
		return r.Sentences[text.FR].Name
	}
	return words.In(lang).T("criterion_"+r.Check, paramsOf(r, nil)...)
}

// Criterion is a rule held against a product: met or not, and the place on the product's page where
// it is mended. Unjudged says why an expression could not be judged; such a criterion is not met.
type Criterion struct {
	Code     string
	Met      bool
	Blocking bool
	Field    string
	Params   map[string]any
	Unjudged string
	Rule     Rule
}

// Name says the criterion in the reader's words.
func (c Criterion) Name(lang text.Lang) string { return c.Rule.Name(lang) }

// ToDo says what to do about it.
func (c Criterion) ToDo(lang text.Lang) string {
	if c.Rule.Check != OwnExpression {
		params := paramsOf(c.Rule, c.Params)
		if missing, ok := c.Params["missing"].([]MissingFact); ok {
			params = append(params, "facts", sayFacts(missing, lang))
		}
		if missing, ok := c.Params["shots"].([]Shot); ok {
			var views []string
			for _, shot := range missing {
				views = append(views, shot.Labels.In(lang))
			}
			params = append(params, "views", strings.Join(views, ", "))
		}
		return words.In(lang).T("todo_"+c.Rule.Check, params...)
	}
	said := c.Rule.Sentences[lang].ToDo
	if said == "" {
		said = c.Rule.Sentences[text.FR].ToDo
	}
	if c.Unjudged != "" {
		said = strings.TrimSpace(said + " " + words.In(lang).T("criterion_unjudged", "why", c.Unjudged))
	}
	return said
}

// sayFacts names facts in the reader's words, with the languages in which they are missing.
func sayFacts(missing []MissingFact, lang text.Lang) string {
	var said []string
	for _, m := range missing {
		name := words.In(lang).T("legal_fact_" + m.Code)
		if len(m.Languages) > 0 {
			var langs []string
			for _, l := range m.Languages {
				langs = append(langs, string(l))
			}
			name += " (" + strings.Join(langs, ", ") + ")"
		}
		said = append(said, name)
	}
	return strings.Join(said, ", ")
}

func paramsOf(r Rule, more map[string]any) []any {
	var args []any
	for name, n := range r.Params.Numbers {
		args = append(args, name, n)
	}
	for name, value := range more {
		args = append(args, name, value)
	}
	return args
}

// World is what a product is judged by beside its rules: the languages in which it must speak, its
// families, the day, and whether a variant can be sent to the home zone.
type World struct {
	Offered []text.Lang
	// Spoken are all languages of the shop; Offered those in which an article must be described.
	Spoken      []text.Lang
	Families    map[string]Family
	Today       time.Time
	Deliverable func(Product, Variant) bool
}

// Judge holds products against the rules in force.
type Judge struct {
	Rules []Rule
	World World
	// Revision is that of the rules.
	Revision int64
}

// Judge judges a product: in the order of the rules.
func (j *Judge) Judge(ctx context.Context, p Product) []Criterion {
	list := make([]Criterion, 0, len(j.Rules))
	var facts *ProductFacts
	for _, r := range j.Rules {
		if !r.Applies(p.Family, p.Law) {
			continue
		}
		c := Criterion{Code: r.Code, Blocking: r.Level == Blocking, Rule: r}
		if r.Check == OwnExpression {
			if facts == nil {
				made := FactsOf(p)
				facts = &made
			}
			c.Met, c.Unjudged = ask(ctx, r, *facts)
			list = append(list, c)
			continue
		}
		check, known := checks[r.Check]
		if !known {
			continue
		}
		c.Field = check.Field
		v := check.judge(&subject{Product: &p, rule: r, rules: j.Rules, world: j.World})
		c.Met, c.Params = v.met, v.params
		if v.field != "" {
			c.Field = v.field
		}
		list = append(list, c)
	}
	return list
}

func ask(ctx context.Context, r Rule, facts ProductFacts) (met bool, unjudged string) {
	if r.own == nil {
		return false, "the expression does not compile"
	}
	answer, why := r.own.Ask(ctx, facts)
	return answer == expression.Yes, why
}

// selling are the variants that are on offer.
func (p Product) selling() []Variant {
	var list []Variant
	for _, v := range p.Variants {
		if !v.Retired {
			list = append(list, v)
		}
	}
	return list
}

// Failing lists the blocking criteria that are not met.
func Failing(list []Criterion) []Criterion {
	var failing []Criterion
	for _, c := range list {
		if c.Blocking && !c.Met {
			failing = append(failing, c)
		}
	}
	return failing
}

// Score is how much of what is asked is there, in percent; what blocks counts twice.
func Score(list []Criterion) int {
	var met, all int
	for _, c := range list {
		weight := 1
		if c.Blocking {
			weight = 2
		}
		all += weight
		if c.Met {
			met += weight
		}
	}
	if all == 0 {
		return 100
	}
	return met * 100 / all
}
