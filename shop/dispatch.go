package shop

import (
	"context"
	"slices"
	"sort"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// EditConditions changes the conditions of dispatch that staff have read as the given version, and
// puts the result in force as a new one. Conditions that somebody else changed since are Stale.
func (s *Service) EditConditions(ctx context.Context, version int, what, actor string, edit func(c *Conditions) error) (int, error) {
	made := 0
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlLockConditions); err != nil {
			return err
		}
		c, err := CurrentConditions(ctx, tx)
		if err != nil {
			return err
		}
		if c.Version != version {
			return fault.New(fault.Stale, "conditions_changed", "somebody else changed the conditions of dispatch since you read them: look at them again").With("version", c.Version)
		}
		if err := edit(&c); err != nil {
			return err
		}
		if made, err = SetConditions(ctx, tx, c, actor); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "shipping." + what, Subject: "conditions", Detail: map[string]any{"before": version, "after": made}})
	})
	return made, err
}

// ConditionsVersion is one edit of the conditions of dispatch.
type ConditionsVersion struct {
	Version int
	SetBy   string
	SetAt   time.Time
}

// ListConditions lists the latest edits.
func ListConditions(ctx context.Context, q pg.Querier) ([]ConditionsVersion, error) {
	rows, err := q.Query(ctx, sqlListConditions)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[ConditionsVersion])
}

// SetTariffs gives a method new tariffs: at once when from is empty, else from that day on, in the
// place of any that were planned for that very day.
func (c *Conditions) SetTariffs(method, name, from string, tariffs map[string]Tariff) error {
	at := slices.IndexFunc(c.Methods, func(m Method) bool { return m.ID == method })
	if at < 0 {
		return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
	}
	c.Methods = slices.Clone(c.Methods)
	m := &c.Methods[at]
	kept := make(map[string]Tariff, len(m.Tariffs))
	for zone, t := range m.Tariffs {
		kept[zone] = t
	}
	m.Tariffs, m.Dated = kept, slices.Clone(m.Dated)
	for zone, t := range tariffs {
		t.Name, t.ValidFrom = name, from
		if from == "" {
			m.Tariffs[zone] = t
			continue
		}
		m.Dated = slices.DeleteFunc(m.Dated, func(d DatedTariff) bool { return d.Zone == zone && d.ValidFrom == from })
		m.Dated = append(m.Dated, DatedTariff{Zone: zone, Tariff: t})
	}
	sort.SliceStable(m.Dated, func(i, j int) bool { return m.Dated[i].ValidFrom < m.Dated[j].ValidFrom })
	return nil
}

// Repriced is what a month's orders would have brought under other conditions, per band of the
// tariff: what was charged then, what would be.
type Repriced struct {
	Zone          string
	UpToG         int
	Orders        int
	Before, After money.Amount
	// Refused counts the orders that could no longer be sent this way.
	Refused int
}

// Won is what the band brings more.
func (r Repriced) Won() money.Amount { return r.After - r.Before }

// Reprice computes the last month's orders of a method again on other conditions, as of the day on
// which they begin.
func (s *Service) Reprice(ctx context.Context, c Conditions, method, from string) ([]Repriced, error) {
	now := s.Clock.Now()
	at := now
	if day, err := time.ParseInLocation(time.DateOnly, from, text.Paris()); err == nil && day.After(now) {
		at = day.Add(9 * time.Hour)
	}
	rows, err := s.Pool.Query(ctx, sqlNumbersSince, pgx.NamedArgs{"since": now.AddDate(0, -1, 0), "method": method})
	if err != nil {
		return nil, err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, err
	}
	type key struct {
		zone string
		upTo int
	}
	bands := map[key]*Repriced{}
	for _, number := range numbers {
		o, err := GetOrder(ctx, s.Pool, number)
		if err != nil {
			return nil, err
		}
		if o.Basis == nil {
			continue
		}
		k := key{zone: o.Quote.Zone}
		for _, p := range o.Quote.Parcels {
			k.upTo += p.WeightG
		}
		again, _, ok := o.Basis.Today(c, method, at)
		if ok {
			k.zone = again.Zone
		}
		k.upTo = bandEnd(c, method, k.zone, at, k.upTo)
		r := bands[k]
		if r == nil {
			r = &Repriced{Zone: k.zone, UpToG: k.upTo}
			bands[k] = r
		}
		r.Orders++
		r.Before += o.Shipping
		if ok {
			r.After += again.Price
		} else {
			r.Refused++
		}
	}
	var list []Repriced
	for _, r := range bands {
		list = append(list, *r)
	}
	sort.Slice(list, func(i, j int) bool {
		if list[i].Zone != list[j].Zone {
			return list[i].Zone < list[j].Zone
		}
		return list[i].UpToG < list[j].UpToG
	})
	return list, nil
}

func bandEnd(c Conditions, method, zone string, at time.Time, grams int) int {
	m, _ := c.Method(method)
	t, _ := m.tariffOn(zone, at.In(text.Paris()).Format(time.DateOnly))
	for _, b := range t.Bands {
		if grams <= b.end() {
			return b.end()
		}
	}
	return grams
}
