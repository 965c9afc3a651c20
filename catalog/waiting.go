package catalog

import (
	"context"
	"errors"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Waiter is a shopper who asked to be told when an article is back. ID is unguessable.
type Waiter struct {
	ID    uuid.UUID
	Email string
	Lang  string
	SKU   string `db:"sku"`
	Slug  string
	Name  string
}

// WaitingMails writes the mail to a waiter; the storefront implements it.
type WaitingMails interface {
	BackInStock(w Waiter, link, stop string) (mail.Message, error)
}

// Waitlist tells shoppers who asked when an article is back: each request is one mail.
type Waitlist struct {
	Pool      *pgxpool.Pool
	Outbox    *mail.Outbox
	Mails     WaitingMails
	PublicURL string
}

// Ask notes that a shopper wants to be told. Who asks twice waits once; the answer is the same for an
// article that is not on offer.
func (l *Waitlist) Ask(ctx context.Context, sku, email string, lang text.Lang) error {
	email = strings.TrimSpace(email)
	var fields fault.Fields
	if address, err := netmail.ParseAddress(email); err != nil || address.Address != email || len(email) > 200 || strings.ContainsAny(email, "\r\n") {
		fields.Add("email", "email_invalid", "is no e-mail address")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, l.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlAskBackInStock, pgx.NamedArgs{"sku": sku, "email": email, "lang": string(lang)})
		return err
	})
}

// Tell writes to those whose article is back, and forgets those who were told long ago. It answers how
// many were told.
func (l *Waitlist) Tell(ctx context.Context) (int, error) {
	told := 0
	err := pg.InTx(ctx, l.Pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlWaitingNow)
		if err != nil {
			return err
		}
		waiters, err := pgx.CollectRows(rows, pgx.RowToStructByName[Waiter])
		if err != nil {
			return err
		}
		for _, w := range waiters {
			at := l.PublicURL + "/" + w.Lang
			m, err := l.Mails.BackInStock(w, at+"/products/"+w.Slug+"?variant="+w.SKU, at+"/back-in-stock/"+w.ID.String())
			if err != nil {
				return err
			}
			m.Kind, m.Ref, m.To, m.Lang = "back_in_stock", w.ID.String(), w.Email, text.Lang(w.Lang)
			if err := l.Outbox.Enqueue(ctx, tx, m); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, sqlTold, pgx.NamedArgs{"id": w.ID}); err != nil {
				return err
			}
		}
		told = len(waiters)
		_, err = tx.Exec(ctx, sqlForgetTold)
		return err
	})
	return told, err
}

// Waiter finds a request by its id. An unknown one is NotFound.
func (l *Waitlist) Waiter(ctx context.Context, id string) (Waiter, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return Waiter{}, errNoWaiter()
	}
	rows, err := l.Pool.Query(ctx, sqlWaiter, pgx.NamedArgs{"id": parsed})
	if err != nil {
		return Waiter{}, err
	}
	w, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Waiter])
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoWaiter()
	}
	return w, err
}

func errNoWaiter() error {
	return fault.New(fault.NotFound, "waiter_not_found", "nobody is waiting here any more")
}

// Stop forgets everything that an address waits for.
func (l *Waitlist) Stop(ctx context.Context, id string) error {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return errNoWaiter()
	}
	return pg.InTx(ctx, l.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlStopTelling, pgx.NamedArgs{"id": parsed})
		return err
	})
}

// TellArgs is the job that tells those who wait.
type TellArgs struct{}

// Kind names the job in the queue.
func (TellArgs) Kind() string { return "back_in_stock" }

// TellWorker tells those who wait.
type TellWorker struct {
	river.WorkerDefaults[TellArgs]
	Waitlist *Waitlist
}

// Work tells until nobody is left whose article is back.
func (w *TellWorker) Work(ctx context.Context, _ *river.Job[TellArgs]) error {
	for {
		if told, err := w.Waitlist.Tell(ctx); err != nil || told == 0 {
			return err
		}
	}
}

// tellEach is how often those who wait are looked after.
const tellEach = 20 * time.Second
