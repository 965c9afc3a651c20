package money_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"boutique/internal/money"
)

func TestParseReadsWhatPeopleType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]money.Amount{
		"12": 1200, "12,5": 1250, "12,50": 1250, "12.50": 1250, "1 234,00": 123400, "-3,01": -301, "0": 0, "4,90 €": 490,
	} {
		if got, err := money.Parse(text); err != nil || got != want {
			t.Errorf("Parse(%q) = %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", ",5", "12,", "1,234", "1.2.3", "abc", "1e3", "--1", "99999999999999999999"} {
		if got, err := money.Parse(text); err == nil {
			t.Errorf("Parse(%q) = %d, want it refused", text, got)
		}
	}
}

func TestJSONIsMinorUnitsWithTheCurrency(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(money.Amount(1250))
	if err != nil || string(b) != `{"amount":1250,"currency":"EUR"}` {
		t.Fatalf("%s, %v", b, err)
	}
	var a money.Amount
	if err := json.Unmarshal([]byte(`{"amount":5,"currency":"USD"}`), &a); err == nil {
		t.Fatal("dollars were accepted")
	}
}

func TestSharesAlwaysSumToTheWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		total := money.Amount(rapid.Int64Range(-10_000_000, 10_000_000).Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Int64Range(0, 5_000_000), 1, 12).Draw(t, "weights")
		parts := money.Share(total, weights)
		if money.Sum(parts...) != total {
			t.Fatalf("parts %v sum to %d, want %d", parts, money.Sum(parts...), total)
		}
	})
}

func TestDecimalAndParseAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a := money.Amount(rapid.Int64Range(-1e12, 1e12).Draw(t, "amount"))
		if back, err := money.Parse(a.Decimal()); err != nil || back != a {
			t.Fatalf("%s reads back as %d, %v", a.Decimal(), back, err)
		}
	})
}
