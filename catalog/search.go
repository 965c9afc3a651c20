package catalog

import (
	"cmp"
	"slices"
	"strings"

	"boutique/internal/text"
)

// maxQuery is the longest query that is searched for, in bytes; maxTerms its most words.
const (
	maxQuery = 200
	maxTerms = 8
)

// cut keeps of a query what is searched for.
func cut(query string) string {
	if len(query) > maxQuery {
		query = query[:maxQuery]
	}
	return strings.ToValidUTF8(query, "")
}

// meanings are the office's synonyms of one language: the wordings of each term that begins one.
type meanings map[string][]meaning

// meaning is a wording and all the wordings that say the same.
type meaning struct {
	terms []string
	group [][]string
}

// understand makes meanings of groups of words that say the same.
func understand(lang text.Lang, groups [][]string) meanings {
	m := meanings{}
	for _, words := range groups {
		var group [][]string
		for _, w := range words {
			if t := terms(lang, w); len(t) > 0 && len(t) <= maxTerms {
				group = append(group, t)
			}
		}
		for _, t := range group {
			m[t[0]] = append(m[t[0]], meaning{t, group})
		}
	}
	for _, list := range m {
		slices.SortStableFunc(list, func(a, b meaning) int { return len(b.terms) - len(a.terms) })
	}
	return m
}

// ideas reads a query: each of its words, or what the office says means the same. typing takes the
// last word for unfinished.
func (m meanings) ideas(lang text.Lang, query string) []idea {
	words := terms(lang, cut(query))
	words = words[:min(len(words), maxTerms)]
	var list []idea
	for at := 0; at < len(words); {
		long := 1
		wordings := idea{}
		for _, one := range m[words[at]] {
			if len(one.terms) < long || len(one.terms) > len(words)-at || !slices.Equal(one.terms, words[at:at+len(one.terms)]) {
				continue
			}
			long = len(one.terms)
			for _, t := range one.group {
				if !slices.Equal(t, one.terms) {
					wordings = append(wordings, phrase{terms: t, factor: alike})
				}
			}
		}
		wordings = append(wordings, phrase{terms: words[at : at+long], factor: 1, typing: at+long == len(words)})
		list = append(list, wordings)
		at += long
	}
	return list
}

// find counts which products match a query: all of its ideas if any product has them all, else as
// many as possible. ok is false when there is nothing to look for. What is borrowed is given back.
func (s *Snapshot) find(lang text.Lang, query string) (x *index, t *tally, ok bool) {
	x, ok = s.search[lang]
	if !ok {
		return nil, nil, false
	}
	ideas := s.meanings[lang].ideas(lang, query)
	if len(ideas) == 0 {
		return nil, nil, false
	}
	return x, x.search(ideas), true
}

// Suggestions are what a shopper who is still typing may mean.
type Suggestions struct {
	Items      []*Item
	Categories []*Category
	Makers     []*Maker
}

// The most suggestions of each kind.
const (
	suggestedItems  = 6
	suggestedPlaces = 2
)

// Suggest completes a query while it is typed: the best products, and the categories and makers that
// have a word that begins like its last one.
func (s *Snapshot) Suggest(lang text.Lang, query string) Suggestions {
	var out Suggestions
	x, t, ok := s.find(lang, query)
	if !ok {
		return out
	}
	for _, n := range t.best(suggestedItems, -1, func(int32) bool { return true }) {
		out.Items = append(out.Items, s.items[n])
	}
	x.giveBack(t)
	words := terms(lang, cut(query))
	last := words[len(words)-1]
	begins := func(name string) bool {
		return len(last) > 1 && slices.ContainsFunc(terms(lang, name), func(t string) bool { return strings.HasPrefix(t, last) })
	}
	for _, c := range s.Categories {
		if c.Count > 0 && len(out.Categories) < suggestedPlaces && begins(c.Names.In(lang)) {
			out.Categories = append(out.Categories, c)
		}
	}
	for _, m := range s.Makers {
		if m.Count > 0 && len(out.Makers) < suggestedPlaces && begins(m.Name) {
			out.Makers = append(out.Makers, m)
		}
	}
	return out
}

// best lists the n things that fit with the highest scores, behind one (-1: from the first), the
// lower number first where scores are equal.
func (t *tally) best(n int, after int32, fits func(int32) bool) []int32 {
	if after >= 0 && t.count[after] == 0 {
		after = -1
	}
	before := func(a, b int32) int { return cmp.Or(cmp.Compare(t.total[b], t.total[a]), cmp.Compare(a, b)) }
	list := make([]int32, 0, n+1)
	for _, f := range t.found {
		if after >= 0 && before(f, after) <= 0 || len(list) == n && before(f, list[n-1]) > 0 || !fits(f) {
			continue
		}
		at, _ := slices.BinarySearchFunc(list, f, before)
		list = slices.Insert(list, at, f)
		list = list[:min(n, len(list))]
	}
	return list
}

// Answers tells whether some words have all that a query asks for, as forgiving as the search.
func Answers(words, query string) bool {
	x, lexicon := newIndexer(text.FR), newLexicon()
	x.next()
	read := lexicon.read(nil, words)
	x.add(lexicon.words, read, inName)
	wanted := meanings(nil).ideas(text.FR, query)
	if len(wanted) == 0 {
		return false
	}
	t := x.index().search(wanted)
	return len(t.found) > 0 && int(t.count[0]) == len(wanted)
}
