package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/pg"
	"boutique/internal/pgserver"
	"boutique/internal/trace"
	"boutique/migrations"
)

// database is the shop's PostgreSQL for the time of one command.
type database struct {
	url  string
	pool *pgxpool.Pool
	// server is the embedded PostgreSQL; nil when DATABASE_URL names one.
	server *pgserver.Server
	// tracer is nil unless the environment names who hears of it.
	tracer *trace.Tracer
	logger *slog.Logger
}

// openDatabase finds the database: the one of DATABASE_URL, else the embedded one in DATA_DIR,
// joined when it runs and started when it doesn't. With own it is never joined. migrate brings the
// schema up; without it an older schema is refused with the command that mends it.
func (p *program) openDatabase(ctx context.Context, own, migrate bool) (*database, error) {
	d := &database{url: p.config.DatabaseURL, logger: p.logger}
	if d.url == "" {
		server, err := pgserver.Start(ctx, pgserver.Config{
			Dir: p.config.DataDir, BinDir: p.config.PGBinDir, OSUser: p.config.PGOSUser, Logger: p.logger, Own: own, Keep: true,
			Progress: func(step string) { fmt.Fprintln(p.err, step+"…") },
		})
		if err != nil {
			return nil, err
		}
		d.server, d.url = server, server.URL()
		migrate = true
	}
	if err := d.prepare(ctx, p, migrate); err != nil {
		d.close(ctx)
		return nil, err
	}
	if p.config.TracesEndpoint != "" {
		var err error
		if d.tracer, err = trace.Start(ctx, p.config.TracesEndpoint); err != nil {
			d.close(ctx)
			return nil, err
		}
	}
	pool, err := pg.OpenTraced(ctx, d.url, d.tracer.Queries())
	if err != nil {
		d.close(ctx)
		return nil, err
	}
	d.pool = pool
	return d, nil
}

func (d *database) prepare(ctx context.Context, p *program, migrate bool) error {
	owner, err := pg.OpenOwner(ctx, d.url)
	if err != nil {
		return err
	}
	defer owner.Close()
	if err := owner.Ping(ctx); err != nil {
		return fmt.Errorf("DATABASE_URL must name a PostgreSQL that answers: %w", err)
	}
	if !migrate {
		return migrations.Ready(ctx, owner)
	}
	_, err = migrations.Up(ctx, owner, p.logger)
	return err
}

// close lets go of the database, and stops the embedded server if this program started it.
func (d *database) close(ctx context.Context) {
	if d.pool != nil {
		d.pool.Close()
	}
	if err := d.tracer.Stop(context.WithoutCancel(ctx)); err != nil {
		d.logger.WarnContext(ctx, "the last traces were not heard", "error", err)
	}
	if d.server != nil {
		_ = d.server.Stop(context.WithoutCancel(ctx))
	}
}
