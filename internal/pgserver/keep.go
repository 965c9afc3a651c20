package pgserver

import (
	"context"
	"time"
)

// How long to wait before a server that ended is started again: at once the first time, then longer, since it may
// have ended for want of room, which somebody must make.
const (
	firstRest = 100 * time.Millisecond
	longRest  = 5 * time.Second
)

// keep starts the server again whenever it ends without having been told to, until Stop. What was acknowledged
// is there again; whoever was connected connects anew, at the same address.
func (s *Server) keep(bin string) {
	defer close(s.kept)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-s.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		select {
		case <-s.stopping:
			return
		case end := <-s.done:
			s.config.Logger.Error("PostgreSQL ended by itself and is started again", "end", end, "says_why", s.config.Dir+"/postgres.log")
		}
		for rest := firstRest; ; rest = min(2*rest, longRest) {
			err := s.again(ctx, bin)
			if err == nil {
				s.config.Logger.Info("PostgreSQL is back")
				break
			}
			if ctx.Err() != nil {
				return
			}
			s.config.Logger.Error("PostgreSQL does not start", "error", err, "rest", rest.String())
			if pause(ctx, rest) != nil {
				return
			}
		}
	}
}

// again starts the server once more and waits until it answers, however long it recovers.
func (s *Server) again(ctx context.Context, bin string) error {
	if err := s.clearStale(ctx); err != nil {
		return err
	}
	if err := s.launch(bin); err != nil {
		return err
	}
	for {
		err := s.awaitAnswer(ctx)
		if err == nil || s.ended() || ctx.Err() != nil {
			return err
		}
		s.config.Logger.Warn("PostgreSQL takes long to recover", "error", err)
	}
}

// ended tells whether the server that was started last is gone.
func (s *Server) ended() bool {
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
