package main

import (
	"fmt"
	"net"
	"os"
	"strings"

	"boutique/internal/pgserver"
	"boutique/internal/setting"
)

type serveCommand struct{}

// Run serves the shop in production until it is told to stop.
func (serveCommand) Run(p *program) error {
	if wrong := p.config.check(); len(wrong) > 0 {
		for _, w := range wrong {
			fmt.Fprintln(p.err, w)
		}
		return errBroken
	}
	release, err := pgserver.Claim(p.config.DataDir)
	if err != nil {
		return err
	}
	defer release()
	d, err := p.openDatabase(p.ctx, true, false)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	a, err := p.newApp(p.ctx, d, true)
	if err != nil {
		return err
	}
	office, err := setting.GetOffice(p.ctx, d.pool)
	if err != nil {
		return err
	}
	if missing := office.Missing(); len(missing) > 0 {
		p.logger.Warn("the office has not said yet what the law wants shown", "missing", strings.Join(missing, ", "))
	}
	listener, err := net.Listen("tcp", p.config.ListenAddr)
	if err != nil {
		return fmt.Errorf("LISTEN_ADDR must be free to listen on: %w", err)
	}
	return a.serve(p.ctx, p, listener, func() {
		p.logger.Info("serving", "address", listener.Addr().String(), "public", p.config.PublicURL, "test_keys", p.config.testMode(), "process", os.Getpid())
	})
}
