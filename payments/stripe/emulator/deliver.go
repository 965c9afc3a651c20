package emulator

import (
	"bytes"
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"
)

// delivery is an event on its way to one endpoint. It is gone once the endpoint has taken it.
type delivery struct {
	ID       string `json:"id"`
	Event    string `json:"event"`
	Endpoint string `json:"endpoint"`
	Type     string `json:"type"`
	Tries    int    `json:"tries"`
	Due      int64  `json:"due"`
	GivenUp  bool   `json:"given_up,omitempty"`
}

func (delivery) kind() string  { return "delivery" }
func (r delivery) key() string { return r.ID }

// retryDays is how long an event is offered again.
const retryDays = 3

// backoff is the wait after so many failed tries: 1 s, 4 s, 16 s… up to six hours.
func backoff(tries int) int64 {
	wait := int64(1)
	for range tries - 1 {
		wait = min(4*wait, 6*60*60)
	}
	return wait
}

// Delivery are the ways in which the network may misbehave; the zero value is a good network.
type Delivery struct {
	// Shuffle sends what is due in an order of its own instead of the order of the events.
	Shuffle bool `json:"shuffle"`
	// Duplicate sends every event so many more times.
	Duplicate int `json:"duplicate"`
	// Drop are types that never arrive; "*" is all of them.
	Drop []string `json:"drop"`
	// DelaySeconds holds every event back on the emulator's clock.
	DelaySeconds int64 `json:"delay_seconds"`
	// AtOnce is how many are sent at the same time; 4 when it is 0.
	AtOnce int `json:"at_once"`
	// Hold sends nothing until it is asked to.
	Hold bool `json:"hold"`
	// WrongSecret signs with another secret, OldTimestamp a time ago that nobody may accept.
	WrongSecret  bool `json:"wrong_secret"`
	OldTimestamp bool `json:"old_timestamp"`
	// APIVersion is shown in the events instead of the endpoint's version.
	APIVersion string `json:"api_version"`
}

// parcel is one delivery, ready to go.
type parcel struct {
	delivery
	url, secret string
	body        []byte
	copies      int
	timestamp   int64
}

// run delivers and lets time pass until the server is closed.
func (s *Server) run(ctx context.Context) {
	timer := time.NewTicker(pulse)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		case <-s.wake:
		}
		if !s.held() {
			s.deliverDue(ctx, false)
		}
	}
}

// pulse is how often the emulator looks at its clock.
const pulse = 200 * time.Millisecond

// deliverDue starts sending what is due, or everything that waits, in order, and tells how many there
// are; the channel is closed when the last one has its answer.
func (s *Server) deliverDue(ctx context.Context, everything bool) (int, <-chan struct{}) {
	parcels, atOnce := s.collect(everything)
	done := make(chan struct{})
	if len(parcels) == 0 {
		close(done)
		return 0, done
	}
	s.work.Go(func() {
		defer close(done)
		slots := make(chan struct{}, atOnce)
		for _, p := range parcels {
			slots <- struct{}{}
			s.work.Go(func() {
				defer func() { <-slots }()
				ok := true
				for range p.copies {
					ok = s.send(ctx, p) && ok
				}
				s.sent(p, ok)
			})
		}
		for range atOnce {
			slots <- struct{}{}
		}
	})
	return len(parcels), done
}

// collect takes the deliveries that are due and in nobody's hands.
func (s *Server) collect(everything bool) ([]parcel, int) {
	var list []parcel
	atOnce := 4
	err := s.update(eventRequest{}, func(t *tx) {
		knobs := s.network
		if knobs.AtOnce > 0 {
			atOnce = knobs.AtOnce
		}
		for _, d := range all[delivery](t) {
			if d.GivenUp || s.flying[d.ID] {
				continue
			}
			due := d.Due
			if d.Tries == 0 {
				due += knobs.DelaySeconds
			}
			if due > t.now && !everything {
				continue
			}
			if slices.Contains(knobs.Drop, d.Type) || slices.Contains(knobs.Drop, "*") {
				t.drop("delivery", d.ID)
				defer s.tried(d.Event, d.ID)
				continue
			}
			w, ok := find[endpoint](t, d.Endpoint)
			e, known := find[event](t, d.Event)
			if !ok || !known {
				t.drop("delivery", d.ID)
				continue
			}
			if w.Status != "enabled" {
				continue
			}
			list = append(list, t.parcel(d, w, e, knobs))
		}
		slices.SortStableFunc(list, func(a, b parcel) int { return cmp.Compare(a.Due, b.Due) })
		if knobs.Shuffle {
			r := rand.New(rand.NewPCG(uint64(s.state.seed), uint64(s.state.made)))
			r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
		for _, p := range list {
			s.flying[p.ID] = true
		}
	})
	if err != nil {
		s.log.Error("the payment emulator cannot keep its state", slog.Any("error", err))
	}
	return list, atOnce
}

func (t *tx) parcel(d delivery, w endpoint, e event, knobs Delivery) parcel {
	shown := t.render(e)
	shown["api_version"] = raw(or(w.APIVersion, apiVersion))
	if knobs.APIVersion != "" {
		shown["api_version"] = raw(knobs.APIVersion)
	}
	var body bytes.Buffer
	_ = json.Indent(&body, raw(shown), "", "  ")
	p := parcel{delivery: d, url: w.URL, secret: w.Secret, body: body.Bytes(), copies: 1 + knobs.Duplicate, timestamp: t.now}
	if knobs.WrongSecret {
		p.secret = "whsec_of_somebody_else_entirely"
	}
	if knobs.OldTimestamp {
		p.timestamp -= 24 * 60 * 60
	}
	return p
}

// Sign is the Stripe-Signature header of a body sent at a time in seconds.
func Sign(secret string, at int64, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = fmt.Fprintf(mac, "%d.%s", at, body)
	return fmt.Sprintf("t=%d,v1=%s", at, hex.EncodeToString(mac.Sum(nil)))
}

// send offers the parcel once: only a 2xx answer takes it, a redirect does not.
func (s *Server) send(ctx context.Context, p parcel) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url, bytes.NewReader(p.body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
	req.Header.Set("Stripe-Signature", Sign(p.secret, p.timestamp, p.body))
	resp, err := s.post.Do(req)
	if err != nil {
		s.log.Debug("a webhook found no answer", slog.String("event", p.Event), slog.String("type", p.Type))
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	return resp.StatusCode >= 200 && resp.StatusCode < 300
}

// sent notes how an offer went.
func (s *Server) sent(p parcel, ok bool) {
	err := s.update(eventRequest{}, func(t *tx) {
		defer s.tried(p.Event, p.ID)
		delete(s.flying, p.ID)
		s.landed.Broadcast()
		d, known := find[delivery](t, p.ID)
		if !known {
			return
		}
		if ok {
			t.drop("delivery", d.ID)
			return
		}
		d.Tries++
		d.Due = t.now + backoff(d.Tries)
		if e, known := find[event](t, d.Event); known && d.Due > e.Created+retryDays*24*60*60 {
			d.GivenUp = true
		}
		t.put(d)
	})
	if err != nil {
		s.log.Error("the payment emulator cannot keep its state", slog.Any("error", err))
	}
}

// await is closed once every endpoint has been offered the event. Server.mu is held.
func (s *Server) await(eventID string) <-chan struct{} {
	c := make(chan struct{})
	s.waiting[eventID] = c
	return c
}

// tried lets go of the page that waits for the event, unless another endpoint is still to be offered
// it. Server.mu is held.
func (s *Server) tried(eventID, deliveryID string) {
	c, waited := s.waiting[eventID]
	if !waited {
		return
	}
	for id := range s.state.rows["webhook_endpoint"] {
		d, ok := s.state.rows["delivery"][eventID+"/"+id].(delivery)
		if ok && d.ID != deliveryID && d.Tries == 0 {
			return
		}
	}
	close(c)
	delete(s.waiting, eventID)
}
