// Command boutique is the online souvenir shop of a tourist office: one program that serves
// shoppers, staff and accountants, and the commands to run it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"boutique/internal/clock"
	"boutique/internal/fault"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes of every command.
const (
	exitDone    = 0
	exitFailed  = 1
	exitMisused = 2
)

// program is what every command is handed.
type program struct {
	ctx      context.Context
	config   Config
	stdin    io.Reader
	out, err io.Writer
	logger   *slog.Logger
	clock    clock.Clock
}

// commands is the command line.
type commands struct {
	Demo      demoCommand      `cmd:"" help:"The whole shop with nothing set up: its own database, a Stripe of its own, a mail catcher, a demo catalogue."`
	Serve     serveCommand     `cmd:"" help:"Run the shop, configured by the environment."`
	Migrate   migrateCommand   `cmd:"" help:"The database's schema."`
	Staff     staffCommand     `cmd:"" help:"Accounts of the staff."`
	Token     tokenCommand     `cmd:"" help:"Bearer tokens for the staff API."`
	Import    importCommand    `cmd:"" help:"Bring a catalogue in."`
	Export    exportCommand    `cmd:"" help:"Take products, orders, sales, VAT, payments, entries and more out."`
	FEC       fecCommand       `cmd:"" name:"fec" help:"Judge a file of accounting entries."`
	Verify    verifyCommand    `cmd:"" help:"Check everything that must always be true of the data; exit 1 if something is broken."`
	Reconcile reconcileCommand `cmd:"" help:"Compare with Stripe and repair what lost webhooks left behind."`
	Backup    backupCommand    `cmd:"" help:"Keep the database, the photographs and the keys as one file, beside a running shop."`
	Restore   restoreCommand   `cmd:"" help:"Replace database, photographs and keys by those of a backup."`
	Quote     quoteCommand     `cmd:"" help:"Explain an order's shipping quote again."`
	Doctor    doctorCommand    `cmd:"" help:"Check the configuration and every service that it names."`
	Render    renderCommand    `cmd:"" hidden:"" help:"Render photographs for a running shop, which starts this by itself."`
}

// run is the whole program but the process around it.
func run(ctx context.Context, args, env []string, stdin io.Reader, out, errOut io.Writer) int {
	var c commands
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("boutique"),
		kong.Description("The online souvenir shop of a tourist office."),
		kong.UsageOnError(),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) {
			exited = code
			panic(stopParsing{})
		}),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return exitFailed
	}
	parsed, err := parse(parser, args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintf(errOut, "boutique: %v\nTry: boutique --help\n", err)
		return exitMisused
	}
	p := &program{ctx: ctx, config: readConfig(env), stdin: stdin, out: out, err: errOut, logger: newLogger(errOut), clock: clock.System{}}
	if err := parsed.Run(p); err != nil {
		report(errOut, err)
		var wrong usageError
		if errors.As(err, &wrong) {
			return exitMisused
		}
		return exitFailed
	}
	return exitDone
}

type stopParsing struct{}

func parse(parser *kong.Kong, args []string) (c *kong.Context, err error) {
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(stopParsing); !ok {
				panic(p)
			}
		}
	}()
	return parser.Parse(args)
}

// usageError is a command used wrongly.
type usageError struct{ error }

// Unwrap is what was wrong.
func (u usageError) Unwrap() error { return u.error }

// errBroken ends a command that has already said what is wrong.
var errBroken = errors.New("")

func report(w io.Writer, err error) {
	if errors.Is(err, errBroken) {
		return
	}
	if f, ok := fault.As(err); ok {
		fmt.Fprintf(w, "boutique: %s\n", f.Detail)
		for _, field := range f.Fields {
			fmt.Fprintf(w, "  %s %s\n", field.Place, field.Message)
		}
		if cause := errors.Unwrap(f); cause != nil {
			fmt.Fprintf(w, "  because: %v\n", cause)
		}
		return
	}
	fmt.Fprintf(w, "boutique: %s\n", strings.TrimSpace(err.Error()))
}

// newLogger writes text to a terminal and JSON to anything else.
func newLogger(w io.Writer) *slog.Logger {
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			return slog.New(slog.NewTextHandler(w, nil))
		}
	}
	return slog.New(slog.NewJSONHandler(w, nil))
}
