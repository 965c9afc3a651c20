package mail

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/jobs"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

// badServer is a mail server on loopback that says to each command what it is told to say; "" hangs up, and
// "silent" says nothing until the other side hangs up.
type badServer struct {
	Server
	says func(command string) string
	// whole counts the mails that came in whole; slow is how late the receipt of each is.
	whole atomic.Int64
	slow  time.Duration
}

func newBadServer(t *testing.T) *badServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	b := &badServer{says: func(string) string { return "250 fine" }}
	if b.Server, err = ParseServer("smtp://" + listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	b.patience, b.receipt = 200*time.Millisecond, 10*time.Second
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go b.talk(conn)
		}
	}()
	return b
}

func (b *badServer) talk(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	answer := func(command, usual string) bool {
		said := b.says(command)
		switch said {
		case "250 fine":
			said = usual
		case "":
			return false
		case "silent":
			_, _ = in.ReadByte()
			return false
		}
		_, err := fmt.Fprintf(conn, "%s\r\n", said)
		return err == nil && said == usual
	}
	if !answer("GREETING", "220 here") {
		return
	}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		command := strings.ToUpper(strings.Fields(line + " ?")[0])
		if command != "DATA" {
			if !answer(command, "250 ok") {
				return
			}
			continue
		}
		if !answer("DATA", "354 go on") {
			return
		}
		for line != ".\r\n" {
			if line, err = in.ReadString('\n'); err != nil {
				return
			}
		}
		b.whole.Add(1)
		if b.slow > 0 {
			<-time.After(b.slow)
		}
		if !answer("END", "250 taken") {
			return
		}
	}
}

// desk is an outbox with one mail in it, and whoever works on it.
type desk struct {
	t      *testing.T
	pool   *pgxpool.Pool
	outbox *Outbox
	worker *Worker
	id     int64
}

func newDesk(t *testing.T, server Server) *desk {
	t.Helper()
	pool := pgtest.DB(t)
	queue, err := jobs.New(pool, jobs.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, pool: pool, worker: &Worker{Pool: pool, Server: server, Logger: slog.New(slog.DiscardHandler)}}
	d.outbox = &Outbox{From: "La Boutique <boutique@office.example>", Jobs: queue, Clock: clock.System{}}
	if err := pg.InTx(t.Context(), pool, func(tx pgx.Tx) error {
		return d.outbox.Enqueue(t.Context(), tx, Message{Kind: "order_confirmed", Ref: "7", To: "zoe@example.org", Lang: text.FR, Subject: "Merci", Text: "À bientôt."})
	}); err != nil {
		t.Fatal(err)
	}
	list, err := List(t.Context(), pool, true, 0, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v, %d mails wait", err, len(list))
	}
	d.id = list[0].ID
	return d
}

// try lets the worker try, and answers what is then known of the mail.
func (d *desk) try() Sent {
	d.t.Helper()
	_ = d.worker.Work(d.t.Context(), &river.Job[SendArgs]{Args: SendArgs{MailID: d.id}})
	m, err := Get(d.t.Context(), d.pool, d.id)
	if err != nil {
		d.t.Fatal(err)
	}
	results, err := invariant.Check(d.t.Context(), d.pool, Invariants())
	if err != nil || !results[0].Holds() {
		d.t.Fatalf("%v: %v", err, results)
	}
	return m
}

// Whatever a mail server does before it has the whole mail, the mail waits, says why, and goes once when the
// server is well again.
func TestAMailThatWasNotTakenWaitsAndGoesOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ command, says, because string }{
		"nobody greets":          {"GREETING", "", "EOF"},
		"it is closing":          {"GREETING", "421 4.3.2 closing", "421"},
		"it is silent":           {"GREETING", "silent", "timeout"},
		"it stops at the sender": {"MAIL", "silent", "timeout"},
		"busy at the sender":     {"MAIL", "451 4.3.2 later", "451"},
		"not from here":          {"MAIL", "550 5.7.1 not from here", "550"},
		"mailbox full":           {"RCPT", "452 4.2.2 full", "452"},
		"no such reader":         {"RCPT", "550 5.1.1 nobody", "550"},
		"cut before the mail":    {"DATA", "", "EOF"},
		"refused when read":      {"END", "554 5.6.0 not liked", "554"},
		"busy when read":         {"END", "451 4.3.0 later", "451"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newBadServer(t)
			server.says = func(command string) string {
				if command == c.command {
					return c.says
				}
				return "250 fine"
			}
			d := newDesk(t, server.Server)
			for n := 1; n <= 3; n++ {
				m := d.try()
				if m.SentAt != nil || m.GivenUpAt != nil || m.Tries != n || m.Unanswered != 0 || m.NextTryAt == nil || m.LastError == nil || !strings.Contains(*m.LastError, c.because) {
					t.Fatalf("after %d tries: %+v (%s)", n, m, deref(m.LastError))
				}
			}
			server.says = func(string) string { return "250 fine" }
			before := server.whole.Load()
			if m := d.try(); m.SentAt == nil || m.NextTryAt != nil || m.LastError != nil {
				t.Errorf("the server is well: %+v", m)
			}
			if d.try(); server.whole.Load() != before+1 {
				t.Errorf("the mail went %d times", server.whole.Load()-before)
			}
		})
	}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// A server that takes the whole mail and never says so gets it twice, and not a third time: staff are told that it
// may have arrived, and may ask for it once more.
func TestAMailWithoutAnAnswerGoesTwiceAtMost(t *testing.T) {
	t.Parallel()
	for name, says := range map[string]string{"cut": "", "silent": "silent"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newBadServer(t)
			server.receipt = 200 * time.Millisecond
			server.says = func(command string) string {
				if command == "END" {
					return says
				}
				return "250 fine"
			}
			d := newDesk(t, server.Server)
			if m := d.try(); m.Unanswered != 1 || m.NextTryAt == nil || m.GivenUpAt != nil {
				t.Fatalf("once: %+v", m)
			}
			if err := d.outbox.SendAgain(t.Context(), d.pool, d.id, "camille"); !fault.Is(err, "mail_not_given_up") {
				t.Errorf("a mail that waits is asked for: %v", err)
			}
			if m := d.try(); m.Unanswered != 2 || m.NextTryAt != nil || m.GivenUpAt == nil {
				t.Fatalf("twice: %+v", m)
			}
			if n, err := CountUnsent(t.Context(), d.pool); n != 1 || err != nil {
				t.Errorf("staff see %d, %v", n, err)
			}
			// Everything that waits is tried: this one may have arrived, and is not.
			if err := d.outbox.SendWaiting(t.Context(), d.pool, "camille"); err != nil {
				t.Fatal(err)
			}
			if m := d.try(); m.GivenUpAt == nil || server.whole.Load() != 2 {
				t.Errorf("the server got it %d times: %+v", server.whole.Load(), m)
			}
			server.says = func(string) string { return "250 fine" }
			if err := d.outbox.SendAgain(t.Context(), d.pool, d.id, "camille"); err != nil {
				t.Fatal(err)
			}
			if m := d.try(); m.SentAt == nil || server.whole.Load() != 3 {
				t.Errorf("asked for anew: %+v", m)
			}
		})
	}
}

// A server that takes its time over a mail, or hangs up after its yes, has taken it once.
func TestASlowReceiptIsWaitedForAndAGoodbyeIsNot(t *testing.T) {
	t.Parallel()
	server := newBadServer(t)
	server.slow = 300 * time.Millisecond
	server.says = func(command string) string {
		if command == "QUIT" {
			return ""
		}
		return "250 fine"
	}
	d := newDesk(t, server.Server)
	if m := d.try(); m.SentAt == nil {
		t.Fatalf("%+v (%s)", m, deref(m.LastError))
	}
	if d.try(); server.whole.Load() != 1 {
		t.Errorf("the mail went %d times", server.whole.Load())
	}
}

// What was given up because the server was away for long is taken up by one press of a button, with what waits.
func TestStaffSendEverythingThatWaits(t *testing.T) {
	t.Parallel()
	server := newBadServer(t)
	server.says = func(string) string { return "451 4.3.2 later" }
	d := newDesk(t, server.Server)
	d.try()
	if _, err := d.pool.Exec(context.Background(), `update mail set created_at = created_at - interval '6 days'`); err != nil {
		t.Fatal(err)
	}
	if m := d.try(); m.GivenUpAt == nil || m.Unanswered != 0 {
		t.Fatalf("after six days: %+v", m)
	}
	for range 2 {
		if err := d.outbox.SendWaiting(t.Context(), d.pool, "camille"); err != nil {
			t.Fatal(err)
		}
	}
	if m := d.try(); m.GivenUpAt != nil || m.NextTryAt == nil {
		t.Errorf("taken up, five days begin anew: %+v", m)
	}
	server.says = func(string) string { return "250 fine" }
	if m := d.try(); m.SentAt == nil || server.whole.Load() != 1 {
		t.Errorf("%d times: %+v", server.whole.Load(), m)
	}
}
