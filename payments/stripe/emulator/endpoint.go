package emulator

import (
	"net/url"
	"slices"
)

func (t *tx) createEndpoint(c call) (doc, *apiError) {
	p := c.params
	if e := within(p, []string{"url", "enabled_events", "api_version", "description", "metadata", "expand"}, ""); e != nil {
		return nil, e
	}
	if e := endpointURL(p.str("url")); e != nil {
		return nil, e
	}
	meta, e := metadataOf(p, "metadata", "metadata", nil)
	if e != nil {
		return nil, e
	}
	w := endpoint{
		ID: t.id("we_1"), APIVersion: maybe(p.str("api_version")), Created: t.now, Description: maybe(p.str("description")),
		EnabledEvents: p.strs("enabled_events"), Metadata: meta, Status: "enabled", URL: p.str("url"), Secret: "whsec_" + t.token(32),
	}
	if len(w.EnabledEvents) == 0 {
		return nil, missing("enabled_events")
	}
	t.put(w)
	d := t.render(w)
	d["secret"] = raw(w.Secret) // shown this once
	return d, nil
}

func endpointURL(s string) *apiError {
	if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return invalid("url_invalid", "url", "Not a valid URL")
	}
	return nil
}

func (t *tx) getEndpoint(c call) (doc, *apiError) {
	w, ok := find[endpoint](t, c.path("webhook_endpoint"))
	if !ok {
		return nil, notHere("webhook endpoint", "webhook_endpoint", c.path("webhook_endpoint"))
	}
	return t.render(w), nil
}

func (t *tx) listEndpoints(c call) (doc, *apiError) {
	return page(t, "/v1/webhook_endpoints", c.params, all[endpoint](t), func(w endpoint) int64 { return w.Created }, nil)
}

func (t *tx) updateEndpoint(c call) (doc, *apiError) {
	p := c.params
	w, ok := find[endpoint](t, c.path("webhook_endpoint"))
	if !ok {
		return nil, notHere("webhook endpoint", "webhook_endpoint", c.path("webhook_endpoint"))
	}
	var e *apiError
	if w.Metadata, e = metadataOf(p, "metadata", "metadata", w.Metadata); e != nil {
		return nil, e
	}
	if p.has("url") {
		if e := endpointURL(p.str("url")); e != nil {
			return nil, e
		}
		w.URL = p.str("url")
	}
	if p.has("enabled_events") {
		w.EnabledEvents = p.strs("enabled_events")
	}
	if p.has("description") {
		w.Description = maybe(p.str("description"))
	}
	if p.has("disabled") {
		w.Status = "enabled"
		if p.yes("disabled") {
			w.Status = "disabled"
		}
	}
	t.put(w)
	return t.render(w), nil
}

func (t *tx) deleteEndpoint(c call) (doc, *apiError) {
	id := c.path("webhook_endpoint")
	if _, ok := find[endpoint](t, id); !ok {
		return nil, notHere("webhook endpoint", "webhook_endpoint", id)
	}
	t.drop("webhook_endpoint", id)
	for _, d := range all[delivery](t) {
		if d.Endpoint == id {
			t.drop("delivery", d.ID)
		}
	}
	return doc{"id": raw(id), "object": raw("webhook_endpoint"), "deleted": raw(true)}, nil
}

// defaultEndpoint is the endpoint that the program itself registers.
const defaultEndpoint = "we_1DefaultEndpointOfEmulator"

func (t *tx) setEndpoint(address, secret string) {
	w, ok := find[endpoint](t, defaultEndpoint)
	if ok && w.URL == address && w.Secret == secret && w.Status == "enabled" {
		return
	}
	if !ok {
		w = endpoint{ID: defaultEndpoint, APIVersion: some(apiVersion), Created: t.now, EnabledEvents: []string{"*"}, Metadata: metadata{}}
	}
	w.URL, w.Secret, w.Status = address, secret, "enabled"
	t.put(w)
}

// forget drops what is kept for a limited time only: old events, answers to old keys.
func (t *tx) forget() {
	for _, e := range all[event](t) {
		if e.Created < t.now-eventDays*24*60*60 {
			t.drop("event", e.ID)
		}
	}
	for _, a := range all[answer](t) {
		if a.Created < t.now-keyHours*60*60 {
			t.drop("answer", a.Key)
		}
	}
	for _, d := range all[delivery](t) {
		if !slices.Contains(t.state.order["event"], d.Event) {
			t.drop("delivery", d.ID)
		}
	}
}
