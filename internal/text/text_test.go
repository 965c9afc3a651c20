package text_test

import (
	"testing"
	"testing/fstest"
	"time"

	"boutique/internal/text"
)

func TestPluralsFollowTheLanguage(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{
		"l/fr.json": {Data: []byte(`{"items": {"one": "{{.count}} article", "other": "{{.count}} articles"}, "hello": "Bonjour {{.name}}", "only": "seul"}`)},
		"l/en.json": {Data: []byte(`{"items": {"one": "{{.count}} item", "other": "{{.count}} items"}, "hello": "Hello {{.name}}"}`)},
	}
	b, err := text.Load(files, "l")
	if err != nil {
		t.Fatal(err)
	}
	fr, en := b.In(text.FR), b.In(text.EN)
	for got, want := range map[string]string{
		fr.T("items", "count", 0): "0 article", fr.T("items", "count", 2): "2 articles",
		en.T("items", "count", 0): "0 items", en.T("items", "count", 1): "1 item",
		fr.T("hello", "name", "Zoé"): "Bonjour Zoé", en.T("only"): "seul", en.T("nothing"): "[nothing]",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if missing := b.Missing(text.EN); len(missing) != 1 || missing[0] != "only" {
		t.Errorf("missing %v", missing)
	}
}

func TestMoneyAndDatesReadAsTheLanguageWritesThem(t *testing.T) {
	t.Parallel()
	fr, en := (&text.Bundle{}), text.Money(text.EN, 123450)
	_ = fr
	if en != "€1,234.50" {
		t.Errorf("English money %q", en)
	}
	if got := text.Money(text.FR, 490); got != "4,90\u00a0€" {
		t.Errorf("French money %q", got)
	}
	b, err := text.Load(fstest.MapFS{"l/fr.json": {Data: []byte(`{}`)}}, "l")
	if err != nil {
		t.Fatal(err)
	}
	first := time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC)
	if got := b.In(text.FR).Day(first); got != "mardi 1er décembre" {
		t.Errorf("half past midnight in Paris is %q", got)
	}
	if got := b.In(text.EN).Percent(550); got != "5.5%" {
		t.Errorf("percent %q", got)
	}
}

func TestPreferFallsBackToFrench(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]text.Lang{"": text.FR, "en-GB,en;q=0.9": text.EN, "ja": text.FR, "fr-BE": text.FR, ";;;": text.FR} {
		if got := text.Prefer(header); got != want {
			t.Errorf("Prefer(%q) = %s, want %s", header, got, want)
		}
	}
}
