package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"boutique/internal/fault"
	"boutique/internal/text"
)

// maxJSON is the size of the largest JSON that is read into memory.
const maxJSON = 1 << 20

// Text caps a request's body at n bytes and refuses, by the name of its field, text that no database
// takes: what is not UTF-8, and the character NUL. It reads addresses, forms and JSON; files in
// multipart bodies are judged by who takes them.
func Text(errors Errors, n int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
			limit := n
			if kind == "application/json" {
				limit = min(n, maxJSON)
			}
			r.Body = http.MaxBytesReader(w, r.Body, limit)
			if err := checkText(r, kind); err != nil {
				errors.Answer(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

// Readable caps a request's body at n bytes and writes the replacement character for whatever in its
// address or form is no text: a person's form comes back with it, and the field's own check says what
// is wrong. An address that is no text is NotFound.
func Readable(errors Errors, n int64) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, n)
			if err := makeReadable(r); err != nil {
				errors.Answer(w, r, err)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
}

func makeReadable(r *http.Request) error {
	if !text.Valid(r.URL.Path) {
		return fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}
	if query := r.URL.Query(); replaceUnreadable(query) {
		r.URL.RawQuery = query.Encode()
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/x-www-form-urlencoded" {
		return nil
	}
	if err := r.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "malformed_form", "the form could not be read").Because(err)
	}
	replaceUnreadable(r.PostForm)
	replaceUnreadable(r.Form)
	return nil
}

// replaceUnreadable tells whether it replaced anything.
func replaceUnreadable(values url.Values) bool {
	replaced := false
	for name, list := range values {
		for i, v := range list {
			if !text.Valid(v) {
				list[i], replaced = strings.ReplaceAll(strings.ToValidUTF8(v, "\ufffd"), "\x00", "\ufffd"), true
			}
		}
		if !text.Valid(name) {
			delete(values, name)
			replaced = true
		}
	}
	return replaced
}

func checkText(r *http.Request, kind string) error {
	if !text.Valid(r.URL.Path) {
		return fault.New(fault.NotFound, "page_not_found", "there is no such page")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return fault.New(fault.Invalid, "malformed_address", "the address could not be read").Because(err)
	}
	var fields fault.Fields
	checkValues(&fields, query)
	switch {
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
	case kind == "application/x-www-form-urlencoded":
		if err := r.ParseForm(); err != nil {
			return fault.New(fault.Invalid, "malformed_form", "the form could not be read").Because(err)
		}
		checkValues(&fields, r.PostForm)
	case kind == "application/json":
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		r.Body = io.NopCloser(bytes.NewReader(data))
		if place := nulInJSON(data); place != "" {
			fields.Add(place, "text_malformed", "holds a character that no text has")
		}
	}
	return fields.Err()
}

func checkValues(fields *fault.Fields, values url.Values) {
	for name, list := range values {
		switch {
		case !text.Valid(name):
			fields.Add(strings.ToValidUTF8(strings.ReplaceAll(name, "\x00", "?"), "?"), "text_malformed", "holds a character that no text has")
		case !slices.ContainsFunc(list, func(v string) bool { return !text.Valid(v) }):
		default:
			fields.Add(name, "text_malformed", "holds a character that no text has")
		}
	}
}

// nulInJSON finds the place of a string with the character NUL; JSON can only write it escaped.
func nulInJSON(data []byte) string {
	if !bytes.Contains(data, []byte(`\u0000`)) {
		return ""
	}
	var v any
	if json.Unmarshal(data, &v) != nil {
		return ""
	}
	return nulIn("body", v)
}

func nulIn(place string, v any) string {
	switch v := v.(type) {
	case string:
		if !text.Valid(v) {
			return place
		}
	case []any:
		for i, one := range v {
			if at := nulIn(fmt.Sprintf("%s[%d]", place, i), one); at != "" {
				return at
			}
		}
	case map[string]any:
		for name, one := range v {
			if !text.Valid(name) {
				return place
			}
			at := name
			if place != "body" {
				at = place + "." + name
			}
			if at = nulIn(at, one); at != "" {
				return at
			}
		}
	}
	return ""
}
