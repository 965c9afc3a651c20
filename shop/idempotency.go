package shop

import (
	"bytes"
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
)

// claimKey takes an idempotency key for this transaction. It answers the subject that an earlier
// request with the key made, empty for a new key. A request that differs from the one the key was
// first used with is Invalid with code idempotency_mismatch. Two at once wait for each other here.
func claimKey(ctx context.Context, tx pgx.Tx, scope, key string, hash []byte) (string, error) {
	tag, err := tx.Exec(ctx, sqlClaimKey, pgx.NamedArgs{"scope": scope, "key": key, "hash": hash})
	if err != nil || tag.RowsAffected() == 1 {
		return "", err
	}
	var subject string
	var first []byte
	err = tx.QueryRow(ctx, sqlReadKey, pgx.NamedArgs{"scope": scope, "key": key}).Scan(&subject, &first)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fault.New(fault.Conflict, "request_in_flight", "the same request is still being worked on: try again in a moment")
	}
	if err != nil {
		return "", err
	}
	if !bytes.Equal(first, hash) {
		return "", fault.New(fault.Invalid, "idempotency_mismatch", "this Idempotency-Key was used for another request: take a new one")
	}
	return subject, nil
}

func settleKey(ctx context.Context, tx pgx.Tx, scope, key, subject string) error {
	_, err := tx.Exec(ctx, sqlSettleKey, pgx.NamedArgs{"scope": scope, "key": key, "subject": subject})
	return err
}
