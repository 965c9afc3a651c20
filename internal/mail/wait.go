package mail

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/textproto"
	"time"
)

// A mail is tried again while the server cannot be reached or asks to come back: soon at first, then every
// quarter of an hour, so that a server that was down for a day gets everything within a quarter of an hour of
// its return. What it refuses is asked about again each hour: the office mends an account, not the mail. After
// five days the shop gives up and leaves the mail to staff.
const (
	firstWait  = 5 * time.Second
	longWait   = 15 * time.Minute
	refusedFor = time.Hour
	giveUp     = 5 * 24 * time.Hour
)

// mostUnanswered is how often a mail may be handed over whole without an answer. It may have arrived each time:
// once more is tried, since it may as well not have, and then staff decide.
const mostUnanswered = 2

// errUnanswered is a mail that was handed over whole, and of which the server did not say whether it took it.
var errUnanswered = errors.New("the server has the whole mail and did not say whether it took it")

// trial is what became of a mail that no server has taken yet, this time and before.
type trial struct {
	// tries counts this one too; unanswered likewise, if it was one.
	tries, unanswered int
	// waited is how long the mail has waited since it was written or asked for anew.
	waited time.Duration
	cause  error
}

// next is how long the mail now waits; ok is false when it is given up.
func (t trial) next() (wait time.Duration, ok bool) {
	if t.unanswered >= mostUnanswered || t.waited > giveUp {
		return 0, false
	}
	wait = firstWait
	for n := 1; n < t.tries && wait < longWait; n++ {
		wait *= 4
	}
	wait = min(wait, longWait)
	switch {
	case errors.Is(t.cause, errUnanswered):
		wait = longWait
	case refused(t.cause):
		wait = refusedFor
	}
	return wait - time.Duration(rand.Int64N(int64(wait)/5)), true
}

// refused tells whether the server said no for good.
func refused(err error) bool {
	var reply *textproto.Error
	return errors.As(err, &reply) && reply.Code >= 500
}

// reply is what a log may say of a failure: the server's number, and never its words, which name the reader.
func reply(err error) string {
	var answer *textproto.Error
	switch {
	case errors.As(err, &answer):
		return fmt.Sprint(answer.Code)
	case errors.Is(err, errUnanswered):
		return "unanswered"
	}
	return "unreachable"
}
