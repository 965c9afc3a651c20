package catalog

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/internal/text"
)

// Rejudge judges every product that changed since it was last judged, all of them when a rule
// changed, and each once an hour for what changes without an edit: stock, prices, parcels. It returns
// how many.
func (s *Service) Rejudge(ctx context.Context) (int, error) {
	j, err := s.NewJudge(ctx, s.Pool)
	if err != nil {
		return 0, err
	}
	judged := 0
	for after := int64(0); ; {
		rows, err := s.Pool.Query(ctx, sqlStaleJudgements, pgx.NamedArgs{"revision": j.Revision, "after": after, "limit": batch})
		if err != nil {
			return judged, err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil || len(ids) == 0 {
			return judged, err
		}
		list, err := loadProducts(ctx, s.Pool, ids)
		if err != nil {
			return judged, err
		}
		made := make([]judgement, len(list))
		for i, p := range list {
			made[i] = judgementOf(p, j.Judge(ctx, p))
		}
		if err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return putJudgements(ctx, tx, j.Revision, made) }); err != nil {
			return judged, err
		}
		judged += len(list)
		after = ids[len(ids)-1]
	}
}

// judgement is what the rules said of a product.
type judgement struct {
	product int64
	version int
	score   int
	failing []string
	advice  int
}

func judgementOf(p Product, list []Criterion) judgement {
	out := judgement{product: p.ID, version: p.Version, score: Score(list)}
	for _, c := range list {
		switch {
		case c.Met:
		case c.Blocking:
			out.failing = append(out.failing, c.Code)
		default:
			out.advice++
		}
	}
	return out
}

func putJudgements(ctx context.Context, tx pgx.Tx, revision int64, list []judgement) error {
	var ids []int64
	var versions, scores, advice []int
	var failing []string
	for _, j := range list {
		ids, versions, scores, advice = append(ids, j.product), append(versions, j.version), append(scores, j.score), append(advice, j.advice)
		failing = append(failing, strings.Join(j.failing, ","))
	}
	_, err := tx.Exec(ctx, sqlPutJudgements, pgx.NamedArgs{"ids": ids, "versions": versions, "scores": scores, "advice": advice, "failing": failing, "revision": revision})
	return err
}

// Flagged is a published product that stopped meeting what blocks. It stays online: staff decide.
type Flagged struct {
	Slug, Name string
	Failing    []string
	Score      int
	Since      time.Time
}

// ListFlagged lists published products that stopped meeting what blocks, the longest first, and
// counts them all.
func ListFlagged(ctx context.Context, q pg.Querier, limit int) (list []Flagged, count int, err error) {
	rows, err := q.Query(ctx, sqlFlagged, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, 0, err
	}
	var f Flagged
	_, err = pgx.ForEachRow(rows, []any{&f.Slug, &f.Name, &f.Failing, &f.Score, &f.Since, &count}, func() error {
		one := f
		one.Failing = slices.Clone(f.Failing)
		list = append(list, one)
		return nil
	})
	return list, count, err
}

// Standing is what the rules last said of a product, for lists.
type Standing struct {
	Score   int
	Failing int
}

// Standings reads what the rules last said of products; one that was not judged yet is left out.
func Standings(ctx context.Context, q pg.Querier, ids []int64) (map[int64]Standing, error) {
	rows, err := q.Query(ctx, sqlStandings, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return nil, err
	}
	out := map[int64]Standing{}
	var id int64
	var s Standing
	_, err = pgx.ForEachRow(rows, []any{&id, &s.Score, &s.Failing}, func() error {
		out[id] = s
		return nil
	})
	return out, err
}

// CountFailing counts, by the code of each rule that blocks, the products that fail it.
func CountFailing(ctx context.Context, q pg.Querier) (map[string]int, error) {
	rows, err := q.Query(ctx, sqlCountFailing)
	if err != nil {
		return nil, err
	}
	out := map[string]int{}
	var code string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&code, &n}, func() error {
		out[code] = n
		return nil
	})
	return out, err
}

// RuleNames says the names of rules by their codes; a code of no rule is said as it is.
func RuleNames(rules []Rule, codes []string, lang text.Lang) string {
	var names []string
	for _, code := range codes {
		name := code
		if at := slices.IndexFunc(rules, func(r Rule) bool { return r.Code == code }); at >= 0 {
			name = rules[at].Name(lang)
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// signPublication keeps who put a product online, and with which score.
func signPublication(ctx context.Context, tx pgx.Tx, p Product, j judgement, actor string) error {
	return sign(ctx, tx, p.ID, Signature{What: SignedPublication, Value: strconv.Itoa(j.score), Fingerprint: p.Fingerprint(), Actor: actor})
}
