package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/smtp"
	"net/textproto"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"

	"boutique/internal/pg"
)

// Server is the mail server that the shop hands its mails to.
type Server struct {
	host, port     string
	user, password string
	implicitTLS    bool
	// patience is how long a conversation may take until the mail is handed over; receipt is how long the server
	// may then take to say that it has it. Whoever hangs up earlier may send twice.
	patience, receipt time.Duration
}

// ParseServer reads smtp://user:pass@host:port (STARTTLS when the server offers it) or
// smtps://user:pass@host:port. Passwords go over encrypted connections only.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return Server{}, errors.New("it must be smtp://user:password@host:port or smtps://user:password@host:port")
	}
	s := Server{host: u.Hostname(), port: u.Port(), user: u.User.Username(), implicitTLS: u.Scheme == "smtps", patience: time.Minute, receipt: 5 * time.Minute}
	s.password, _ = u.User.Password()
	if s.port == "" {
		s.port = "587"
		if s.implicitTLS {
			s.port = "465"
		}
	}
	return s, nil
}

// Check opens a connection to the server and signs in, sending nothing.
func (s Server) Check(ctx context.Context) error {
	c, _, err := s.dial(ctx)
	if err != nil {
		return err
	}
	return c.Quit()
}

// dial opens a connection that ends with the context's time, and signs in.
func (s Server) dial(ctx context.Context) (*smtp.Client, net.Conn, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	line, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return nil, nil, err
	}
	limit(ctx, line)
	c, err := s.greet(line)
	if err != nil {
		line.Close()
		return nil, nil, err
	}
	return c, line, nil
}

// limit gives a connection the context's time.
func limit(ctx context.Context, line net.Conn) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = line.SetDeadline(deadline)
	}
}

func (s Server) greet(conn net.Conn) (*smtp.Client, error) {
	security := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.implicitTLS {
		conn = tls.Client(conn, security)
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		return nil, err
	}
	if ok, _ := c.Extension("STARTTLS"); ok && !s.implicitTLS {
		if err := c.StartTLS(security); err != nil {
			return nil, err
		}
	}
	if s.user != "" {
		if err := c.Auth(smtp.PlainAuth("", s.user, s.password, s.host)); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// send hands the bytes of one mail to the server. Once the server has said that it took the mail, nothing is an
// error any more; when the mail went out whole and no answer came, the error is errUnanswered.
func (s Server) send(ctx context.Context, to string, source []byte) error {
	parsed, err := mail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(parsed.Header.Get("From"))
	if err != nil {
		return err
	}
	talking, done := context.WithTimeout(ctx, s.patience)
	defer done()
	c, line, err := s.dial(talking)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Mail(from.Address); err != nil {
		return err
	}
	if err := c.Rcpt(to); err != nil {
		return err
	}
	w, err := c.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(source); err != nil {
		return err
	}
	waiting, got := context.WithTimeout(ctx, s.receipt)
	defer got()
	limit(waiting, line)
	if err := w.Close(); err != nil {
		var reply *textproto.Error
		if errors.As(err, &reply) {
			return err
		}
		return fmt.Errorf("%w: %w", errUnanswered, err)
	}
	// What the server took is its own: a goodbye that is not answered changes nothing.
	parting, gone := context.WithTimeout(ctx, goodbye)
	defer gone()
	limit(parting, line)
	_ = c.Quit()
	return nil
}

// goodbye is how long the end of a conversation may take.
const goodbye = 5 * time.Second

// Worker sends mails.
type Worker struct {
	river.WorkerDefaults[SendArgs]
	Pool   *pgxpool.Pool
	Server Server
	Logger *slog.Logger
}

// Timeout leaves a slow server the time that it may take.
func (w *Worker) Timeout(*river.Job[SendArgs]) time.Duration {
	return w.Server.patience + w.Server.receipt + 30*time.Second
}

// Work sends one mail. One that was sent already, or is left to staff, is left alone; between the server's yes
// and the mark in the database a crash can send it twice, under the same Message-ID.
func (w *Worker) Work(ctx context.Context, job *river.Job[SendArgs]) error {
	var to string
	var source []byte
	var before trial
	var waited int64
	err := w.Pool.QueryRow(ctx, sqlUnsent, pgx.NamedArgs{"id": job.Args.MailID}).Scan(&to, &source, &before.tries, &before.unanswered, &waited)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	cause := w.Server.send(ctx, to, source)
	if cause == nil {
		return w.mark(ctx, sqlMarkSent, pgx.NamedArgs{"id": job.Args.MailID})
	}
	now := trial{tries: before.tries + 1, unanswered: before.unanswered, waited: time.Duration(waited) * time.Second, cause: cause}
	if errors.Is(cause, errUnanswered) {
		now.unanswered++
	}
	args := pgx.NamedArgs{"id": job.Args.MailID, "error": cause.Error(), "unanswered": now.unanswered}
	wait, ok := now.next()
	if !ok {
		w.Logger.WarnContext(ctx, "a mail was given up: staff may send it again", "mail", job.Args.MailID, "tries", now.tries, "answer", reply(cause))
		return w.mark(ctx, sqlMarkGivenUp, args)
	}
	if now.tries == 1 {
		w.Logger.WarnContext(ctx, "a mail was not taken and is tried again", "mail", job.Args.MailID, "answer", reply(cause), "wait", wait.Round(time.Second).String())
	}
	args["seconds"] = wait.Seconds()
	if err := w.mark(ctx, sqlMarkWaiting, args); err != nil {
		return err
	}
	return river.JobSnooze(wait)
}

// mark writes down what came of a mail, again for some seconds while the database comes back: a yes that is
// forgotten sends the mail twice.
func (w *Worker) mark(ctx context.Context, statement string, args pgx.NamedArgs) error {
	for wait := 100 * time.Millisecond; ; wait *= 2 {
		err := pg.InTx(ctx, w.Pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(ctx, statement, args)
			return err
		})
		if err == nil || wait > 4*time.Second {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
}
