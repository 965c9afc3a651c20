package catalog

import (
	"slices"
	"strings"
	"sync"

	"boutique/internal/text"
)

// index finds things by words, in one language. Things are numbered in the order in which they were
// added.
type index struct {
	lang text.Lang
	size int
	// vocabulary is every term, sorted; the entries of term n are entries[starts[n]:starts[n+1]].
	vocabulary []string
	starts     []uint32
	// entries say which thing has a term, and in what place: the number shifted left by placeBits,
	// the place in the bits that this frees.
	entries []uint32
	// grams find the terms that a misspelt word may mean, by three letters that follow each other.
	grams map[[3]byte][]int32
	pool  sync.Pool
}

const placeBits = 3

// The places where a word may stand, and what it weighs there.
const (
	inName = iota
	inMaker
	inCategory
	inOptions
	inShort
	inText
)

var weights = [1 << placeBits]float32{inName: 10, inMaker: 5, inCategory: 5, inOptions: 5, inShort: 3, inText: 1}

// The factors of words that are not there as they were typed.
const (
	begun     = 0.6
	alike     = 0.8
	oneSlip   = 0.3
	moreSlips = 0.2
)

// lexicon numbers the words of texts, whatever their language: a word that has been seen before is
// neither folded to a string nor looked at again by any index.
type lexicon struct {
	ids   map[string]uint32
	words []string
	word  []byte
}

func newLexicon() *lexicon { return &lexicon{ids: map[string]uint32{}} }

// read appends the numbers of a text's words.
func (l *lexicon) read(to []uint32, s string) []uint32 {
	l.word = eachWord(l.word, s, func(word []byte) {
		id, ok := l.ids[string(word)]
		if !ok {
			id = uint32(len(l.words))
			w := string(word)
			l.ids[w], l.words = id, append(l.words, w)
		}
		to = append(to, id)
	})
	return to
}

// indexer collects what an index of one language is made of, out of words that a lexicon numbered.
type indexer struct {
	lang  text.Lang
	known []int32 // of each word: its term; sayNothing for one that says nothing, unread for one not met yet
	ids   map[string]int32
	terms []string
	last  []int32  // the thing that had the term last, plus one
	pairs [][]pair // in pieces, since they are many: nothing is copied when one more is there
	size  int
}

// pairsPiece is how many pairs a piece holds.
const pairsPiece = 1 << 15

const (
	unread     = 0
	sayNothing = -1
)

type pair struct{ term, entry uint32 }

func newIndexer(lang text.Lang) *indexer {
	return &indexer{lang: lang, ids: map[string]int32{}}
}

// next begins another thing.
func (x *indexer) next() { x.size++ }

// add notes words of the thing that was begun; all are the lexicon's. Places come in the order of their
// weight: a term counts where it stands first.
func (x *indexer) add(all []string, words []uint32, place uint32) {
	for _, word := range words {
		if int(word) >= len(x.known) {
			x.known = append(x.known, make([]int32, len(all)-len(x.known))...)
		}
		id := x.known[word]
		if id == unread {
			id = x.learn(all[word])
			x.known[word] = id
		}
		if id < 0 || x.last[id-1] == int32(x.size) {
			continue
		}
		x.last[id-1] = int32(x.size)
		last := len(x.pairs) - 1
		if last < 0 || len(x.pairs[last]) == pairsPiece {
			// An index of a few things, like what changed of late, is made of little.
			room := pairsPiece
			if last < 0 {
				room = 64
			}
			x.pairs = append(x.pairs, make([]pair, 0, room))
			last++
		}
		x.pairs[last] = append(x.pairs[last], pair{uint32(id - 1), uint32(x.size-1)<<placeBits | place})
	}
}

// learn gives a word its term, counted from one.
func (x *indexer) learn(word string) int32 {
	term := stem(x.lang, word)
	if stopWords[term] || len(term) > 64 {
		return sayNothing
	}
	id, ok := x.ids[term]
	if !ok {
		x.terms, x.last = append(x.terms, term), append(x.last, 0)
		id = int32(len(x.terms))
		x.ids[term] = id
	}
	return id
}

// index puts what was collected into the form that is searched.
func (x *indexer) index() *index {
	order := make([]int32, len(x.terms))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return strings.Compare(x.terms[a], x.terms[b]) })
	entries := 0
	for _, piece := range x.pairs {
		entries += len(piece)
	}
	out := &index{lang: x.lang, size: x.size, vocabulary: make([]string, len(order)), starts: make([]uint32, len(order)+1), entries: make([]uint32, entries), grams: map[[3]byte][]int32{}}
	rank := make([]uint32, len(order))
	for i, id := range order {
		out.vocabulary[i], rank[id] = x.terms[id], uint32(i)
	}
	for _, piece := range x.pairs {
		for _, p := range piece {
			out.starts[rank[p.term]+1]++
		}
	}
	for i := range order {
		out.starts[i+1] += out.starts[i]
	}
	next := slices.Clone(out.starts[:len(order)])
	for i, piece := range x.pairs {
		for _, p := range piece {
			r := rank[p.term]
			out.entries[next[r]] = p.entry
			next[r]++
		}
		x.pairs[i] = nil // it is not needed any more, while the index is still made
	}
	for n, term := range out.vocabulary {
		if len(term) >= 3 && !strings.ContainsAny(term, "0123456789") {
			eachGram(term, func(g [3]byte) { out.grams[g] = append(out.grams[g], int32(n)) })
		}
	}
	out.pool.New = func() any { return &tally{} }
	return out
}

// eachGram calls with every three letters that follow each other, the ends of the word included.
func eachGram(w string, call func([3]byte)) {
	g := [3]byte{' ', ' ', w[0]}
	call(g)
	for i := 1; i <= len(w); i++ {
		next := byte(' ')
		if i < len(w) {
			next = w[i]
		}
		g = [3]byte{g[1], g[2], next}
		call(g)
	}
}

// tally is the room that one search counts in; it is lent out again, empty.
type tally struct {
	total, word, phrase []float32
	count               []uint8
	touched             []int32
	found               []int32
	shared              []uint8
}

func (x *index) borrow() *tally {
	t := x.pool.Get().(*tally)
	if len(t.total) < x.size {
		t.total, t.word, t.phrase, t.count = make([]float32, x.size), make([]float32, x.size), make([]float32, x.size), make([]uint8, x.size)
	}
	if len(t.shared) < len(x.vocabulary) {
		t.shared = make([]uint8, len(x.vocabulary))
	}
	t.found = t.found[:0]
	return t
}

func (x *index) giveBack(t *tally) {
	for _, n := range t.found {
		t.total[n], t.count[n] = 0, 0
	}
	x.pool.Put(t)
}

// phrase is one wording of what is looked for: things have it that have all of its terms. What is
// still being typed may go on beyond its last letter.
type phrase struct {
	terms  []string
	factor float32
	typing bool
}

// idea is one thing that a query asks for, in all its wordings.
type idea []phrase

// search finds the things that answer to as many ideas as any does. The scores are in the tally,
// which is to be given back.
func (x *index) search(ideas []idea) *tally {
	t := x.borrow()
	most := uint8(0)
	for _, wordings := range ideas {
		t.touched = t.touched[:0]
		for _, p := range wordings {
			x.match(t, p)
		}
		for _, n := range t.touched {
			if t.count[n] == 0 {
				t.found = append(t.found, n)
			}
			t.total[n] += t.phrase[n]
			t.count[n]++
			t.phrase[n] = 0
			most = max(most, t.count[n])
		}
	}
	kept := t.found[:0]
	for _, n := range t.found {
		if t.count[n] == most {
			kept = append(kept, n)
		} else {
			t.total[n], t.count[n] = 0, 0
		}
	}
	t.found = kept
	return t
}

// match adds the best score that a wording gives each thing to t.phrase, and notes it as touched.
func (x *index) match(t *tally, p phrase) {
	take := func(n int32, score float32) {
		if t.phrase[n] == 0 {
			t.touched = append(t.touched, n)
		}
		t.phrase[n] = max(t.phrase[n], score*p.factor)
	}
	if len(p.terms) == 1 {
		for _, n := range x.matchTerm(t, p.terms[0], p.typing) {
			take(n, t.word[n])
			t.word[n] = 0
		}
		return
	}
	var all map[int32]float32
	for i, term := range p.terms {
		have := map[int32]float32{}
		for _, n := range x.matchTerm(t, term, p.typing && i == len(p.terms)-1) {
			if before, ok := all[n]; i == 0 || ok {
				have[n] = max(before, t.word[n])
			}
			t.word[n] = 0
		}
		all = have
	}
	for n, score := range all {
		take(n, score)
	}
}

// matchTerm lists the things that have a term, with their scores in t.word: those that have it,
// those with a word that begins so, and, when there are none, those with one that is spelt nearly so.
func (x *index) matchTerm(t *tally, w string, typing bool) []int32 {
	var list []int32
	add := func(n int, factor float32) {
		for _, e := range x.entries[x.starts[n]:x.starts[n+1]] {
			item := int32(e >> placeBits)
			if t.word[item] == 0 {
				list = append(list, item)
			}
			t.word[item] = max(t.word[item], weights[e&(1<<placeBits-1)]*factor)
		}
	}
	at, there := slices.BinarySearch(x.vocabulary, w)
	if there {
		add(at, 1)
		at++
	}
	if len(w) >= 3 && (typing || !there) {
		for ; at < len(x.vocabulary) && strings.HasPrefix(x.vocabulary[at], w); at++ {
			add(at, begun)
		}
	}
	if len(list) == 0 {
		near, off := x.near(t, w)
		factor := float32(oneSlip)
		if off > 1 {
			factor = moreSlips
		}
		for _, n := range near {
			add(int(n), factor)
		}
	}
	return list
}

// near lists the terms that are the fewest slips away from a word, and how many.
func (x *index) near(t *tally, w string) ([]int32, int) {
	limit := forgiven(w)
	if limit == 0 || strings.ContainsAny(w, "0123456789") {
		return nil, 0
	}
	var seen []int32
	eachGram(w, func(g [3]byte) {
		for _, n := range x.grams[g] {
			if t.shared[n] == 0 {
				seen = append(seen, n)
			}
			if t.shared[n] < 255 {
				t.shared[n]++
			}
		}
	})
	// A slip spoils three of the word's len+1 groups, two letters swapped spoil four.
	need := uint8(max(1, min(200, len(w)+1-3*limit-1)))
	var list []int32
	for _, n := range seen {
		if t.shared[n] >= need {
			if d := slips(w, x.vocabulary[n], limit); d <= limit {
				if d < limit {
					limit, list = d, list[:0]
				}
				list = append(list, n)
			}
		}
		t.shared[n] = 0
	}
	slices.Sort(list)
	return list, limit
}
