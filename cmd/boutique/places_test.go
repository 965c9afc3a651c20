package main

import (
	"slices"
	"testing"
)

// placesOf are the places of the wrong fields that an answer names.
func (a answer) placesOf(t testing.TB) []string {
	t.Helper()
	var p struct {
		Errors []struct {
			Place string `json:"place"`
		} `json:"errors"`
	}
	a.into(t, &p)
	places := make([]string, len(p.Errors))
	for i, e := range p.Errors {
		places[i] = e.Place
	}
	slices.Sort(places)
	return places
}

// Each wrong field of a checkout is named by where the call takes it: name and company beside the address.
func TestAWrongFieldIsNamedWhereItWasSent(t *testing.T) {
	t.Parallel()
	v := newVillage(t)
	v.c = v.h.shopper()
	cart := v.c.fill(map[string]int{"MUG-BEFFROI": 1})
	for place, body := range map[string]map[string]any{
		"name":                {"name": ""},
		"company":             {"company": "La très longue raison sociale d’un office de tourisme"},
		"address.line1":       {"address": map[string]string{"postal_code": "59500", "city": "Douai", "country": "FR"}},
		"address.postal_code": {"address": map[string]string{"line1": "12 rue de la Cloche", "postal_code": "5950", "city": "Douai", "country": "FR"}},
		"email":               {"email": "zoe\u202e@example.org"},
	} {
		sent := checkoutBody("parcel")
		for field, value := range body {
			sent[field] = value
		}
		a := v.c.call("POST", "/api/v1/carts/"+cart+"/checkout", sent, "Idempotency-Key", place+cart)
		if a.status != 422 || !slices.Equal(a.placesOf(t), []string{place}) {
			t.Errorf("a wrong %s is answered %d %s", place, a.status, a.body)
		}
	}
}
