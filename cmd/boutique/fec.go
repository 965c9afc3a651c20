package main

import (
	"fmt"
	"os"

	"boutique/payments/ledger"
)

type fecCommand struct {
	Check fecCheckCommand `cmd:"" help:"Judge a file of accounting entries; exit 1 when it is rejected."`
}

type fecCheckCommand struct {
	File string `arg:"" help:"The file, under its own name: SIREN, FEC, closing date."`
}

// Run judges a file of accounting entries and names each reason to reject it by its line.
func (c fecCheckCommand) Run(p *program) error {
	file, err := os.Open(c.File)
	if err != nil {
		return fmt.Errorf("the file cannot be read: %w", err)
	}
	defer file.Close()
	report, err := ledger.CheckFEC(c.File, file)
	if err != nil {
		return err
	}
	for _, f := range report.Findings {
		where := "file"
		if f.Line > 0 {
			where = fmt.Sprintf("line %d", f.Line)
		}
		if f.Column != "" {
			where += ", " + f.Column
		}
		official := "not seen by the DGFiP's control script"
		if f.OfficialSeverity != "" {
			official = "DGFiP's control script: " + f.OfficialSeverity
		}
		fmt.Fprintf(p.out, "%s: %s (%s)\n", where, f.Message, official)
	}
	if report.More > 0 {
		fmt.Fprintf(p.out, "and %d more\n", report.More)
	}
	if !report.Accepted() {
		fmt.Fprintf(p.out, "rejected: %d lines, %d reasons; the DGFiP's control script would say: %s\n", report.Lines, len(report.Findings)+report.More, report.Official())
		return errBroken
	}
	fmt.Fprintf(p.out, "accepted: %d lines, %d entries, debits %s, credits %s\n", report.Lines, report.Entries, report.Debit.Decimal(), report.Credit.Decimal())
	return nil
}
