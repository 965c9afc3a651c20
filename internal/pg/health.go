package pg

import (
	"context"
	"time"
)

// Superuser tells whether the login may do everything, which the shop's own should not.
func Superuser(ctx context.Context, q Querier) (bool, error) {
	var super bool
	err := q.QueryRow(ctx, "select rolsuper from pg_roles where rolname = session_user").Scan(&super)
	return super, err
}

// ClockDrift is how far the database's clock is ahead of this machine's.
func ClockDrift(ctx context.Context, q Querier, now func() time.Time) (time.Duration, error) {
	var theirs time.Time
	before := now()
	err := q.QueryRow(ctx, "select clock_timestamp()").Scan(&theirs)
	return theirs.Sub(before), err
}
