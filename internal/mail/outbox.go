// Package mail is the shop's outbox: a mail is a row, written by the transaction of the fact that it
// tells, and sent by a job.
package mail

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	gomail "github.com/wneessen/go-mail"

	"boutique/internal/audit"
	"boutique/internal/clock"
	"boutique/internal/fault"
	"boutique/internal/jobs"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Message is a mail as its writer gives it. Kind and Ref name the fact that it tells: one fact is
// mailed once. HTML may be empty; Text may not.
type Message struct {
	Kind, Ref   string
	To, ToName  string
	Lang        text.Lang
	Subject     string
	Text, HTML  string
	Attachments []Attachment
}

// Attachment is a file that goes with a mail.
type Attachment struct {
	Name string
	Type string
	Data []byte
}

// Outbox writes mails to be sent.
type Outbox struct {
	// From is the sender, as an address with or without a name.
	From  string
	Jobs  jobs.Inserter
	Clock clock.Clock
}

// SendArgs is the job that sends one mail.
type SendArgs struct {
	MailID int64 `json:"mail_id"`
}

// Kind names the job in the queue.
func (SendArgs) Kind() string { return "mail_send" }

// InsertOpts sends mails by their own queue. Its attempts count what went wrong in the shop: a mail that no server
// takes waits by a rule of its own.
func (SendArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: jobs.QueueMail, MaxAttempts: 30}
}

// Enqueue writes a mail into the outbox, in the transaction of the fact that it tells. A fact that
// was mailed before is left alone. Line breaks in addresses and subjects are refused.
func (o *Outbox) Enqueue(ctx context.Context, tx pgx.Tx, m Message) error {
	source, id, err := o.build(m)
	if err != nil {
		return fmt.Errorf("mail %s about %s: %w", m.Kind, m.Ref, err)
	}
	var row int64
	err = tx.QueryRow(ctx, sqlInsert, pgx.NamedArgs{
		"kind": m.Kind, "ref": m.Ref, "message_id": id, "recipient": m.To, "subject": m.Subject, "lang": string(m.Lang), "source": source,
	}).Scan(&row)
	if err == pgx.ErrNoRows {
		return nil
	}
	if err != nil {
		return err
	}
	return o.Jobs.InsertTx(ctx, tx, SendArgs{MailID: row}, nil)
}

// build writes the message of RFC 5322. Its Message-ID follows from the fact, so that a mail that is
// sent twice after a crash can be recognised as one.
func (o *Outbox) build(m Message) ([]byte, string, error) {
	for _, s := range []string{m.To, m.ToName, m.Subject} {
		if strings.ContainsAny(s, "\r\n\x00") {
			return nil, "", fmt.Errorf("a line break in an address or subject")
		}
	}
	msg := gomail.NewMsg()
	if err := msg.From(o.From); err != nil {
		return nil, "", fmt.Errorf("MAIL_FROM: %w", err)
	}
	if err := msg.AddToFormat(m.ToName, m.To); err != nil {
		return nil, "", err
	}
	domain := "boutique.invalid"
	if list := msg.GetFrom(); len(list) > 0 {
		if _, d, ok := strings.Cut(list[0].Address, "@"); ok {
			domain = d
		}
	}
	sum := sha256.Sum256([]byte(m.Kind + "\x00" + m.Ref))
	id := m.Kind + "." + hex.EncodeToString(sum[:12]) + "@" + domain
	msg.SetMessageIDWithValue(id)
	msg.SetDateWithValue(o.Clock.Now())
	msg.Subject(m.Subject)
	msg.SetGenHeader("Content-Language", string(m.Lang))
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, m.Text)
	if m.HTML != "" {
		msg.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	}
	for _, a := range m.Attachments {
		if err := msg.AttachReader(a.Name, bytes.NewReader(a.Data), gomail.WithFileContentType(gomail.ContentType(a.Type))); err != nil {
			return nil, "", err
		}
	}
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, "", err
	}
	return b.Bytes(), id, nil
}

// Sent is a mail of the outbox. SentAt is nil until a server took it; then NextTryAt says when it is tried again,
// or GivenUpAt since when it is left to staff.
type Sent struct {
	ID          int64
	Kind        string
	SubjectRef  string
	MessageID   string `db:"message_id"`
	Recipient   string
	SubjectLine string
	Lang        string
	CreatedAt   time.Time
	SentAt      *time.Time
	Tries       int
	LastError   *string
	NextTryAt   *time.Time
	GivenUpAt   *time.Time
	// Unanswered is how often the mail was handed over whole without an answer: so often it may have arrived.
	Unanswered int
}

// List lists the newest mails, older than before (0: from now); with stuck only those that no server has taken.
func List(ctx context.Context, q pg.Querier, stuck bool, before int64, limit int) ([]Sent, error) {
	rows, err := q.Query(ctx, sqlList, pgx.NamedArgs{"stuck": stuck, "before": before, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Sent])
}

// Get reads what is known of one mail.
func Get(ctx context.Context, q pg.Querier, id int64) (Sent, error) {
	rows, err := q.Query(ctx, sqlGet, pgx.NamedArgs{"id": id})
	if err != nil {
		return Sent{}, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Sent])
}

// Source reads a mail's bytes.
func Source(ctx context.Context, q pg.Querier, id int64) ([]byte, error) {
	var source []byte
	err := q.QueryRow(ctx, sqlSource, pgx.NamedArgs{"id": id}).Scan(&source)
	return source, err
}

// CountUnsent counts the mails that no server has taken for a quarter of an hour, or that were given up.
func CountUnsent(ctx context.Context, q pg.Querier) (int, error) {
	var n int
	err := q.QueryRow(ctx, sqlCountUnsent).Scan(&n)
	return n, err
}

// SendAgain takes up a mail that the shop has given up. One that still waits, or was sent, is refused: it would
// go out twice.
func (o *Outbox) SendAgain(ctx context.Context, pool pg.Beginner, id int64, actor string) error {
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		var kind, ref string
		err := tx.QueryRow(ctx, sqlAskAgain, pgx.NamedArgs{"id": id}).Scan(&kind, &ref)
		if errors.Is(err, pgx.ErrNoRows) {
			return fault.New(fault.Conflict, "mail_not_given_up", "this mail was sent, or will be tried again by itself")
		}
		if err != nil {
			return err
		}
		if err := o.Jobs.InsertTx(ctx, tx, SendArgs{MailID: id}, nil); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "mail_asked_again", Subject: "mail:" + strconv.FormatInt(id, 10), Detail: map[string]string{"kind": kind}})
	})
}

// SendWaiting tries all that waits at once, and takes up what was given up and has surely not arrived: the mail
// server works again. What may have arrived twice is asked for one by one.
func (o *Outbox) SendWaiting(ctx context.Context, pool pg.Beginner, actor string) error {
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, sqlGivenUp)
		if err != nil {
			return err
		}
		given, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			return err
		}
		for _, id := range given {
			if _, err := tx.Exec(ctx, sqlAskAgain, pgx.NamedArgs{"id": id}); err != nil {
				return err
			}
			if err := o.Jobs.InsertTx(ctx, tx, SendArgs{MailID: id}, nil); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, sqlHurry); err != nil {
			return err
		}
		if err := jobs.Hurry(ctx, tx, SendArgs{}.Kind()); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "mails_tried_now", Subject: "mails", Detail: map[string]int{"taken_up": len(given)}})
	})
}
