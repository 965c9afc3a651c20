package main

import (
	"slices"
	"strings"
	"testing"
)

// Each variable that is missing or wrong is refused by one sentence that begins with its name, and no other is.
func TestAWrongVariableIsNamed(t *testing.T) {
	t.Parallel()
	good := []string{"PUBLIC_URL=https://boutique.example", "STRIPE_SECRET_KEY=sk_test_1", "STRIPE_WEBHOOK_SECRET=whsec_0123456789abcdef", "SMTP_URL=smtp://127.0.0.1:25", "MAIL_FROM=La Boutique <boutique@office.example>"}
	for _, c := range []struct {
		set   string
		wrong []string
	}{
		{"", nil},
		{"PUBLIC_URL=http://127.0.0.1:8080/", nil},
		{"MAIL_FROM=boutique@office.example", nil},
		{"MAIL_FROM=L’Échoppe <boutique@office.example>", nil},
		{"LISTEN_ADDR=:8080", nil},
		{"LISTEN_ADDR=[::1]:0", nil},
		{"METRICS_ADDR=127.0.0.1:9090", nil},
		{"STRIPE_API_URL=http://127.0.0.1:12111/v1", nil},
		{"STRIPE_SECRET_KEY=sk_live_1", nil},
		{"PUBLIC_URL=", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=boutique.example", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=https://", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=https://:443", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=https://boutique.example/shop", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=https://camille:secret@boutique.example", []string{"PUBLIC_URL"}},
		{"PUBLIC_URL=https://boutique.example#top", []string{"PUBLIC_URL"}},
		{"STRIPE_SECRET_KEY=sk_live_", []string{"STRIPE_SECRET_KEY"}},
		{"STRIPE_SECRET_KEY=sk_test_", []string{"STRIPE_SECRET_KEY"}},
		{"STRIPE_SECRET_KEY=pk_test_1", []string{"STRIPE_SECRET_KEY"}},
		{"STRIPE_WEBHOOK_SECRET=whsec_short", []string{"STRIPE_WEBHOOK_SECRET"}},
		{"STRIPE_API_URL=ftp://127.0.0.1", []string{"STRIPE_API_URL"}},
		{"STRIPE_API_URL=127.0.0.1:12111", []string{"STRIPE_API_URL"}},
		{"SMTP_URL=http://127.0.0.1", []string{"SMTP_URL"}},
		{"MAIL_FROM=@", []string{"MAIL_FROM"}},
		{"MAIL_FROM=boutique", []string{"MAIL_FROM"}},
		{"LISTEN_ADDR=nowhere", []string{"LISTEN_ADDR"}},
		{"LISTEN_ADDR=127.0.0.1:99999", []string{"LISTEN_ADDR"}},
		{"METRICS_ADDR=nowhere", []string{"METRICS_ADDR"}},
		{"TRUSTED_PROXIES=300.1.1.1", []string{"TRUSTED_PROXIES"}},
		{"PHOTOS_URL=ftp://photos", []string{"PHOTOS_URL"}},
	} {
		var named []string
		for _, sentence := range readConfig(append(slices.Clone(good), c.set)).check() {
			name, _, _ := strings.Cut(sentence, " ")
			named = append(named, name)
		}
		if !slices.Equal(named, c.wrong) {
			t.Errorf("with %s the variables %v are refused, want %v", c.set, named, c.wrong)
		}
	}
	if missing := readConfig(nil).check(); len(missing) != 5 {
		t.Errorf("an empty environment is refused by %q", missing)
	}
}
