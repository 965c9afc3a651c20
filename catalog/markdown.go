package catalog

import (
	"bytes"
	"html"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
)

// markdown reads CommonMark and tables; raw HTML in it is shown as nothing.
var markdown = goldmark.New(goldmark.WithExtensions(extension.Table))

// policy lets the elements of plain texts through, and links to http, https and mailto only.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "ul", "ol", "li", "blockquote", "h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td", "code")
	p.AllowAttrs("href").OnElements("a")
	p.AllowURLSchemes("http", "https", "mailto")
	p.AllowRelativeURLs(true)
	p.RequireNoFollowOnFullyQualifiedLinks(true)
	p.RequireParseableURLs(true)
	return p
}()

// maxMarkdown is the longest text that is rendered, in bytes; maxDepth the deepest nesting of
// quotes and lists.
const (
	maxMarkdown = 64 << 10
	maxDepth    = 40
)

// Markdown renders a text as HTML that holds nothing but text, lists, tables and safe links. A first-
// level heading becomes a second-level one: the page has its own.
func Markdown(source string) string {
	if len(source) > maxMarkdown {
		source = strings.ToValidUTF8(source[:maxMarkdown], "")
	}
	source = flatten(source)
	var b bytes.Buffer
	if err := markdown.Convert([]byte(source), &b); err != nil {
		return "<p>" + html.EscapeString(source) + "</p>"
	}
	out := strings.NewReplacer("<h1>", "<h2>", "</h1>", "</h2>", "<h1 ", "<h2 ").Replace(b.String())
	return policy.Sanitize(out)
}

// flatten cuts the markers of quotes that are nested deeper than anyone reads.
func flatten(source string) string {
	if !strings.Contains(source, strings.Repeat(">", 8)) && !strings.Contains(source, strings.Repeat("> ", 8)) {
		return source
	}
	lines := strings.Split(source, "\n")
	for i, l := range lines {
		depth := 0
		for at, r := range l {
			if r != '>' && r != ' ' {
				if depth > maxDepth {
					lines[i] = strings.Repeat(">", maxDepth) + " " + l[at:]
				}
				break
			}
			if r == '>' {
				depth++
			}
		}
	}
	return strings.Join(lines, "\n")
}
