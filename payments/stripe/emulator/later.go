package emulator

import (
	"cmp"
	"fmt"
	"slices"
)

// task is something that time does: it runs before anything else once its moment has come.
type task struct {
	ID      string `json:"id"`
	Due     int64  `json:"due"`
	Action  string `json:"action"`
	Subject string `json:"subject"`
}

func (task) kind() string  { return "task" }
func (r task) key() string { return r.ID }

// later plans an action for a moment of the emulator's clock.
func (t *tx) later(due int64, action, subject string) {
	t.made++
	t.put(task{ID: fmt.Sprintf("%012d", t.made), Due: due, Action: action, Subject: subject})
}

// runDue does what time has brought, each at its own moment.
func (t *tx) runDue() {
	now := t.now
	for {
		tasks := slices.DeleteFunc(all[task](t), func(k task) bool { return k.Due > now })
		if len(tasks) == 0 {
			t.now = now
			return
		}
		next := slices.MinFunc(tasks, func(a, b task) int { return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.ID, b.ID)) })
		t.now = next.Due
		t.drop("task", next.ID)
		t.perform(next)
	}
}

func (t *tx) perform(k task) {
	switch k.Action {
	case "expire":
		if s, ok := find[session](t, k.Subject); ok && s.Status == "open" {
			t.expire(s)
		}
	case "settle":
		t.settle(k.Subject)
	case "refund":
		t.followRefund(k.Subject)
	case "dispute":
		t.openDispute(k.Subject)
	case "payout":
		t.payPayout(k.Subject)
	}
}

// hasten runs the planned actions on one subject now.
func (t *tx) hasten(subject string) int {
	n := 0
	for _, k := range all[task](t) {
		if k.Subject == subject && k.Action != "expire" {
			t.drop("task", k.ID)
			t.perform(k)
			n++
		}
	}
	return n
}
