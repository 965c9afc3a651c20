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
	nl, de := b.In(text.NL), b.In(text.DE)
	for got, want := range map[string]string{
		nl.Money(123450): "€\u00a01.234,50", de.Money(123450): "1.234,50\u00a0€",
		nl.Day(first): "dinsdag 1 december", de.Day(first): "Dienstag, 1. Dezember",
		nl.Month(first): "december 2026", b.In(text.FR).Month(first): "décembre 2026",
		nl.DateTime(first): "1 december 2026, 0:30 uur", de.DateTime(first): "1. Dezember 2026, 0:30 Uhr",
		nl.Percent(550): "5,5\u00a0%", de.Percent(2000): "20\u00a0%", nl.Weight(1250): "1,25\u00a0kg", de.Weight(90): "90\u00a0g",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestPreferFallsBackToFrench(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]text.Lang{"": text.FR, "en-GB,en;q=0.9": text.EN, "ja": text.FR, "fr-BE": text.FR, "nl-BE,fr;q=0.5": text.NL, "de-AT": text.DE, "it,de;q=0.4": text.DE, ";;;": text.FR} {
		if got := text.Prefer(header); got != want {
			t.Errorf("Prefer(%q) = %s, want %s", header, got, want)
		}
	}
}
