package emulator_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"boutique/payments/stripe/emulator"
)

// scenarioFile is scenarios.json.
type scenarioFile struct {
	Session struct {
		Status        []string
		PaymentStatus []string       `json:"payment_status"`
		OnCreate      map[string]any `json:"on_create"`
		URLNullWhen   []string       `json:"url_null_when"`
	}
	Intent    statuses `json:"payment_intent"`
	Refund    statuses
	Dispute   statuses
	Payout    statuses
	Scenarios []scenario
	Delivery  map[string]string `json:"webhook_delivery"`
}

// statuses are the states that an object may have, and how it may leave them.
type statuses struct {
	Status, Moves []string
	Reconciled    []string `json:"reconciliation_status"`
}

// scenario is one way in which a payment can go.
type scenario struct {
	ID      string
	Methods []string
	outcome
	Between []string `json:"session_between"`
	// Later is what has happened some time after.
	Later outcome
	BT    []struct {
		Type     string
		Category string `json:"reporting_category"`
		Sign     int
		Fee      any
	}
}

// outcome is what has come about: events in their causal order, and how the objects stand.
type outcome struct {
	Events          []string
	Session         []string
	Refund, Dispute string
}

func readScenarios(t *testing.T) scenarioFile {
	t.Helper()
	b, err := os.ReadFile("testdata/scenarios.json")
	if err != nil {
		t.Fatal(err)
	}
	var file scenarioFile
	if err := json.Unmarshal(b, &file); err != nil || len(file.Scenarios) < 20 {
		t.Fatalf("%d scenarios: %v", len(file.Scenarios), err)
	}
	return file
}

// scene is a scenario while it is played.
type scene struct {
	*shop
	method string
	// session and its like are what the play has made.
	session, intent, charge, dispute, payout string
	// eventsBefore and linesBefore is what was there when the scenario itself began.
	eventsBefore, linesBefore int
	// between is looked at while the shopper tries again.
	between []string
}

// begins marks that what was needed is there.
func (s *scene) begins() {
	s.eventsBefore, s.linesBefore = len(s.seenEvents()), len(s.seenLines())
}

// seenEvents lists all that has happened, oldest first.
func (s *scene) seenEvents() []*stripe.Event {
	s.t.Helper()
	p := &stripe.EventListParams{}
	p.Limit = stripe.Int64(100)
	var list []*stripe.Event
	it := s.api.Events.List(p)
	for it.Next() {
		list = append(list, it.Event())
	}
	if it.Err() != nil {
		s.t.Fatal(it.Err())
	}
	slices.Reverse(list)
	return list
}

// seenLines lists all that has moved the balance, oldest first.
func (s *scene) seenLines() []*stripe.BalanceTransaction {
	s.t.Helper()
	p := &stripe.BalanceTransactionListParams{}
	p.Limit = stripe.Int64(100)
	var list []*stripe.BalanceTransaction
	it := s.api.BalanceTransactions.List(p)
	for it.Next() {
		list = append(list, it.BalanceTransaction())
	}
	if it.Err() != nil {
		s.t.Fatal(it.Err())
	}
	slices.Reverse(list)
	return list
}

// opens makes a session that is paid by the scene's method.
func (s *scene) opens() {
	s.session = s.shop.session(func(p *stripe.CheckoutSessionParams) {
		p.PaymentMethodTypes = stripe.StringSlice([]string{s.method})
	}).ID
}

// pays pays it: number is the card's or the account's.
func (s *scene) pays(number string) {
	if s.session == "" {
		s.opens()
	}
	s.payBy(s.session, s.method, number, "authorize")
	if pi := s.fetch(s.session).PaymentIntent; pi != nil {
		s.intent = pi.ID
		if pi.LatestCharge != nil {
			s.charge = pi.LatestCharge.ID
		}
	}
}

func (s *scene) refunds(want string) {
	s.t.Helper()
	if r, err := s.refund(s.intent, 0); err != nil || string(r.Status) != want {
		s.t.Errorf("at its creation the refund is %+v, %v: want %s", r, err, want)
	}
}

// disputes finds the dispute that the bank has opened meanwhile.
func (s *scene) disputes() {
	s.t.Helper()
	s.clock.add(time.Minute)
	it := s.api.Disputes.List(&stripe.DisputeListParams{Charge: &s.charge})
	if !it.Next() {
		s.t.Fatal("no dispute", it.Err())
	}
	s.dispute = it.Dispute().ID
}

func (s *scene) closes(status string) {
	s.control("POST", "/_emu/close-dispute/"+s.dispute, fmt.Sprintf(`{"status":%q}`, status))
}

func (s *scene) paysOut() {
	s.payout, _ = s.control("POST", "/_emu/payout", "")["id"].(string)
}

// Each row of scenarios.json is played over HTTP: its events come in their causal order and as often as the
// row says, session, refund and dispute stand as it says, now and later, and the balance has its lines.
func TestEveryScenarioIsPlayed(t *testing.T) {
	t.Parallel()
	file := readScenarios(t)
	if len(plays) != len(file.Scenarios) {
		t.Errorf("%d scenarios are played, %d are described", len(plays), len(file.Scenarios))
	}
	for _, row := range file.Scenarios {
		p, ok := plays[row.ID]
		if !ok {
			t.Errorf("nobody plays %s", row.ID)
			continue
		}
		methods := row.Methods
		if len(methods) == 0 {
			methods = []string{"card"}
			if p.method != "" {
				methods[0] = p.method
			}
		}
		for _, method := range methods {
			t.Run(row.ID+" "+method, func(t *testing.T) {
				t.Parallel()
				s := &scene{shop: open(t, func(c *emulator.Config) { c.WebhookURL = "" }), method: method}
				p.begin(s)
				if len(row.Later.Events) == 0 {
					s.clock.add(time.Hour)
				}
				s.stands(row.outcome)
				if row.Between != nil && !slices.Equal(row.Between, s.between) {
					t.Errorf("between two tries the session is %v, want %v", s.between, row.Between)
				}
				if p.then != nil {
					p.then(s)
				}
				s.clock.add(time.Hour)
				s.stands(row.Later)
				s.happened(append(slices.Clone(row.Events), row.Later.Events...))
				s.balances(row)
				if p.also != nil {
					p.also(s)
				}
				s.statesAreKnown(file)
			})
		}
	}
}

// stands holds the objects to how a row says that they stand, and the events that there are by now.
func (s *scene) stands(want outcome) {
	s.t.Helper()
	if want.Events != nil {
		s.happened(want.Events)
	}
	if want.Session != nil {
		if got := s.fetch(s.session); string(got.Status) != want.Session[0] || string(got.PaymentStatus) != want.Session[1] {
			s.t.Errorf("the session is %s and %s, want %v", got.Status, got.PaymentStatus, want.Session)
		}
	}
	first := func(sentence string) string {
		return strings.FieldsFunc(sentence, func(r rune) bool { return r == ' ' || r == ',' })[0]
	}
	if want.Refund != "" {
		if got := s.shop.refunds(s.intent)[0]; string(got.Status) != first(want.Refund) {
			s.t.Errorf("the refund is %s, want %s", got.Status, want.Refund)
		}
	}
	if want.Dispute != "" {
		d, err := s.api.Disputes.Get(s.dispute, &stripe.DisputeParams{})
		if err != nil || string(d.Status) != first(want.Dispute) {
			s.t.Errorf("the dispute is %+v, %v: want %s", d, err, want.Dispute)
		}
	}
}

// happened holds what has happened since the scenario began to a list in causal order: each of its types
// has come as often as it stands there, and none before what caused it.
func (s *scene) happened(want []string) {
	s.t.Helper()
	var seen []string
	for _, e := range s.seenEvents()[s.eventsBefore:] {
		if slices.Contains(want, string(e.Type)) {
			seen = append(seen, string(e.Type))
		}
	}
	if !slices.Equal(seen, want) {
		s.t.Errorf("there came %v, want %v", seen, want)
	}
}

// balances holds the lines that the scenario has added to the balance to those of its row.
func (s *scene) balances(row scenario) {
	s.t.Helper()
	if row.BT == nil {
		return
	}
	lines := s.seenLines()[s.linesBefore:]
	if len(lines) != len(row.BT) {
		s.t.Errorf("%d lines were added to the balance, want %d", len(lines), len(row.BT))
		return
	}
	for i, want := range row.BT {
		got := lines[i]
		if string(got.Type) != want.Type || string(got.ReportingCategory) != want.Category || got.Amount > 0 != (want.Sign > 0) || got.Net != got.Amount-got.Fee {
			s.t.Errorf("line %d is %+v, want %+v", i, got, want)
		}
		switch fee := want.Fee.(type) {
		case float64:
			if got.Fee != int64(fee) {
				s.t.Errorf("the fee of line %d is %d, want %v", i, got.Fee, fee)
			}
		case string:
			if got.Fee <= 0 {
				s.t.Errorf("line %d has no %s", i, fee)
			}
		}
	}
}

// statesAreKnown holds every object of the account, and every step that its events tell of, to the state
// machines.
func (s *scene) statesAreKnown(file scenarioFile) {
	s.t.Helper()
	machines := map[string]statuses{
		"checkout.session": {Status: file.Session.Status}, "payment_intent": file.Intent, "refund": file.Refund, "dispute": file.Dispute, "payout": file.Payout,
	}
	objects, _ := s.control("GET", "/_emu/dump", "")["objects"].(map[string]any)
	for kind, machine := range machines {
		rows, _ := objects[kind].([]any)
		for _, row := range rows {
			o, _ := row.(map[string]any)
			if status, _ := o["status"].(string); !slices.Contains(machine.Status, status) {
				s.t.Errorf("a %s is %s", kind, status)
			}
			if paid, ok := o["payment_status"].(string); ok && !slices.Contains(file.Session.PaymentStatus, paid) {
				s.t.Errorf("a session is %s", paid)
			}
			if r, ok := o["reconciliation_status"].(string); ok && !slices.Contains(machine.Reconciled, r) {
				s.t.Errorf("the lines of a payout are %s", r)
			}
		}
	}
	moves := strings.Join(file.Refund.Moves, " ")
	for _, e := range s.seenEvents() {
		before, moved := e.Data.PreviousAttributes["status"].(string)
		after, _ := e.Data.Object["status"].(string)
		if moved && e.Data.Object["object"] == "refund" && before != after && !strings.Contains(moves, before+"->"+after) {
			s.t.Errorf("a refund went from %s to %s", before, after)
		}
	}
}

// A session is made as the description says, and has no address once it is over.
func TestASessionIsMadeAsDescribed(t *testing.T) {
	t.Parallel()
	s := open(t, func(c *emulator.Config) { c.WebhookURL = "" })
	session := readScenarios(t).Session
	var made map[string]any
	a := s.raw(raw{path: sessions, form: wanted()})
	if err := json.Unmarshal([]byte(a.body), &made); err != nil {
		t.Fatal(err)
	}
	for field, want := range session.OnCreate {
		switch field {
		case "url":
			if url, _ := made["url"].(string); !strings.Contains(url, "#") {
				t.Errorf("url is %v, want %v", made["url"], want)
			}
		case "expires_at":
			created, _ := made["created"].(float64)
			if made["expires_at"] != created+86400 {
				t.Errorf("a session of %v expires at %v, want %v", created, made["expires_at"], want)
			}
		default:
			if made[field] != want {
				t.Errorf("%s is %v, want %v", field, made[field], want)
			}
		}
	}
	ends := map[string]func() string{
		"complete": func() string { s.payBy(sessionID(a), "card", "4242424242424242", ""); return sessionID(a) },
		"expired": func() string {
			return sessionID(s.raw(raw{path: sessions + "/" + s.session(nil).ID + "/expire"}))
		},
	}
	for _, status := range session.URLNullWhen {
		end, ok := ends[status]
		if !ok {
			t.Errorf("no session is made %s", status)
			continue
		}
		if got := s.fetch(end()); string(got.Status) != status || got.URL != "" {
			t.Errorf("a session that is %s has the address %q", got.Status, got.URL)
		}
	}
}

// An event travels as described: by POST, as JSON, signed anew at each try, the same event until the answer
// is 2xx, and a redirect is none.
func TestWebhooksTravelAsDescribed(t *testing.T) {
	t.Parallel()
	described := readScenarios(t).Delivery
	type offer struct {
		method, kind, signature, id string
		at                          int64
	}
	offers := make(chan offer, 10)
	answers := []int{http.StatusFound, http.StatusInternalServerError, http.StatusNoContent}
	tries := 0
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o := offer{method: r.Method, kind: r.Header.Get("Content-Type"), signature: r.Header.Get("Stripe-Signature")}
		e, err := webhook.ConstructEventWithOptions(body, o.signature, secret, webhook.ConstructEventOptions{IgnoreTolerance: true})
		if err != nil {
			t.Errorf("stripe-go refuses the webhook: %v", err)
		}
		o.id = e.ID
		_, _ = fmt.Sscanf(o.signature, "t=%d", &o.at)
		w.WriteHeader(answers[min(tries, len(answers)-1)])
		tries++
		offers <- o
	}))
	t.Cleanup(endpoint.Close)
	s := open(t, func(c *emulator.Config) { c.WebhookURL, c.RedirectWait = endpoint.URL, time.Millisecond })
	s.Network(emulator.Delivery{Hold: true, Drop: []string{"payment_intent.created", "charge.succeeded", "payment_intent.succeeded"}})
	s.paid("4242424242424242")
	var first offer
	for n := range answers {
		if n > 0 {
			s.clock.add(time.Minute)
		}
		if sent := s.DeliverDue(t.Context()); sent < 1 {
			t.Fatalf("try %d: nothing is sent", n)
		}
		o := <-offers
		if o.method != described["method"] || o.kind != described["content_type"] || !regexp.MustCompile(`^t=\d+,v1=[0-9a-f]{64}(,v[01]=[0-9a-f]+)*$`).MatchString(o.signature) {
			t.Errorf("offer = %+v, described are %s %s %s", o, described["method"], described["content_type"], described["signature_header"])
		}
		if n == 0 {
			first = o
			continue
		}
		if o.id != first.id || o.at <= first.at || o.signature == first.signature {
			t.Errorf("the next try is %+v after %+v: %s", o, first, described["each_retry"])
		}
	}
	s.clock.add(time.Hour)
	if sent := s.DeliverDue(t.Context()); sent != 0 || s.pending() != 0 {
		t.Errorf("%d are sent after the endpoint has taken all", sent)
	}
}
