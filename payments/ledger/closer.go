package ledger

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/audit"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/text"
)

// Closer closes periods and sends each seal to the accountant, who can hold the books against it
// whatever happens to the shop's own database.
type Closer struct {
	Pool  *pgxpool.Pool
	Clock clock.Clock
	// Key signs; it lies outside the database.
	Key    ed25519.PrivateKey
	Outbox *mail.Outbox
}

// CloseMonth seals a month that is over, after every day before its end that was not sealed in its
// time. From then on the month takes no entry.
func (c *Closer) CloseMonth(ctx context.Context, p Period, actor string) (Closing, error) {
	if err := c.makeUpDays(ctx, p.To); err != nil {
		return Closing{}, err
	}
	return c.close(ctx, ClosingMonth, p, actor)
}

func (c *Closer) close(ctx context.Context, kind ClosingKind, p Period, actor string) (closing Closing, err error) {
	err = pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		if closing, err = Close(ctx, tx, kind, p, c.Key, actor); err != nil {
			return err
		}
		if kind == ClosingMonth {
			if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "close_month", Subject: "period:" + closing.First, Detail: map[string]any{"closing": closing.N, "entries": closing.Entries}}); err != nil {
				return err
			}
		}
		return c.tell(ctx, tx, closing)
	})
	return closing, err
}

// MakeUp seals every day and year that is over and has not been sealed: those of a night in which no
// server ran too.
func (c *Closer) MakeUp(ctx context.Context) error {
	today := c.Clock.Now().In(text.Paris())
	if err := c.makeUpDays(ctx, time.Date(today.Year(), today.Month(), today.Day()-1, 0, 0, 0, 0, text.Paris())); err != nil {
		return err
	}
	years, err := c.unsealed(ctx, sqlUnsealedYears, time.Date(today.Year()-1, 12, 31, 0, 0, 0, 0, text.Paris()))
	if err != nil {
		return err
	}
	for _, first := range years {
		if done, err := c.seal(ctx, ClosingYear, Period{first, first.AddDate(1, 0, -1)}); err != nil || !done {
			return err
		}
	}
	return nil
}

func (c *Closer) makeUpDays(ctx context.Context, last time.Time) error {
	days, err := c.unsealed(ctx, sqlUnsealedDays, last)
	if err != nil {
		return err
	}
	for _, day := range days {
		if done, err := c.seal(ctx, ClosingDay, Period{day, day}); err != nil || !done {
			return err
		}
	}
	return nil
}

// seal seals a period that nobody closes by hand; done is false when it has not been over for long
// enough.
func (c *Closer) seal(ctx context.Context, kind ClosingKind, p Period) (done bool, err error) {
	_, err = c.close(ctx, kind, p, "system")
	switch {
	case fault.Is(err, "period_closed"):
		return true, nil
	case fault.Is(err, "period_not_over"):
		return false, nil
	}
	return err == nil, err
}

func (c *Closer) unsealed(ctx context.Context, statement string, last time.Time) ([]time.Time, error) {
	rows, err := c.Pool.Query(ctx, statement, pgx.NamedArgs{"last": last.Format(time.DateOnly)})
	if err != nil {
		return nil, err
	}
	days, err := pgx.CollectRows(rows, pgx.RowTo[time.Time])
	for i, d := range days {
		days[i] = time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, text.Paris())
	}
	return days, err
}

// tell writes the accountant a mail with the seal, in the transaction that closes. A day without an
// entry is told by the next seal, which follows from it.
func (c *Closer) tell(ctx context.Context, tx pgx.Tx, closing Closing) error {
	books, err := setting.GetBooks(ctx, tx, c.Clock.Now())
	if err != nil || c.Outbox == nil || books.Accountant == "" || closing.Kind == ClosingDay && closing.Entries == 0 {
		return err
	}
	office, err := setting.GetOffice(ctx, tx)
	if err != nil {
		return err
	}
	file, err := json.MarshalIndent(closing.File(), "", "  ")
	if err != nil {
		return err
	}
	t := documentWords.In(text.FR)
	period := closing.Name(t)
	lines := []string{
		t.T("seal_intro", "shop", office.ShopName, "period", period), "",
		t.T("seal_entries") + " : " + fmt.Sprint(closing.Entries),
		t.T("seal_debits") + " : " + t.Money(closing.Debits),
		t.T("seal_invoiced") + " : " + t.Money(closing.Invoiced),
		t.T("seal_credited") + " : " + t.Money(closing.Credited),
		t.T("seal_vat") + " : " + t.Money(closing.VAT),
		t.T("seal_perpetual") + " : " + t.Money(closing.Perpetual), "",
		t.T("seal_number", "n", closing.N, "seq", closing.EntrySeq),
		t.T("seal_hash") + " : " + hex.EncodeToString(closing.Hash),
		t.T("seal_signature") + " : " + hex.EncodeToString(closing.Signature),
		t.T("seal_key") + " : " + hex.EncodeToString(closing.PublicKey), "",
		t.T("seal_keep"),
	}
	return c.Outbox.Enqueue(ctx, tx, mail.Message{
		Kind: "seal", Ref: fmt.Sprint(closing.N), To: books.Accountant, Lang: text.FR, Subject: t.T("seal_subject", "period", period, "shop", office.ShopName),
		Text: strings.Join(lines, "\n") + "\n", Attachments: []mail.Attachment{{Name: fmt.Sprintf("sceau-%d.json", closing.N), Type: "application/json", Data: append(file, '\n')}},
	})
}

// Name is what a reader calls the period: a day, a month or a year.
func (c Closing) Name(t text.Printer) string {
	first, err := time.ParseInLocation(time.DateOnly, c.First, text.Paris())
	if err != nil {
		return c.First
	}
	switch c.Kind {
	case ClosingMonth:
		return t.Month(first)
	case ClosingYear:
		return first.Format("2006")
	}
	return t.Date(first)
}
