package payments

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/pg"
)

// Happening is one thing that happened to an order's money. Kind is payment, refund, event, balance, dispute,
// warning or payout; What is the step, the provider's type, its category or its status, State where that led,
// Ref the thing's own id. Amount and Fee are nil where nothing moved.
type Happening struct {
	At                 time.Time
	Kind, What, State  string
	Actor, Reason, Ref string
	Amount, Fee        *money.Amount
	// Attempt is the number of the attempt that it is about; 0 for none. Means is how that one was paid.
	Attempt int
	Means   string
}

// StoryOf lists all that happened to an order's money, in the order of time: every step of every attempt and
// refund, every event of the provider about them, every movement of its balance, every dispute, warning and
// payout.
func StoryOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]Happening, error) {
	rows, err := q.Query(ctx, sqlStory, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Happening, error) {
		var h Happening
		err := row.Scan(&h.At, &h.Kind, &h.What, &h.State, &h.Actor, &h.Reason, &h.Ref, &h.Amount, &h.Fee, &h.Attempt, &h.Means)
		return h, err
	})
}

// InboxEvent is an event of the inbox that is not done, or that could not be used.
type InboxEvent struct {
	ID, Type, APIVersion string
	ReceivedAt           time.Time
	Tries                int
	LastError            string
}

// UnfinishedEvents lists the events that are still to be worked on, oldest first.
func UnfinishedEvents(ctx context.Context, q pg.Querier) ([]InboxEvent, error) {
	return inboxEvents(ctx, q, sqlUnfinishedEvents, nil)
}

// OtherVersions lists the newest events that were written for another version of the provider's interface.
func OtherVersions(ctx context.Context, q pg.Querier, version string) ([]InboxEvent, error) {
	return inboxEvents(ctx, q, sqlOtherVersions, pgx.NamedArgs{"version": version})
}

func inboxEvents(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]InboxEvent, error) {
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (InboxEvent, error) {
		var e InboxEvent
		err := row.Scan(&e.ID, &e.Type, &e.APIVersion, &e.ReceivedAt, &e.Tries, &e.LastError)
		return e, err
	})
}
