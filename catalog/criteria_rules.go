package catalog

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/expression"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// ownRules compiles the office's expressions, each text once.
type ownRules struct {
	mu       sync.Mutex
	language *expression.Language
	compiled map[string]*expression.Expression
}

// mostCompiled is how many expressions are kept; beyond, all are compiled anew.
const mostCompiled = 500

// Compile reads an expression over product; what is wrong with it is said by line and column.
func (s *Service) Compile(source string) (*expression.Expression, []expression.Problem, error) {
	s.own.mu.Lock()
	defer s.own.mu.Unlock()
	if s.own.language == nil {
		language, err := newExpressions()
		if err != nil {
			return nil, nil, err
		}
		s.own.language = language
	}
	if e, ok := s.own.compiled[source]; ok {
		return e, nil, nil
	}
	e, problems := s.own.language.Compile(source)
	if e == nil {
		return nil, problems, nil
	}
	if s.own.compiled == nil || len(s.own.compiled) >= mostCompiled {
		s.own.compiled = map[string]*expression.Expression{}
	}
	s.own.compiled[source] = e
	return e, nil, nil
}

// Rules reads every rule, those that are off included, in their order. revision moves with each change.
func Rules(ctx context.Context, q pg.Querier) (list []Rule, revision int64, err error) {
	rows, err := q.Query(ctx, sqlRules)
	if err != nil {
		return nil, 0, err
	}
	var r Rule
	var params, sentences []byte
	_, err = pgx.ForEachRow(rows, []any{&r.ID, &r.Code, &r.Check, &r.Expression, &r.Level, &r.Scope, &r.Families, &params, &sentences, &r.Position, &r.Version, &r.UpdatedBy, &r.UpdatedAt, &revision}, func() error {
		one := r
		one.Families, one.Params, one.Sentences = slices.Clone(r.Families), Params{}, nil
		if err := json.Unmarshal(params, &one.Params); err != nil {
			return err
		}
		if err := json.Unmarshal(sentences, &one.Sentences); err != nil {
			return err
		}
		list = append(list, one)
		return nil
	})
	return list, revision, err
}

// RuleOf reads one rule.
func RuleOf(ctx context.Context, q pg.Querier, id int64) (Rule, error) {
	list, _, err := Rules(ctx, q)
	if err != nil {
		return Rule{}, err
	}
	at := slices.IndexFunc(list, func(r Rule) bool { return r.ID == id })
	if at < 0 {
		return Rule{}, fault.New(fault.NotFound, "criterion_not_found", "there is no such criterion")
	}
	return list[at], nil
}

// NewJudge reads the rules and the conditions of dispatch in force.
func (s *Service) NewJudge(ctx context.Context, q pg.Querier) (*Judge, error) {
	deliver, err := s.Deliver(ctx)
	if err != nil {
		return nil, err
	}
	j := &Judge{World: World{Offered: text.Leading(), Spoken: text.Offered(), Today: s.Clock.Now(), Deliverable: func(p Product, v Variant) bool {
		return deliver.Deliverable(v.WeightG, v.LengthMM, v.WidthMM, v.HeightMM, p.ShippingClasses)
	}}}
	families, err := ListFamilies(ctx, q)
	if err != nil {
		return nil, err
	}
	j.World.Families = make(map[string]Family, len(families))
	for _, f := range families {
		j.World.Families[f.Code] = f
	}
	rules, revision, err := Rules(ctx, q)
	if err != nil {
		return nil, err
	}
	j.Revision = revision
	for _, r := range rules {
		if r.Level == Off {
			continue
		}
		if r.Check == OwnExpression {
			if r.own, _, err = s.Compile(r.Expression); err != nil {
				return nil, err
			}
		}
		j.Rules = append(j.Rules, r)
	}
	return j, nil
}

// The bounds of a rule's words.
const (
	maxSentence  = 300
	maxRuleWords = 200
)

// check names everything in a rule that cannot be kept.
func (s *Service) check(r Rule) error {
	var fields fault.Fields
	if !slices.Contains([]string{Blocking, Advisory, Off}, r.Level) {
		fields.Add("level", "level_unknown", "must be blocking, advisory or off")
	}
	switch {
	case !slices.Contains([]string{EveryFamily, OnlyFamilies, AllButThese}, r.Scope):
		fields.Add("scope", "scope_unknown", "must be all, only or except")
	case r.Scope != EveryFamily && len(r.Families) == 0:
		fields.Add("families", "families_missing", "names no family")
	case len(r.Families) > 200:
		fields.Add("families", "too_long", "names too many families")
	}
	for _, f := range r.Families {
		if !familyForm.MatchString(f) {
			fields.Add("families", "family_unknown", "names a family that is none")
			break
		}
	}
	if r.Check == OwnExpression {
		if err := s.checkOwn(r, &fields); err != nil {
			return err
		}
		return fields.Err()
	}
	c, known := CheckOf(r.Check)
	if !known {
		fields.Add("check", "check_unknown", "is none of the shop's checks")
		return fields.Err()
	}
	for _, n := range c.Numbers {
		if v, set := r.Params.Numbers[n.Name]; set && (v < n.Least || v > n.Most) {
			fields.AddWith("param_"+n.Name, "number_out_of_range", fmt.Sprintf("must be between %d and %d", n.Least, n.Most), map[string]any{"least": n.Least, "most": n.Most})
		}
	}
	if len(r.Params.Words) > maxRuleWords {
		fields.Add("words", "too_long", "has too many words")
	}
	for _, w := range r.Params.Words {
		if len(w) > 100 || !text.Valid(w) {
			fields.Add("words", "text_malformed", "holds a word that no text has")
			break
		}
	}
	return fields.Err()
}

func (s *Service) checkOwn(r Rule, fields *fault.Fields) error {
	_, problems, err := s.Compile(r.Expression)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fields.AddWith("expression", "expression_wrong", p.String(), map[string]any{"line": p.Line, "column": p.Column, "message": p.Message})
	}
	for _, lang := range text.Leading() {
		said := r.Sentences[lang]
		for name, s := range map[string]string{"name_": said.Name, "todo_": said.ToDo} {
			if n := utf8.RuneCountInString(strings.TrimSpace(s)); n == 0 || n > maxSentence {
				fields.Add(name+string(lang), "sentence_length", "must be said, in at most 300 characters")
			}
		}
	}
	return nil
}

// SaveRule keeps a rule: a new one when it has no id, else the next version of one that nobody else
// changed meanwhile (Stale with code criterion_changed).
func (s *Service) SaveRule(ctx context.Context, r Rule, actor string) (Rule, error) {
	if err := s.check(r); err != nil {
		return Rule{}, err
	}
	params, err := json.Marshal(r.Params)
	if err != nil {
		return Rule{}, err
	}
	if r.Sentences == nil {
		r.Sentences = map[text.Lang]Sentence{}
	}
	sentences, err := json.Marshal(r.Sentences)
	if err != nil {
		return Rule{}, err
	}
	if r.Families == nil || r.Scope == EveryFamily {
		r.Families = []string{}
	}
	args := pgx.NamedArgs{"id": r.ID, "version": r.Version, "code": r.newCode(), "check": r.Check, "expression": r.Expression, "level": r.Level, "scope": r.Scope, "families": r.Families, "params": params, "sentences": sentences, "actor": actor}
	var saved Rule
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		statement := sqlInsertRule
		if r.ID != 0 {
			if _, err := RuleOf(ctx, tx, r.ID); err != nil {
				return err
			}
			statement = sqlUpdateRule
		}
		rows, err := tx.Query(ctx, statement, args)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if pg.IsUnique(err, "a criterion's code is used once") {
			return fault.New(fault.Conflict, "criterion_taken", "another criterion has this name")
		}
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return fault.New(fault.Stale, "criterion_changed", "somebody else changed this criterion since you read it: look at it again")
		}
		if _, err := tx.Exec(ctx, sqlKeepRule, pgx.NamedArgs{"id": ids[0], "actor": actor}); err != nil {
			return err
		}
		if saved, err = RuleOf(ctx, tx, ids[0]); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "criterion.set", Subject: "criterion:" + saved.Code, Detail: map[string]any{"level": saved.Level, "version": saved.Version}})
	})
	return saved, err
}

// newCode is the code of a rule that has none yet.
func (r Rule) newCode() string {
	if r.Check == OwnExpression {
		return "own-" + SlugOf(r.Sentences[text.FR].Name)
	}
	families := slices.Clone(r.Families)
	slices.Sort(families)
	return r.Check + "-" + SlugOf(strings.Join(append(families, r.Scope), "-"))
}

// Affected is a product that a change of the rules concerns.
type Affected struct {
	Slug, Name, State string
	ToDo              map[text.Lang]string
}

// RuleEffect is what a rule would change: the products that would newly fail it, those that would no
// longer, how many of either are online, and how many were judged.
type RuleEffect struct {
	Judged, Fails, Mends, Online int
	Failing, Mended              []Affected
}

// mostAffected is how many products an effect names; it counts all.
const mostAffected = 200

// Effect judges the whole catalogue by a rule before it is saved, beside the one that is in force.
func (s *Service) Effect(ctx context.Context, r Rule) (RuleEffect, error) {
	var effect RuleEffect
	if err := s.check(r); err != nil {
		return effect, err
	}
	before := &Judge{}
	after, err := s.NewJudge(ctx, s.Pool)
	if err != nil {
		return effect, err
	}
	before.World = after.World
	for _, one := range after.Rules {
		if one.ID == r.ID {
			before.Rules = []Rule{one}
		}
	}
	if r.Check == OwnExpression {
		if r.own, _, err = s.Compile(r.Expression); err != nil {
			return effect, err
		}
	}
	after.Rules = []Rule{r}
	return effect, eachProduct(ctx, s.Pool, func(list []Product) error {
		for _, p := range list {
			effect.Judged++
			was, will := Failing(asBlocking(before.Judge(ctx, p))), Failing(asBlocking(after.Judge(ctx, p)))
			one := Affected{Slug: p.Slug, Name: p.name(), State: p.State, ToDo: map[text.Lang]string{}}
			switch {
			case len(was) == 0 && len(will) > 0:
				effect.Fails++
				if p.State == Published {
					effect.Online++
				}
				for _, lang := range text.Offered() {
					one.ToDo[lang] = will[0].ToDo(lang)
				}
				if len(effect.Failing) < mostAffected {
					effect.Failing = append(effect.Failing, one)
				}
			case len(was) > 0 && len(will) == 0:
				effect.Mends++
				if len(effect.Mended) < mostAffected {
					effect.Mended = append(effect.Mended, one)
				}
			}
		}
		return nil
	})
}

// asBlocking looks at what is met alone.
func asBlocking(list []Criterion) []Criterion {
	for i := range list {
		list[i].Blocking = true
	}
	return list
}

func (p Product) name() string {
	if n := p.Texts[text.FR].Name; n != "" {
		return n
	}
	return p.Slug
}

// batch is how many products are read at once.
const batch = 500

// eachProduct reads the catalogue in batches, retired products left out.
func eachProduct(ctx context.Context, q pg.Querier, work func([]Product) error) error {
	for after := int64(0); ; {
		rows, err := q.Query(ctx, sqlProductIDsAfter, pgx.NamedArgs{"after": after, "limit": batch})
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			return nil
		}
		list, err := loadProducts(ctx, q, ids)
		if err != nil {
			return err
		}
		if err := work(list); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}
