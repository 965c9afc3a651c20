package catalog

import (
	"cmp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"boutique/internal/text"
)

// maxQuery is the longest query that is searched for, in bytes; maxTerms its most words.
const (
	maxQuery = 200
	maxTerms = 8
)

// fold brings text into the form in which it is compared: small letters without accents.
func fold(s string) string {
	s = strings.NewReplacer("œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae", "ß", "ss", "’", "'").Replace(s)
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// terms are the words of a text, folded and stemmed.
func terms(lang text.Lang, s string) []string {
	var list []string
	for _, w := range strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len(w) > 1 || unicode.IsDigit(rune(w[0])) {
			if w = stem(lang, w); !stopWords[w] {
				list = append(list, w)
			}
		}
	}
	return list
}

// stopWords are the folded words that say nothing of a product.
var stopWords = map[string]bool{"le": true, "la": true, "les": true, "de": true, "du": true, "des": true, "un": true, "une": true, "et": true, "en": true,
	"au": true, "aux": true, "pour": true, "the": true, "of": true, "an": true, "and": true, "for": true, "with": true, "avec": true, "d": true, "l": true}

// stem takes the ending of plurals and feminines off a folded word, lightly: enough that bieres
// finds biere, chevaux finds cheval and boxes finds box.
func stem(lang text.Lang, w string) string {
	if len(w) < 4 {
		return w
	}
	switch lang {
	case text.EN:
		switch {
		case strings.HasSuffix(w, "ies") && len(w) > 4:
			return w[:len(w)-3] + "y"
		case strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "sses"):
			return w[:len(w)-2]
		case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
			return w[:len(w)-1]
		}
	default:
		switch {
		case strings.HasSuffix(w, "eaux"):
			return w[:len(w)-1]
		case strings.HasSuffix(w, "aux") && len(w) > 5:
			return w[:len(w)-3] + "al"
		case strings.HasSuffix(w, "s"), strings.HasSuffix(w, "x"):
			w = w[:len(w)-1]
		}
		if strings.HasSuffix(w, "ee") {
			w = w[:len(w)-1]
		}
	}
	return w
}

// index finds products by words, in one language.
type index struct {
	lang  text.Lang
	items []*Item
	// postings say which products have a term, and how much it weighs there.
	postings map[string][]posting
	// vocabulary is every term, sorted, for words that are still being typed; trigrams find the
	// terms that a misspelt word may mean.
	vocabulary []string
	trigrams   map[string][]int32
}

type posting struct {
	item   int32
	weight float32
}

// The weights of the places where a word may stand.
const (
	inName     = 10
	inOptions  = 5
	inMaker    = 5
	inCategory = 5
	inShort    = 3
	inText     = 1
)

func newIndex(lang text.Lang, items []*Item) *index {
	x := &index{lang: lang, items: items, postings: map[string][]posting{}, trigrams: map[string][]int32{}}
	for n, i := range items {
		weights := map[string]float32{}
		add := func(s string, weight float32) {
			for _, t := range terms(lang, s) {
				weights[t] = max(weights[t], weight)
			}
		}
		t := i.In(lang)
		add(t.Plain, inText)
		add(t.Short, inShort)
		if i.Category != nil {
			add(i.Category.Names.In(lang), inCategory)
		}
		if i.Maker != nil {
			add(i.Maker.Name, inMaker)
		}
		for _, v := range i.Variants {
			add(v.Label(lang), inOptions)
			add(v.SKU, inOptions)
		}
		add(t.Name, inName)
		for term, weight := range weights {
			x.postings[term] = append(x.postings[term], posting{int32(n), weight})
		}
	}
	for term := range x.postings {
		x.vocabulary = append(x.vocabulary, term)
	}
	slices.Sort(x.vocabulary)
	for n, term := range x.vocabulary {
		for _, g := range trigramsOf(term) {
			x.trigrams[g] = append(x.trigrams[g], int32(n))
		}
	}
	return x
}

func trigramsOf(w string) []string {
	w = "  " + w + " "
	var list []string
	for i := 0; i+3 <= len(w); i++ {
		list = append(list, w[i:i+3])
	}
	return list
}

// find lists the products that match a query, the best first: all of its words if any product has
// them all, else as many as possible.
func (s *Snapshot) find(lang text.Lang, query string) []*Item {
	x, ok := s.search[lang]
	if !ok {
		return nil
	}
	if len(query) > maxQuery {
		query = strings.ToValidUTF8(query[:maxQuery], "")
	}
	words := terms(lang, query)
	words = words[:min(len(words), maxTerms)]
	if len(words) == 0 {
		return nil
	}
	scores := make(map[int32]float32)
	matched := make(map[int32]int)
	for _, w := range words {
		for item, weight := range x.match(w) {
			scores[item] += weight
			matched[item]++
		}
	}
	most := 0
	for _, n := range matched {
		most = max(most, n)
	}
	var found []int32
	for item, n := range matched {
		if n == most {
			found = append(found, item)
		}
	}
	slices.SortFunc(found, func(a, b int32) int { return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b)) })
	list := make([]*Item, len(found))
	for i, n := range found {
		list[i] = x.items[n]
	}
	return list
}

// match gives the products of one word: those that have it, those with a word that begins so, and,
// when there are none, those with a word that is spelt nearly so.
func (x *index) match(w string) map[int32]float32 {
	scores := map[int32]float32{}
	add := func(term string, factor float32) {
		for _, p := range x.postings[term] {
			scores[p.item] = max(scores[p.item], p.weight*factor)
		}
	}
	add(w, 1)
	if len(w) >= 3 {
		at, _ := slices.BinarySearch(x.vocabulary, w)
		for ; at < len(x.vocabulary) && strings.HasPrefix(x.vocabulary[at], w); at++ {
			add(x.vocabulary[at], 0.6)
		}
	}
	if len(scores) == 0 && len(w) >= 4 {
		for _, term := range x.near(w) {
			add(term, 0.3)
		}
	}
	return scores
}

// near lists the terms that share most trigrams with a word (at least 45 % of both).
func (x *index) near(w string) []string {
	grams := trigramsOf(w)
	shared := map[int32]int{}
	for _, g := range grams {
		for _, n := range x.trigrams[g] {
			shared[n]++
		}
	}
	var list []string
	for n, common := range shared {
		term := x.vocabulary[n]
		if union := len(grams) + len(term) + 1 - common; common*100 >= union*45 {
			list = append(list, term)
		}
	}
	slices.Sort(list)
	return list
}
