package text

import (
	"fmt"
	"strings"
	"time"

	"github.com/bojanz/currency"

	"boutique/internal/money"
)

var formatters = map[Lang]*currency.Formatter{
	FR: currency.NewFormatter(currency.NewLocale("fr")),
	EN: currency.NewFormatter(currency.NewLocale("en")),
	NL: currency.NewFormatter(currency.NewLocale("nl")),
	DE: currency.NewFormatter(currency.NewLocale("de")),
}

// Money writes an amount as the language's readers expect it: "12,50 €", "€12.50".
func Money(lang Lang, a money.Amount) string {
	f, ok := formatters[lang]
	if !ok {
		f = formatters[FR]
	}
	value, err := currency.NewAmount(a.Point(), money.Currency)
	if err != nil {
		return a.Decimal() + "\u00a0€"
	}
	return f.Format(value)
}

// Money writes an amount in the printer's language.
func (p Printer) Money(a money.Amount) string { return Money(p.lang, a) }

// Colon is what stands between a name and what it names: French sets a space before it that never breaks.
func (p Printer) Colon() string {
	if p.lang == FR {
		return "\u00a0:"
	}
	return ":"
}

// Percent writes a rate given in basis points: 550 is "5,5 %" in French and "5.5%" in English.
func (p Printer) Percent(basisPoints int) string {
	s := fmt.Sprintf("%d.%02d", basisPoints/100, basisPoints%100)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	if p.lang == EN {
		return s + "%"
	}
	return strings.Replace(s, ".", ",", 1) + "\u00a0%"
}

// Weight writes grams, as kilograms from one kilogram on.
func (p Printer) Weight(grams int) string {
	if grams < 1000 {
		return fmt.Sprintf("%d\u00a0g", grams)
	}
	s := fmt.Sprintf("%d.%03d", grams/1000, grams%1000)
	s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	if p.lang != EN {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s + "\u00a0kg"
}

type calendar struct {
	days, months [12]string
	first        string
	date, day    string
	clock        string
}

var calendars = map[Lang]calendar{
	FR: {
		days:   [12]string{"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
		months: [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
		first:  "1er", date: "{d} {m} {y}", day: "{w} {d} {m}", clock: "{h}\u00a0h\u00a0{min}",
	},
	EN: {
		days:   [12]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
		months: [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
		first:  "1", date: "{d} {m} {y}", day: "{w} {d} {m}", clock: "{h}:{min}",
	},
	NL: {
		days:   [12]string{"zondag", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag"},
		months: [12]string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
		first:  "1", date: "{d} {m} {y}", day: "{w} {d} {m}", clock: "{h}:{min} uur",
	},
	DE: {
		days:   [12]string{"Sonntag", "Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag"},
		months: [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
		first:  "1.", date: "{d}. {m} {y}", day: "{w}, {d}. {m}", clock: "{h}:{min} Uhr",
	},
}

var paris = mustLoadParis()

func mustLoadParis() *time.Location {
	location, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		panic("the time zone Europe/Paris must be known: build with -tags timetzdata or install tzdata")
	}
	return location
}

// Paris is the office's time zone, in which days, deadlines and years are counted.
func Paris() *time.Location { return paris }

func (p Printer) write(pattern string, t time.Time) string {
	t = t.In(paris)
	c, ok := calendars[p.lang]
	if !ok {
		c = calendars[FR]
	}
	day := fmt.Sprint(t.Day())
	if t.Day() == 1 {
		day = strings.TrimSuffix(c.first, ".")
	}
	return strings.NewReplacer(
		"{w}", c.days[t.Weekday()], "{d}", day, "{m}", c.months[t.Month()-1], "{y}", fmt.Sprint(t.Year()),
		"{h}", fmt.Sprintf("%d", t.Hour()), "{min}", fmt.Sprintf("%02d", t.Minute()),
	).Replace(pattern)
}

// Date writes day, month and year: "24 novembre 2026", in Europe/Paris.
func (p Printer) Date(t time.Time) string { return p.write(calendars[p.lang].date, t) }

// Day writes weekday, day and month: "mardi 1er décembre", in Europe/Paris.
func (p Printer) Day(t time.Time) string { return p.write(calendars[p.lang].day, t) }

// Month writes month and year: "novembre 2026", in Europe/Paris.
func (p Printer) Month(t time.Time) string { return p.write("{m} {y}", t) }

// DateTime writes the date and the hour, in Europe/Paris.
func (p Printer) DateTime(t time.Time) string {
	return p.write(calendars[p.lang].date+", "+calendars[p.lang].clock, t)
}
