package shop

import (
	"slices"
	"strings"

	"boutique/internal/fault"
)

// Choice is how a shopper wants to be reached: a method, and the pickup point or desk that it needs.
// It is one value, written "method" or "method@stop", so that changing one can't leave a stale other.
type Choice struct {
	Method string
	Stop   string
}

// ParseChoice reads what String writes.
func ParseChoice(s string) Choice {
	method, stop, _ := strings.Cut(s, "@")
	return Choice{method, stop}
}

// String is the choice as forms send it.
func (c Choice) String() string {
	if c.Stop == "" {
		return c.Method
	}
	return c.Method + "@" + c.Stop
}

// travels tells what a carrier brings from what is fetched at a desk or sent by mail.
func (o Option) travels() bool { return o.Kind != KindCollection && o.Kind != KindDigital }

// Choose finds what was chosen among the quote's options, its stop filled in. Whatever does not go
// together is Invalid: a method that is not offered, a stop that the method has not, a pickup point missing
// where there are several. A single stop need not be named, nor the office's own desk, which is the first.
func (q Quote) Choose(c Choice) (Option, error) {
	var fields fault.Fields
	o, offered := q.Option(c.Method)
	if !offered {
		return Option{}, notOffered(q, c.Method)
	}
	if len(o.Stops) == 0 {
		if c.Stop != "" {
			fields.Add("pickup_point", "pickup_point_not_offered", "must be empty: this option has none")
		}
		return o, fields.Err()
	}
	if c.Stop == "" && len(o.Stops) > 1 && o.Kind != KindCollection {
		fields.Add("pickup_point", "pickup_point_required", "is missing: choose one of the option's points")
		return Option{}, fields.Err()
	}
	at := slices.IndexFunc(o.Stops, func(s Stop) bool { return s.Code == c.Stop || c.Stop == "" })
	if at < 0 {
		fields.Add("pickup_point", "pickup_point_unknown", "is none of the option's points")
		return Option{}, fields.Err()
	}
	stop := o.Stops[at]
	o.Stop = &stop
	if stop.ready != nil {
		o.Promise = *stop.ready
	}
	return o, nil
}
