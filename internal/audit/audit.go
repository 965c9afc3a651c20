// Package audit records who did what at the desk, and never forgets it.
package audit

import (
	"context"
	"encoding/json"
	"time"

	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// Entry is one thing that somebody did. Subject is what it was done to ("order:B26-…"); Detail is
// stored as JSON and holds no personal data beyond what the action is about.
type Entry struct {
	Actor   string
	Action  string
	Subject string
	Detail  any
}

// Record writes an entry in the transaction of the action itself, with the id of the request.
func Record(ctx context.Context, tx pgx.Tx, e Entry) error {
	if e.Detail == nil {
		e.Detail = struct{}{}
	}
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlInsert, pgx.NamedArgs{"actor": e.Actor, "action": e.Action, "subject": e.Subject, "detail": detail, "request_id": middleware.GetReqID(ctx)})
	return err
}

// Row is a recorded entry.
type Row struct {
	ID      int64
	At      time.Time
	Actor   string
	Action  string
	Subject string
	Detail  []byte
}

// List lists the newest entries, of one subject when it is named, older than before (0: from now).
func List(ctx context.Context, q pg.Querier, subject string, before int64, limit int) ([]Row, error) {
	rows, err := q.Query(ctx, sqlList, pgx.NamedArgs{"subject": subject, "before": before, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Row])
}

// Last tells when an action was last recorded; the zero time when it never was.
func Last(ctx context.Context, q pg.Querier, action string) (time.Time, error) {
	var at *time.Time
	if err := q.QueryRow(ctx, sqlLast, pgx.NamedArgs{"action": action}).Scan(&at); err != nil || at == nil {
		return time.Time{}, err
	}
	return *at, nil
}
