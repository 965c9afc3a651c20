package mail_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"boutique/internal/clock"
	"boutique/internal/jobs"
	"boutique/internal/mail"
	"boutique/internal/mail/catcher"
	"boutique/internal/pg"
	"boutique/internal/pg/pgtest"
	"boutique/internal/text"
)

func TestAFactIsMailedOnceThroughTheQueue(t *testing.T) {
	t.Parallel()
	ctx, pool := context.Background(), pgtest.DB(t)
	caught, err := catcher.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer caught.Close()
	server, err := mail.ParseServer(caught.URL())
	if err != nil {
		t.Fatal(err)
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &mail.Worker{Pool: pool, Server: server, Logger: slog.New(slog.DiscardHandler)})
	queue, err := jobs.New(pool, jobs.Options{Workers: workers, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	outbox := &mail.Outbox{From: "La Boutique <boutique@office.example>", Jobs: queue, Clock: clock.System{}}
	message := mail.Message{Kind: "order_confirmed", Ref: "7", To: "zoe@example.org", ToName: "Zoé Œillet", Lang: text.FR,
		Subject: "Votre commande est confirmée", Text: "Merci, à bientôt.", HTML: "<p>Merci, à bientôt.</p>"}
	for range 3 {
		if err := pg.InTx(ctx, pool, func(tx pgx.Tx) error { return outbox.Enqueue(ctx, tx, message) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := queue.Start(ctx); err != nil {
		t.Fatal(err)
	}
	defer queue.Stop(ctx)
	deadline := time.Now().Add(20 * time.Second)
	var list []catcher.Mail
	for len(list) == 0 && time.Now().Before(deadline) {
		if list, err = caught.List(ctx); err != nil {
			t.Fatal(err)
		}
	}
	if len(list) != 1 {
		t.Fatalf("%d mails were caught", len(list))
	}
	m := list[0]
	if m.Subject != message.Subject || strings.TrimSpace(m.Text) != message.Text || strings.TrimSpace(m.HTML) != message.HTML || !strings.Contains(m.To, "zoe@example.org") {
		t.Errorf("caught %+v", m)
	}
	if !strings.Contains(m.MessageID, "order_confirmed.") {
		t.Errorf("Message-ID %s", m.MessageID)
	}
}

func TestLineBreaksNeverReachAHeader(t *testing.T) {
	t.Parallel()
	ctx, tx := context.Background(), pgtest.Tx(t)
	outbox := &mail.Outbox{From: "boutique@office.example", Clock: clock.System{}}
	for _, m := range []mail.Message{
		{Kind: "k", Ref: "1", To: "a@example.org\r\nBcc: b@example.org", Subject: "s", Text: "t"},
		{Kind: "k", Ref: "2", To: "a@example.org", Subject: "s\nBcc: b@example.org", Text: "t"},
		{Kind: "k", Ref: "3", To: "a@example.org", ToName: "n\r\nX: y", Subject: "s", Text: "t"},
	} {
		if err := outbox.Enqueue(ctx, tx, m); err == nil {
			t.Errorf("%q was accepted", m)
		}
	}
}

func TestServersAreNamedByAddress(t *testing.T) {
	t.Parallel()
	for address, ok := range map[string]bool{"smtp://mail.example:25": true, "smtps://u:p@mail.example": true, "http://mail.example": false, "mail.example": false, "": false} {
		if _, err := mail.ParseServer(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}
