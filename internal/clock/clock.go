// Package clock lets code be told what time it is.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time.
type Clock interface {
	Now() time.Time
}

// System is the machine's clock.
type System struct{}

// Now is the machine's time.
func (System) Now() time.Time { return time.Now() }

// Set is a clock that stands where it was put, for tests. Its zero value stands at the zero time.
type Set struct {
	mu sync.Mutex
	at time.Time
}

// At makes a clock that stands at a moment.
func At(t time.Time) *Set { return &Set{at: t} }

// Now is where the clock stands.
func (s *Set) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// Advance moves the clock.
func (s *Set) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}
