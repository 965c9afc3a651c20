package emulator

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"slices"
)

// record is one row of the state. Records are values: a change makes a new one, so that what a
// failed call has touched is simply forgotten.
type record interface {
	kind() string
	key() string
}

// state is everything the emulator remembers. Server.mu guards it.
type state struct {
	rows map[string]map[string]record
	// order lists the keys of each kind, oldest first.
	order map[string][]string
	seed  int64
	made  int64
}

func newState(seed int64) *state {
	return &state{rows: map[string]map[string]record{}, order: map[string][]string{}, seed: seed}
}

func (s *state) put(r record) {
	rows := s.rows[r.kind()]
	if rows == nil {
		rows = map[string]record{}
		s.rows[r.kind()] = rows
	}
	if _, known := rows[r.key()]; !known {
		s.order[r.kind()] = append(s.order[r.kind()], r.key())
	}
	rows[r.key()] = r
}

func (s *state) drop(kind, key string) {
	if _, known := s.rows[kind][key]; !known {
		return
	}
	delete(s.rows[kind], key)
	s.order[kind] = slices.DeleteFunc(s.order[kind], func(k string) bool { return k == key })
}

// change is one step of a transaction: a record put, or dropped when row is nil.
type change struct {
	kind, key string
	row       record
}

// tx is one change of the whole state: all of it reaches the file in one line, or none does.
type tx struct {
	*Server
	// now is the emulator's time in seconds; while a due task runs it is the moment it was due.
	now     int64
	request eventRequest
	changes []change
	latest  map[string]record
	dropped map[string]bool
	made    int64
}

func (t *tx) put(r record) {
	path := r.kind() + "/" + r.key()
	t.latest[path] = r
	delete(t.dropped, path)
	t.changes = append(t.changes, change{r.kind(), r.key(), r})
}

func (t *tx) drop(kind, key string) {
	path := kind + "/" + key
	delete(t.latest, path)
	t.dropped[path] = true
	t.changes = append(t.changes, change{kind: kind, key: key})
}

// lookup finds a record of any kind as this transaction sees it.
func (t *tx) lookup(kind, key string) (record, bool) {
	path := kind + "/" + key
	if r, ok := t.latest[path]; ok {
		return r, true
	}
	if t.dropped[path] {
		return nil, false
	}
	r, ok := t.state.rows[kind][key]
	return r, ok
}

// find reads one record.
func find[T record](t *tx, key string) (T, bool) {
	var zero T
	r, ok := t.lookup(zero.kind(), key)
	if !ok {
		return zero, false
	}
	v, ok := r.(T)
	return v, ok
}

// all reads every record of a kind, oldest first.
func all[T record](t *tx) []T {
	var zero T
	kind := zero.kind()
	list := make([]T, 0, len(t.state.order[kind]))
	for _, key := range t.state.order[kind] {
		if v, ok := find[T](t, key); ok {
			list = append(list, v)
		}
	}
	seen := map[string]bool{}
	for _, c := range t.changes {
		if c.kind != kind || c.row == nil || seen[c.key] {
			continue
		}
		seen[c.key] = true
		if _, old := t.state.rows[kind][c.key]; old {
			continue
		}
		if v, ok := find[T](t, c.key); ok {
			list = append(list, v)
		}
	}
	return list
}

// id hands out the next identifier with the prefix. The same seed gives the same identifiers in the
// same order, and a restart goes on where the last one stopped.
func (t *tx) id(prefix string) string { return prefix + t.token(24) }

func (t *tx) token(length int) string {
	t.made++
	return token(t.state.seed, t.made, length)
}

func token(seed, n int64, length int) string {
	out := make([]byte, 0, length)
	for part := uint64(0); len(out) < length; part++ {
		var in [24]byte
		binary.BigEndian.PutUint64(in[0:], uint64(seed))
		binary.BigEndian.PutUint64(in[8:], uint64(n))
		binary.BigEndian.PutUint64(in[16:], part)
		sum := sha256.Sum256(in[:])
		out = append(out, new(big.Int).SetBytes(sum[:]).Text(62)...)
	}
	return string(out[:length])
}

// line is what a transaction writes to the file.
type line struct {
	Seed int64  `json:"seed,omitempty"`
	Made int64  `json:"made"`
	Rows []move `json:"rows"`
}

type move struct {
	Kind string          `json:"kind"`
	Drop string          `json:"drop,omitempty"`
	Row  json.RawMessage `json:"row,omitempty"`
}

// kinds reads each kind of record back from the file.
var kinds = map[string]func(json.RawMessage) (record, error){
	"checkout.session": read[session], "payment_intent": read[intent], "charge": read[charge], "refund": read[refund],
	"balance_transaction": read[transaction], "payment_method": read[paymentMethod], "item": read[item], "product": read[product],
	"shipping_rate": read[shippingRate], "event": read[event], "webhook_endpoint": read[endpoint], "delivery": read[delivery],
	"dispute": read[dispute], "payout": read[payout], "task": read[task], "answer": read[answer],
}

func read[T record](raw json.RawMessage) (record, error) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err
}

// commit writes the transaction and only then lets it be seen.
func (t *tx) commit() error {
	if len(t.changes) == 0 {
		return nil
	}
	if t.file != nil {
		l := line{Made: t.made, Rows: make([]move, 0, len(t.changes))}
		written := map[string]bool{}
		for _, c := range t.changes {
			path := c.kind + "/" + c.key
			if written[path] {
				continue
			}
			written[path] = true
			if t.dropped[path] {
				l.Rows = append(l.Rows, move{Kind: c.kind, Drop: c.key})
				continue
			}
			raw, err := json.Marshal(t.latest[path])
			if err != nil {
				return fmt.Errorf("state: %w", err)
			}
			l.Rows = append(l.Rows, move{Kind: c.kind, Row: raw})
		}
		if err := t.file.append(l); err != nil {
			return err
		}
	}
	for _, c := range t.changes {
		if c.row == nil {
			t.state.drop(c.kind, c.key)
		} else {
			t.state.put(c.row)
		}
	}
	t.state.made = t.made
	return nil
}
