package expression

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

type basket struct {
	Name   string            `cel:"name"`
	Words  map[string]string `cel:"words"`
	Apples []apple           `cel:"apples"`
	Price  int               `cel:"price"`
	Secret string            `cel:"-"`
}

type apple struct {
	Colour string `cel:"colour"`
	Grams  int    `cel:"grams"`
}

func language(t testing.TB) *Language {
	t.Helper()
	l, err := New[basket]("basket", reflect.TypeFor[apple]())
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var full = basket{Name: "Panier", Words: map[string]string{"fr": "Des pommes"}, Apples: []apple{{"red", 180}, {"green", 150}}, Price: 450, Secret: "s"}

func TestAConditionIsTrueFalseOrNeither(t *testing.T) {
	t.Parallel()
	l := language(t)
	for source, want := range map[string]Answer{
		`size(basket.apples) >= 2`:                                    Yes,
		`basket.apples.all(a, a.grams > 160)`:                         No,
		`basket.price == 450 && basket.name.startsWith("Pa")`:         Yes,
		`basket.words["nl"].size() > 3`:                               Unjudged,
		`basket.words[?"nl"].orValue("").size() > 3`:                  No,
		`"nl" in basket.words && basket.words["nl"].size() > 3`:       No,
		`basket.price / (basket.price - 450) > 1`:                     Unjudged,
		`basket.name.matches("(a+)+$")`:                               No,
		`sets.contains(basket.apples.map(a, a.colour), ["red"])`:      Yes,
		`basket.name.lowerAscii() in ["panier", "corbeille"] || true`: Yes,
	} {
		e, problems := l.Compile(source)
		if problems != nil {
			t.Errorf("%s: %v", source, problems)
			continue
		}
		if got, why := e.Ask(context.Background(), full); got != want || got == Unjudged && why == "" {
			t.Errorf("%s is answered %d %q, want %d", source, got, why, want)
		}
	}
}

func TestWhatIsWrongIsNamedByLineAndColumn(t *testing.T) {
	t.Parallel()
	l := language(t)
	for source, want := range map[string]string{
		"":                                       "line 1, column 1",
		"basket.price > 1 &&\n  basket.pric > 2": "line 2, column 9: undefined field 'pric'",
		"basket.price / 1000 > 2.5":              "line 1, column 21: found no matching overload",
		"basket.secret == 'x'":                   "undefined field 'secret'",
		"basket.Secret == 'x'":                   "undefined field 'Secret'",
		"1 + 1":                                  "must be true or false",
		"basket.apples.size(":                    "Syntax error",
		"os.exec('rm')":                          "undeclared reference",
		"'" + strings.Repeat("x", 3000) + "' == ''":                  "exceeds limit",
		strings.Repeat("(", 300) + "true" + strings.Repeat(")", 300): "recursion",
		"basket.apples.all(a, basket.apples.all(b, basket.apples.all(c, basket.apples.all(d, a.grams + b.grams + c.grams + d.grams > 0))))": "too much work",
		"lists.range(20000000).size() > 1": "too much work",
	} {
		_, problems := l.Compile(source)
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%.60q: %v, want %q", source, problems, want)
		}
	}
}

// What the estimate lets pass is stopped by the run itself.
func TestAnExpressionThatNeverEndsIsStopped(t *testing.T) {
	t.Parallel()
	l := language(t)
	huge := full
	for range 3000 {
		huge.Apples = append(huge.Apples, apple{"red", 180})
	}
	e, problems := l.Compile("basket.apples.all(a, basket.apples.all(b, a.grams + b.grams > 0))")
	if problems != nil {
		t.Fatal(problems)
	}
	done := make(chan string, 1)
	go func() {
		answer, why := e.Ask(context.Background(), huge)
		done <- fmt.Sprint(answer, why)
	}()
	select {
	case said := <-done:
		if !strings.HasPrefix(said, "0") {
			t.Errorf("nine million comparisons are answered %s", said)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the expression still runs")
	}
}

func FuzzExpression(f *testing.F) {
	for _, source := range []string{`size(basket.apples) >= 2`, `basket.words[?"nl"].orValue("").size() > 3`, `basket.apples.exists(a, a.colour.matches("^r")) ? true : basket.price % 7 == 0`, "'\\u0000' in basket.words", "{1:2}[1] == 2", "lists.range(9) == []", "\"%s\".format([basket.name]) != ''", "basket.name.replace('a','aaaa').replace('a','aaaa').size() > 1"} {
		f.Add(source)
	}
	l := language(f)
	f.Fuzz(func(t *testing.T, source string) {
		e, problems := l.Compile(source)
		if (e == nil) == (problems == nil) {
			t.Fatalf("%q: %v, %v", source, e, problems)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Column < 1 || p.Message == "" {
				t.Errorf("%q: %+v", source, p)
			}
		}
		if e == nil {
			return
		}
		began := time.Now()
		if answer, why := e.Ask(context.Background(), full); answer == Unjudged && why == "" {
			t.Errorf("%q is not judged and nobody says why", source)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%q took %s", source, took)
		}
	})
}

func BenchmarkAsk(b *testing.B) {
	e, problems := language(b).Compile(`size(basket.apples) >= 2 && basket.apples.all(a, a.grams >= 100)`)
	if problems != nil {
		b.Fatal(problems)
	}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		e.Ask(ctx, full)
	}
}
