package payments

import (
	"context"
	"sync"
)

// turns let the workers of this copy take one thing in hand one after the other, so that what is asked
// about it is asked once. They spare calls and decide nothing: another copy may be at the same thing, and
// the order's lock alone keeps the two apart.
type turns struct {
	mu    sync.Mutex
	taken map[string]chan struct{}
}

// take waits for the turn at what has the name; the answer gives it back.
func (t *turns) take(ctx context.Context, name string) (func(), error) {
	for {
		t.mu.Lock()
		before, busy := t.taken[name]
		if !busy {
			over := make(chan struct{})
			if t.taken == nil {
				t.taken = map[string]chan struct{}{}
			}
			t.taken[name] = over
			t.mu.Unlock()
			return func() {
				t.mu.Lock()
				delete(t.taken, name)
				t.mu.Unlock()
				close(over)
			}, nil
		}
		t.mu.Unlock()
		select {
		case <-before:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
