package emulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

//go:embed requests.json
var requestsJSON []byte

// schema is the part of a JSON schema that request parameters use.
type schema struct {
	Type                 string             `json:"type"`
	Properties           map[string]*schema `json:"properties"`
	Required             []string           `json:"required"`
	Items                *schema            `json:"items"`
	AnyOf                []*schema          `json:"anyOf"`
	Enum                 []string           `json:"enum"`
	MaxLength            int                `json:"maxLength"`
	AdditionalProperties *schema            `json:"additionalProperties"`
}

// readRequests gives the parameters of every operation, by "METHOD /path/{name}".
func readRequests() (map[string]*schema, error) {
	var all map[string]*schema
	if err := json.Unmarshal(requestsJSON, &all); err != nil {
		return nil, fmt.Errorf("requests.json: %w", err)
	}
	return all, nil
}

// Requests gives the schema of the parameters of every published call, by "METHOD /path/{name}".
func Requests() map[string]json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(requestsJSON, &all) != nil {
		return nil
	}
	return all
}

// params are parameters that their schema has accepted: strings, int64, bool, params and []any.
type params map[string]any

func (p params) has(name string) bool { _, ok := p[name]; return ok }

func (p params) str(name string) string { s, _ := p[name].(string); return s }

func (p params) num(name string) int64 { n, _ := p[name].(int64); return n }

func (p params) yes(name string) bool { b, _ := p[name].(bool); return b }

func (p params) obj(name string) params { o, _ := p[name].(params); return o }

func (p params) list(name string) []any { l, _ := p[name].([]any); return l }

func (p params) strs(name string) []string {
	var out []string
	for _, v := range p.list(name) {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// json is the parameter as a JSON document; null when it is absent.
func (p params) json(name string) json.RawMessage {
	b, err := json.Marshal(p[name])
	if err != nil {
		return json.RawMessage("null")
	}
	return b
}

// node is a parameter before its type is known.
type node struct {
	value *string
	many  []string
	under map[string]*node
	order []string
}

func (n *node) child(name string) *node {
	if n.under == nil {
		n.under = map[string]*node{}
	}
	c := n.under[name]
	if c == nil {
		c = &node{}
		n.under[name] = c
		n.order = append(n.order, name)
	}
	return c
}

// parseForm reads a[b][0]=c into a tree.
func parseForm(raw string) (*node, *apiError) {
	root := &node{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		k, v, _ := strings.Cut(pair, "=")
		key, err1 := url.QueryUnescape(k)
		value, err2 := url.QueryUnescape(v)
		if err1 != nil || err2 != nil || !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, invalid("", "", "Invalid request: the parameters are not well-formed UTF-8 form data.")
		}
		name, rest, nested := strings.Cut(key, "[")
		n := root.child(name)
		if nested {
			if !strings.HasSuffix(rest, "]") {
				return nil, invalid("parameter_unknown", key, "Received unknown parameter: %s", key)
			}
			for part := range strings.SplitSeq(strings.TrimSuffix(rest, "]"), "][") {
				n = n.child(part)
			}
		}
		n.value = &value
		n.many = append(n.many, value)
	}
	return root, nil
}

// accept checks the parameters against their schema.
func accept(root *node, s *schema) (params, *apiError) {
	var unknown []string
	v, e := coerce(root, s, "", &unknown)
	if len(unknown) == 1 {
		return nil, invalid("parameter_unknown", unknown[0], "Received unknown parameter: %s", unknown[0])
	}
	if len(unknown) > 1 {
		return nil, invalid("parameter_unknown", unknown[0], "Received unknown parameters: %s", strings.Join(unknown, ", "))
	}
	if e != nil {
		return nil, e
	}
	p, _ := v.(params)
	return p, nil
}

func inside(name, child string) string {
	if name == "" {
		return child
	}
	return name + "[" + child + "]"
}

func coerce(n *node, s *schema, name string, unknown *[]string) (any, *apiError) {
	if len(s.AnyOf) > 0 {
		return coerceAny(n, s, name, unknown)
	}
	switch s.Type {
	case "object":
		return coerceObject(n, s, name, unknown)
	case "array":
		return coerceArray(n, s, name, unknown)
	}
	if n.value == nil {
		return nil, invalid("", name, "Invalid string: %s is a hash or an array", name)
	}
	return coerceScalar(*n.value, s, name)
}

func coerceAny(n *node, s *schema, name string, unknown *[]string) (any, *apiError) {
	var last *apiError
	for _, alternative := range s.AnyOf {
		nested := alternative.Type == "object" || alternative.Type == "array"
		if nested != (n.under != nil) {
			continue
		}
		v, e := coerce(n, alternative, name, unknown)
		if e == nil {
			return v, nil
		}
		last = e
	}
	if last == nil {
		last = invalid("", name, "Invalid value for %s", name)
	}
	return nil, last
}

func coerceObject(n *node, s *schema, name string, unknown *[]string) (any, *apiError) {
	if n.value != nil {
		return nil, invalid("", name, "Invalid object: %s", name)
	}
	out := params{}
	var first *apiError
	for _, key := range n.order {
		child := s.Properties[key]
		if child == nil {
			child = s.AdditionalProperties
		}
		if child == nil {
			*unknown = append(*unknown, inside(name, key))
			continue
		}
		if s.Properties[key] == nil && child.Type == "string" {
			if n.under[key].value == nil {
				return nil, invalid("", name, "Invalid %s: keys cannot contain square brackets", name)
			}
			out[key] = *n.under[key].value // an empty value clears the key
			continue
		}
		v, e := coerce(n.under[key], child, inside(name, key), unknown)
		if e != nil && first == nil {
			first = e
		}
		out[key] = v
	}
	for _, key := range s.Required {
		if !out.has(key) && first == nil {
			first = missing(inside(name, key))
		}
	}
	return out, first
}

func coerceArray(n *node, s *schema, name string, unknown *[]string) (any, *apiError) {
	if n.under == nil {
		return nil, invalid("", name, "Invalid array")
	}
	keys := slices.Collect(maps.Keys(n.under))
	index := func(k string) int {
		i, err := strconv.Atoi(k)
		if err != nil {
			return -1
		}
		return i
	}
	slices.SortFunc(keys, func(a, b string) int { return index(a) - index(b) })
	out := []any{}
	for _, k := range keys {
		if k != "" && index(k) < 0 {
			return nil, invalid("", name, "Invalid array")
		}
		items := []*node{n.under[k]}
		if k == "" && len(n.under[k].many) > 1 {
			items = nil
			for _, v := range n.under[k].many {
				items = append(items, &node{value: &v, many: []string{v}})
			}
		}
		for _, it := range items {
			v, e := coerce(it, s.Items, inside(name, strconv.Itoa(len(out))), unknown)
			if e != nil {
				return nil, e
			}
			out = append(out, v)
		}
	}
	return out, nil
}

func coerceScalar(v string, s *schema, name string) (any, *apiError) {
	if v == "" && !slices.Contains(s.Enum, "") {
		return nil, invalid("parameter_invalid_empty", name, "You passed an empty string for '%s'. We assume empty values are an attempt to unset a parameter; however '%s' cannot be unset. You should remove '%s' from your request or supply a non-empty value.", name, name, name)
	}
	switch s.Type {
	case "integer":
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, invalid("parameter_invalid_integer", name, "Invalid integer: %s", v)
		}
		return n, nil
	case "number":
		if _, err := strconv.ParseFloat(v, 64); err != nil {
			return nil, invalid("", name, "Invalid number: %s", v)
		}
		return v, nil
	case "boolean":
		if v != "true" && v != "false" {
			return nil, invalid("", name, "Invalid boolean: %s", v)
		}
		return v == "true", nil
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return nil, invalid("", name, "Invalid %s: must be one of %s", name, strings.Join(s.Enum, ", "))
	}
	if s.MaxLength > 0 && utf8.RuneCountInString(v) > s.MaxLength {
		return nil, invalid("", name, "Invalid string: %s…; must be at most %d characters", string([]rune(v)[:20]), s.MaxLength)
	}
	return v, nil
}

// metadataOf reads and bounds metadata: 50 keys of 40 characters, values of 500.
func metadataOf(p params, name, param string, old metadata) (metadata, *apiError) {
	out := metadata{}
	maps.Copy(out, old)
	if p.has(name) && p[name] == "" {
		return metadata{}, nil
	}
	for k, v := range p.obj(name) {
		text, ok := v.(string)
		switch {
		case !ok || strings.ContainsAny(k, "[]") || k == "":
			return nil, invalid("", param, "Metadata keys cannot be empty or contain square brackets, and values must be strings.")
		case utf8.RuneCountInString(k) > 40:
			return nil, invalid("", param, "Metadata keys can be at most 40 characters; %q is longer.", k)
		case utf8.RuneCountInString(text) > 500:
			return nil, invalid("", param, "Metadata values can be at most 500 characters; that of %q is longer.", k)
		}
		if text == "" {
			delete(out, k)
		} else {
			out[k] = text
		}
	}
	if len(out) > 50 {
		return nil, invalid("", param, "You can have at most 50 metadata keys; this would make %d.", len(out))
	}
	return out, nil
}
