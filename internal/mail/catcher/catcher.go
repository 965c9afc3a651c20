// Package catcher is a mail server that delivers nothing: it keeps what it is handed in a folder, to
// be looked at. The demo runs it, and so do tests.
package catcher

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// MaxMail is the size of the largest mail that is kept.
const MaxMail = 20 << 20

// Catcher is a running mail server.
type Catcher struct {
	dir      string
	server   *smtp.Server
	listener net.Listener
}

// Start listens on 127.0.0.1 and keeps mails in dir. The port is kept in dir too, so that a later
// start listens where the last one did.
func Start(dir string) (*Catcher, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	note := filepath.Join(dir, "port")
	port := "0"
	if kept, err := os.ReadFile(note); err == nil {
		port = strings.TrimSpace(string(kept))
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		if listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return nil, err
		}
	}
	_, used, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(note, []byte(used), 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	c := &Catcher{dir: dir, listener: listener}
	c.server = smtp.NewServer(c)
	c.server.Domain = "localhost"
	c.server.MaxMessageBytes = MaxMail
	c.server.ReadTimeout, c.server.WriteTimeout = time.Minute, time.Minute
	c.server.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = c.server.Serve(listener) }()
	return c, nil
}

// URL is the server's address as SMTP_URL wants it.
func (c *Catcher) URL() string { return "smtp://" + c.listener.Addr().String() }

// Close stops listening; what was caught stays.
func (c *Catcher) Close() error { return c.server.Close() }

// NewSession takes a connection.
func (c *Catcher) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{dir: c.dir}, nil }

type session struct {
	dir string
	to  []string
}

func (s *session) Reset()                                    { s.to = nil }
func (s *session) Logout() error                             { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error      { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.to = append(s.to, to); return nil }

// Data keeps one mail: written beside its place, then renamed there, so that none is half there.
func (s *session) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	var b [6]byte
	rand.Read(b[:])
	file, err := os.CreateTemp(s.dir, "incoming-*")
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	if _, err := file.Write(data); err != nil {
		file.Close()
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	kept, err := os.ReadDir(s.dir)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%08d-%s.eml", len(kept), hex.EncodeToString(b[:]))
	return os.Rename(file.Name(), filepath.Join(s.dir, name))
}

// Mail is a caught mail.
type Mail struct {
	ID        string
	From, To  string
	Subject   string
	MessageID string
	Date      time.Time
	Text      string
	HTML      string
}

// List reads every caught mail, the newest first.
func (c *Catcher) List(ctx context.Context) ([]Mail, error) { return List(ctx, c.dir) }

// Get reads one caught mail by its id; os.ErrNotExist when there is none.
func (c *Catcher) Get(ctx context.Context, id string) (Mail, error) { return read(ctx, c.dir, id) }

// List reads the mails of a folder, the newest first.
func List(ctx context.Context, dir string) ([]Mail, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var list []Mail
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".eml")
		if !ok {
			continue
		}
		m, err := read(ctx, dir, id)
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].ID > list[j].ID })
	return list, nil
}

func read(ctx context.Context, dir, id string) (Mail, error) {
	if err := ctx.Err(); err != nil {
		return Mail{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Mail{}, err
	}
	defer root.Close()
	data, err := root.ReadFile(id + ".eml")
	if err != nil {
		return Mail{}, err
	}
	m, err := Parse(data)
	m.ID = id
	return m, err
}

// Parse reads the parts of a mail that a person looks at.
func Parse(source []byte) (Mail, error) {
	message, err := mail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		return Mail{}, err
	}
	words := new(mime.WordDecoder)
	head := func(name string) string {
		s, err := words.DecodeHeader(message.Header.Get(name))
		if err != nil {
			return message.Header.Get(name)
		}
		return s
	}
	m := Mail{From: head("From"), To: head("To"), Subject: head("Subject"), MessageID: message.Header.Get("Message-Id")}
	m.Date, _ = message.Header.Date()
	return m, m.read(message.Header.Get("Content-Type"), message.Header.Get("Content-Transfer-Encoding"), message.Body, 0)
}

func (m *Mail) read(contentType, encoding string, body io.Reader, depth int) error {
	if depth > 5 {
		return errors.New("a mail nested too deep")
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return err
			}
			if err := m.read(part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part, depth+1); err != nil {
				return err
			}
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(io.LimitReader(body, MaxMail))
	if err != nil {
		return err
	}
	switch kind {
	case "text/plain":
		m.Text += string(data)
	case "text/html":
		m.HTML += string(data)
	}
	return nil
}
