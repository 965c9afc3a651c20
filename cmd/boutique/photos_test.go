package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg/pgtest"
)

// sendPhoto sends a photograph to the API.
func (c caller) sendPhoto(slug string, data []byte, alts map[string]string) answer {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("photo", "IMG_1.jpg")
	if err != nil {
		c.t.Fatal(err)
	}
	_, _ = part.Write(data)
	for name, alt := range alts {
		_ = form.WriteField(name, alt)
	}
	_ = form.Close()
	request, err := http.NewRequest("POST", c.base+"/api/v1/staff/products/"+slug+"/photos", &body)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+c.token)
	response, err := noRedirects().Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{response.StatusCode, read, response.Header}
}

type sentPhoto struct {
	ID         int64             `json:"id"`
	SHA256     string            `json:"sha256"`
	State      string            `json:"state"`
	Width      int               `json:"width"`
	Alts       map[string]string `json:"alts"`
	Renditions []struct {
		URL   string `json:"url"`
		Width int    `json:"width"`
	} `json:"renditions"`
}

// The program is killed while it makes renditions: what was sent is there whole, every address that was
// given is answered, the queue goes on, and store and rows agree.
func TestAKillInTheMiddleOfARendition(t *testing.T) {
	t.Parallel()
	dir := journeyDir(t)
	shop := demo(t, dir, "127.0.0.1:0")
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	var sent []sentPhoto
	for i := range 3 {
		a := staff.sendPhoto("mug-beffroi", phoneJPEG(t, 1600, 1200, i), map[string]string{"alt_fr": "Un mug", "alt_en": "A mug", "alt_nl": "Een mok", "alt_de": "Eine Tasse"})
		if a.status != 201 {
			t.Fatalf("%d %s", a.status, a.body)
		}
		var p sentPhoto
		a.into(t, &p)
		if p.Width != 1200 || p.State != "pending" && p.State != "ready" || len(p.Renditions) != 6 || p.Alts["de"] != "Eine Tasse" {
			t.Errorf("%+v", p)
		}
		sent = append(sent, p)
	}
	if a := staff.sendPhoto("mug-beffroi", phoneJPEG(t, 1600, 1200, 0)[:5000], nil); a.status != 422 || a.code() != "photo_truncated" {
		t.Errorf("half a photograph: %d %s", a.status, a.body)
	}
	shop.kill()
	shop = demo(t, dir, "127.0.0.1:0")
	c := caller{t: t, base: shop.url, token: staff.token}
	for _, p := range sent {
		for _, r := range p.Renditions {
			if a := c.want(200, "GET", r.URL, nil); len(a.body) < 500 || !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d bytes, %v", r.URL, len(a.body), a.header)
			}
		}
	}
	deadline := time.Now().Add(10 * time.Minute)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var product struct {
			Photos []sentPhoto `json:"photos"`
		}
		c.want(200, "GET", "/api/v1/staff/products/mug-beffroi", nil).into(t, &product)
		waits := func(p sentPhoto) bool {
			return p.State != "ready" && slices.ContainsFunc(sent, func(s sentPhoto) bool { return s.ID == p.ID })
		}
		if !slices.ContainsFunc(product.Photos, waits) && len(product.Photos) == 5 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the queue does not go on: %+v", product.Photos)
		}
		<-tick.C
	}
	shop.mustVerify()
	shop.stop()
	// A file that is not whole yet may have been left by the kill, one at the most; nothing else is stray.
	making := 0
	err := filepath.WalkDir(filepath.Join(dir, "photos"), func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(name, ".tmp") {
			making++
		}
		return err
	})
	if err != nil || making > 1 {
		t.Errorf("%d files are not whole: %v", making, err)
	}
}

// photographs are the columns that name an original by its SHA-256, and who tells the sweep of it.
var photographs = map[string]string{
	"photo.sha256": "catalog.PhotoFiles", "photo.source_sha256": "catalog.PhotoFiles", "category.photo_sha256": "catalog.PhotoFiles", "maker.photo_sha256": "catalog.PhotoFiles", "maker_photo.sha256": "catalog.PhotoFiles", "order_line.photo_sha256": "shop.OrderPhotos",
	"rendition.photo_sha256": "a rendition's row goes with its photograph", "photo_quality.sha256": "what was measured goes with its photograph",
}

// A table that names a photograph must tell the sweep, or its original would be swept away.
func TestTheSweepKnowsWhoeverNamesAPhotograph(t *testing.T) {
	t.Parallel()
	rows, err := pgtest.DB(t).Query(context.Background(), `
select table_name || '.' || column_name
from information_schema.columns
where table_schema = 'public' and (column_name like '%photo%sha256' or table_name like '%photo%' and column_name like '%sha256') and table_name not like '%\_v\_%'`)
	if err != nil {
		t.Fatal(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, column := range found {
		if photographs[column] == "" {
			t.Errorf("%s names a photograph: let keptPhotos list it, and say so here", column)
		}
	}
	if len(found) < 4 {
		t.Errorf("only %v are found", found)
	}
}

// BenchmarkPagesWhilePhotographsAreRendered asks for pages while 200 photographs wait in the queue, and
// with an empty queue before: the 99th percentile of the waiting time of each, in microseconds.
func BenchmarkPagesWhilePhotographsAreRendered(b *testing.B) {
	shop, _ := serve(b, furnished(b))
	staff := caller{t: b, base: shop.url, token: shop.token("manager")}
	c := caller{t: b, base: shop.url}
	measure := func(name string) {
		b.Run(name, func(b *testing.B) {
			requests := make(chan string, b.N)
			list := pages(c)
			made := map[string]string{}
			for i := range b.N {
				page := list[i%3] // home, category, product
				if made[page.name] == "" {
					made[page.name] = page.request()
				}
				requests <- made[page.name]
			}
			connections := make([]*client, clients)
			for i := range connections {
				connections[i] = dial(b, shop.address, "")
			}
			load := tally{count: time.Now().UnixMicro()}
			b.ResetTimer()
			load.drive(b, connections, b.N, 200, requests)
			b.StopTimer()
			b.ReportMetric(load.perSecond(), "req/s")
			b.ReportMetric(load.each.at(.99), "p99-µs")
		})
	}
	measure("quiet")
	data := phoneJPEG(b, 1600, 1200, 0)
	for i := range 200 {
		product := struct {
			Slug     string           `json:"slug"`
			Family   string           `json:"family"`
			VATClass string           `json:"vat_class"`
			Texts    map[string]any   `json:"texts"`
			Variants []map[string]any `json:"variants"`
		}{fmt.Sprintf("photo-%d", i/20), "tableware", "standard", map[string]any{"fr": map[string]string{"name": "Photo"}}, []map[string]any{{"sku": fmt.Sprintf("PHOTO-%d", i/20), "price": map[string]any{"amount": 100, "currency": "EUR"}}}}
		if i%20 == 0 {
			body, _ := json.Marshal(product)
			staff.want(201, "POST", "/api/v1/staff/products", string(body))
		}
		if a := staff.sendPhoto(product.Slug, append(bytes.Clone(data), byte(i), byte(i>>8)), nil); a.status != 201 {
			b.Fatalf("%d %s", a.status, a.body)
		}
	}
	measure("rendering")
}
