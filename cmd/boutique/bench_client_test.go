package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// clients is how many connections ask at once, each for its next page when it has the last one.
const clients = 8

// client is one connection that is kept open. It shares the two cores with what it measures, so it
// does next to nothing: it writes bytes that lie ready, and reads an answer without keeping it.
type client struct {
	conn    net.Conn
	reader  *bufio.Reader
	request []byte
	// visitor is where the request holds the visitor's address, number where it holds a number that
	// no other request has; -1 for none.
	visitor, number int
}

// The parts of a request that differ from one to the next, of a width of their own.
const (
	visitorMark = "10.100.100.100"
	numberMark  = "00000000"
)

func dial(tb testing.TB, address, request string) *client {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { conn.Close() })
	c := &client{conn: conn, reader: bufio.NewReaderSize(conn, 64<<10)}
	c.will(request)
	return c
}

// will sets what the client sends from now on.
func (c *client) will(request string) {
	c.request, c.visitor, c.number = []byte(request), strings.Index(request, visitorMark), strings.Index(request, numberMark)
}

// post is a form as a browser sends it.
func post(path, cookie string, form url.Values) string {
	body := form.Encode()
	head, _ := strings.CutSuffix(get(path, cookie), "\r\n")
	return "POST" + strings.TrimPrefix(head, "GET") + "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n" + body
}

// get is a request for a page as a browser sends it, behind the proxy that the shop trusts. Each
// comes from another of a million visitors: the limit on one visitor's requests is not what is measured.
func get(path, cookie string) string {
	if cookie != "" {
		cookie = "Cookie: " + cookie + "\r\n"
	}
	return "GET " + path + " HTTP/1.1\r\nHost: shop.example\r\nX-Forwarded-For: " + visitorMark + "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n" +
		"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\nAccept-Language: fr,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" + cookie + "\r\n"
}

// ask sends the client's request as the nth and reads the answer.
func (c *client) ask(n int64, want int) error {
	if c.visitor >= 0 {
		for i, at := range []int{13, 12, 9, 8, 5, 4} {
			c.request[c.visitor+at] = byte('0' + n/pow10[i]%10)
		}
	}
	if c.number >= 0 {
		for i := range len(numberMark) {
			c.request[c.number+len(numberMark)-1-i] = byte('0' + n/pow10[i]%10)
		}
	}
	if _, err := c.conn.Write(c.request); err != nil {
		return err
	}
	status, err := c.read()
	if err == nil && status != want {
		err = fmt.Errorf("answered %d, not %d", status, want)
	}
	return err
}

var pow10 = [8]int64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000}

// read reads one answer to its end.
func (c *client) read() (status int, err error) {
	line, err := c.reader.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("%q begins no answer", line)
	}
	status = int(line[9]-'0')*100 + int(line[10]-'0')*10 + int(line[11]-'0')
	length, chunked := 0, false
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return status, err
		}
		if len(line) <= 2 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return status, err
			}
		}
		chunked = chunked || bytes.HasPrefix(line, []byte("Transfer-Encoding: chunked"))
	}
	if !chunked {
		_, err = c.reader.Discard(length)
		return status, err
	}
	for {
		if line, err = c.reader.ReadSlice('\n'); err != nil {
			return status, err
		}
		size := 0
		for _, b := range bytes.TrimSpace(line) {
			digit := bytes.IndexByte([]byte("0123456789abcdef"), b)
			if digit < 0 {
				return status, fmt.Errorf("%q begins no chunk", line)
			}
			size = size<<4 | digit
		}
		if _, err = c.reader.Discard(size + 2); err != nil || size == 0 {
			return status, err
		}
	}
}

// latencies are how long each of a number of requests took.
type latencies []time.Duration

// at is the latency that a share of all requests did not exceed, in microseconds.
func (l latencies) at(share float64) float64 {
	if len(l) == 0 {
		return 0
	}
	slices.Sort(l)
	return float64(l[min(int(share*float64(len(l))), len(l)-1)].Nanoseconds()) / 1e3
}

// tally is what a number of requests came to. count is the number of the next one.
type tally struct {
	took  time.Duration
	each  latencies
	count int64
}

func (r *tally) perSecond() float64 { return float64(len(r.each)) / r.took.Seconds() }

// drive lets all clients ask until n requests are answered, each its own again and again, or with
// requests the next of those.
func (r *tally) drive(tb testing.TB, connections []*client, n, want int, requests <-chan string) {
	tb.Helper()
	var left atomic.Int64
	left.Store(int64(n))
	each := make([]latencies, len(connections))
	failed := make(chan error, len(connections))
	var all sync.WaitGroup
	start := time.Now()
	for i, c := range connections {
		each[i] = make(latencies, 0, n/len(connections)*2+1)
		all.Go(func() {
			for {
				now := left.Add(-1)
				if now < 0 {
					return
				}
				if requests != nil {
					c.will(<-requests)
				}
				begun := time.Now()
				if err := c.ask(r.count+now, want); err != nil {
					failed <- err
					return
				}
				each[i] = append(each[i], time.Since(begun))
			}
		})
	}
	all.Wait()
	r.took += time.Since(start)
	r.count += int64(n)
	select {
	case err := <-failed:
		tb.Fatal(err)
	default:
	}
	for _, l := range each {
		r.each = append(r.each, l...)
	}
}

// answerBytes are an answer that lies in memory, head and body.
type answerBytes struct {
	Header http.Header
	Body   []byte
}

// fetch takes the answer to a request as it goes over the wire.
func fetch(tb testing.TB, address, request string) answerBytes {
	tb.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		tb.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, request); err != nil {
		tb.Fatal(err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		tb.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		tb.Fatalf("%.60q is answered %d: %.300s", request, response.StatusCode, body)
	}
	response.Header.Del("Date")
	response.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return answerBytes{response.Header, body}
}

// bareVariable makes the test binary be the limit: a bare net/http server that writes, to whatever it
// is asked, the one answer that it was handed on its standard input.
const bareVariable = "BOUTIQUE_BENCH_BARE"

// TestMain lets the test binary be, in a process of its own, the bare server, or the program that a copy of
// the shop in this binary starts from itself.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "render" {
		os.Exit(run(context.Background(), os.Args[1:], nil, os.Stdin, os.Stdout, os.Stderr))
	}
	if os.Getenv(bareVariable) != "" {
		if err := serveBare(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	code := m.Run()
	forgetFurnished()
	forgetHouse()
	os.Exit(code)
}

func serveBare(in io.Reader, out io.Writer) error {
	var answer answerBytes
	if err := gob.NewDecoder(in).Decode(&answer); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	metrics := promhttp.Handler()
	fmt.Fprintln(out, listener.Addr())
	server := http.Server{ReadHeaderTimeout: 5 * time.Second, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			metrics.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		for name, values := range answer.Header {
			h[name] = values
		}
		_, _ = w.Write(answer.Body)
	})}
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
