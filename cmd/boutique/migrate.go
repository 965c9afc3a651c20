package main

import (
	"fmt"

	"boutique/internal/pg"
	"boutique/migrations"
)

type migrateCommand struct {
	Up     migrateUp     `cmd:"" help:"Bring the database up to this program's schema."`
	Status migrateStatus `cmd:"" help:"Say which migrations the database has."`
}

type migrateUp struct{}

// Run brings the schema up.
func (migrateUp) Run(p *program) error {
	d, err := p.openDatabase(p.ctx, false, true)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	fmt.Fprintln(p.out, "the database has every migration")
	return nil
}

type migrateStatus struct{}

// Run lists the migrations; it exits 1 when one is missing.
func (migrateStatus) Run(p *program) error {
	d, err := p.openDatabase(p.ctx, false, false)
	if d == nil && err != nil && p.config.DatabaseURL == "" {
		return err
	}
	url := p.config.DatabaseURL
	if d != nil {
		defer d.close(p.ctx)
		url = d.url
	}
	owner, err := pg.OpenOwner(p.ctx, url)
	if err != nil {
		return err
	}
	defer owner.Close()
	list, err := migrations.List(p.ctx, owner)
	if err != nil {
		return err
	}
	pending := 0
	for _, m := range list {
		state := "applied"
		if !m.Applied {
			state = "pending"
			pending++
		}
		fmt.Fprintf(p.out, "%-8s %s\n", state, m.File)
	}
	if pending > 0 {
		return migrations.ErrPending
	}
	return nil
}
