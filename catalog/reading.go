package catalog

import (
	"sync"

	"boutique/internal/text"
)

// reading reads the words of a catalogue into an index for each language. A text is read once, whatever
// languages it stands for: most of a catalogue is written in fewer languages than it is shown in.
type reading struct {
	items   chan []*Item
	indexes map[text.Lang]*index
	done    sync.WaitGroup
}

// readItem is a product's words, in each of the offered languages.
type readItem struct {
	texts      []*readText
	maker      []uint32
	categories [][]uint32
	options    [][]uint32
}

// readText is a text's words, each where it weighs most.
type readText struct{ name, short, long []uint32 }

// readPart is some products, read; all are the words that their numbers stand for.
type readPart struct {
	all   []string
	items []readItem
}

func newReading() *reading {
	langs := text.Offered()
	r := &reading{items: make(chan []*Item, 4), indexes: make(map[text.Lang]*index, len(langs))}
	var mu sync.Mutex
	var parts []chan readPart
	for at, lang := range langs {
		from := make(chan readPart, 4)
		parts = append(parts, from)
		r.done.Go(func() {
			x := newIndexer(lang)
			for p := range from {
				for i := range p.items {
					x.addItem(p.all, &p.items[i], at)
				}
			}
			done := x.index()
			mu.Lock()
			defer mu.Unlock()
			r.indexes[lang] = done
		})
	}
	r.done.Go(func() {
		reader := itemReader{words: newLexicon(), langs: langs, makers: map[*Maker][]uint32{}, categories: map[*Category][][]uint32{}}
		for list := range r.items {
			p := readPart{items: make([]readItem, len(list))}
			for n, i := range list {
				p.items[n] = reader.read(i)
			}
			// What is read later is appended behind: these words stay where they are.
			p.all = reader.words.words
			for _, to := range parts {
				to <- p
			}
		}
		for _, to := range parts {
			close(to)
		}
	})
	return r
}

// wait ends the reading: the indexes are whole.
func (r *reading) wait() {
	close(r.items)
	r.done.Wait()
}

type itemReader struct {
	words      *lexicon
	langs      []text.Lang
	makers     map[*Maker][]uint32
	categories map[*Category][][]uint32
	met        []uint32 // of each word, the text that had it last
	texts      uint32
}

func (r *itemReader) read(i *Item) readItem {
	out := readItem{texts: make([]*readText, len(r.langs)), options: make([][]uint32, len(r.langs))}
	var french *readText
	for at, lang := range r.langs {
		spoken := i.Spoken(lang)
		if spoken == text.FR && french != nil {
			out.texts[at] = french
			continue
		}
		out.texts[at] = r.text(i.Texts[spoken])
		if spoken == text.FR {
			french = out.texts[at]
		}
	}
	if i.Maker != nil {
		words, known := r.makers[i.Maker]
		if !known {
			words = r.words.read(nil, i.Maker.Name)
			r.makers[i.Maker] = words
		}
		out.maker = words
	}
	if c := i.Category; c != nil {
		words, known := r.categories[c]
		if !known {
			for _, lang := range r.langs {
				words = append(words, r.words.read(nil, c.Names.In(lang)))
			}
			r.categories[c] = words
		}
		out.categories = words
	}
	var codes []uint32
	for _, v := range i.Variants {
		codes = r.words.read(codes, v.SKU)
	}
	for at, lang := range r.langs {
		out.options[at] = codes
		if len(i.Options) == 0 {
			continue
		}
		own := codes[:len(codes):len(codes)]
		for _, v := range i.Variants {
			for _, value := range v.Values {
				own = r.words.read(own, value.Labels.In(lang))
			}
		}
		out.options[at] = own
	}
	return out
}

// text reads a text; a word that its name has is left out of the rest.
func (r *itemReader) text(t ItemText) *readText {
	r.texts++
	words := make([]uint32, 0, 64)
	take := func(s string) []uint32 {
		from := len(words)
		words = r.words.read(words, s)
		r.met = append(r.met, make([]uint32, max(0, len(r.words.words)-len(r.met)))...)
		kept := words[from:from]
		for _, w := range words[from:] {
			if r.met[w] != r.texts {
				r.met[w] = r.texts
				kept = append(kept, w)
			}
		}
		words = words[:from+len(kept)]
		return kept[:len(kept):len(kept)]
	}
	out := &readText{}
	out.name = take(t.Name)
	out.short = take(t.Short)
	out.long = take(t.Description)
	return out
}

// addItem indexes a product, its weightiest words first.
func (x *indexer) addItem(all []string, i *readItem, lang int) {
	x.next()
	x.add(all, i.texts[lang].name, inName)
	x.add(all, i.maker, inMaker)
	if i.categories != nil {
		x.add(all, i.categories[lang], inCategory)
	}
	x.add(all, i.options[lang], inOptions)
	x.add(all, i.texts[lang].short, inShort)
	x.add(all, i.texts[lang].long, inText)
}
