package emulator

import (
	"bytes"
	"slices"
	"strings"
)

// apiVersion is the one version that the emulator speaks.
const apiVersion = "2023-10-16"

// eventDays is how long events are kept.
const eventDays = 30

// emit records that something happened to an object, shows the object as it is now and addresses the
// event to every endpoint that asked for it. Before is the object's former look, for updates.
func (t *tx) emit(kind string, about record, before doc) string {
	now := t.render(about)
	e := event{ID: t.id("evt_1"), APIVersion: apiVersion, Created: t.now, Type: kind, Request: t.request, Data: eventData{Object: raw(now)}}
	for name, old := range before {
		if !bytes.Equal(old, now[name]) {
			if e.Data.PreviousAttributes == nil {
				e.Data.PreviousAttributes = doc{}
			}
			e.Data.PreviousAttributes[name] = old
		}
	}
	t.put(e)
	for _, w := range all[endpoint](t) {
		if w.Status == "enabled" && w.wants(kind) {
			t.put(delivery{ID: e.ID + "/" + w.ID, Event: e.ID, Endpoint: w.ID, Type: kind, Due: t.now})
		}
	}
	return e.ID
}

func (w endpoint) wants(kind string) bool {
	return slices.Contains(w.EnabledEvents, "*") || slices.Contains(w.EnabledEvents, kind)
}

// pendingWebhooks counts the endpoints that have not yet taken the event.
func (t *tx) pendingWebhooks(eventID string) int {
	n := 0
	for _, w := range all[endpoint](t) {
		if d, ok := find[delivery](t, eventID+"/"+w.ID); ok && !d.GivenUp {
			n++
		}
	}
	return n
}

// missed tells whether an endpoint has not taken the event yet, or never will.
func (t *tx) missed(eventID string) bool {
	for _, w := range all[endpoint](t) {
		if _, ok := find[delivery](t, eventID+"/"+w.ID); ok {
			return true
		}
	}
	return false
}

func (t *tx) getEvent(c call) (doc, *apiError) {
	e, ok := find[event](t, c.path("id"))
	if !ok || e.Created < t.now-eventDays*24*60*60 {
		return nil, notHere("event", "id", c.path("id"))
	}
	return t.render(e), nil
}

// maximumTypes is how many types one list of events may ask for.
const maximumTypes = 20

func (t *tx) listEvents(c call) (doc, *apiError) {
	p := c.params
	types := p.strs("types")
	if len(types) > maximumTypes {
		return nil, invalid("", "types", "You may only specify up to %d event types.", maximumTypes)
	}
	if p.has("type") && p.has("types") {
		return nil, invalid("", "types", "You may only specify one of these parameters: type, types.")
	}
	if p.has("type") {
		types = []string{p.str("type")}
	}
	match := func(kind string) bool {
		return slices.ContainsFunc(types, func(want string) bool {
			prefix, wild := strings.CutSuffix(want, "*")
			return want == kind || wild && strings.HasPrefix(kind, prefix)
		})
	}
	return page(t, "/v1/events", p, all[event](t), func(e event) int64 { return e.Created }, func(e event) bool {
		return e.Created >= t.now-eventDays*24*60*60 && (len(types) == 0 || match(e.Type)) &&
			(!p.has("delivery_success") || p.yes("delivery_success") != t.missed(e.ID))
	})
}
