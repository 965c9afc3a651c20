package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/invariant"
	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
	"boutique/shop"
)

type verifyCommand struct{}

// Run checks every invariant and prints each with its figure.
func (verifyCommand) Run(p *program) error {
	return p.withApp(func(a *app) error {
		results, err := a.verify(p.ctx)
		if err != nil {
			return err
		}
		broken := 0
		for _, r := range results {
			mark := "ok    "
			if !r.Holds() {
				mark = "BROKEN"
				broken++
			}
			fmt.Fprintf(p.out, "%s %8d  %s: %s\n", mark, r.Figure, r.Name, r.Sentence)
			for _, b := range r.Broken {
				fmt.Fprintf(p.out, "                 %s\n", b)
			}
		}
		if broken > 0 {
			fmt.Fprintf(p.out, "%d of %d are broken\n", broken, len(results))
			return errBroken
		}
		fmt.Fprintf(p.out, "all %d hold\n", len(results))
		return nil
	})
}

// verify checks everything that must always be true, at one moment, and the files beside it.
func (a *app) verify(ctx context.Context) (results []invariant.Result, err error) {
	err = pg.InReadTx(ctx, a.database.pool, func(tx pgx.Tx) error {
		rows, files, err := a.verifyIn(ctx, tx)
		results = slices.Concat(rows, files)
		return err
	})
	return results, err
}

// verifyIn answers for the rows of one moment, and for the files beside them.
func (a *app) verifyIn(ctx context.Context, tx pgx.Tx) (rows, files []invariant.Result, err error) {
	results, err := invariant.Check(ctx, tx, slices.Concat(catalog.Invariants(), shop.Invariants(), payments.Invariants(), desk.Invariants(), ledger.Invariants()))
	if err != nil {
		return nil, nil, err
	}
	histories, err := shop.VerifyHistories(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	quotes, err := shop.VerifyQuotes(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	chain, err := ledger.VerifyChain(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	seals, err := ledger.VerifySeals(ctx, tx, a.sealKey.Public().(ed25519.PublicKey))
	if err != nil {
		return nil, nil, err
	}
	photos, err := catalog.PhotoFiles(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	kept, err := a.keptPhotos(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	photos.Kept = append(photos.Kept, kept...)
	files, err = a.library.Verify(ctx, photos, a.clock.Now())
	return slices.Concat(results, histories, quotes, []invariant.Result{chain, seals}), files, err
}

type reconcileCommand struct {
	Days int `default:"30" help:"How many days to look back; Stripe keeps events for 30."`
}

// Run compares with Stripe and repairs.
func (c reconcileCommand) Run(p *program) error {
	return p.withApp(func(a *app) error {
		if a.gateway == nil {
			return fmt.Errorf("STRIPE_SECRET_KEY must be set to compare with Stripe")
		}
		before, err := a.payments.Health(p.ctx)
		if err != nil {
			return err
		}
		if err := a.payments.ReconcileSince(p.ctx, time.Now().AddDate(0, 0, -c.Days)); err != nil {
			return err
		}
		after, err := a.payments.Health(p.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "compared the last %d days with Stripe: %d events were unfinished, %d are; %d payments are set aside for staff, %d refunds are stuck\n",
			c.Days, before.Unfinished, after.Unfinished, after.Quarantined, after.StuckRefunds)
		return nil
	})
}
