package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"boutique/payments/stripe/emulator"
)

// crowd are shoppers that send requests to one copy over connections that are kept open.
type crowd struct {
	client *http.Client
	base   string
}

func newCrowd(h *house) crowd {
	return crowd{&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 2000}, Timeout: 2 * time.Minute}, "http://" + h.anyCopy().address}
}

// send posts and tells the status, how long the answer took, and its code when it is a problem.
func (c crowd) send(path string, body any, header ...string) (int, time.Duration, string, error) {
	var data []byte
	switch b := body.(type) {
	case string:
		data = []byte(b)
	default:
		var err error
		if data, err = json.Marshal(body); err != nil {
			return 0, 0, "", err
		}
	}
	request, err := http.NewRequest("POST", c.base+path, bytes.NewReader(data))
	if err != nil {
		return 0, 0, "", err
	}
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	began := time.Now()
	response, err := c.client.Do(request)
	if err != nil {
		return 0, 0, "", err
	}
	answered, _ := io.ReadAll(response.Body)
	response.Body.Close()
	return response.StatusCode, time.Since(began), answer{body: answered}.code(), nil
}

// filled are carts of one article each.
func filled(b *testing.B, h *house, n int, sku string) []string {
	b.Helper()
	carts := make([]string, n)
	var next atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				carts[i] = h.shopper().fill(map[string]int{sku: 1})
			}
		})
	}
	all.Wait()
	return carts
}

// bareUpdates is how often in a second the same database does nothing but the conditional update of one
// row of stock, asked by as many at once: the limit.
func bareUpdates(b *testing.B, h *house, atOnce int) float64 {
	b.Helper()
	pool := h.anyCopy().a.database.pool
	var done atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range atOnce {
		all.Go(func() {
			for time.Since(began) < time.Second {
				tag, err := pool.Exec(context.Background(), `update stock set reserved = reserved + 1 where variant_id = (select id from variant where sku = 'LIVRE-GEANTS') and location = 'web' and on_hand - reserved >= 1`)
				if err != nil || tag.RowsAffected() != 1 {
					b.Errorf("the bare update: %v, %d rows", err, tag.RowsAffected())
					return
				}
				done.Add(1)
			}
		})
	}
	all.Wait()
	rate := float64(done.Load()) / time.Since(began).Seconds()
	h.exec(`update stock set reserved = 0 where variant_id = (select id from variant where sku = 'LIVRE-GEANTS')`)
	return rate
}

func (h *house) shelve(b *testing.B, sku string, n int) {
	b.Helper()
	h.staff().want(200, "PUT", "/api/v1/staff/variants/"+sku+"/stock", map[string]any{"on_hand": n, "reason": "benchmark"})
}

// BenchmarkCheckouts places orders as fast as 32 shoppers can, with a Stripe that answers at once and one
// that takes 300 ms. The program itself asks Stripe for no more than its limit of calls in a second.
func BenchmarkCheckouts(b *testing.B) {
	for _, delay := range []time.Duration{0, 300 * time.Millisecond} {
		b.Run(fmt.Sprintf("stripe-%dms", delay.Milliseconds()), func(b *testing.B) {
			h := newHouse(b, houseOptions{seed: 1, direct: true, seen: func(m moment) verdict {
				if m.kind == "asks stripe" && delay > 0 {
					timer := time.NewTimer(delay)
					defer timer.Stop()
					<-timer.C
				}
				return live
			}})
			h.shelve(b, "MUG-BEFFROI", 1_000_000)
			h.shelve(b, "LIVRE-GEANTS", 1_000_000)
			c, carts := newCrowd(h), filled(b, h, b.N, "MUG-BEFFROI")
			var next atomic.Int64
			took := make([]time.Duration, b.N)
			var all sync.WaitGroup
			b.ResetTimer()
			for range 32 {
				all.Go(func() {
					for {
						i := int(next.Add(1)) - 1
						if i >= b.N {
							return
						}
						status, time, _, err := c.send("/api/v1/carts/"+carts[i]+"/checkout", checkoutBody("parcel"), "Idempotency-Key", "bench-"+carts[i])
						if err != nil || status != 201 {
							b.Errorf("answered %d, %v", status, err)
						}
						took[i] = time
					}
				})
			}
			all.Wait()
			b.StopTimer()
			rate := float64(b.N) / b.Elapsed().Seconds()
			limit := bareUpdates(b, h, 32)
			b.ReportMetric(rate, "checkouts/s")
			b.ReportMetric(quantile(took, .99), "p99-ms")
			b.ReportMetric(limit, "limit-updates/s")
			b.ReportMetric(100*rate/limit, "%-of-limit")
		})
	}
}

// quantile is in milliseconds.
func quantile(took []time.Duration, q float64) float64 {
	list := slices.Sorted(slices.Values(took))
	return float64(list[min(len(list)-1, int(q*float64(len(list))))].Microseconds()) / 1000
}

// BenchmarkFlashSale lets a thousand shoppers want one of fifty pieces at the same moment: fifty are sold,
// all others are told, and nobody is shown an error.
func BenchmarkFlashSale(b *testing.B) {
	const shoppers, pieces = 1000, 50
	h := newHouse(b, houseOptions{seed: 1, direct: true})
	h.shelve(b, "LIVRE-GEANTS", 1_000_000)
	c := newCrowd(h)
	var failures atomic.Int64
	b.ResetTimer()
	for range b.N {
		b.StopTimer()
		h.exec(`update stock set on_hand = reserved + $1 where variant_id = (select id from variant where sku = 'MUG-BEFFROI') and location = 'web'`, pieces)
		carts := filled(b, h, shoppers, "MUG-BEFFROI")
		var sold, told atomic.Int64
		var all sync.WaitGroup
		b.StartTimer()
		for _, cart := range carts {
			all.Go(func() {
				status, _, code, err := c.send("/api/v1/carts/"+cart+"/checkout", checkoutBody("collection"), "Idempotency-Key", "flash-"+cart)
				switch {
				case err != nil || status >= 500:
					failures.Add(1)
					b.Logf("a shopper is answered %d %s, %v", status, code, err)
				case status == 201:
					sold.Add(1)
				case code == "out_of_stock":
					told.Add(1)
				default:
					b.Errorf("answered %d %s", status, code)
				}
			})
		}
		all.Wait()
		b.StopTimer()
		if sold.Load() != pieces || told.Load() != shoppers-pieces {
			b.Errorf("%d sold, %d told, %d answered with an error", sold.Load(), told.Load(), failures.Load())
		}
		b.StartTimer()
	}
	b.StopTimer()
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/sale")
	b.ReportMetric(float64(failures.Load())/float64(b.N), "5xx/sale")
	b.ReportMetric(1/(bareUpdates(b, h, 32)/pieces), "limit-s/sale")
}

// BenchmarkWebhookBurst lets 400 events about 40 paid orders come in at once, as after an outage: how long
// each waits for its answer, and how long until all are applied.
func BenchmarkWebhookBurst(b *testing.B) {
	const events, orders = 400, 40
	h := newHouse(b, houseOptions{seed: 1, direct: true})
	h.shelve(b, "MUG-BEFFROI", 1_000_000)
	h.shelve(b, "LIVRE-GEANTS", 1_000_000)
	h.bank.Network(emulator.Delivery{Drop: []string{"*"}})
	c := newCrowd(h)
	var took []time.Duration
	var applied time.Duration
	b.ResetTimer()
	for n := range b.N {
		b.StopTimer()
		bodies := make([]string, 0, events)
		for i := range orders {
			p := h.shopper().order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
			h.shopper().pay(p, goodCard)
			v := &village{h: h}
			for k := range events / orders {
				bodies = append(bodies, fmt.Sprintf(`{"id":"evt_%d_%d_%d","object":"event","type":"checkout.session.completed","api_version":"2023-10-16","created":1,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, n, i, k, v.sessionOf(p)))
			}
		}
		times := make([]time.Duration, len(bodies))
		var next atomic.Int64
		var all sync.WaitGroup
		b.StartTimer()
		began := time.Now()
		for range 16 {
			all.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= len(bodies) {
						return
					}
					status, time, _, err := c.send("/webhooks/stripe", bodies[i], "Stripe-Signature", signature(bodies[i], houseSecret, time.Now()))
					if err != nil || status != 200 {
						b.Errorf("answered %d, %v", status, err)
					}
					times[i] = time
				}
			})
		}
		all.Wait()
		b.StopTimer()
		took = append(took, times...)
		for h.count(`select count(*) from payment_event where done_at is null`) > 0 {
			h.rest(10 * time.Millisecond)
		}
		applied += time.Since(began)
		if open := h.count(`select count(*) from orders where state = 'awaiting_payment'`); open > 0 {
			b.Errorf("%d orders wait for a payment that is there", open)
		}
		b.StartTimer()
	}
	b.StopTimer()
	b.ReportMetric(quantile(took, .5), "answer-p50-ms")
	b.ReportMetric(quantile(took, .99), "answer-p99-ms")
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(applied.Seconds()/float64(b.N), "s-to-all-applied")
	b.ReportMetric(bareUpdates(b, h, 16), "limit-updates/s")
}
