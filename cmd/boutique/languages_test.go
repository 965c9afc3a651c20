package main

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"boutique/internal/text"
)

// shownToShoppers are the folders whose words shoppers read: pages, mails, quotes, documents.
var shownToShoppers = []string{"shop/storefront/locale", "shop/locale", "shop/label/locale", "payments/ledger/document_locale"}

// TestALanguageIsOfferedWhenItIsWhole holds the languages of the shop to what is written: one whose
// interface, documents or legal pages lack anything is not offered, and one that lacks nothing is.
func TestALanguageIsOfferedWhenItIsWhole(t *testing.T) {
	t.Parallel()
	root := os.DirFS("../..")
	legal, err := fs.Glob(root, "shop/storefront/legal/*.fr.md")
	if err != nil || len(legal) < 6 {
		t.Fatalf("%d legal pages in French: %v", len(legal), err)
	}
	for _, lang := range []text.Lang{text.FR, text.EN, text.NL, text.DE} {
		var lacks []string
		for _, dir := range shownToShoppers {
			bundle, err := text.Load(root, dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, id := range bundle.Missing(lang) {
				lacks = append(lacks, path.Join(dir, id))
			}
		}
		for _, french := range legal {
			own, err := fs.ReadFile(root, strings.TrimSuffix(french, "fr.md")+string(lang)+".md")
			original, originalErr := fs.ReadFile(root, french)
			if originalErr != nil {
				t.Fatal(originalErr)
			}
			if err != nil || outline(string(own)) != outline(string(original)) {
				lacks = append(lacks, "all of "+strings.TrimSuffix(french, "fr.md")+string(lang)+".md")
			}
		}
		if offered := slices.Contains(text.Offered(), lang); offered != (lacks == nil) {
			t.Errorf("%s is offered: %v, and lacks %q", lang, offered, lacks)
		}
	}
}

// outline is what a translation must share with its original: the version, the headings, lists,
// tables and quotations in their order, and what the office fills in.
func outline(body string) string {
	var b strings.Builder
	for _, line := range strings.Split(body, "\n") {
		mark, _, _ := strings.Cut(line, " ")
		switch {
		case strings.HasPrefix(line, "version: "):
			b.WriteString(line)
		case strings.HasPrefix(mark, "#"), mark == "-", mark == ">":
			b.WriteString(mark)
		case mark == "|":
			b.WriteString(strings.Repeat("|", strings.Count(line, "|")))
		}
		for _, part := range strings.Split(line, "{{")[1:] {
			if name, _, ok := strings.Cut(part, "}}"); ok && strings.HasPrefix(name, ".") && name != ".Lang" {
				b.WriteString(name)
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}
