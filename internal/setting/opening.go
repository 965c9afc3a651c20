package setting

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"boutique/internal/fault"
)

// KeyOpening names what was decided before the office sells online, and by whom.
const KeyOpening Key = "opening"

// Decision is how one open point was settled: what was decided, by which act and on which day.
type Decision struct {
	Outcome   string `json:"outcome"`
	Reference string `json:"reference"`
	On        string `json:"on"`
}

// Opening are the points that are settled, by their names; the others are open.
type Opening map[string]Decision

// Point is a question that the shop cannot answer: somebody decides it. The names of the point and of
// who decides are messages of the admin.
type Point struct {
	Name, Decider string
	// Source is the rule behind it.
	Source string
}

// Points are the questions that an office of this form must have answered. An office that has not
// said its form is asked all of them.
func Points(form string) []Point {
	list := []Point{
		{"chart", "accountant", "CGCT, M4 / M57, ANC 2014-03"},
		{"vat_regime", "tax_office", "CGI 293 B, 286"},
		{"vat_classes", "accountant", "CGI 278-0 bis"},
		{"mentions", "accountant", "CGI ann. II 242 nonies A"},
		{"fec", "accountant", "LPF L47 A"},
		{"fees_vat", "accountant", "CGI 261 C"},
		{"vouchers", "accountant", "CGI 256 ter"},
		{"union_business", "accountant", "CGI 262 ter I, 289 B"},
		{"platform", "office", "CGI 289 bis, 290"},
		{"ereporting", "tax_office", "CGI 290, ann. II 242 nonies M"},
	}
	if form == "" || PublicForm(form) {
		list = append(list,
			Point{"regie_act", "authorising_officer", "CGCT R1617-1"},
			Point{"provider", "public_accountant", "CGCT L1611-7-1, R1617-1"},
			Point{"payfip", "authorising_officer", "CGCT L1611-5-1"},
			Point{"treasury", "public_accountant", "CGCT R1617-16"},
			Point{"analytic", "public_accountant", "M4"},
		)
	}
	return list
}

// Open lists the points of a form that nobody has settled.
func (o Opening) Open(form string) []Point {
	var open []Point
	for _, p := range Points(form) {
		if o[p.Name].Outcome == "" {
			open = append(open, p)
		}
	}
	return open
}

// Check names what is wrong with the decisions.
func (o Opening) Check() error {
	var fields fault.Fields
	known := map[string]bool{}
	for _, p := range Points("") {
		known[p.Name] = true
	}
	for name, d := range o {
		if !known[name] {
			fields.Add(name, "choice_unknown", "is no open point")
		}
		if strings.TrimSpace(d.Outcome) == "" && (d.Reference != "" || d.On != "") {
			fields.Add("outcome", "required", "is missing: say what was decided")
		}
		if utf8.RuneCountInString(d.Outcome) > maxSentence || utf8.RuneCountInString(d.Reference) > maxName {
			fields.Add("outcome", "too_long", "is too long")
		}
		if _, err := time.Parse(time.DateOnly, d.On); d.Outcome != "" && err != nil {
			fields.Add("on", "date_invalid", "is not a date like 2026-11-01")
		}
	}
	return fields.Err()
}

// GetOpening reads what was decided.
func GetOpening(ctx context.Context, q Querier) (Opening, error) {
	o := Opening{}
	_, err := Get(ctx, q, KeyOpening, &o)
	return o, err
}

// Check names the sentences that cannot be printed.
func (m Mentions) Check() error {
	var fields fault.Fields
	for _, l := range m.Lines() {
		switch {
		case strings.TrimSpace(*l.Value) == "":
			fields.Add(l.Name, "required", "is missing")
		case utf8.RuneCountInString(*l.Value) > maxSentence:
			fields.Add(l.Name, "too_long", "has at most 300 characters")
		case strings.ContainsAny(*l.Value, "\r\n\t\x00"):
			fields.Add(l.Name, "one_line", "must stand on one line")
		}
	}
	return fields.Err()
}

// MentionLine is one legal sentence and its name.
type MentionLine struct {
	Name  string
	Value *string
}

// Lines are the sentences in the order of a form.
func (m *Mentions) Lines() []MentionLine {
	return []MentionLine{
		{"export", &m.Export}, {"destination", &m.Destination}, {"franchise", &m.Franchise}, {"exempt", &m.Exempt}, {"voucher", &m.Voucher},
		{"discount", &m.Discount}, {"penalties", &m.Penalties}, {"recovery", &m.Recovery},
	}
}
