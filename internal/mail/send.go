package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/smtp"
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
}

// ParseServer reads smtp://user:pass@host:port (STARTTLS when the server offers it) or
// smtps://user:pass@host:port. Passwords go over encrypted connections only.
func ParseServer(address string) (Server, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		return Server{}, errors.New("it must be smtp://user:password@host:port or smtps://user:password@host:port")
	}
	s := Server{host: u.Hostname(), port: u.Port(), user: u.User.Username(), implicitTLS: u.Scheme == "smtps"}
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
	c, err := s.dial(ctx)
	if err != nil {
		return err
	}
	return c.Quit()
}

func (s Server) dial(ctx context.Context) (*smtp.Client, error) {
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(s.host, s.port))
	if err != nil {
		return nil, err
	}
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline)
	}
	security := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	if s.implicitTLS {
		conn = tls.Client(conn, security)
	}
	c, err := smtp.NewClient(conn, s.host)
	if err != nil {
		conn.Close()
		return nil, err
	}
	if ok, _ := c.Extension("STARTTLS"); ok && !s.implicitTLS {
		if err := c.StartTLS(security); err != nil {
			c.Close()
			return nil, err
		}
	}
	if s.user != "" {
		if err := c.Auth(smtp.PlainAuth("", s.user, s.password, s.host)); err != nil {
			c.Close()
			return nil, err
		}
	}
	return c, nil
}

// send hands the bytes of one mail to the server.
func (s Server) send(ctx context.Context, to string, source []byte) error {
	parsed, err := mail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		return err
	}
	from, err := mail.ParseAddress(parsed.Header.Get("From"))
	if err != nil {
		return err
	}
	c, err := s.dial(ctx)
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
	if err := w.Close(); err != nil {
		return err
	}
	return c.Quit()
}

// Worker sends mails.
type Worker struct {
	river.WorkerDefaults[SendArgs]
	Pool   *pgxpool.Pool
	Server Server
}

// Work sends one mail. One that was sent already is left alone; between the server's yes and the
// mark in the database a crash can send it twice, under the same Message-ID.
func (w *Worker) Work(ctx context.Context, job *river.Job[SendArgs]) error {
	var to string
	var source []byte
	err := w.Pool.QueryRow(ctx, sqlUnsent, pgx.NamedArgs{"id": job.Args.MailID}).Scan(&to, &source)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	sending, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	failure := w.Server.send(sending, to, source)
	statement, args := sqlMarkSent, pgx.NamedArgs{"id": job.Args.MailID}
	if failure != nil {
		statement, args = sqlMarkFailed, pgx.NamedArgs{"id": job.Args.MailID, "error": failure.Error()}
	}
	if err := pg.InTx(ctx, w.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, statement, args)
		return err
	}); err != nil {
		return err
	}
	if failure != nil {
		return fmt.Errorf("mail %d: %w", job.Args.MailID, failure)
	}
	return nil
}
