// Package htmltest holds pages against what a browser would forgive and a reader would not.
package htmltest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// void are the elements that have no end tag.
var void = []string{"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}

// WellFormed checks what a browser would forgive and a reader with a screen reader would not: that
// every tag is closed where it should be and stands where HTML lets it stand, that ids are unique and
// what names them exists, that no link is empty, that there is one h1, that every field has a label,
// every button a name, and every photograph a size and a text.
func WellFormed(t testing.TB, page string) {
	t.Helper()
	written, err := writtenTags(page)
	if err != nil {
		t.Error(err)
		return
	}
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Error(err)
		return
	}
	for _, s := range differences(written, understoodTags(root)) {
		t.Error(s)
	}
	d := examine(root)
	if d.headings != 1 {
		t.Errorf("the page has %d h1", d.headings)
	}
	for id, n := range d.ids {
		if n > 1 {
			t.Errorf("the id %q is there %d times", id, n)
		}
	}
	for _, ref := range d.refs {
		if d.ids[ref] == 0 {
			t.Errorf("something refers to the id %q, which is not there", ref)
		}
	}
	for _, f := range d.fields {
		if !d.labelled[f] {
			t.Errorf("the field %q has no label", f)
		}
	}
	for _, s := range d.faults {
		t.Error(s)
	}
	for _, odd := range []string{"%!", "<no value>", "ZgotmplZ", "about:invalid", "[[", "map["} {
		if strings.Contains(page, odd) {
			t.Errorf("the page says %q", odd)
		}
	}
}

// writtenTags lists the tags as they are written, each under its depth; a tag that is closed out of
// turn, or never, is an error.
func writtenTags(page string) ([]string, error) {
	z := html.NewTokenizer(strings.NewReader(page))
	var open, tags []string
	for {
		switch kind := z.Next(); kind {
		case html.ErrorToken:
			if !errors.Is(z.Err(), io.EOF) {
				return nil, z.Err()
			}
			if len(open) > 0 {
				return nil, fmt.Errorf("never closed: %v", open)
			}
			return tags, nil
		case html.StartTagToken, html.SelfClosingTagToken:
			raw, _ := z.TagName()
			name := string(raw)
			tags = append(tags, fmt.Sprint(len(open), " ", name))
			if kind == html.StartTagToken && !slices.Contains(void, name) {
				open = append(open, name)
			}
		case html.EndTagToken:
			raw, _ := z.TagName()
			name := string(raw)
			if len(open) == 0 || open[len(open)-1] != name {
				return nil, fmt.Errorf("</%s> closes %v", name, open)
			}
			open = open[:len(open)-1]
		}
	}
}

// understoodTags lists the tags as a browser understands them: where it had to mend the page, the
// two lists differ.
func understoodTags(root *html.Node) []string {
	var tags []string
	var walk func(*html.Node, int)
	walk = func(n *html.Node, depth int) {
		if n.Type == html.ElementNode {
			tags = append(tags, fmt.Sprint(depth, " ", strings.ToLower(n.Data)))
			depth++
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, depth)
		}
	}
	walk(root, 0)
	return tags
}

func differences(written, understood []string) []string {
	for n := range max(len(written), len(understood)) {
		if n >= len(written) || n >= len(understood) || written[n] != understood[n] {
			from := max(0, n-4)
			return []string{fmt.Sprintf("a browser mends the page: it is written %q and understood %q", written[from:min(len(written), n+3)], understood[from:min(len(understood), n+3)])}
		}
	}
	return nil
}

// found is what a page holds that has to fit together.
type found struct {
	headings     int
	ids          map[string]int
	labelled     map[string]bool
	refs, fields []string
	faults       []string
}

func examine(root *html.Node) *found {
	d := &found{ids: map[string]int{}, labelled: map[string]bool{}}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			d.look(n)
		} else if n.Type == html.TextNode && strings.HasPrefix(strings.TrimSpace(n.Data), "[") {
			d.faults = append(d.faults, "a message is missing: "+n.Data)
		}
	}
	return d
}

func (d *found) look(n *html.Node) {
	attrs := map[string]string{}
	for _, a := range n.Attr {
		if _, twice := attrs[a.Key]; twice {
			d.faults = append(d.faults, fmt.Sprintf("<%s> has %s twice", n.Data, a.Key))
		}
		attrs[a.Key] = a.Val
	}
	if id, ok := attrs["id"]; ok {
		d.ids[id]++
		if id == "" || strings.ContainsAny(id, " \t\n") {
			d.faults = append(d.faults, fmt.Sprintf("<%s> has the id %q", n.Data, id))
		}
	}
	if _, ok := attrs["style"]; ok {
		d.faults = append(d.faults, fmt.Sprintf("<%s> has a style, which the policy forbids", n.Data))
	}
	for _, name := range []string{"aria-describedby", "aria-labelledby", "aria-controls"} {
		d.refs = append(d.refs, strings.Fields(attrs[name])...)
	}
	switch n.Data {
	case "h1":
		d.headings++
		d.named(n, attrs)
	case "a", "link":
		if href, ok := attrs["href"]; !ok || strings.TrimSpace(href) == "" || href == "tel:" || href == "mailto:" {
			d.faults = append(d.faults, fmt.Sprintf("<%s class=%q> leads nowhere: %q", n.Data, attrs["class"], href))
		} else if anchor, ok := strings.CutPrefix(href, "#"); ok {
			d.refs = append(d.refs, anchor)
		}
		if n.Data == "a" && attrs["aria-hidden"] != "true" {
			d.named(n, attrs)
		}
	case "button", "h2", "h3":
		d.named(n, attrs)
	case "form":
		// Without an action a form goes to the page's own address, which holds its key.
		if action, has := attrs["action"]; has && action == "" {
			d.faults = append(d.faults, "a form goes nowhere")
		}
	case "label":
		if to := attrs["for"]; to != "" {
			d.labelled[to] = true
			d.refs = append(d.refs, to)
		}
	case "input", "select", "textarea":
		if attrs["type"] == "hidden" || attrs["aria-label"] != "" || within(n, "label") {
			return
		}
		d.fields = append(d.fields, attrs["id"])
	case "img":
		_, described := attrs["alt"]
		if !described || attrs["width"] == "" || attrs["height"] == "" || attrs["src"] == "" {
			d.faults = append(d.faults, fmt.Sprintf("a picture lacks its address, text or size: %v", attrs))
		}
	}
}

// named checks that an element says what it is.
func (d *found) named(n *html.Node, attrs map[string]string) {
	if attrs["aria-label"] != "" {
		return
	}
	for c := range n.Descendants() {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return
		}
		for _, a := range c.Attr {
			if a.Key == "alt" && a.Val != "" {
				return
			}
		}
	}
	d.faults = append(d.faults, fmt.Sprintf("<%s class=%q href=%q> has no name", n.Data, attrs["class"], attrs["href"]))
}

func within(n *html.Node, name string) bool {
	for p := range n.Ancestors() {
		if p.Type == html.ElementNode && p.Data == name {
			return true
		}
	}
	return false
}
