package main

import (
	"bufio"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"boutique/internal/staff"
)

type staffCommand struct {
	Add     staffAdd     `cmd:"" help:"Make an account; its password is read from standard input, or made up and printed."`
	List    staffList    `cmd:"" help:"List the accounts."`
	Disable staffDisable `cmd:"" help:"Close an account."`
}

// withStaff opens the accounts for the time of one command.
func (p *program) withStaff(work func(*staff.Service) error) error {
	d, err := p.openDatabase(p.ctx, false, false)
	if err != nil {
		return err
	}
	defer d.close(p.ctx)
	s, err := staff.New(d.pool)
	if err != nil {
		return err
	}
	return work(s)
}

// commandLine is the actor of what the command line does.
const commandLine = "command line"

type staffAdd struct {
	Email    string `arg:"" help:"The address that signs in."`
	Role     string `required:"" help:"manager, catalog, orders or accountant."`
	Name     string `help:"The name that colleagues see."`
	Password bool   `name:"password-stdin" help:"Read the password from standard input instead of making one up."`
}

// Run makes an account.
func (c staffAdd) Run(p *program) error {
	role, err := staff.ParseRole(c.Role)
	if err != nil {
		return usageError{fmt.Errorf("--role must be manager, catalog, orders or accountant")}
	}
	password := ""
	if c.Password {
		line, err := bufio.NewReader(p.stdin).ReadString('\n')
		if err != nil && line == "" {
			return usageError{fmt.Errorf("--password-stdin: give the password on standard input")}
		}
		password = strings.TrimRight(line, "\r\n")
	}
	return p.withStaff(func(s *staff.Service) error {
		made, err := s.Add(p.ctx, c.Email, c.Name, role, password, commandLine)
		if err != nil {
			return err
		}
		if c.Password {
			fmt.Fprintf(p.out, "%s %s\n", c.Email, role)
		} else {
			fmt.Fprintf(p.out, "%s %s %s\n", c.Email, role, made)
		}
		return nil
	})
}

type staffList struct{}

// Run lists the accounts.
func (staffList) Run(p *program) error {
	return p.withStaff(func(s *staff.Service) error {
		members, err := s.List(p.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		for _, m := range members {
			state := "open"
			if m.DisabledAt != nil {
				state = "closed " + m.DisabledAt.Format(time.DateOnly)
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Email, m.Role, state, m.Name)
		}
		return w.Flush()
	})
}

type staffDisable struct {
	Email string `arg:"" help:"The account's address."`
}

// Run closes an account.
func (c staffDisable) Run(p *program) error {
	return p.withStaff(func(s *staff.Service) error {
		if err := s.Disable(p.ctx, c.Email, commandLine); err != nil {
			return err
		}
		fmt.Fprintf(p.out, "%s is closed\n", c.Email)
		return nil
	})
}

type tokenCommand struct {
	Create tokenCreate `cmd:"" help:"Make a bearer token and print it, once."`
}

type tokenCreate struct {
	Role string `required:"" help:"manager, catalog, orders or accountant."`
	Name string `required:"" help:"What the token is for, as the audit log names it."`
}

// Run makes a token.
func (c tokenCreate) Run(p *program) error {
	role, err := staff.ParseRole(c.Role)
	if err != nil {
		return usageError{fmt.Errorf("--role must be manager, catalog, orders or accountant")}
	}
	return p.withStaff(func(s *staff.Service) error {
		token, err := s.CreateToken(p.ctx, c.Name, role, commandLine)
		if err != nil {
			return err
		}
		fmt.Fprintln(p.out, token)
		return nil
	})
}
