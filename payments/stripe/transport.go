package stripe

import (
	"context"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// perSecond and inFlight stay under the 25 calls a second that Stripe takes at one endpoint.
	perSecond = 20
	inFlight  = 8
)

// transport limits how often and how many at once, drops the header that describes this machine, and
// tells the call's witness whether the request may have had an effect.
type transport struct {
	next   http.RoundTripper
	starts chan struct{}
	flying chan struct{}
}

func newTransport(next http.RoundTripper) *transport {
	return &transport{next: next, starts: make(chan struct{}, perSecond), flying: make(chan struct{}, inFlight)}
}

type witnessKey struct{}

// witness saw what became of every try of one call. Heard tells that some try may have had an effect:
// it reached the server, which did not say no.
type witness struct{ heard atomic.Bool }

// RoundTrip sends one request when its turn has come.
func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	if err := acquire(ctx, t.starts); err != nil {
		return nil, err
	}
	// A start counts for one second, whatever becomes of the call.
	time.AfterFunc(time.Second, func() { <-t.starts })
	if err := acquire(ctx, t.flying); err != nil {
		return nil, err
	}
	landed := sync.OnceFunc(func() { <-t.flying })

	var connected atomic.Bool
	r = r.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}))
	r.Header.Del("X-Stripe-Client-User-Agent")
	resp, err := t.next.RoundTrip(r)
	w, _ := ctx.Value(witnessKey{}).(*witness)
	if err != nil {
		landed()
		if w != nil && connected.Load() {
			w.heard.Store(true)
		}
		return nil, err
	}
	saidNo := resp.StatusCode >= 400 && resp.StatusCode < 500 && resp.StatusCode != http.StatusConflict
	if w != nil && !saidNo {
		w.heard.Store(true)
	}
	resp.Body = &landing{resp.Body, landed}
	return resp, nil
}

func acquire(ctx context.Context, slots chan struct{}) error {
	select {
	case slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// landing frees the call's place when its answer has been read.
type landing struct {
	io.ReadCloser
	landed func()
}

func (l *landing) Close() error {
	l.landed()
	return l.ReadCloser.Close()
}
