package storefront

import (
	"regexp"
	"strings"
	"sync"

	"boutique/catalog"
	"boutique/shop"
)

// MailTerms are the terms of sale and the right of withdrawal with its model form, as a confirmation carries
// them: what the law wants said must reach the shopper on a durable medium, which a link to a page that
// changes is not (C. conso. art. L221-13 with L221-5).
type MailTerms struct {
	Heading, HTML, Text string
}

// termsFor writes them in the mail's language; publicURL stands before the addresses in them.
func termsFor(p Page, publicURL string) (*MailTerms, error) {
	var whole []string
	var version string
	for _, slug := range []string{"terms", "withdrawal"} {
		markdown, v, err := legalMarkdown(p, slug, shop.Conditions{})
		if err != nil {
			return nil, err
		}
		if slug == "terms" {
			version = v
		}
		whole = append(whole, strings.TrimSpace(strings.ReplaceAll(markdown, "](/", "]("+publicURL+"/")))
	}
	markdown := strings.Join(whole, "\n\n")
	if last, ok := drawnTerms.Load(p.Lang()); ok && last.(drawn).markdown == markdown {
		return last.(drawn).terms, nil
	}
	terms := &MailTerms{Heading: p.T("mail_terms", "version", versionDate(p, version)), HTML: catalog.Markdown(markdown), Text: plainMarkdown(markdown)}
	drawnTerms.Store(p.Lang(), drawn{markdown, terms})
	return terms, nil
}

// drawnTerms keeps what was drawn last in each language, with what it was drawn from: it changes when the office
// says something else of itself, and drawing it takes longer than the rest of the mail a hundred times over.
var drawnTerms sync.Map

type drawn struct {
	markdown string
	terms    *MailTerms
}

var (
	markdownLink   = regexp.MustCompile(`\[([^\]]*)\]\(([^)]*)\)`)
	markdownMarker = regexp.MustCompile(`(?m)^(#+ |> ?)`)
)

// plainMarkdown is a text for those who read no HTML: without markers, the address of each link after its words.
func plainMarkdown(markdown string) string {
	plain := markdownLink.ReplaceAllStringFunc(markdown, func(link string) string {
		m := markdownLink.FindStringSubmatch(link)
		if m[1] == m[2] || strings.HasSuffix(m[2], m[1]) {
			return m[2]
		}
		return m[1] + " (" + m[2] + ")"
	})
	return strings.NewReplacer("**", "", `\*`, "*").Replace(markdownMarker.ReplaceAllString(plain, ""))
}
