package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"boutique/internal/text"
)

const goodCard = "4242 4242 4242 4242"

func confirmed(o seenOrder) bool { return o.Status == "confirmed" }

// A shopper buys a mug and a book, staff ship them and give a little back, the accountant's export
// equals what Stripe says it captured.
func TestJourneyThroughTheAPIs(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	for _, page := range []string{"/healthz", "/readyz", "/fr/", "/en/products/mug-beffroi", "/api/v1/products", "/sitemap.xml", "/admin/sign-in"} {
		if got := c.want(200, "HEAD", page, nil); len(got.body) > 0 {
			t.Errorf("HEAD %s has a body", page)
		}
	}
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	var families struct {
		Items []struct {
			Code     string   `json:"code"`
			Follows  string   `json:"follows"`
			Facts    []string `json:"facts"`
			Required []string `json:"required"`
		} `json:"items"`
	}
	staff.want(200, "GET", "/api/v1/staff/families", nil).into(t, &families)
	if len(families.Items) < 11 {
		t.Errorf("the families are %v", families.Items)
	}
	var food struct {
		Code   string            `json:"code"`
		Labels map[string]string `json:"labels"`
		Shots  []any             `json:"shots"`
	}
	staff.want(200, "GET", "/api/v1/staff/families/food", nil).into(t, &food)
	if food.Code != "food" || food.Labels["fr"] == "" || len(food.Shots) == 0 {
		t.Errorf("food is %+v", food)
	}
	if a := staff.call("GET", "/api/v1/staff/families/nothing", nil); a.code() != "family_not_found" {
		t.Errorf("a family that is none: %d %s", a.status, a.code())
	}
	if a := c.call("GET", "/api/v1/staff/families", nil); a.status != 401 {
		t.Errorf("whoever comes by reads the families: %d", a.status)
	}

	var found struct {
		Items []struct {
			Slug  string `json:"slug"`
			Photo struct {
				Renditions []struct {
					URL string `json:"url"`
				} `json:"renditions"`
			} `json:"photo"`
		} `json:"items"`
	}
	c.want(200, "GET", "/api/v1/products?q=mugs&lang=fr", nil).into(t, &found)
	if len(found.Items) == 0 || !strings.Contains(found.Items[0].Slug, "mug") {
		t.Fatalf("searching for mugs finds %v", found.Items)
	}
	photo := c.want(200, "GET", found.Items[0].Photo.Renditions[0].URL, nil)
	if photo.header.Get("Content-Type") != "image/webp" || !strings.Contains(photo.header.Get("Cache-Control"), "immutable") {
		t.Errorf("a photograph is served with %v", photo.header)
	}

	cart := c.fill(map[string]int{"MUG-BEFFROI": 2, "LIVRE-GEANTS": 1})
	body := checkoutBody("parcel")
	var first, again placedOrder
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "one").into(t, &first)
	c.want(201, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "one").into(t, &again)
	if first != again {
		t.Errorf("sent again the checkout answers %+v, first it was %+v", again, first)
	}
	body["name"] = "Quelqu’un d’autre"
	if a := c.want(422, "POST", "/api/v1/carts/"+cart+"/checkout", body, "Idempotency-Key", "one"); a.code() != "idempotency_mismatch" {
		t.Errorf("another body under the same key: %s", a.body)
	}
	if declined := c.pay(first, "4000 0000 0000 0002"); declined.StatusCode != http.StatusPaymentRequired {
		t.Errorf("a declined card is answered %d", declined.StatusCode)
	}
	if paid := c.pay(first, goodCard); paid.StatusCode != http.StatusSeeOther || !strings.HasPrefix(paid.Header.Get("Location"), shop.url+"/fr/orders/"+first.Number) {
		t.Fatalf("paying leads to %d %s", paid.StatusCode, paid.Header.Get("Location"))
	}
	o := c.until(first, confirmed)
	if o.PaymentStatus != "paid" || o.Invoice == nil || o.Invoice.Total != first.Total || !strings.HasPrefix(o.Invoice.Number, "F") {
		t.Fatalf("paid it is %+v", o)
	}
	if pdf := c.want(200, "GET", o.Invoice.URL, nil); !strings.HasPrefix(string(pdf.body), "%PDF-") {
		t.Errorf("the invoice begins %.20q", pdf.body)
	}
	if a := c.call("GET", "/api/v1/orders/"+first.Number+"?key=wrong", nil); a.status != 404 {
		t.Errorf("a wrong key opens the order: %d", a.status)
	}

	for _, paper := range []string{"packing-slip", "label", "invoice"} {
		staff.want(200, "GET", "/api/v1/staff/orders/"+first.Number+"/documents/"+paper+".pdf", nil)
	}
	staff.want(201, "POST", "/api/v1/staff/orders/"+first.Number+"/shipments", map[string]string{"carrier": "Colissimo", "tracking_number": "8R12345678901"})
	if a := staff.call("POST", "/api/v1/staff/orders/"+first.Number+"/shipments", map[string]string{}); a.status != 409 {
		t.Errorf("shipping it twice is answered %d", a.status)
	}
	var refunds sync.WaitGroup
	for range 20 {
		refunds.Go(func() {
			a, err := staff.try("POST", "/api/v1/staff/orders/"+first.Number+"/refunds", map[string]any{"amount": amount{500, "EUR"}, "reason": "geste"}, "Idempotency-Key", "click")
			if err != nil || a.status != 201 {
				t.Errorf("refund: %d %s %v", a.status, a.body, err)
			}
		})
	}
	refunds.Wait()
	o = c.until(first, func(o seenOrder) bool { return len(o.Refunds) == 1 && o.Refunds[0].State == "succeeded" })
	if o.Status != "completed" || o.PaymentStatus != "partially_refunded" || o.FulfilmentStatus != "fulfilled" || len(o.CreditNotes) != 1 {
		t.Errorf("in the end it is %+v", o)
	}
	if a := staff.call("POST", "/api/v1/staff/orders/"+first.Number+"/refunds", map[string]any{"amount": amount{first.Total.Amount, "EUR"}}, "Idempotency-Key", "too-much"); a.code() != "exceeds_refundable" {
		t.Errorf("more than is left: %s", a.body)
	}

	today := time.Now().In(text.Paris()).Format(time.DateOnly)
	var rows []struct {
		Gross amount `json:"gross"`
	}
	staff.want(200, "GET", "/api/v1/staff/exports/sales?from="+today+"&to="+today+"&format=json", nil).into(t, &rows)
	var gross int64
	for _, r := range rows {
		gross += r.Gross.Amount
	}
	if bank := shop.captured(); gross != bank || gross != first.Total.Amount-500 {
		t.Errorf("the export comes to %d, Stripe captured %d", gross, bank)
	}
	out, err := shop.run("export", "sales", "--from", today, "--to", today, "--format", "csv")
	if err != nil || !strings.HasPrefix(out, "\ufeffdate;document_number;") {
		t.Errorf("%v: %.80q", err, out)
	}
	for kind := range exports {
		out, err := shop.run("export", kind, "--from", today, "--to", today)
		if err != nil || out == "" {
			t.Errorf("export %s: %v", kind, err)
		}
		if a := staff.want(200, "GET", "/api/v1/staff/exports/"+kind+"?from="+today+"&to="+today, nil); string(a.body) != out {
			t.Errorf("%s through the API differs from the command's", kind)
		}
	}
	fec := t.TempDir()
	if _, err := shop.run("export", "fec", "--from", today[:4]+"-01-01", "--to", today[:4]+"-12-31", "-o", fec); err != nil {
		t.Fatal(err)
	}
	if out, err := shop.run("fec", "check", filepath.Join(fec, "732829320FEC"+today[:4]+"1231.txt")); err != nil || !strings.HasPrefix(out, "accepted") {
		t.Errorf("%v: %s", err, out)
	}
	shop.mustVerify()
}

// captured is what the emulator says was captured and not given back, in cents, by its own list of
// balance transactions.
func (r *running) captured() int64 {
	r.t.Helper()
	request, err := http.NewRequest("GET", r.bank+"/v1/balance_transactions?limit=100", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer sk_test_demo0000000000000000")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var list struct {
		Data []struct {
			Amount   int64  `json:"amount"`
			Category string `json:"reporting_category"`
		} `json:"data"`
	}
	if err := json.NewDecoder(response.Body).Decode(&list); err != nil {
		r.t.Fatal(err)
	}
	var sum int64
	for _, b := range list.Data {
		if b.Category == "charge" || b.Category == "refund" {
			sum += b.Amount
		}
	}
	return sum
}

// The last snow globes and two hundred shoppers: two sales, all others are told.
func TestTheLastItemIsSoldOnce(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	c := caller{t: t, base: shop.url}
	const shoppers = 200
	carts := make([]string, shoppers)
	for i := range carts {
		carts[i] = c.fill(map[string]int{"BOULE-NEIGE": 1})
	}
	var sold, told atomic.Int64
	var all sync.WaitGroup
	for i, cart := range carts {
		all.Go(func() {
			// A shopper whose shop is busy tries again with the same key, as a browser's user would.
			for range 60 {
				a, err := c.try("POST", "/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", fmt.Sprintf("last-%d", i))
				switch {
				case err != nil:
					t.Error(err)
					return
				case a.status == 201:
					sold.Add(1)
					return
				case a.code() == "out_of_stock":
					told.Add(1)
					return
				case a.status != http.StatusServiceUnavailable:
					t.Errorf("%d %s", a.status, a.body)
					return
				}
			}
			t.Error("the shop stays busy")
		})
	}
	all.Wait()
	if sold.Load() != 2 || told.Load() != shoppers-2 {
		t.Errorf("%d were sold, %d shoppers were told", sold.Load(), told.Load())
	}
	shop.mustVerify()
}

// The program dies between payment and webhook; started again, the order ends paid.
func TestAKilledProgramFindsThePaymentAgain(t *testing.T) {
	t.Parallel()
	dir := journeyDir(t)
	shop := demo(t, dir, "127.0.0.1:0")
	address := strings.TrimPrefix(shop.url, "http://")
	c := caller{t: t, base: shop.url}
	p := c.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
	// The bank lives in the same program: it takes the payment in the moment before the kill, and its
	// webhook may or may not have been heard.
	if paid := c.pay(p, goodCard); paid.StatusCode != http.StatusSeeOther {
		t.Fatalf("paying is answered %d", paid.StatusCode)
	}
	shop.kill()
	again := demo(t, dir, address)
	c.base = again.url
	if o := c.until(p, confirmed); o.PaymentStatus != "paid" {
		t.Errorf("%+v", o)
	}
	again.mustVerify()
	if _, err := again.run("demo", "--addr", "127.0.0.1:0", "--data", dir); err == nil || !strings.Contains(err.Error(), "is in use") {
		t.Errorf("a second demo on the same directory: %v", err)
	}
}
