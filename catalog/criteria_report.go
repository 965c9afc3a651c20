package catalog

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pdf"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// CriteriaReport is by which rules an office publishes, and how each of its products stands: evidence
// for quality labels. All of it is of one moment.
type CriteriaReport struct {
	Office   string
	Logo     []byte
	At       time.Time
	Lang     text.Lang
	Rules    []Rule
	Families []Family
	Products []ReportedProduct
}

// ReportedProduct is a product as the report shows it.
type ReportedProduct struct {
	Name, Slug, State string
	Score             int
	Blocking, Advice  []string
	Signed            map[string]Signature
}

// Report judges the catalogue for a report; the caller adds who publishes it.
func (s *Service) Report(ctx context.Context, lang text.Lang) (CriteriaReport, error) {
	out := CriteriaReport{Lang: lang, At: s.Clock.Now()}
	err := pg.InReadTx(ctx, s.Pool, func(tx pgx.Tx) error {
		out.Products = nil
		j, err := s.NewJudge(ctx, tx)
		if err != nil {
			return err
		}
		out.Rules = j.Rules
		if out.Families, err = ListFamilies(ctx, tx); err != nil {
			return err
		}
		return eachProduct(ctx, tx, func(list []Product) error {
			for _, p := range list {
				judged := j.Judge(ctx, p)
				one := ReportedProduct{Name: p.name(), Slug: p.Slug, State: p.State, Score: Score(judged), Signed: p.Signatures}
				if n := p.Texts[lang].Name; n != "" {
					one.Name = n
				}
				for _, c := range judged {
					switch {
					case c.Met:
					case c.Blocking:
						one.Blocking = append(one.Blocking, c.Name(lang))
					default:
						one.Advice = append(one.Advice, c.Name(lang))
					}
				}
				out.Products = append(out.Products, one)
			}
			return nil
		})
	})
	return out, err
}

const (
	reportMargin = 18.0
	reportBottom = pdf.A4Height - 22
)

var (
	reportTitle  = pdf.Style{Face: pdf.Heading, Size: 22, Color: pdf.Slate}
	reportHead   = pdf.Style{Face: pdf.Heading, Size: 14, Color: pdf.Slate}
	reportText   = pdf.Style{Size: 9, Color: pdf.Slate}
	reportStrong = pdf.Style{Face: pdf.Bold, Size: 9, Color: pdf.Slate}
	reportSmall  = pdf.Style{Size: 8, Color: pdf.Quiet}
	reportLabel  = pdf.Style{Face: pdf.Bold, Size: 8, Color: pdf.Quiet}
)

// reportSheet is a report on its way to paper.
type reportSheet struct {
	CriteriaReport
	d *pdf.Document
	t text.Printer
	y float64
}

// Draw draws the report on A4. The same report gives the same bytes.
func (r CriteriaReport) Draw() ([]byte, error) {
	t := words.In(r.Lang)
	s := &reportSheet{CriteriaReport: r, t: t, d: pdf.New(pdf.Options{Title: t.T("report_title"), Author: r.Office, Lang: string(r.Lang), Created: r.At})}
	s.d.AddPage()
	if err := s.head(); err != nil {
		return nil, err
	}
	s.rules()
	s.products()
	s.d.EachPage(func(page, pages int) {
		s.d.Text(reportMargin, pdf.A4Height-12, r.Office+" · "+t.T("report_title")+" · "+t.DateTime(r.At), reportSmall, pdf.Left)
		s.d.Text(pdf.A4Width-reportMargin, pdf.A4Height-12, t.T("report_page", "page", page, "pages", pages), reportSmall, pdf.Right)
	})
	return s.d.Bytes()
}

func (s *reportSheet) head() error {
	s.y = 18
	if len(s.Logo) > 0 {
		art, err := pdf.ReadSVG(s.Logo)
		if err != nil {
			return fmt.Errorf("the office's logo can't be printed: %w", err)
		}
		_, height := s.d.Art(art.Trim(), reportMargin, s.y, 60, 20)
		s.y += height + 8
	} else {
		s.y += s.d.Lines(reportMargin, s.y, s.d.Clip(s.Office, reportHead, s.width(), 2), reportHead, pdf.Left) + 6
	}
	s.y += s.d.Lines(reportMargin, s.y, []string{s.t.T("report_title")}, reportTitle, pdf.Left) + 2
	online, ready := 0, 0
	for _, p := range s.Products {
		if p.State == Published {
			online++
			if len(p.Blocking) == 0 {
				ready++
			}
		}
	}
	s.y += s.d.Paragraph(reportMargin, s.y, s.width(), s.t.T("report_intro", "when", s.t.DateTime(s.At), "rules", len(s.Rules), "products", len(s.Products), "online", online, "ready", ready), reportText) + 6
	return nil
}

func (s *reportSheet) width() float64 { return pdf.A4Width - 2*reportMargin }

// table draws rows, and the table's head again on each new page.
func (s *reportSheet) table(title string, t pdf.Table, rows [][]pdf.Cell) {
	begin := func() {
		s.y += s.d.Lines(reportMargin, s.y, []string{title}, reportHead, pdf.Left) + 2
		s.y += t.DrawHead(s.d, s.y)
	}
	if s.y+30 > reportBottom {
		s.d.AddPage()
		s.y = 18
	}
	begin()
	for _, cells := range rows {
		if s.y+t.Height(s.d, cells) > reportBottom {
			s.d.AddPage()
			s.y = 18
			begin()
		}
		s.y += t.DrawRow(s.d, s.y, cells)
	}
	s.y += 8
}

func (s *reportSheet) rules() {
	t := pdf.Table{X: reportMargin, Gap: 4, Pad: 1.4, Head: reportLabel, MostLines: 6, Columns: []pdf.Column{
		{Title: s.t.T("report_rule"), Width: 70}, {Title: s.t.T("report_level"), Width: 18}, {Title: s.t.T("report_families"), Width: 40}, {Title: s.t.T("report_since"), Width: 34}}}
	var rows [][]pdf.Cell
	for _, r := range s.Rules {
		families := s.t.T("report_all_families")
		if r.Scope != EveryFamily {
			families = s.t.T("report_families_"+r.Scope, "families", s.families(r.Families))
		}
		name := pdf.Cell{{Text: r.Name(s.Lang), Style: reportText}}
		if r.Check == OwnExpression {
			name = append(name, pdf.Span{Text: r.Expression, Style: reportSmall})
		}
		rows = append(rows, []pdf.Cell{name, {{Text: s.t.T("report_level_" + r.Level), Style: reportText}}, {{Text: families, Style: reportText}},
			{{Text: s.t.Date(r.UpdatedAt), Style: reportText}, {Text: who(s.t, r.UpdatedBy), Style: reportSmall}}})
	}
	s.table(s.t.T("report_rules"), t, rows)
}

// who names who set a rule: the shop's own defaults in the reader's words.
func who(t text.Printer, actor string) string {
	if actor == "shop" {
		return t.T("report_shop")
	}
	return strings.TrimPrefix(actor, "staff:")
}

func (s *reportSheet) families(codes []string) string {
	var names []string
	for _, code := range codes {
		at := slices.IndexFunc(s.Families, func(f Family) bool { return f.Code == code })
		if at >= 0 {
			code = s.Families[at].Labels.In(s.Lang)
		}
		names = append(names, code)
	}
	return strings.Join(names, ", ")
}

func (s *reportSheet) products() {
	t := pdf.Table{X: reportMargin, Gap: 4, Pad: 1.4, Head: reportLabel, MostLines: 8, Columns: []pdf.Column{
		{Title: s.t.T("report_product"), Width: 48}, {Title: s.t.T("report_state"), Width: 15}, {Title: s.t.T("report_score"), Width: 9, Align: pdf.Right}, {Title: s.t.T("report_missing"), Width: 38}, {Title: s.t.T("report_signed"), Width: 48}}}
	var rows [][]pdf.Cell
	for _, p := range s.Products {
		lacks := pdf.Cell{}
		if len(p.Blocking) > 0 {
			lacks = append(lacks, pdf.Span{Text: strings.Join(p.Blocking, ", "), Style: reportStrong})
		}
		if len(p.Advice) > 0 {
			lacks = append(lacks, pdf.Span{Text: s.t.T("report_advice", "list", strings.Join(p.Advice, ", ")), Style: reportSmall})
		}
		if len(lacks) == 0 {
			lacks = pdf.Cell{{Text: s.t.T("report_nothing"), Style: reportText}}
		}
		signed := pdf.Cell{}
		for _, what := range []string{SignedReview, SignedPublication, SignedVAT} {
			if one, ok := p.Signed[what]; ok && (what != SignedReview || one.Value == Approved) {
				signed = append(signed, pdf.Span{Text: s.t.T("report_signed_"+what, "when", s.t.Date(one.At)), Style: reportSmall})
			}
		}
		rows = append(rows, []pdf.Cell{{{Text: p.Name, Style: reportText}, {Text: p.Slug, Style: reportSmall}}, {{Text: s.t.T("report_state_" + p.State), Style: reportText}},
			{{Text: strconv.Itoa(p.Score), Style: reportText}}, lacks, signed})
	}
	s.table(s.t.T("report_products"), t, rows)
}
