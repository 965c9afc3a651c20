package catalog

import (
	"context"

	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Criteria judges a product with the rules, the languages and the conditions of dispatch in force.
func (s *Service) Criteria(ctx context.Context, p Product) ([]Criterion, error) {
	j, err := s.NewJudge(ctx, s.Pool)
	if err != nil {
		return nil, err
	}
	return j.Judge(ctx, p), nil
}

// Publish puts a product online. While a blocking criterion is not met it is a Conflict with code
// criteria_not_met and the failing criteria in the parameter "criteria".
func (s *Service) Publish(ctx context.Context, slug, actor string) (Product, error) {
	return s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		return s.publish(ctx, tx, p, actor)
	})
}

func (s *Service) publish(ctx context.Context, tx pgx.Tx, p Product, actor string) error {
	j, err := s.NewJudge(ctx, tx)
	if err != nil {
		return err
	}
	list := j.Judge(ctx, p)
	if failing := Failing(list); failing != nil {
		return fault.New(fault.Conflict, "criteria_not_met", "the product does not meet the criteria for publication yet").With("criteria", describe(failing))
	}
	if p.State == Published {
		return nil
	}
	if _, err := tx.Exec(ctx, sqlPublish, pgx.NamedArgs{"id": p.ID}); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, sqlCancelPlan, pgx.NamedArgs{"product_id": p.ID}); err != nil {
		return err
	}
	said := judgementOf(p, list)
	if err := signPublication(ctx, tx, p, said, actor); err != nil {
		return err
	}
	if err := s.touch(ctx, tx, p, actor, "product.publish", nil); err != nil {
		return err
	}
	// The touch counts as an edit; what was judged is the same.
	said.version++
	return putJudgements(ctx, tx, j.Revision, []judgement{said})
}

// describe says criteria for programs.
func describe(list []Criterion) []map[string]any {
	out := make([]map[string]any, len(list))
	for i, c := range list {
		out[i] = map[string]any{"code": c.Code, "field": c.Field, "todo": c.ToDo(text.EN)}
	}
	return out
}

// Unpublish takes a product offline; it stays a draft. Carts that hold it are told.
func (s *Service) Unpublish(ctx context.Context, slug, actor string) (Product, error) {
	return s.changeState(ctx, slug, actor, func(ctx context.Context, tx pgx.Tx, p Product) error {
		if p.State == Draft {
			return nil
		}
		if _, err := tx.Exec(ctx, sqlUnpublish, pgx.NamedArgs{"id": p.ID}); err != nil {
			return err
		}
		return s.touch(ctx, tx, p, actor, "product.unpublish", nil)
	})
}

func (s *Service) changeState(ctx context.Context, slug, actor string, change func(context.Context, pgx.Tx, Product) error) (Product, error) {
	var after Product
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		p, err := s.lock(ctx, tx, slug)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, p); err != nil {
			return err
		}
		after, err = productByID(ctx, tx, p.ID)
		return err
	})
	return after, err
}
