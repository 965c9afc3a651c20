// Package schema checks JSON against the published description of Stripe's API, version 2023-10-16.
// It serves tests: the emulator's answers and those of the official mock are held to the same rules.
package schema

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// The description is the one of stripe/openapi v880 (MIT, LICENSE-stripe-openapi.txt), without its
// prose and without the operations and objects that a shop with hosted payment pages does not use.
//
//go:embed openapi-2023-10-16.trim.json
var openAPI []byte

// Spec is the description of the API.
type Spec struct {
	schemas map[string]any
	paths   map[string]any
}

// Load reads the embedded description.
func Load() (*Spec, error) {
	var file struct {
		Paths      map[string]any `json:"paths"`
		Components struct {
			Schemas map[string]any `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal(openAPI, &file); err != nil {
		return nil, fmt.Errorf("openapi: %w", err)
	}
	return &Spec{schemas: file.Components.Schemas, paths: file.Paths}, nil
}

// Operation is one call: a method and a path with its names in braces.
type Operation struct{ Method, Path string }

// Operations lists every call that is described.
func (s *Spec) Operations() []Operation {
	var all []Operation
	for _, path := range slices.Sorted(maps.Keys(s.paths)) {
		methods, _ := s.paths[path].(map[string]any)
		for _, m := range slices.Sorted(maps.Keys(methods)) {
			all = append(all, Operation{strings.ToUpper(m), path})
		}
	}
	return all
}

// Match finds the operation that serves a concrete path.
func (s *Spec) Match(method, path string) (Operation, bool) {
	parts := strings.Split(path, "/")
	for _, o := range s.Operations() {
		if o.Method == method && fits(strings.Split(o.Path, "/"), parts) {
			return o, true
		}
	}
	return Operation{}, false
}

func fits(names, parts []string) bool {
	return slices.EqualFunc(names, parts, func(name, part string) bool { return name == part || strings.HasPrefix(name, "{") })
}

// Answer checks the body of an answer to a call; an error of the API is checked as such. It returns
// each problem with its place.
func (s *Spec) Answer(o Operation, status int, body []byte) []string {
	at, ok := s.paths[o.Path].(map[string]any)
	if !ok {
		return []string{"no such path: " + o.Path}
	}
	key := "default"
	if status == 200 {
		key = "200"
	}
	found := walk(at, strings.ToLower(o.Method), "responses", key, "content", "application/json", "schema")
	if found == nil {
		return []string{fmt.Sprintf("%s %s has no answer for status %d", o.Method, o.Path, status)}
	}
	return s.check(found, body)
}

// Object checks a document against a named schema, like "charge".
func (s *Spec) Object(name string, body []byte) []string {
	return s.check(map[string]any{"$ref": "#/components/schemas/" + name}, body)
}

// Parameters is the schema of what a call takes: the body's, or that of the query for a GET.
func (s *Spec) Parameters(o Operation) map[string]any {
	at, _ := s.paths[o.Path].(map[string]any)
	if o.Method != "GET" {
		found, _ := walk(at, strings.ToLower(o.Method), "requestBody", "content", "application/x-www-form-urlencoded", "schema").(map[string]any)
		return found
	}
	properties := map[string]any{}
	list, _ := walk(at, "get", "parameters").([]any)
	for _, p := range list {
		q, _ := p.(map[string]any)
		if name, ok := q["name"].(string); ok && q["in"] == "query" {
			properties[name] = q["schema"]
		}
	}
	return map[string]any{"type": "object", "properties": properties}
}

func walk(v any, names ...string) any {
	for _, n := range names {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[n]
	}
	return v
}

func (s *Spec) check(schema any, body []byte) []string {
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		return []string{"no JSON: " + err.Error()}
	}
	return s.value(schema, v, "$")
}

// value lists what is wrong with v: type, null, enum, length, required and unknown keys.
func (s *Spec) value(schema, v any, at string) []string {
	m, ok := schema.(map[string]any)
	if !ok {
		return []string{at + ": no schema"}
	}
	if ref, ok := m["$ref"].(string); ok {
		name := strings.TrimPrefix(ref, "#/components/schemas/")
		target, known := s.schemas[name]
		if !known {
			return []string{at + ": unknown schema " + name}
		}
		return s.value(target, v, at)
	}
	if v == nil {
		if m["nullable"] == true {
			return nil
		}
		return []string{at + ": null is not allowed"}
	}
	if alternatives, ok := m["anyOf"].([]any); ok {
		return s.any(alternatives, v, at)
	}
	return s.typed(m, v, at)
}

// any reports the alternative that comes nearest.
func (s *Spec) any(alternatives []any, v any, at string) []string {
	var nearest []string
	for _, a := range alternatives {
		problems := s.value(a, v, at)
		if len(problems) == 0 {
			return nil
		}
		if nearest == nil || len(problems[0]) > len(nearest[0]) {
			nearest = problems
		}
	}
	return nearest
}

func (s *Spec) typed(m map[string]any, v any, at string) []string {
	wrong := func(want string) []string { return []string{fmt.Sprintf("%s: %T where %s is wanted", at, v, want)} }
	switch want, _ := m["type"].(string); want {
	case "string":
		text, ok := v.(string)
		if !ok {
			return wrong(want)
		}
		if enum, ok := m["enum"].([]any); ok && !slices.Contains(enum, v) && m["x-stripeBypassValidation"] != true {
			return []string{fmt.Sprintf("%s: %q is not one of %v", at, text, enum)}
		}
		if longest, ok := m["maxLength"].(float64); ok && utf8.RuneCountInString(text) > int(longest) {
			return []string{fmt.Sprintf("%s: longer than %v", at, longest)}
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != math.Trunc(n) {
			return wrong(want)
		}
	case "number":
		if _, ok := v.(float64); !ok {
			return wrong(want)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			return wrong(want)
		}
	case "array":
		list, ok := v.([]any)
		if !ok {
			return wrong(want)
		}
		var problems []string
		for i, one := range list {
			problems = append(problems, s.value(m["items"], one, fmt.Sprintf("%s[%d]", at, i))...)
		}
		return problems
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			return wrong(want)
		}
		return s.object(m, object, at)
	}
	return nil
}

func (s *Spec) object(m, v map[string]any, at string) []string {
	if m["x-trimmed"] == true {
		return nil
	}
	var problems []string
	properties, described := m["properties"].(map[string]any)
	more, open := m["additionalProperties"]
	for _, key := range slices.Sorted(maps.Keys(v)) {
		switch property, known := properties[key]; {
		case known:
			problems = append(problems, s.value(property, v[key], at+"."+key)...)
		case open && more != false && more != true:
			problems = append(problems, s.value(more, v[key], at+"."+key)...)
		case described && more != true:
			problems = append(problems, at+"."+key+": unknown key")
		}
	}
	required, _ := m["required"].([]any)
	for _, name := range required {
		if key, ok := name.(string); ok {
			if _, there := v[key]; !there {
				problems = append(problems, at+"."+key+": missing")
			}
		}
	}
	return problems
}
