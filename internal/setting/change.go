package setting

import (
	"context"
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
	if err := value.Check(); err != nil {
		return err
	}
	return pg.InTx(ctx, pool, func(tx pgx.Tx) error {
		if err := Set(ctx, tx, key, value, time.Time{}, actor); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "setting.change", Subject: "setting:" + string(key)})
	})
}

// Version is one value that a setting has had.
type Version struct {
	ValidFrom time.Time
	SetBy     string
}

// Versions lists when a setting was changed and by whom, the newest first.
func Versions(ctx context.Context, q Querier, key Key, limit int) ([]Version, error) {
	rows, err := q.Query(ctx, sqlVersions, pgx.NamedArgs{"key": key, "limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Version])
}
