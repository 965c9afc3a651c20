package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"boutique/internal/audit"
	"boutique/internal/mail"
	"boutique/internal/pg"
	"boutique/migrations"
	"boutique/shop/admin"
)

type doctorCommand struct{}

// Run checks the configuration and every service that it names; it exits 1 when something is wrong.
func (doctorCommand) Run(p *program) error {
	p.adoptDemo()
	wrong := 0
	say := func(what string, err error) {
		if err != nil {
			wrong++
			fmt.Fprintf(p.out, "WRONG  %s: %v\n", what, err)
			return
		}
		fmt.Fprintf(p.out, "ok     %s\n", what)
	}
	for _, sentence := range p.config.check() {
		say("configuration", fmt.Errorf("%s", sentence))
	}
	d, err := p.openDatabase(p.ctx, false, false)
	say("database", err)
	if err == nil {
		defer d.close(p.ctx)
		p.examine(d, say)
	}
	if server, err := mail.ParseServer(p.config.SMTPURL); err == nil {
		ctx, cancel := context.WithTimeout(p.ctx, 10*time.Second)
		say("mail server", server.Check(ctx))
		cancel()
	}
	info, err := os.Stat(p.config.secretsDir())
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("%s must be closed to others: chmod 700", p.config.secretsDir())
	}
	say("secrets", err)
	if wrong > 0 {
		return errBroken
	}
	return nil
}

// examine looks at the database and at what hangs on it.
func (p *program) examine(d *database, say func(string, error)) {
	owner, err := pg.OpenOwner(p.ctx, d.url)
	if err != nil {
		say("database login", err)
		return
	}
	defer owner.Close()
	say("schema", migrations.Ready(p.ctx, owner))
	super, err := pg.Superuser(p.ctx, owner)
	if err == nil && super && p.config.DatabaseURL != "" {
		err = fmt.Errorf("the login of DATABASE_URL is a superuser: give the shop a login of its own that owns its database")
	}
	say("database login", err)
	drift, err := pg.ClockDrift(p.ctx, owner, time.Now)
	if err == nil && drift.Abs() > 5*time.Second {
		err = fmt.Errorf("this machine's clock and the database's differ by %s: synchronise them", drift.Round(time.Second))
	}
	say("clocks", err)
	a, err := p.newApp(p.ctx, d, false)
	say("photographs and settings", err)
	if err != nil {
		return
	}
	p.examineDisks(a, say)
	if a.gateway != nil {
		say("Stripe", a.gateway.Check(p.ctx))
	}
	if !p.config.testMode() {
		last, err := audit.Last(p.ctx, d.pool, admin.BackupMade)
		if err == nil && a.clock.Now().Sub(last) > admin.BackupAge {
			err = fmt.Errorf("the newest is more than a week old, or there is none: let `boutique backup FILE` run every night, to another machine")
		}
		say("backup", err)
	}
}
