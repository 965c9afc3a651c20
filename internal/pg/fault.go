package pg

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"boutique/internal/fault"
)

// Fault gives an error of the database its kind: what a second try may mend is Unavailable, whoever met it, in a
// transaction or by a single statement. Other errors, and those that have a kind, stay what they are.
func Fault(err error) error {
	if err == nil {
		return nil
	}
	if _, known := fault.As(err); known {
		return err
	}
	switch c := code(err); {
	case c == "55P03" || c == "57014" || c == "40001" || c == "40P01":
		return fault.New(fault.Unavailable, "database_busy", "too much is going on at once: try again in a moment").Because(err)
	case c == "53100":
		return fault.New(fault.Unavailable, "database_full", "the shop has no room left to write anything down: nothing was changed or charged, try again later").Because(err)
	// Too many connections, a server that ends, starts or has crashed, one that may not write any more since another
	// has taken over, a disk that fails.
	case len(c) == 5 && (c[:2] == "53" || c[:2] == "08" || c[:3] == "57P"), c == "25006", c == "58030", isGone(err):
		return fault.New(fault.Unavailable, "database_unavailable", "the shop cannot reach its database: try again in a moment").Because(err)
	}
	return err
}

// isGone tells whether the connection to the database broke, could not be made, or did not answer in time.
func isGone(err error) bool {
	var connecting *pgconn.ConnectError
	var line *lineError
	return errors.As(err, &line) || errors.As(err, &connecting) || errors.Is(err, pgconn.ErrConnClosed) || pgconn.Timeout(err)
}

// lineError is an error of the connection to the database. It is named, since the same words of the network, from a
// visitor's connection, mean that a visitor has left.
type lineError struct{ error }

func (e *lineError) Unwrap() error { return e.error }

// line is a connection that names its errors.
type line struct{ net.Conn }

func (l line) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	return n, named(err)
}

func (l line) Write(b []byte) (int, error) {
	n, err := l.Conn.Write(b)
	return n, named(err)
}

// named names an error, but not a time that is over, which pgx names itself.
func named(err error) error {
	var late net.Error
	switch {
	case err == nil, errors.As(err, &late) && late.Timeout():
		return err
	case errors.Is(err, io.EOF):
		return &lineError{io.ErrUnexpectedEOF}
	}
	return &lineError{err}
}

// How soon a host that does not answer counts as absent: while connecting, and on a connection that says nothing,
// where a machine that vanished sends no goodbye.
const (
	connectWithin = 5 * time.Second
	probeAfter    = 15 * time.Second
	probeEvery    = 5 * time.Second
	probes        = 3
)

// watched dials lines.
func watched(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		if tcp, ok := conn.(*net.TCPConn); ok {
			_ = tcp.SetKeepAliveConfig(net.KeepAliveConfig{Enable: true, Idle: probeAfter, Interval: probeEvery, Count: probes})
		}
		return line{conn}, nil
	}
}
