package schema

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

func load(t *testing.T) *Spec {
	t.Helper()
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func fixtures(t *testing.T) map[string]map[string]any {
	t.Helper()
	b, err := os.ReadFile("testdata/fixtures-2023-10-16.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Resources map[string]map[string]any `json:"resources"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	return file.Resources
}

func TestEveryPublishedSampleFitsItsSchema(t *testing.T) {
	t.Parallel()
	s := load(t)
	samples := fixtures(t)
	if len(samples) < 16 {
		t.Fatalf("%d samples", len(samples))
	}
	for name, sample := range samples {
		b, err := json.Marshal(sample)
		if err != nil {
			t.Fatal(err)
		}
		if problems := s.Object(name, b); len(problems) > 0 {
			t.Errorf("%s: %s", name, strings.Join(problems, "; "))
		}
	}
}

func TestDamageIsFound(t *testing.T) {
	t.Parallel()
	s := load(t)
	for _, c := range []struct {
		name   string
		damage func(charge map[string]any)
		says   string
	}{
		{"an unknown key", func(c map[string]any) { c["colour"] = "red" }, "$.colour: unknown key"},
		{"a missing key", func(c map[string]any) { delete(c, "amount") }, "$.amount: missing"},
		{"another type", func(c map[string]any) { c["amount"] = "100" }, "$.amount"},
		{"a fraction", func(c map[string]any) { c["amount"] = 1.5 }, "$.amount"},
		{"a value outside the enum", func(c map[string]any) { c["status"] = "lost" }, "$.status"},
		{"null where nothing may be null", func(c map[string]any) { c["currency"] = nil }, "$.currency"},
		{"a wrong nested object", func(c map[string]any) { c["payment_method_details"] = map[string]any{"typ": "card"} }, "$.payment_method_details"},
		{"a string that is too long", func(c map[string]any) { c["description"] = strings.Repeat("x", 40001) }, "$.description"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			charge := fixtures(t)["charge"]
			c.damage(charge)
			b, err := json.Marshal(charge)
			if err != nil {
				t.Fatal(err)
			}
			problems := strings.Join(s.Object("charge", b), "; ")
			if !strings.Contains(problems, c.says) {
				t.Errorf("problems = %q, want one about %s", problems, c.says)
			}
		})
	}
}

func TestAConcretePathFindsItsOperation(t *testing.T) {
	t.Parallel()
	s := load(t)
	if len(s.Operations()) != 31 {
		t.Errorf("%d operations", len(s.Operations()))
	}
	o, ok := s.Match("POST", "/v1/checkout/sessions/cs_test_1/expire")
	if !ok || o.Path != "/v1/checkout/sessions/{session}/expire" {
		t.Errorf("operation = %+v, %v", o, ok)
	}
	if _, ok := s.Match("POST", "/v1/customers"); ok {
		t.Error("a call that is not described is found")
	}
}
