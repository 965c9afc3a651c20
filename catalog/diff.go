package catalog

import (
	"slices"
	"strings"
	"unicode"
)

// DiffPart is a piece of text that two texts share, or that only one of them has.
type DiffPart struct {
	Text    string
	Removed bool
	Added   bool
}

// maxCells bounds the work of comparing two texts; beyond it the middle counts as replaced.
const maxCells = 4 << 20

// Diff compares two texts word by word.
func Diff(before, after string) []DiffPart {
	a, b := wordsOf(before), wordsOf(after)
	pairs := matches(a, b)
	var parts []DiffPart
	add := func(text string, removed, added bool) {
		if text == "" {
			return
		}
		if n := len(parts); n > 0 && parts[n-1].Removed == removed && parts[n-1].Added == added {
			parts[n-1].Text += text
			return
		}
		parts = append(parts, DiffPart{text, removed, added})
	}
	j := 0
	for i, word := range a {
		if pairs[i] < 0 {
			add(word, true, false)
			continue
		}
		add(strings.Join(b[j:pairs[i]], ""), false, true)
		add(word, false, false)
		j = pairs[i] + 1
	}
	add(strings.Join(b[j:], ""), false, true)
	return parts
}

// wordsOf cuts a text into words and what lies between them; joined they are the text again.
func wordsOf(s string) []string {
	var list []string
	start, inWord := 0, false
	for i, r := range s {
		word := unicode.IsLetter(r) || unicode.IsDigit(r)
		if i > start && (word != inWord || !word) {
			list = append(list, s[start:i])
			start = i
		}
		inWord = word
	}
	if start < len(s) {
		list = append(list, s[start:])
	}
	return list
}

// matches pairs the elements of a longest common subsequence: for each of a its place in b, or -1.
func matches(a, b []string) []int {
	pairs := make([]int, len(a))
	for i := range pairs {
		pairs[i] = -1
	}
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		pairs[head] = head
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		pairs[len(a)-1-tail] = len(b) - 1 - tail
		tail++
	}
	x, y := a[head:len(a)-tail], b[head:len(b)-tail]
	if len(x)*len(y) == 0 || len(x)*len(y) > maxCells {
		return pairs
	}
	longest := make([][]int32, len(x)+1)
	for i := range longest {
		longest[i] = make([]int32, len(y)+1)
	}
	for i := len(x) - 1; i >= 0; i-- {
		for j := len(y) - 1; j >= 0; j-- {
			if x[i] == y[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(x) && j < len(y); {
		switch {
		case x[i] == y[j]:
			pairs[head+i] = head + j
			i, j = i+1, j+1
		case longest[i+1][j] >= longest[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// MergeText brings together two texts that were made from one, line by line; ok is false when both
// changed the same lines, each in its own way.
func MergeText(base, mine, theirs string) (merged string, ok bool) {
	switch {
	case mine == theirs || theirs == base:
		return mine, true
	case mine == base:
		return theirs, true
	}
	lines := func(s string) []string { return strings.SplitAfter(s, "\n") }
	b, m, t := lines(base), lines(mine), lines(theirs)
	inMine, inTheirs := matches(b, m), matches(b, t)
	var out strings.Builder
	i, j, k := 0, 0, 0
	chunk := func(toB, toM, toT int) bool {
		was, my, their := b[i:toB], m[j:toM], t[k:toT]
		switch {
		case slices.Equal(my, their) || slices.Equal(was, their):
			out.WriteString(strings.Join(my, ""))
		case slices.Equal(was, my):
			out.WriteString(strings.Join(their, ""))
		default:
			return false
		}
		return true
	}
	for at := range b {
		if inMine[at] < 0 || inTheirs[at] < 0 {
			continue
		}
		if !chunk(at, inMine[at], inTheirs[at]) {
			return mine, false
		}
		out.WriteString(b[at])
		i, j, k = at+1, inMine[at]+1, inTheirs[at]+1
	}
	if !chunk(len(b), len(m), len(t)) {
		return mine, false
	}
	return out.String(), true
}
