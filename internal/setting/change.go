package setting

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/audit"
	"boutique/internal/pg"
)

// Checked is a setting that knows what it may not be.
type Checked interface{ Check() error }

// Change records a setting from now on, and who changed it. What is wrong with it is Invalid, each
// field named, and nothing is changed.
func Change(ctx context.Context, pool *pgxpool.Pool, key Key, value Checked, actor string) error {
	return ChangeFrom(ctx, pool, key, value, time.Time{}, actor)
}

// ChangeFrom records a setting from a moment on, which may be planned; zero means now. What was
// planned for later stays planned.
func ChangeFrom(ctx context.Context, pool *pgxpool.Pool, key Key, value Checked, from time.Time, actor string) error {
	if err := value.Check(); err != nil {
		return err
	}
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := Set(ctx, tx, key, value, from, actor); err != nil {
			return err
		}
		entry := audit.Entry{Actor: actor, Action: "setting.change", Subject: "setting:" + string(key)}
		if !from.IsZero() {
			entry.Detail = map[string]any{"valid_from": from.Format(time.RFC3339)}
		}
		return audit.Record(ctx, tx, entry)
	})
}

// Version is one value that a setting has had, or will have.
type Version struct {
	ValidFrom time.Time
	SetBy     string
	Value     json.RawMessage
}

// Versions lists when a setting was changed and by whom, the newest first.
func Versions(ctx context.Context, q Querier, key Key, limit int) ([]Version, error) {
	rows, err := q.Query(ctx, sqlVersions, pgx.NamedArgs{"key": key, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Version])
}
