package emulator

import (
	"fmt"
	"slices"
)

// page lists newest first what the filter keeps, between the cursors. The filter sees each record's
// time of creation too.
func page[T record](t *tx, url string, p params, rows []T, created func(T) int64, keep func(T) bool) (doc, *apiError) {
	var zero T
	limit := 10
	if p.has("limit") {
		limit = int(p.num("limit"))
		if limit < 1 || limit > 100 {
			return nil, invalid("parameter_invalid_integer", "limit", "Invalid limit: must be between 1 and 100, not %d", limit)
		}
	}
	inRange, e := createdRange(p)
	if e != nil {
		return nil, e
	}
	var list []T
	for _, r := range rows {
		if (created == nil || inRange(created(r))) && (keep == nil || keep(r)) {
			list = append(list, r)
		}
	}
	slices.Reverse(list)
	cursor := func(name string) (int, *apiError) {
		id := p.str(name)
		if _, ok := t.lookup(zero.kind(), id); !ok {
			return 0, unnamed(zero.kind(), name, id)
		}
		i := slices.IndexFunc(list, func(r T) bool { return r.key() == id })
		if i < 0 {
			return 0, unnamed(zero.kind(), name, id)
		}
		return i, nil
	}
	more := false
	switch {
	case p.has("starting_after") && p.has("ending_before"):
		return nil, invalid("", "", "You may only specify one of these parameters: starting_after, ending_before.")
	case p.has("ending_before"):
		i, e := cursor("ending_before")
		if e != nil {
			return nil, e
		}
		list = list[:i]
		if len(list) > limit {
			list, more = list[len(list)-limit:], true
		}
	default:
		if p.has("starting_after") {
			i, e := cursor("starting_after")
			if e != nil {
				return nil, e
			}
			list = list[i+1:]
		}
		if len(list) > limit {
			list, more = list[:limit], true
		}
	}
	docs := make([]doc, 0, len(list))
	for _, r := range list {
		docs = append(docs, t.render(r))
	}
	return listDoc(url, docs, more), nil
}

// createdRange reads created=… or created[gte]=….
func createdRange(p params) (func(int64) bool, *apiError) {
	if !p.has("created") {
		return func(int64) bool { return true }, nil
	}
	if n, exact := p["created"].(int64); exact {
		return func(at int64) bool { return at == n }, nil
	}
	r := p.obj("created")
	for name := range r {
		if r.num(name) < 0 {
			return nil, invalid("parameter_invalid_integer", fmt.Sprintf("created[%s]", name), "Invalid timestamp: must not be negative")
		}
	}
	return func(at int64) bool {
		return (!r.has("gt") || at > r.num("gt")) && (!r.has("gte") || at >= r.num("gte")) &&
			(!r.has("lt") || at < r.num("lt")) && (!r.has("lte") || at <= r.num("lte"))
	}, nil
}
