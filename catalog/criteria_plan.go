package catalog

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
)

// The states of a planned publication.
const (
	PlanWaits     = "planned"
	PlanDone      = "done"
	PlanRefused   = "refused"
	PlanCancelled = "cancelled"
)

// Plan is a publication at an hour, and what came of it. Failing are the criteria that kept the
// product offline when its hour came.
type Plan struct {
	Slug, Name string
	PublishAt  time.Time
	PlannedBy  string
	State      string
	Failing    []string
	AnsweredAt *time.Time
}

// furthestPlan is how far ahead a publication may be planned.
const furthestPlan = 2 * 365 * 24 * time.Hour

// PlanPublication puts a product online at an hour, when it meets the criteria then. A plan that it
// has already is replaced.
func (s *Service) PlanPublication(ctx context.Context, slug string, at time.Time, actor string) error {
	var fields fault.Fields
	if now := s.Clock.Now(); !at.After(now) || at.After(now.Add(furthestPlan)) {
		fields.Add("publish_at", "plan_out_of_range", "must lie ahead, within two years")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	_, err := s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		if p.State == Published {
			return fault.New(fault.Conflict, "already_published", "the product is online already")
		}
		if _, err := tx.Exec(ctx, sqlCancelPlan, pgx.NamedArgs{"product_id": p.ID}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlPlan, pgx.NamedArgs{"product_id": p.ID, "publish_at": at, "actor": actor}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.plan", Subject: "product:" + p.Slug, Detail: map[string]any{"publish_at": at}})
	})
	return err
}

// CancelPlan gives a planned publication up.
func (s *Service) CancelPlan(ctx context.Context, slug, actor string) error {
	_, err := s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		if _, err := tx.Exec(ctx, sqlCancelPlan, pgx.NamedArgs{"product_id": p.ID}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "product.cancel_plan", Subject: "product:" + p.Slug})
	})
	return err
}

// PublishDue answers the plans whose hour has come, each in a transaction of its own: a product that
// meets the criteria goes online, one that does not stays offline and staff are told why. It returns
// how many were answered.
func (s *Service) PublishDue(ctx context.Context) (int, error) {
	rows, err := s.Pool.Query(ctx, sqlDuePlans)
	if err != nil {
		return 0, err
	}
	due, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, err
	}
	for i, slug := range due {
		_, err := s.changeState(ctx, slug, "planned", func(ctx context.Context, tx pgx.Tx, p Product) error { return s.answerPlan(ctx, tx, p) })
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return i, err
		}
	}
	return len(due), nil
}

func (s *Service) answerPlan(ctx context.Context, tx pgx.Tx, p Product) error {
	var id int64
	var by string
	err := tx.QueryRow(ctx, sqlLockDuePlan, pgx.NamedArgs{"product_id": p.ID}).Scan(&id, &by)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	state, failing := PlanDone, []string{}
	err = s.publish(ctx, tx, p, by)
	if fault.Is(err, "criteria_not_met") {
		j, judging := s.NewJudge(ctx, tx)
		if judging != nil {
			return judging
		}
		for _, c := range Failing(j.Judge(ctx, p)) {
			failing = append(failing, c.Code)
		}
		state = PlanRefused
		err = audit.Record(ctx, tx, audit.Entry{Actor: by, Action: "product.plan_refused", Subject: "product:" + p.Slug, Detail: map[string]any{"failing": failing}})
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlAnswerPlan, pgx.NamedArgs{"id": id, "state": state, "failing": failing})
	return err
}

// PlanOf reads a product's plan that waits; the zero Plan when there is none.
func PlanOf(ctx context.Context, q pg.Querier, productID int64) (Plan, error) {
	rows, err := q.Query(ctx, sqlPlanOf, pgx.NamedArgs{"product_id": productID})
	if err != nil {
		return Plan{}, err
	}
	list, err := collectPlans(rows)
	if err != nil || len(list) == 0 {
		return Plan{}, err
	}
	return list[0], nil
}

// ListPlans lists the plans that wait and those that were refused in the last week and whose product
// is still offline, in the order of their hours.
func ListPlans(ctx context.Context, q pg.Querier, limit int) ([]Plan, error) {
	rows, err := q.Query(ctx, sqlPlans, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return collectPlans(rows)
}

func collectPlans(rows pgx.Rows) ([]Plan, error) {
	var list []Plan
	var p Plan
	_, err := pgx.ForEachRow(rows, []any{&p.Slug, &p.Name, &p.PublishAt, &p.PlannedBy, &p.State, &p.Failing, &p.AnsweredAt}, func() error {
		one := p
		one.Failing = slices.Clone(p.Failing)
		list = append(list, one)
		return nil
	})
	return list, err
}
