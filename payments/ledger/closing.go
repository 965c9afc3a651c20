package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// ClosingKind is what a closing closes.
type ClosingKind string

// The kinds. Days and years seal; a month that the accountant closed takes no more entries.
const (
	ClosingDay   ClosingKind = "day"
	ClosingMonth ClosingKind = "month"
	ClosingYear  ClosingKind = "year"
)

// Seal is what a closing says and signs: the chain of entries up to a number, the totals of the
// period, and the grand total of all time, which only ever grows with what was invoiced and
// credited (BOI-TVA-DECLA-30-10-30).
type Seal struct {
	N         int64        `json:"n"`
	Kind      ClosingKind  `json:"kind"`
	First     string       `json:"first"`
	Last      string       `json:"last"`
	EntrySeq  int64        `json:"entry_seq"`
	EntryHash []byte       `json:"entry_hash"`
	Entries   int64        `json:"entries"`
	Debits    money.Amount `json:"debits"`
	Invoiced  money.Amount `json:"invoiced"`
	Credited  money.Amount `json:"credited"`
	VAT       money.Amount `json:"vat"`
	// Perpetual is all that was ever invoiced and credited, added without sign.
	Perpetual money.Amount `json:"perpetual"`
	SealedBy  string       `json:"sealed_by"`
}

// Closing is a seal with its place in the chain of seals and its signature.
type Closing struct {
	Seal
	Data                 string
	Previous, Hash       []byte
	Signature, PublicKey []byte
	SealedAt             time.Time
}

const sealDomain = "boutique-seal-v1"

func sealHash(previous []byte, n int64, data []byte) []byte {
	h := sha256.New()
	h.Write([]byte(sealDomain))
	h.Write(previous)
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
	h.Write(data)
	return h.Sum(nil)
}

// Close seals a period that is over. It locks the head of the journal, so that no entry slips in. A
// period that was closed before is a Conflict.
func Close(ctx context.Context, tx pgx.Tx, kind ClosingKind, p Period, key ed25519.PrivateKey, actor string) (Closing, error) {
	var seq int64
	var hash []byte
	if err := tx.QueryRow(ctx, sqlLockHead).Scan(&seq, &hash); err != nil {
		return Closing{}, err
	}
	var now time.Time
	if err := tx.QueryRow(ctx, sqlClock).Scan(&now); err != nil {
		return Closing{}, err
	}
	// An hour's grace lets what began before midnight end.
	if now.Before(p.Until().Add(time.Hour)) {
		return Closing{}, fault.New(fault.Conflict, "period_not_over", "a period is closed when it has been over for an hour")
	}
	if kind == ClosingMonth {
		var open string
		if err := tx.QueryRow(ctx, sqlOpenMonthBefore, p.args()).Scan(&open); err != nil {
			return Closing{}, err
		}
		if open != "" {
			return Closing{}, fault.New(fault.Conflict, "month_before_open", "months are closed one after the other: close "+open+" first").With("month", open)
		}
		if err := Control(ctx, tx, p); err != nil {
			return Closing{}, err
		}
	}
	s := Seal{Kind: kind, First: p.From.Format(time.DateOnly), Last: p.To.Format(time.DateOnly), EntrySeq: seq, EntryHash: hash, SealedBy: actor}
	args := p.args()
	args["kind"] = string(kind)
	var taken bool
	var previous []byte
	if err := tx.QueryRow(ctx, sqlClosingTotals, args).Scan(&taken, &s.Entries, &s.Debits, &s.Invoiced, &s.Credited, &s.VAT, &s.Perpetual, &s.N, &previous); err != nil {
		return Closing{}, err
	}
	if taken {
		return Closing{}, fault.New(fault.Conflict, "period_closed", "this period is closed already")
	}
	data, err := json.Marshal(s)
	if err != nil {
		return Closing{}, err
	}
	c := Closing{Seal: s, Data: string(data), Previous: previous, Hash: sealHash(previous, s.N, data), PublicKey: key.Public().(ed25519.PublicKey), SealedAt: now}
	c.Signature = ed25519.Sign(key, c.Hash)
	_, err = tx.Exec(ctx, sqlInsertClosing, pgx.NamedArgs{
		"n": s.N, "kind": string(kind), "first": s.First, "last": s.Last, "entry_seq": seq, "entry_hash": hash, "data": c.Data, "prev_hash": previous, "hash": c.Hash,
		"signature": c.Signature, "public_key": c.PublicKey, "actor": actor,
	})
	return c, err
}

// openDay gives the day on which an entry is booked: its own, or the first open one when its month
// is closed, with a word on when the fact happened.
func openDay(ctx context.Context, tx pgx.Tx, e Entry) (time.Time, string, error) {
	at := e.BookedAt.UTC().Truncate(time.Microsecond)
	var closed *time.Time
	var now time.Time
	if err := tx.QueryRow(ctx, sqlClosedThrough).Scan(&closed, &now); err != nil {
		return at, "", err
	}
	day := at.In(text.Paris()).Format(time.DateOnly)
	if closed == nil || day > closed.Format(time.DateOnly) {
		return at, e.Label, nil
	}
	return now.UTC().Truncate(time.Microsecond), e.Label + " (fait du " + day + ", période close)", nil
}

// Closings lists the newest closings first.
func Closings(ctx context.Context, q pg.Querier, limit int) ([]Closing, error) {
	return readClosings(ctx, q, sqlClosings, pgx.NamedArgs{"limit": limit})
}

// ClosingsShown lists the months and years of the last three years, and the last week's days after them,
// the newest of each first.
func ClosingsShown(ctx context.Context, q pg.Querier) ([]Closing, error) {
	return readClosings(ctx, q, sqlClosingsShown, pgx.NamedArgs{})
}

// MonthClosed reads the closing of a month; one that is open is a Conflict.
func MonthClosed(ctx context.Context, q pg.Querier, p Period) (Closing, error) {
	list, err := readClosings(ctx, q, sqlMonthClosed, p.args())
	if err != nil {
		return Closing{}, err
	}
	if len(list) == 0 {
		return Closing{}, fault.New(fault.Conflict, "month_open", "the package is that of a closed month: close it first, and name it from its first day to its last")
	}
	return list[0], nil
}

// MonthToClose is the month that is closed next: the first that has entries and is open, else the one
// before now, which may have none. ok is false when there is nothing to close.
func MonthToClose(ctx context.Context, q pg.Querier, now time.Time) (p Period, ok bool, err error) {
	var day, closed *time.Time
	if err := q.QueryRow(ctx, sqlFirstOpenMonth).Scan(&day, &closed); err != nil {
		return p, false, err
	}
	now = now.In(text.Paris())
	p.From = time.Date(now.Year(), now.Month()-1, 1, 0, 0, 0, 0, text.Paris())
	if day != nil && day.Format(time.DateOnly) < p.From.Format(time.DateOnly) {
		p.From = time.Date(day.Year(), day.Month(), 1, 0, 0, 0, 0, text.Paris())
	}
	p.To = p.From.AddDate(0, 1, -1)
	return p, closed == nil || closed.Format(time.DateOnly) < p.To.Format(time.DateOnly), nil
}

func readClosings(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]Closing, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	var list []Closing
	var data string
	var c Closing
	_, err = pgx.ForEachRow(rows, []any{&data, &c.Previous, &c.Hash, &c.Signature, &c.PublicKey, &c.SealedAt}, func() error {
		one := c
		one.Data = data
		if err := json.Unmarshal([]byte(data), &one.Seal); err != nil {
			return fmt.Errorf("closing: %w", err)
		}
		list = append(list, one)
		return nil
	})
	return list, err
}

// VerifySeals walks the closings from the first: numbers without a gap, each hash recomputed, each
// signature by the key given, each entry that was sealed still there with its hash. The first that
// fails is named.
func VerifySeals(ctx context.Context, q pg.Querier, key ed25519.PublicKey) (invariant.Result, error) {
	result := invariant.Result{Name: "seals", Sentence: "every closing is signed, follows from the one before, and seals entries that are still there"}
	rows, err := q.Query(ctx, sqlSeals)
	if err != nil {
		return result, err
	}
	var n, seq int64
	var data string
	var before, hash, signature, sealed, found []byte
	previous := []byte{}
	stop := errors.New("broken")
	_, err = pgx.ForEachRow(rows, []any{&n, &data, &before, &hash, &signature, &seq, &sealed, &found}, func() error {
		result.Figure++
		var s Seal
		readable := json.Unmarshal([]byte(data), &s) == nil
		switch {
		case n != result.Figure:
			result.Broken = append(result.Broken, fmt.Sprintf("closing %d is missing", result.Figure))
		case !readable || s.N != n || s.EntrySeq != seq || !bytes.Equal(s.EntryHash, sealed) || !bytes.Equal(before, previous) || !bytes.Equal(hash, sealHash(previous, n, []byte(data))):
			result.Broken = append(result.Broken, fmt.Sprintf("closing %d was changed", n))
		case !ed25519.Verify(key, hash, signature):
			result.Broken = append(result.Broken, fmt.Sprintf("closing %d is not signed by the shop's key", n))
		case seq > 0 && !bytes.Equal(found, sealed):
			result.Broken = append(result.Broken, fmt.Sprintf("entry %d, sealed by closing %d, was changed or cut off", seq, n))
		default:
			previous = bytes.Clone(hash)
			return nil
		}
		return stop
	})
	if errors.Is(err, stop) {
		err = nil
	}
	return result, err
}
