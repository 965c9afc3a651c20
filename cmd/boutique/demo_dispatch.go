package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"

	"boutique/shop"
)

// demoCarrier is who has the pickup points of the demo's list.
const demoCarrier = "Mondial Relay"

// furnishDispatch gives a demo that still has the conditions of every new office its own: desks with
// their hours, what cartons and carriers cost, a carrier with pickup points, the places of the stock room.
func (a *app) furnishDispatch(ctx context.Context) error {
	edits, err := shop.ListConditions(ctx, a.database.pool)
	if err != nil {
		return err
	}
	if len(edits) != 1 || edits[0].SetBy != "system" {
		return nil
	}
	document, err := demoFiles.ReadFile("demo/conditions.json")
	if err != nil {
		return err
	}
	conditions, err := shop.ParseConditions(document)
	if err != nil {
		return fmt.Errorf("the demo's conditions of dispatch: %w", err)
	}
	list, err := demoFiles.ReadFile("demo/pickup-points.csv")
	if err != nil {
		return err
	}
	points, wrong := shop.ReadPoints(list)
	if wrong != nil {
		return fmt.Errorf("the demo's pickup points: %v", wrong)
	}
	if err := a.shop.ReplacePoints(ctx, demoCarrier, points, commandLine); err != nil {
		return err
	}
	if err := a.furnishShelves(ctx); err != nil {
		return err
	}
	_, err = a.shop.EditConditions(ctx, edits[0].Version, "demo", commandLine, func(c *shop.Conditions) error {
		*c = conditions
		return nil
	})
	return err
}

func (a *app) furnishShelves(ctx context.Context) error {
	data, err := demoFiles.ReadFile("demo/shelves.csv")
	if err != nil {
		return err
	}
	reader := csv.NewReader(bytes.NewReader(data))
	reader.Comma = ';'
	rows, err := reader.ReadAll()
	if err != nil {
		return err
	}
	places := map[string]string{}
	for _, row := range rows[1:] {
		places[row[0]] = row[1]
	}
	return a.shop.SetShelves(ctx, places)
}
