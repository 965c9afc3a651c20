package main

import (
	"fmt"
	"time"

	"boutique/internal/text"
	"boutique/shop"
)

type quoteCommand struct {
	Order string `required:"" help:"The order's number."`
}

// Run explains the delivery that an order was quoted, and says whether it would cost the same today.
func (c quoteCommand) Run(p *program) error {
	return p.withApp(func(a *app) error {
		o, err := shop.GetOrder(p.ctx, a.database.pool, c.Order)
		if err != nil {
			return err
		}
		fmt.Fprintf(p.out, "order %s: %s, %s, conditions of dispatch version %d\n", o.Number, o.ShippingLabel, text.Money(text.EN, o.Shipping), o.Conditions)
		for _, w := range o.Quote.Why {
			fmt.Fprintf(p.out, "  %s\n", w.Sentence(text.EN))
		}
		for _, parcel := range o.Quote.Parcels {
			fmt.Fprintf(p.out, "  parcel %s: %d g, %d of them packaging, %d × %d × %d mm\n", parcel.Carton, parcel.WeightG, parcel.TareG, parcel.LengthMM, parcel.WidthMM, parcel.HeightMM)
		}
		if o.Promise != nil {
			fmt.Fprintf(p.out, "  promised from %s to %s\n", o.Promise.From.Format(time.DateOnly), o.Promise.To.Format(time.DateOnly))
		}
		now, err := shop.CurrentConditions(p.ctx, a.database.pool)
		if err != nil {
			return err
		}
		if now.Version == o.Conditions {
			fmt.Fprintln(p.out, "today's conditions are the same version")
			return nil
		}
		fmt.Fprintf(p.out, "today's conditions are version %d\n", now.Version)
		return nil
	})
}
