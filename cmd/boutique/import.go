package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"boutique/catalog"
)

type importCommand struct {
	Products   importProducts   `cmd:"" help:"Bring products in from a CSV file: all rows or none."`
	Categories importCategories `cmd:"" help:"Bring categories in from a CSV file."`
	Makers     importMakers     `cmd:"" help:"Bring makers in from a CSV file."`
}

type importProducts struct {
	File   string `arg:"" help:"The CSV file."`
	Format string `enum:"auto,boutique,shopify,woocommerce,prestashop" default:"auto" help:"auto recognises the file by its head; boutique is the shop's own format, the others are the product exports of those shops."`
	DryRun bool   `help:"Judge the file and change nothing."`
	Photos string `help:"The folder, or the zip, of the photographs that the file names."`
}

// Run brings products in.
func (c importProducts) Run(p *program) error {
	photos, err := photosIn(c.Photos)
	if err != nil {
		return err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	return p.withApp(func(a *app) error {
		started := time.Now()
		report, err := a.catalog.Import(p.ctx, file, catalog.ImportOptions{Format: catalog.Format(c.Format), DryRun: c.DryRun, Actor: commandLine, Photos: photos, Progress: p.progress("products")})
		if err != nil {
			return err
		}
		return p.reportImport(report, c.DryRun, time.Since(started))
	})
}

// progress says how far a long step has come, on standard error, once a second.
func (p *program) progress(what string) func(done, of int) {
	last := time.Now()
	return func(done, of int) {
		if time.Since(last) > time.Second {
			last = time.Now()
			fmt.Fprintf(p.err, "%d of %d %s…\n", done, of, what)
		}
	}
}

func (p *program) reportImport(r catalog.Report, dry bool, took time.Duration) error {
	for _, i := range r.Issues {
		fmt.Fprintln(p.err, i)
	}
	for _, w := range r.Warnings {
		fmt.Fprintln(p.err, "warning:", w)
	}
	if len(r.Issues) > 0 {
		fmt.Fprintf(p.err, "nothing was imported: %d problems\n", len(r.Issues))
		return errBroken
	}
	verb := "imported"
	if dry {
		verb = "would be imported"
	}
	fmt.Fprintf(p.out, "%d products with %d variants and %d photos %s (%d new, %d changed, %d as they were, %d published) in %s\n",
		r.Products, r.Variants, r.Photos, verb, r.Created, r.Changed, r.Unchanged, r.Published, took.Round(time.Millisecond))
	return nil
}

type importCategories struct {
	File string `arg:"" help:"The CSV file."`
}

// Run brings categories in.
func (c importCategories) Run(p *program) error {
	return p.importPlaces(c.File, func(a *app, r io.Reader) (catalog.Report, error) { return a.catalog.ImportCategories(p.ctx, r) })
}

type importMakers struct {
	File string `arg:"" help:"The CSV file."`
}

// Run brings makers in.
func (c importMakers) Run(p *program) error {
	return p.importPlaces(c.File, func(a *app, r io.Reader) (catalog.Report, error) { return a.catalog.ImportMakers(p.ctx, r) })
}

func (p *program) importPlaces(name string, bring func(*app, io.Reader) (catalog.Report, error)) error {
	file, err := os.Open(name)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	return p.withApp(func(a *app) error {
		report, err := bring(a, file)
		if err != nil {
			return err
		}
		for _, i := range report.Issues {
			fmt.Fprintln(p.err, i)
		}
		if len(report.Issues) > 0 {
			return errBroken
		}
		fmt.Fprintln(p.out, "imported")
		return nil
	})
}
