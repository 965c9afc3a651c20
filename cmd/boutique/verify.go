package main

import (
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/invariant"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
	"boutique/shop"
)

type verifyCommand struct {
	Package string `help:"A month's package (zip) to verify without a database."`
	Entries string `help:"A file of entries (export chain) to verify without a database, with --seal."`
	Seal    string `help:"The seal, or the seals, to hold the entries against: the attachment of the accountant's mail, or export seals."`
	Key     string `help:"The shop's public key in hexadecimal digits, as the accountant's mail names it; else the one that the file names."`
}

// Run checks every invariant and prints each with its figure.
func (c verifyCommand) Run(p *program) error {
	if c.Package != "" || c.Entries != "" || c.Seal != "" {
		return c.offline(p)
	}
	return p.withApp(func(a *app) error {
		results, err := a.verify(p.ctx)
		if err != nil {
			return err
		}
		return printResults(p.out, results)
	})
}

// printResults prints each result with its figure; it fails when one is broken.
func printResults(out io.Writer, results []invariant.Result) error {
	broken := 0
	for _, r := range results {
		mark := "ok    "
		if !r.Holds() {
			mark = "BROKEN"
			broken++
		}
		fmt.Fprintf(out, "%s %8d  %s: %s\n", mark, r.Figure, r.Name, r.Sentence)
		for _, b := range r.Broken {
			fmt.Fprintf(out, "                 %s\n", b)
		}
	}
	if broken > 0 {
		fmt.Fprintf(out, "%d of %d are broken\n", broken, len(results))
		return errBroken
	}
	fmt.Fprintf(out, "all %d hold\n", len(results))
	return nil
}

// offline verifies files that left the shop: no database and no key of the shop is needed.
func (c verifyCommand) offline(p *program) error {
	var key ed25519.PublicKey
	if c.Key != "" {
		bytes, err := hex.DecodeString(c.Key)
		if err != nil || len(bytes) != ed25519.PublicKeySize {
			return usageError{fmt.Errorf("--key must be the %d hexadecimal digits of the mail", 2*ed25519.PublicKeySize)}
		}
		key = bytes
	}
	if c.Package == "" && (c.Entries == "" || c.Seal == "") || c.Package != "" && (c.Entries != "" || c.Seal != "") {
		return usageError{fmt.Errorf("give --package, or --entries with --seal")}
	}
	var results []invariant.Result
	verify := func(name string, work func(*os.File) error) error {
		f, err := os.Open(name)
		if err != nil {
			return usageError{err}
		}
		defer f.Close()
		return work(f)
	}
	var err error
	if c.Package != "" {
		err = verify(c.Package, func(f *os.File) error {
			info, err := f.Stat()
			if err != nil {
				return err
			}
			results, err = ledger.VerifyPackage(f, info.Size(), key)
			return err
		})
	} else {
		err = verify(c.Entries, func(entries *os.File) error {
			return verify(c.Seal, func(seal *os.File) (err error) {
				results, err = ledger.VerifyEntries(entries, seal, key)
				return err
			})
		})
	}
	if err != nil {
		return err
	}
	return printResults(p.out, results)
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
	results, err := invariant.Check(ctx, tx, slices.Concat(catalog.Invariants(), shop.Invariants(), payments.Invariants(), desk.Invariants(), ledger.Invariants(), mail.Invariants()))
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
	chain, err := ledger.VerifyChain(ctx, a.database.pool, tx)
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
		found, compareErr := a.payments.Compare(p.ctx, time.Now().AddDate(0, 0, -c.Days))
		for _, what := range found.Mended {
			fmt.Fprintf(p.out, "mended    %s\n", what)
		}
		for _, what := range found.Different {
			fmt.Fprintf(p.out, "different %s\n", what)
		}
		after, err := a.payments.Health(p.ctx)
		if err != nil {
			return errors.Join(compareErr, err)
		}
		fmt.Fprintf(p.out, "compared the last %d days with Stripe: %d events were unfinished, %d are; %d payments are set aside for staff, %d refunds are stuck\n",
			c.Days, before.Unfinished, after.Unfinished, after.Quarantined, after.StuckRefunds)
		fmt.Fprintf(p.out, "held %d movements of Stripe's balance against the books: %d things were mended, %d differ\n", found.Movements, len(found.Mended), len(found.Different))
		// What could be compared has been, whatever could not: the failure says which, and ends the command.
		return compareErr
	})
}
