package mail

import (
	"errors"
	"fmt"
	"net/textproto"
	"testing"
	"time"
)

func TestAMailWaitsByWhatTheServerSaid(t *testing.T) {
	t.Parallel()
	away, busy, no := errors.New("connection refused"), error(&textproto.Error{Code: 451}), error(&textproto.Error{Code: 550})
	lost := fmt.Errorf("%w: %w", errUnanswered, errors.New("unexpected EOF"))
	for name, c := range map[string]struct {
		trial
		least, most time.Duration
		givenUp     bool
	}{
		"the first time, some seconds":                       {trial: trial{tries: 1, cause: away}, least: 4 * time.Second, most: 5 * time.Second},
		"the second, a little longer":                        {trial: trial{tries: 2, cause: busy}, least: 16 * time.Second, most: 20 * time.Second},
		"after many, a quarter of an hour":                   {trial: trial{tries: 90, cause: away, waited: 24 * time.Hour}, least: 12 * time.Minute, most: 15 * time.Minute},
		"a refusal, an hour":                                 {trial: trial{tries: 1, cause: no}, least: 48 * time.Minute, most: time.Hour},
		"handed over without an answer, long enough to look": {trial: trial{tries: 1, unanswered: 1, cause: lost}, least: 12 * time.Minute, most: 15 * time.Minute},
		"twice without an answer, staff decide":              {trial: trial{tries: 2, unanswered: 2, cause: lost}, givenUp: true},
		"nor is it tried after another fault then":           {trial: trial{tries: 3, unanswered: 2, cause: away}, givenUp: true},
		"five days are enough":                               {trial: trial{tries: 480, cause: away, waited: giveUp + time.Second}, givenUp: true},
	} {
		wait, ok := c.next()
		if ok == c.givenUp || ok && (wait < c.least || wait > c.most) {
			t.Errorf("%s: waits %s, goes on %t", name, wait, ok)
		}
	}
}

// A server that is away for a day has every mail within a quarter of an hour of its return, however unlucky the
// hour at which the mail was written, and no mail is given up meanwhile.
func TestAServerThatWasAwayADayGetsItsMailsSoon(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for written := time.Duration(0); written < day; written += 7 * time.Minute {
		at, tries := written, 0
		for at < day {
			tries++
			wait, ok := trial{tries: tries, waited: at - written, cause: errors.New("connection refused")}.next()
			if !ok {
				t.Fatalf("the mail of %s was given up at %s", written, at)
			}
			at += wait
		}
		if at > day+longWait || tries > 130 {
			t.Errorf("the mail of %s goes at %s, after %d tries", written, at, tries)
		}
	}
}

func TestALogNamesNoReader(t *testing.T) {
	t.Parallel()
	for want, err := range map[string]error{
		"550": fmt.Errorf("mail: %w", &textproto.Error{Code: 550, Msg: "zoe@example.org: no such user"}), "unanswered": fmt.Errorf("%w: zoe@example.org", errUnanswered), "unreachable": errors.New("dial zoe@example.org"),
	} {
		if got := reply(err); got != want {
			t.Errorf("%v: %s", err, got)
		}
	}
}
