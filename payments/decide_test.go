package payments

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"boutique/internal/machine"
)

// paid is a session that pays the attempt, to the cent.
func paid(p Payment) Session {
	return Session{
		ID: p.SessionID, Status: SessionComplete, PaymentStatus: SessionPaid, Mode: "payment",
		Amount: p.Amount, Currency: "EUR", OrderID: p.OrderID.String(), PaymentID: p.ID.String(), Reference: p.OrderID.String(),
		Intent: &Intent{ID: "pi_1", Status: IntentSucceeded, OrderID: p.OrderID.String(), PaymentID: p.ID.String(), Received: p.Amount, Currency: "EUR"},
	}
}

func attempt(state string) Payment {
	return Payment{ID: uuid.New(), OrderID: uuid.New(), Gateway: Stripe, State: state, Amount: 4250, SessionID: "cs_1"}
}

func TestWhatAFetchedSessionMeans(t *testing.T) {
	t.Parallel()
	unpaid := func(intent string) Session {
		return Session{ID: "cs_1", Status: SessionComplete, PaymentStatus: SessionUnpaid, Intent: &Intent{Status: intent}}
	}
	open := Session{ID: "cs_1", Status: SessionOpen, PaymentStatus: SessionUnpaid}
	expired := Session{ID: "cs_1", Status: SessionExpired, PaymentStatus: SessionUnpaid}
	for _, c := range []struct {
		name    string
		state   string
		session Session
		event   string
	}{
		{"an open page decides nothing", Open, open, ""},
		{"a page that nobody has finished creating decides nothing", Creating, open, ""},
		{"money on its way holds the order", Open, unpaid(IntentProcessing), "process"},
		{"money still on its way changes nothing", Processing, unpaid(IntentProcessing), ""},
		{"a debit that bounces fails", Processing, unpaid(IntentRequiresPaymentMethod), "fail"},
		{"a debit whose processing was never seen fails too", Open, unpaid(IntentRequiresPaymentMethod), "fail"},
		{"a cancelled intent fails", Processing, unpaid(IntentCanceled), "fail"},
		{"a failure never touches money that is there", Captured, unpaid(IntentRequiresPaymentMethod), ""},
		{"an end unpaid expires", Open, expired, "expire"},
		{"an end is told once", Expired, expired, ""},
		{"an end never touches money that is there", Captured, expired, ""},
		{"an end does not undo a failure", Failed, expired, ""},
		{"a decline that leaves the page open is no end", Open, Session{ID: "cs_1", Status: SessionOpen, PaymentStatus: SessionUnpaid, Intent: &Intent{Status: IntentRequiresPaymentMethod}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if d := decide(attempt(c.state), c.session, false); d.Event != c.event || d.Quarantine != "" {
				t.Errorf("decide = %+v, want event %q", d, c.event)
			}
		})
	}
}

func TestMoneyThatIsThereIsRecordedInEveryStateButOnce(t *testing.T) {
	t.Parallel()
	for state, event := range map[string]string{
		Creating: "capture", Open: "capture", Processing: "capture", Failed: "capture", Expired: "capture", Captured: "",
	} {
		p := attempt(state)
		if d := decide(p, paid(p), false); d.Event != event || d.Quarantine != "" {
			t.Errorf("%s: decide = %+v, want event %q", state, d, event)
		}
	}
}

func TestMoneyThatIsNotTheOrdersIsQuarantined(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*Session)
		says   string
	}{
		{"another amount", func(s *Session) { s.Amount-- }, "amount"},
		{"another amount received", func(s *Session) { s.Intent.Received = 1 }, "amount received"},
		{"another currency", func(s *Session) { s.Currency = "USD" }, "currency"},
		{"another currency received", func(s *Session) { s.Intent.Currency = "USD" }, "currency received"},
		{"another session", func(s *Session) { s.ID = "cs_2" }, "session"},
		{"another order", func(s *Session) { s.OrderID = uuid.NewString() }, "order in the metadata"},
		{"another order's intent", func(s *Session) { s.Intent.OrderID = uuid.NewString() }, "intent's metadata"},
		{"another attempt", func(s *Session) { s.PaymentID = uuid.NewString() }, "payment in the metadata"},
		{"another reference", func(s *Session) { s.Reference = "" }, "order reference"},
		{"play money for real money", func(s *Session) { s.Livemode = true }, "livemode"},
		{"a subscription", func(s *Session) { s.Mode = "subscription" }, "mode"},
		{"no intent", func(s *Session) { s.Intent = nil }, "no intent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := attempt(Open)
			s := paid(p)
			c.change(&s)
			d := decide(p, s, false)
			if d.Event != "capture" || !strings.Contains(d.Quarantine, c.says) {
				t.Errorf("decide = %+v, want a capture quarantined for %q", d, c.says)
			}
		})
	}
}

func TestWhatAFetchedRefundMeans(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		state, status, event string
	}{
		{"", Pending, "adopt_pending"},
		{"", Succeeded, "adopt_succeeded"},
		{"", RefundFailed, "adopt_failed"},
		{Requested, Pending, "accept"},
		{Requested, RefundRequiresAction, "accept"},
		{Requested, Succeeded, "succeed"},
		{Requested, RefundFailed, "fail"},
		{Pending, Pending, ""},
		{Pending, Succeeded, "succeed"},
		{Pending, RefundCanceled, "fail"},
		{Succeeded, RefundFailed, "fail"},
		{Succeeded, Pending, ""},
		{RefundFailed, Succeeded, ""},
		{RefundFailed, RefundFailed, ""},
		{Requested, "of a new kind", ""},
	} {
		if got := refundEvent(Refund{State: c.state}, c.state != "", ProviderRefund{Status: c.status}); got != c.event {
			t.Errorf("a refund that is %q and is fetched %q: event %q, want %q", c.state, c.status, got, c.event)
		}
	}
}

func TestCapturedMoneyIsLeftByNoStep(t *testing.T) {
	t.Parallel()
	if open := PaymentMachine.Open(Captured); len(open) != 0 {
		t.Errorf("steps lead away from captured: %v", open)
	}
	for _, m := range []machine.Machine{PaymentMachine, RefundMachine} {
		seen := map[[2]string]bool{}
		for _, s := range m.Steps {
			if key := [2]string{s.From, s.Event}; seen[key] {
				t.Errorf("%s: %v is in the table twice", m.Name, key)
			} else {
				seen[key] = true
			}
		}
	}
}

func TestWhatIsLeftOutAfterARefusal(t *testing.T) {
	t.Parallel()
	full := Request{Email: "a@b.fr", Methods: []string{"card", "bancontact"}}
	cards := Request{Email: "a@b.fr", Methods: []string{"card"}}
	for _, c := range []struct {
		name    string
		request Request
		refusal Refusal
		want    string
	}{
		{"an address", full, Refusal{Param: "customer_email", Code: "email_invalid"}, " [card bancontact]"},
		{"a method", full, Refusal{Param: "payment_method_types"}, "a@b.fr [card]"},
		{"one of the methods by its index", full, Refusal{Param: "payment_method_types[1]"}, "a@b.fr [card]"},
		{"not cards themselves", cards, Refusal{Param: "payment_method_types"}, ""},
		{"not an address that is not there", Request{Methods: []string{"card"}}, Refusal{Param: "customer_email"}, ""},
		{"nothing else", full, Refusal{Param: "expires_at"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, ok := remedy(c.request, &c.refusal)
			if ok != (c.want != "") {
				t.Fatalf("remedy ok = %v", ok)
			}
			if s := got.Email + " [" + strings.Join(got.Methods, " ") + "]"; ok && s != c.want {
				t.Errorf("remedy = %q, want %q", s, c.want)
			}
		})
	}
}

func TestTooManyLinesAreFoldedWithoutLosingACent(t *testing.T) {
	t.Parallel()
	lines := make([]RequestLine, 250)
	for i := range lines {
		lines[i] = RequestLine{Name: "Mug", Amount: 3}
	}
	got := Request{Lines: fewer(lines)}
	if len(got.Lines) != 100 || got.total() != 750 || got.Lines[99].Name != "… (+151)" {
		t.Errorf("%d lines, %d cents, last %q", len(got.Lines), got.total(), got.Lines[99].Name)
	}
}

func TestKeysOfARefundCountUp(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	key := "re-" + id.String()
	for _, want := range []string{"-2", "-3", "-4"} {
		if key = nextKey(id, key); key != "re-"+id.String()+want {
			t.Fatalf("key = %s, want …%s", key, want)
		}
	}
}

func TestBackOffGrowsToAnHour(t *testing.T) {
	t.Parallel()
	if first := backOff(1); first > 2_000_000_000 || first < 1_600_000_000 {
		t.Errorf("first wait %s", first)
	}
	for _, n := range []int{13, 50, 100} {
		if w := backOff(n).Minutes(); w > 60 || w < 48 {
			t.Errorf("wait %d is %.0f minutes", n, w)
		}
	}
}
