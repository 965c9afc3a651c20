package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"boutique/internal/text"
)

// fold brings text into the form in which it is compared: small letters without accents.
func fold(s string) string {
	out := make([]byte, 0, len(s))
	for _, r := range s {
		out = appendFolded(out, r)
	}
	return string(out)
}

// plainLetters folds the letters that Latin scripts write beside a to z, from U+00C0 on.
var plainLetters = func() [0x180 - 0xC0]string {
	var table [0x180 - 0xC0]string
	for i := range table {
		r := rune(0xC0 + i)
		switch r {
		case 'œ', 'Œ':
			table[i] = "oe"
		case 'æ', 'Æ':
			table[i] = "ae"
		case 'ß':
			table[i] = "ss"
		case 'ø', 'Ø':
			table[i] = "o"
		case 'ł', 'Ł':
			table[i] = "l"
		default:
			table[i] = decomposed(r)
		}
	}
	return table
}()

// decomposed is a small letter without its marks.
func decomposed(r rune) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(string(r)))
}

func appendFolded(out []byte, r rune) []byte {
	switch {
	case r >= 'A' && r <= 'Z':
		return append(out, byte(r)+'a'-'A')
	case r < utf8.RuneSelf:
		return append(out, byte(r))
	case r >= 0xC0 && r < 0x180:
		return append(out, plainLetters[r-0xC0]...)
	case r == '’':
		return append(out, '\'')
	}
	return append(out, decomposed(r)...)
}

// eachWord calls with every folded word of a text; the bytes are its own only until it returns.
func eachWord(buffer []byte, s string, call func(word []byte)) []byte {
	buffer = buffer[:0]
	end := func() {
		if len(buffer) > 1 || (len(buffer) == 1 && buffer[0] >= '0' && buffer[0] <= '9') {
			call(buffer)
		}
		buffer = buffer[:0]
	}
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			buffer = append(buffer, byte(r))
		case r < utf8.RuneSelf:
			if r >= 'A' && r <= 'Z' {
				buffer = append(buffer, byte(r)+'a'-'A')
			} else {
				end()
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			buffer = appendFolded(buffer, r)
		case unicode.Is(unicode.Mn, r): // an accent that is written for itself
		default:
			end()
		}
	}
	end()
	return buffer
}

// terms are the words of a text, folded and stemmed.
func terms(lang text.Lang, s string) []string {
	var list []string
	eachWord(nil, s, func(w []byte) {
		if t := stem(lang, string(w)); !stopWords[t] {
			list = append(list, t)
		}
	})
	return list
}

// stopWords are the folded words that say nothing of a product.
var stopWords = func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields("le la les de du des un une et en au aux pour avec dans par sur the of an and for with der die das und ein eine mit fur het een van voor met") {
		words[w] = true
	}
	return words
}()

// stem takes the ending of plurals and feminines off a folded word, lightly: enough that bieres
// finds biere, chevaux finds cheval and boxes finds box.
func stem(lang text.Lang, w string) string {
	if len(w) < 4 {
		return w
	}
	if last := w[len(w)-1]; last >= '0' && last <= '9' {
		return w
	}
	switch lang {
	case text.EN:
		return stemEnglish(w)
	case text.DE:
		return without(w, "en", "er", "es", "e", "n", "s")
	case text.NL:
		return without(w, "en", "s", "e")
	}
	return stemFrench(w)
}

// without takes the first of the endings off that the word has, when enough of it is left.
func without(w string, endings ...string) string {
	for _, e := range endings {
		if strings.HasSuffix(w, e) && len(w)-len(e) >= 3 {
			return w[:len(w)-len(e)]
		}
	}
	return w
}

func stemEnglish(w string) string {
	switch {
	case strings.HasSuffix(w, "ies") && len(w) > 4:
		return w[:len(w)-3] + "y"
	case strings.HasSuffix(w, "ves") && len(w) > 4:
		return w[:len(w)-3] + "f"
	case strings.HasSuffix(w, "fe"):
		return w[:len(w)-1]
	case strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"), strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "oes"):
		return w[:len(w)-2]
	case strings.HasSuffix(w, "s") && !strings.HasSuffix(w, "ss"):
		return w[:len(w)-1]
	}
	return w
}

func stemFrench(w string) string {
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
	return w
}

// forgiven is how many slips a word of this length may hold and still be understood.
func forgiven(w string) int {
	switch n := utf8.RuneCountInString(w); {
	case n < 4:
		return 0
	case n < 8:
		return 1
	}
	return 2
}

// slips counts the letters that were left out, added, mistaken or swapped between two words; more
// than limit is said as limit+1.
func slips(a, b string, limit int) int {
	if d := len(a) - len(b); d > limit || -d > limit {
		return limit + 1
	}
	const longest = 40
	if len(a) > longest || len(b) > longest {
		return limit + 1
	}
	var rows [3][longest + 1]int
	before, above, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		best := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			best = min(best, row[j])
		}
		if best > limit {
			return limit + 1
		}
		before, above, row = above, row, before
	}
	return min(above[len(b)], limit+1)
}
