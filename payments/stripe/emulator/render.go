package emulator

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

//go:embed shapes.json
var shapesJSON []byte

// doc is an object as it is shown.
type doc map[string]json.RawMessage

// readShapes gives, by kind, the fields that never vary.
func readShapes() (map[string]doc, error) {
	var shapes map[string]doc
	if err := json.Unmarshal(shapesJSON, &shapes); err != nil {
		return nil, fmt.Errorf("shapes.json: %w", err)
	}
	return shapes, nil
}

func raw(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("emulator: a record cannot be written: %v", err))
	}
	return b
}

// render shows a record without anything expanded.
func (t *tx) render(r record) doc {
	out := doc{}
	maps.Copy(out, t.shapes[r.kind()])
	var own doc
	if err := json.Unmarshal(raw(r), &own); err != nil {
		panic(fmt.Sprintf("emulator: a record cannot be read: %v", err))
	}
	for k, v := range own {
		if !strings.HasPrefix(k, "_") {
			out[k] = v
		}
	}
	switch v := r.(type) {
	case session:
		out["url"] = raw(t.pageURL(v))
	case item:
		p := doc{}
		maps.Copy(p, t.shapes["price"])
		maps.Copy(p, own.object("price"))
		out["price"] = raw(p)
	case transaction:
		out["status"] = raw("pending")
		if v.AvailableOn <= t.now {
			out["status"] = raw("available")
		}
	case event:
		out["pending_webhooks"] = raw(t.pendingWebhooks(v.ID))
	case dispute:
		list := []doc{}
		for _, id := range v.Transactions {
			if b, ok := find[transaction](t, id); ok {
				list = append(list, t.render(b))
			}
		}
		out["balance_transactions"] = raw(list)
		evidence := doc{}
		maps.Copy(evidence, out.object("evidence"))
		for k, s := range v.Evidence {
			evidence[k] = raw(s)
		}
		out["evidence"] = raw(evidence)
	}
	return out
}

func (d doc) object(name string) doc {
	var o doc
	if json.Unmarshal(d[name], &o) != nil {
		return nil
	}
	return o
}

func (d doc) text(name string) string {
	var s string
	if json.Unmarshal(d[name], &s) != nil {
		return ""
	}
	return s
}

// prefixes tells what an identifier names.
var prefixes = map[string]string{
	"cs": "checkout.session", "pi": "payment_intent", "ch": "charge", "py": "charge", "re": "refund", "pyr": "refund",
	"txn": "balance_transaction", "pm": "payment_method", "prod": "product", "shr": "shipping_rate", "dp": "dispute", "po": "payout",
}

// expandable are the fields of each object that hold an identifier, or a list that is shown on demand.
var expandable = map[string][]string{
	"checkout.session":    {"payment_intent", "line_items", "customer", "invoice", "setup_intent", "subscription", "payment_link"},
	"payment_intent":      {"latest_charge", "payment_method", "customer", "invoice", "review", "application", "on_behalf_of"},
	"charge":              {"balance_transaction", "payment_intent", "refunds", "customer", "invoice", "review", "application", "failure_balance_transaction"},
	"refund":              {"charge", "payment_intent", "balance_transaction", "failure_balance_transaction", "source_transfer_reversal", "transfer_reversal"},
	"balance_transaction": {"source"},
	"dispute":             {"charge", "payment_intent"},
	"payout":              {"balance_transaction", "failure_balance_transaction", "destination", "original_payout", "reversed_by"},
	"price":               {"product"},
	"payment_method":      {"customer"},
	"item":                {"discounts", "taxes"},
	"webhook_endpoint":    {"application"},
}

// expandDepth is how many levels one path may have, the prefix of a list included.
const expandDepth = 4

// expand replaces identifiers by their objects along each path.
func (t *tx) expand(d doc, paths []string) *apiError {
	for i, path := range paths {
		parts := strings.Split(path, ".")
		param := fmt.Sprintf("expand[%d]", i)
		if len(parts) > expandDepth {
			return invalid("", param, "You have exceeded the maximum number of levels of expansion (%d): %s", expandDepth, path)
		}
		if e := t.expandPath(d, parts, path, param); e != nil {
			return e
		}
	}
	return nil
}

func (t *tx) expandPath(d doc, parts []string, path, param string) *apiError {
	name := parts[0]
	refuse := invalid("", param, "This property cannot be expanded (%s).", path)
	value, there := d[name]
	known := slices.Contains(expandable[d.text("object")], name)
	switch {
	case !there && d.text("object") == "checkout.session" && name == "line_items":
		value = raw(t.lineItems(d.text("id")))
	case known && name == "refunds" && d.text("object") == "charge":
		if !there {
			value = raw(t.refundsOf(d.text("id")))
		}
	case !there && known:
		return nil
	case !there:
		return refuse
	}
	switch value[0] {
	case 'n':
		if !known {
			return refuse
		}
		return nil
	case '"':
		var id string
		_ = json.Unmarshal(value, &id)
		prefix, _, _ := strings.Cut(id, "_")
		r, ok := t.lookup(prefixes[prefix], id)
		if !ok || !known && name != "shipping_rate" {
			return refuse
		}
		inner := t.render(r)
		if len(parts) > 1 {
			if e := t.expandPath(inner, parts[1:], path, param); e != nil {
				return e
			}
		}
		d[name] = raw(inner)
	case '{':
		inner := doc{}
		_ = json.Unmarshal(value, &inner)
		if len(parts) > 1 {
			if e := t.expandPath(inner, parts[1:], path, param); e != nil {
				return e
			}
		} else if !known {
			return refuse
		}
		d[name] = raw(inner)
	case '[':
		var list []doc
		if len(parts) == 1 || json.Unmarshal(value, &list) != nil {
			return refuse
		}
		for _, one := range list {
			if e := t.expandPath(one, parts[1:], path, param); e != nil {
				return e
			}
		}
		d[name] = raw(list)
	default:
		return refuse
	}
	return nil
}

// listDoc is a page of a list.
func listDoc(url string, data []doc, more bool) doc {
	return doc{"object": raw("list"), "url": raw(url), "has_more": raw(more), "data": raw(data)}
}
