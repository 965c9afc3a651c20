// Package text gives pages, mails and documents their words: languages, locale files with CLDR
// plurals, and the way each language writes money, dates and weights.
package text

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// Lang is one of the shop's languages, as an ISO 639-1 code.
type Lang string

// The languages that the shop can speak. One is offered only when its locale files are complete.
const (
	FR Lang = "fr"
	EN Lang = "en"
	NL Lang = "nl"
	DE Lang = "de"
)

// offered holds the languages whose interface and legal pages are complete, the shop's own first: a
// test of each package that shows words holds them to it.
var offered = []Lang{FR, EN, NL, DE}

// Offered lists the languages in which shoppers may read the shop.
func Offered() []Lang { return slices.Clone(offered) }

// Leading lists the languages in which every article must be written before it goes online; in the
// other ones an article may be read in French until somebody has translated it.
func Leading() []Lang { return []Lang{FR, EN} }

// ParseLang reads a language code; ok is false for a language that is not offered.
func ParseLang(s string) (Lang, bool) {
	return ParseLangOf(offered, s)
}

// ParseLangOf reads a language code; ok is false for a language that is not among langs.
func ParseLangOf(langs []Lang, s string) (Lang, bool) {
	if slices.Contains(langs, Lang(s)) {
		return Lang(s), true
	}
	return FR, false
}

// Prefer picks the offered language that suits an Accept-Language header best; French when none does.
func Prefer(acceptLanguage string) Lang { return PreferOf(offered, acceptLanguage) }

// PreferOf picks the one of langs that suits an Accept-Language header best; French when none does.
func PreferOf(langs []Lang, acceptLanguage string) Lang {
	if len(acceptLanguage) > 500 {
		return FR
	}
	tags := make([]language.Tag, len(langs))
	for i, l := range langs {
		tags[i] = language.Make(string(l))
	}
	wanted, _, err := language.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return FR
	}
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return FR
	}
	return langs[i]
}

// Bundle holds the messages of one package in every language.
type Bundle struct {
	bundle *i18n.Bundle
	keys   map[Lang]map[string]bool
}

// Load reads the locale files of go-i18n's format in a folder: fr.json, en.json…, and beside them one
// per subject, like fr.mails.json. French must be there; a message that is missing elsewhere falls
// back to French, and one that stands in two files of a language is an error.
func Load(fsys fs.FS, dir string) (*Bundle, error) {
	b := &Bundle{bundle: i18n.NewBundle(language.French), keys: map[Lang]map[string]bool{}}
	b.bundle.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, lang := range []Lang{FR, EN, NL, DE} {
		names, err := localeFiles(fsys, dir, lang)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			if err := b.load(fsys, name, lang); err != nil {
				return nil, fmt.Errorf("locale file %s: %w", name, err)
			}
		}
	}
	if b.keys[FR] == nil {
		return nil, fmt.Errorf("the folder %s has no French locale file", dir)
	}
	return b, nil
}

func localeFiles(fsys fs.FS, dir string, lang Lang) ([]string, error) {
	main, err := fs.Glob(fsys, path.Join(dir, string(lang)+".json"))
	if err != nil {
		return nil, err
	}
	subjects, err := fs.Glob(fsys, path.Join(dir, string(lang)+".*.json"))
	return append(main, subjects...), err
}

func (b *Bundle) load(fsys fs.FS, name string, lang Lang) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	// The library takes a file's language from its name, which here is that of the language alone.
	file, err := b.bundle.ParseMessageFileBytes(data, string(lang)+".json")
	if err != nil {
		return err
	}
	if b.keys[lang] == nil {
		b.keys[lang] = map[string]bool{}
	}
	for _, m := range file.Messages {
		if b.keys[lang][m.ID] {
			return fmt.Errorf("the message %q stands in another file too", m.ID)
		}
		b.keys[lang][m.ID] = true
	}
	return nil
}

// MustLoad is Load for files embedded in the program, whose absence is a mistake of the build.
func MustLoad(fsys fs.FS, dir string) *Bundle {
	b, err := Load(fsys, dir)
	if err != nil {
		panic(err)
	}
	return b
}

// Valid tells whether text is UTF-8 without the character NUL, which no database stores.
func Valid(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// Missing lists the message ids that French has and lang lacks, for the test that keeps them equal.
func (b *Bundle) Missing(lang Lang) []string {
	var missing []string
	for id := range b.keys[FR] {
		if !b.keys[lang][id] {
			missing = append(missing, id)
		}
	}
	return missing
}

// Complete lists the languages that lack no message, French first.
func (b *Bundle) Complete() []Lang {
	var complete []Lang
	for _, lang := range []Lang{FR, EN, NL, DE} {
		if len(b.Missing(lang)) == 0 {
			complete = append(complete, lang)
		}
	}
	return complete
}

// In gives the printer of one language.
func (b *Bundle) In(lang Lang) Printer {
	return Printer{lang: lang, localizer: i18n.NewLocalizer(b.bundle, string(lang), string(FR))}
}

// Printer writes messages in one language.
type Printer struct {
	lang      Lang
	localizer *i18n.Localizer
}

// Lang is the printer's language.
func (p Printer) Lang() Lang { return p.lang }

// T writes the message id. args are pairs of key and value for its template; the key "count"
// also chooses the plural form. An unknown id is written as itself, between brackets.
func (p Printer) T(id string, args ...any) string {
	config := &i18n.LocalizeConfig{MessageID: id}
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			key := fmt.Sprint(args[i])
			data[key] = args[i+1]
			if key == "count" {
				config.PluralCount = args[i+1]
			}
		}
		config.TemplateData = data
	}
	s, err := p.localizer.Localize(config)
	if err != nil && s == "" {
		return "[" + id + "]"
	}
	return s
}

// Has tells whether the message id exists in the printer's language or in French.
func (p Printer) Has(id string) bool {
	return !strings.HasPrefix(p.T(id), "[")
}
