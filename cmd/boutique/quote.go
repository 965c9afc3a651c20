package main

import (
	"fmt"
	"io"
	"time"

	"boutique/internal/text"
	"boutique/shop"
)

type quoteCommand struct {
	Order string `required:"" help:"The order's number."`
}

// Run explains the delivery that an order was quoted, computes it again on the conditions of that
// day, and says whether it would cost the same today.
func (c quoteCommand) Run(p *program) error {
	return p.withApp(func(a *app) error {
		o, err := shop.GetOrder(p.ctx, a.database.pool, c.Order)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "order %s: %s, %s, conditions of dispatch version %d\n", o.Number, o.ShippingLabel, text.Money(text.EN, o.Shipping), o.Conditions)
		explain(p.out, o.Quote)
		if o.Promise != nil {
			fmt.Fprintf(p.out, "  promised from %s to %s\n", o.Promise.From.Format(time.DateOnly), o.Promise.To.Format(time.DateOnly))
		}
		now, err := shop.CurrentConditions(p.ctx, a.database.pool)
		if err != nil {
			return err
		}
		if o.Basis == nil {
			fmt.Fprintf(p.out, "the order does not say what it was packed from: its amounts stand as they were; today's conditions are version %d\n", now.Version)
			return nil
		}
		then, err := shop.ConditionsAt(p.ctx, a.database.pool, o.Conditions)
		if err != nil {
			return err
		}
		again, refused, ok := o.Basis.Replay(then, o.ShippingMethod)
		if !ok {
			return fmt.Errorf("computed again on version %d, the method is refused: %s", o.Conditions, refused.Sentence(text.EN))
		}
		if again.Price != o.Shipping {
			return fmt.Errorf("computed again on version %d, delivery costs %s instead of %s", o.Conditions, text.Money(text.EN, again.Price), text.Money(text.EN, o.Shipping))
		}
		fmt.Fprintf(p.out, "computed again on version %d: the same price\n", o.Conditions)
		today, refused, ok := o.Basis.Today(now, o.ShippingMethod, a.shop.Clock.Now())
		switch {
		case !ok:
			fmt.Fprintf(p.out, "today (version %d) it would be refused: %s\n", now.Version, refused.Sentence(text.EN))
		case today.Price == o.Shipping:
			fmt.Fprintf(p.out, "today (version %d) it would cost the same\n", now.Version)
		default:
			fmt.Fprintf(p.out, "today (version %d) it would cost %s:\n", now.Version, text.Money(text.EN, today.Price))
			explain(p.out, today)
		}
		return nil
	})
}

// explain writes the amounts and parcels of a quote.
func explain(out io.Writer, o shop.Option) {
	if o.Tariff != "" {
		fmt.Fprintf(out, "  tariff %s, from %s, zone %s\n", o.Tariff, o.TariffFrom, o.Zone)
	}
	for _, w := range o.Why {
		fmt.Fprintf(out, "  %s\n", w.Sentence(text.EN))
	}
	if o.Stop != nil {
		fmt.Fprintf(out, "  at %s\n", o.Stop.Line())
	}
	for _, parcel := range o.Parcels {
		fmt.Fprintf(out, "  parcel %s: %d g, %d of them packaging, %d × %d × %d mm\n", parcel.Carton, parcel.WeightG, parcel.TareG, parcel.LengthMM, parcel.WidthMM, parcel.HeightMM)
	}
}
