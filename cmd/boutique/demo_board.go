package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"slices"

	"boutique/catalog"
	"boutique/internal/money"
)

// furnishBoard puts the demo's ideas on the selection board, each gone the way to its stage as staff
// would move it.
func (a *app) furnishBoard(ctx context.Context) error {
	data, err := demoFiles.ReadFile("demo/board.csv")
	if err != nil {
		return err
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		content := catalog.CandidateContent{Name: row[0], Owner: row[2], Supplier: row[3], Product: row[5], Notes: row[6]}
		if row[4] != "" {
			cost, err := money.Parse(row[4])
			if err != nil {
				return fmt.Errorf("the demo's %s: %w", row[0], err)
			}
			content.Cost = &cost
		}
		id, err := a.catalog.AddCandidate(ctx, content, commandLine)
		if err != nil {
			return fmt.Errorf("the demo's %s: %w", row[0], err)
		}
		for _, stage := range wayTo(row[1]) {
			if err := a.catalog.MoveCandidate(ctx, id, stage, row[7], commandLine); err != nil {
				return fmt.Errorf("the demo's %s: %w", row[0], err)
			}
		}
	}
	return nil
}

// wayTo lists the stages between an idea and where it stands; what was given up was given up as an idea.
func wayTo(stage string) []string {
	if stage == catalog.StageRetired {
		return []string{stage}
	}
	stages := catalog.Stages()
	return stages[1 : slices.Index(stages, stage)+1]
}

// furnishViews asks of each family the one view that every photograph of the demo shows: an office that
// takes its own photographs asks for more.
func (a *app) furnishViews(ctx context.Context) error {
	families, err := catalog.ListFamilies(ctx, a.database.pool)
	if err != nil {
		return err
	}
	for _, f := range families {
		if len(f.Shots) < 2 {
			continue
		}
		version := f.Version
		f.Shots = f.Shots[:1]
		if _, err := a.catalog.SaveFamily(ctx, f, version, commandLine); err != nil {
			return fmt.Errorf("the demo's family %s: %w", f.Code, err)
		}
	}
	return nil
}
