package catalog

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Synonym is a group of words that mean the same to a search, in one language.
type Synonym struct {
	ID    int64
	Lang  string
	Words []string
	SetBy string
	SetAt time.Time
}

// Synonyms lists the office's synonyms.
func Synonyms(ctx context.Context, q pg.Querier) ([]Synonym, error) {
	rows, err := q.Query(ctx, sqlSynonyms)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Synonym])
}

// readMeanings reads the synonyms as searches use them.
func readMeanings(ctx context.Context, q pg.Querier) (map[text.Lang]meanings, error) {
	list, err := Synonyms(ctx, q)
	if err != nil {
		return nil, err
	}
	groups := map[text.Lang][][]string{}
	for _, s := range list {
		groups[text.Lang(s.Lang)] = append(groups[text.Lang(s.Lang)], s.Words)
	}
	all := map[text.Lang]meanings{}
	for lang, g := range groups {
		all[lang] = understand(lang, g)
	}
	return all, nil
}

// The limits of a group of synonyms.
const (
	maxSynonyms    = 20
	maxSynonymSize = 60
)

// synonymWords reads words that are separated by commas; what cannot be searched for is named.
func synonymWords(lang text.Lang, typed string) ([]string, error) {
	var fields fault.Fields
	if !text.Valid(typed) {
		fields.Add("words", "not_text", "must be text")
		return nil, fields.Err()
	}
	var words []string
	seen := map[string]bool{}
	for _, w := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '=' }) {
		w = strings.Join(strings.Fields(w), " ")
		key := strings.Join(terms(lang, w), " ")
		if key == "" || seen[key] {
			continue
		}
		seen[key] = true
		if utf8.RuneCountInString(w) > maxSynonymSize {
			fields.AddWith("words", "too_long", "has at most 60 characters", map[string]any{"word": w})
		}
		words = append(words, w)
	}
	if len(words) < 2 || len(words) > maxSynonyms {
		fields.Add("words", "synonyms_count", "must be 2 to 20 different words, separated by commas")
	}
	return words, fields.Err()
}

// AddSynonym lets a search for any of the words, which are separated by commas, find them all.
func (s *Service) AddSynonym(ctx context.Context, lang text.Lang, typed, actor string) error {
	words, err := synonymWords(lang, typed)
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertSynonym, pgx.NamedArgs{"lang": string(lang), "words": words, "actor": actor}); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "search.synonym", Subject: "search:" + string(lang), Detail: map[string]any{"words": words}}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}

// RemoveSynonym takes a group of synonyms back.
func (s *Service) RemoveSynonym(ctx context.Context, id int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var lang string
		var words []string
		rows, err := tx.Query(ctx, sqlDeleteSynonym, pgx.NamedArgs{"id": id})
		if err != nil {
			return err
		}
		n := 0
		if _, err := pgx.ForEachRow(rows, []any{&lang, &words}, func() error { n++; return nil }); err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "search.synonym_removed", Subject: "search:" + lang, Detail: map[string]any{"words": words}}); err != nil {
			return err
		}
		return bump(ctx, tx)
	})
}

// Miss is a search of shoppers that found nothing.
type Miss struct {
	Lang   string
	Query  string
	Times  int64
	LastAt time.Time
}

// Misses lists the searches without result, the most frequent first.
func Misses(ctx context.Context, q pg.Querier, limit int) ([]Miss, error) {
	rows, err := q.Query(ctx, sqlMisses, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Miss])
}

// ForgetMiss takes a search without result off the list: it was dealt with.
func (s *Service) ForgetMiss(ctx context.Context, lang text.Lang, query, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDeleteMiss, pgx.NamedArgs{"lang": string(lang), "query": strings.ToValidUTF8(query, "")})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "search.miss_forgotten", Subject: "search:" + string(lang), Detail: map[string]any{"query": query}})
	})
}
