package storefront

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
	"boutique/shop"
)

func TestNewConditionsReachTheNextPageOfACheckout(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	v := s.shopper()
	v.puts("MUG", "1")
	conditions, err := shop.CurrentConditions(t.Context(), s.shop.Pool)
	if err != nil {
		t.Fatal(err)
	}
	first := conditions.Methods[0].Names.In("fr")
	for _, name := range []string{first, "Pigeon voyageur", "Coursier à vélo"} {
		if name != first {
			conditions.Methods[0].Names = shop.Names{"fr": name}
			if err := pg.InTx(t.Context(), s.shop.Pool, func(tx pgx.Tx) error {
				_, err := shop.SetConditions(t.Context(), tx, conditions, "camille")
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		if p := v.get("/fr/checkout"); p.status != http.StatusOK || !strings.Contains(p.body, name) || name != first && strings.Contains(p.body, first) {
			t.Errorf("the checkout answers %d without %q, or still with %q", p.status, name, first)
		}
	}
}
