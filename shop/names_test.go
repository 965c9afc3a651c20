package shop

import (
	"testing"

	"boutique/internal/text"
)

// Staff read in their own language what a shopper chose in theirs.
func TestDeliveriesAreReworded(t *testing.T) {
	t.Parallel()
	names := Names{text.FR: "Retrait", text.EN: "Collection", text.DE: "Abholung"}
	for _, c := range []struct {
		label string
		lang  text.Lang
		want  string
	}{
		{"Abholung", text.FR, "Retrait"},
		{"Abholung – Kiosque du port", text.FR, "Retrait – Kiosque du port"},
		{"Retrait", text.EN, "Collection"},
		{"Retrait", text.NL, "Retrait"},
		{"an older name", text.FR, "an older name"},
	} {
		if got := names.Reworded(c.label, c.lang); got != c.want {
			t.Errorf("%q in %s is %q, want %q", c.label, c.lang, got, c.want)
		}
	}
	if got := Names(nil).Reworded("E-mail", text.FR); got != "E-mail" {
		t.Errorf("without names it is %q", got)
	}
}
