package pgtest

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// Wire lies between a program and its PostgreSQL and sees what goes over it. Cut, it is as if the
// program had died at that instant: nothing that it says is heard any more, and PostgreSQL rolls back
// what was not committed.
type Wire struct {
	see      func(Moment) bool
	target   string
	database string
	listener net.Listener

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// Moment is something that is about to pass: a statement or a commit on its way to PostgreSQL, or the
// word that a commit is done on its way back. Tx is what the transaction has said so far.
type Moment struct {
	Kind string
	SQL  string
	Tx   []string
}

// The kinds of a Moment.
const (
	Statement = "statement"
	Commit    = "commit"
	Committed = "committed"
)

// NewWire lays a wire to the database that URL or Furnished named. See is asked at every moment, by
// many at once; true cuts the wire before that moment passes.
func NewWire(t testing.TB, database string, see func(Moment) bool) *Wire {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{see: see, target: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432"), database: strings.TrimPrefix(u.Path, "/"), listener: listener, conns: map[net.Conn]bool{}}
	t.Cleanup(w.Cut)
	go w.serve()
	return w
}

// URL is the database's address through the wire.
func (w *Wire) URL() string {
	return "postgres://boutique@" + w.listener.Addr().String() + "/" + w.database + "?sslmode=disable"
}

// Cut ends everything that goes over the wire, for ever.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cut = true
	_ = w.listener.Close()
	for c := range w.conns {
		_ = c.Close()
	}
}

// Disturb breaks the connections that are open now; new ones go through.
func (w *Wire) Disturb() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		_ = c.Close()
	}
}

func (w *Wire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.cut {
		_ = c.Close()
		return false
	}
	w.conns[c] = true
	return true
}

func (w *Wire) drop(c net.Conn) {
	_ = c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.conns, c)
}

func (w *Wire) serve() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.carry(c)
	}
}

// carry carries one connection.
func (w *Wire) carry(program net.Conn) {
	if !w.keep(program) {
		return
	}
	defer w.drop(program)
	server, err := net.Dial("unix", w.target)
	if err != nil || !w.keep(server) {
		return
	}
	defer w.drop(server)
	l := &line{wire: w, named: map[string]string{}}
	back := make(chan struct{})
	go func() {
		defer close(back)
		defer w.drop(program)
		_ = l.messages(server, program, l.answer)
	}()
	in := bufio.NewReaderSize(program, 32<<10)
	if err := passStart(in, server); err == nil {
		_ = l.messagesFrom(in, server, l.question)
	}
	w.drop(server)
	<-back
}

// passStart passes the first message on, which has no kind.
func passStart(from io.Reader, to io.Writer) error {
	var head [4]byte
	if _, err := io.ReadFull(from, head[:]); err != nil {
		return err
	}
	if _, err := to.Write(head[:]); err != nil {
		return err
	}
	_, err := io.CopyN(to, from, int64(binary.BigEndian.Uint32(head[:]))-4)
	return err
}

// line is one connection's conversation.
type line struct {
	wire  *Wire
	named map[string]string

	mu sync.Mutex
	tx []string
}

var errCut = errors.New("the wire is cut")

func (l *line) messages(from, to net.Conn, hear func(kind byte, body []byte) bool) error {
	return l.messagesFrom(bufio.NewReaderSize(from, 32<<10), to, hear)
}

func (l *line) messagesFrom(in *bufio.Reader, to net.Conn, hear func(kind byte, body []byte) bool) error {
	out := bufio.NewWriterSize(to, 32<<10)
	message := make([]byte, 0, 4<<10)
	for {
		var head [5]byte
		if _, err := io.ReadFull(in, head[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint32(head[1:])) - 4
		if cap(message) < n+5 {
			message = make([]byte, 0, n+5)
		}
		message = append(message[:0], head[:]...)
		message = message[:n+5]
		if _, err := io.ReadFull(in, message[5:]); err != nil {
			return err
		}
		if hear(head[0], message[5:]) {
			// What went before this moment is on its way, as it is when a program dies.
			_ = out.Flush()
			l.wire.Cut()
			return errCut
		}
		if _, err := out.Write(message); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

// question is a message of the program.
func (l *line) question(kind byte, body []byte) bool {
	switch kind {
	case 'P':
		name, rest := text0(body)
		l.named[name], _ = text0(rest)
	case 'B':
		_, rest := text0(body)
		name, _ := text0(rest)
		return l.says(l.named[name])
	case 'Q':
		sql, _ := text0(body)
		return l.says(sql)
	}
	return false
}

func (l *line) says(sql string) bool {
	l.mu.Lock()
	m := Moment{Kind: Statement, SQL: sql}
	switch word, _, _ := strings.Cut(sql, " "); strings.TrimSuffix(word, ";") {
	case "begin":
		l.tx = []string{}
	case "rollback":
		if !strings.Contains(sql, "savepoint") {
			l.tx = nil
		}
	case "commit":
		m.Kind = Commit
	default:
		if l.tx != nil {
			l.tx = append(l.tx, sql)
		}
	}
	m.Tx = l.tx
	l.mu.Unlock()
	return l.wire.see(m)
}

// answer is a message of PostgreSQL.
func (l *line) answer(kind byte, body []byte) bool {
	if kind != 'C' || !bytes.HasPrefix(body, []byte("COMMIT")) {
		return false
	}
	l.mu.Lock()
	m := Moment{Kind: Committed, Tx: l.tx}
	l.tx = nil
	l.mu.Unlock()
	return l.wire.see(m)
}

// text0 takes a text that ends with a zero byte.
func text0(b []byte) (string, []byte) {
	i := bytes.IndexByte(b, 0)
	if i < 0 {
		return string(b), nil
	}
	return string(b[:i]), b[i+1:]
}
