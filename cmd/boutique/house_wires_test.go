package main

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"sync/atomic"
)

// door is a listener whose connections end with it.
type door struct {
	net.Listener
	mu   sync.Mutex
	shut bool
	open map[net.Conn]bool
}

// Accept takes a connection.
func (d *door) Accept() (net.Conn, error) {
	c, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.shut {
		_ = c.Close()
	}
	d.open[c] = true
	return c, nil
}

func (d *door) slam() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shut = true
	_ = d.Listener.Close()
	for c := range d.open {
		_ = c.Close()
	}
}

// bankWire lies between a copy and Stripe.
type bankWire struct {
	server *httptest.Server
	dead   atomic.Bool
}

func newBankWire(c *shopCopy, bank string) *bankWire {
	to, err := url.Parse(bank)
	if err != nil {
		c.h.t.Fatal(err)
	}
	w := &bankWire{}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64}
	proxy.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	w.server = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.dead.Load() {
			panic(http.ErrAbortHandler)
		}
		what := r.Method + " " + r.URL.Path
		// What a dying program has sent is worked on all the same.
		r = r.WithContext(context.WithoutCancel(r.Context()))
		switch c.judge(moment{kind: "asks stripe", what: what}) {
		case dieBefore:
			panic(http.ErrAbortHandler)
		case dieAfter:
			proxy.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		answer := httptest.NewRecorder()
		proxy.ServeHTTP(answer, r)
		if c.judge(moment{kind: "stripe answers", what: what}) != live {
			panic(http.ErrAbortHandler)
		}
		for k, v := range answer.Header() {
			rw.Header()[k] = v
		}
		rw.WriteHeader(answer.Code)
		_, _ = rw.Write(answer.Body.Bytes())
	}))
	w.server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	w.server.Start()
	c.h.root.Cleanup(w.server.CloseClientConnections)
	return w
}

func (w *bankWire) cut() {
	w.dead.Store(true)
	_ = w.server.Listener.Close()
	go w.server.CloseClientConnections()
}

// What the mail server does wrong.
const (
	postWorks int32 = iota
	// postGone is a server that nobody reaches.
	postGone
	// postBusy and postRefuses are one that takes no mail: 451 asks to come back, 550 does not.
	postBusy
	postRefuses
	// postForgets is one that takes the mail and dies before it says so.
	postForgets
	postTroubles
)

// postWire lies between a copy and the mail server.
type postWire struct {
	listener net.Listener
	copy     *shopCopy
	target   string
	mu       sync.Mutex
	shut     bool
	open     map[net.Conn]bool
}

func newPostWire(c *shopCopy, target string) *postWire {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		c.h.t.Fatal(err)
	}
	w := &postWire{listener: listener, copy: c, target: target, open: map[net.Conn]bool{}}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(conn)
		}
	}()
	return w
}

func (w *postWire) keep(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.shut {
		_ = c.Close()
		return false
	}
	w.open[c] = true
	return true
}

func (w *postWire) cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shut = true
	_ = w.listener.Close()
	for c := range w.open {
		_ = c.Close()
	}
}

func (w *postWire) carry(program net.Conn) {
	defer program.Close()
	trouble := w.copy.h.post.Load()
	if trouble == postGone {
		return
	}
	server, err := net.Dial("tcp", w.target)
	if err != nil {
		return
	}
	defer server.Close()
	if !w.keep(program) || !w.keep(server) {
		return
	}
	// The server speaks after the whole mail is there: what it then says is its receipt.
	var whole atomic.Bool
	go func() {
		defer program.Close()
		buffer := make([]byte, 4096)
		for {
			n, err := server.Read(buffer)
			if err != nil {
				return
			}
			if whole.Swap(false) && bytes.HasPrefix(buffer[:n], []byte("250")) {
				if trouble == postForgets {
					// The mail has gone out, and will again.
					w.copy.h.shaken.Store(true)
					return
				}
				if w.copy.judge(moment{kind: "mail accepted"}) != live {
					return
				}
			}
			if _, err := program.Write(buffer[:n]); err != nil {
				return
			}
		}
	}()
	buffer := make([]byte, 64<<10)
	var last []byte
	for {
		n, err := program.Read(buffer)
		if err != nil {
			return
		}
		if bytes.HasPrefix(buffer[:n], []byte("MAIL FROM")) {
			if w.copy.judge(moment{kind: "mail offered"}) != live {
				return
			}
			if refusal := map[int32]string{postBusy: "451 4.3.2 try again later\r\n", postRefuses: "550 5.7.1 not from here\r\n"}[trouble]; refusal != "" {
				_, _ = program.Write([]byte(refusal))
				return
			}
		}
		last = append(last, buffer[:n]...)
		last = last[max(0, len(last)-5):]
		if bytes.HasSuffix(last, []byte("\r\n.\r\n")) {
			whole.Store(true)
		}
		if _, err := server.Write(buffer[:n]); err != nil {
			return
		}
	}
}
