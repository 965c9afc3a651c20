package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"boutique/internal/money"
	"boutique/internal/text"
	"boutique/shop"
)

type orderReturn struct {
	Number      string         `json:"number"`
	State       string         `json:"state" enum:"declared,received,refunded,closed"`
	DeclaredAt  time.Time      `json:"declared_at" doc:"in Europe/Paris, with its offset"`
	RefundBy    string         `json:"refund_by" format:"date" doc:"the last day to give the money back"`
	Due         money.Amount   `json:"due" doc:"the pieces, and the standard delivery when nothing of the order is kept"`
	DueShipping money.Amount   `json:"due_shipping"`
	Lines       []shipmentLine `json:"lines" nullable:"false"`
}

type withdrawalOpen struct {
	Open  bool    `json:"open"`
	Until *string `json:"until" format:"date" doc:"the last day; null while something is still to be sent"`
}

func windowOf(w shop.Window) withdrawalOpen {
	out := withdrawalOpen{Open: w.Open}
	if !w.Until.IsZero() {
		day := w.Until.Format(time.DateOnly)
		out.Until = &day
	}
	return out
}

func returnOf(r shop.Return) orderReturn {
	out := orderReturn{Number: r.Number, State: r.State, DeclaredAt: r.DeclaredAt.In(text.Paris()), RefundBy: r.RefundBy.Format(time.DateOnly), Due: r.Due, DueShipping: r.DueShipping, Lines: []shipmentLine{}}
	for _, l := range r.Lines {
		out.Lines = append(out.Lines, shipmentLine{l.SKU, l.Quantity})
	}
	return out
}

func (a *API) mountWithdrawal() {
	register(a, huma.Operation{OperationID: "withdraw", Method: http.MethodPost, Path: "/api/v1/orders/{number}/withdrawal", Summary: "The shopper withdraws from the whole order, or from some lines", DefaultStatus: http.StatusCreated},
		func(ctx context.Context, in *struct {
			Number         string `path:"number" maxLength:"40"`
			Key            string `query:"key" maxLength:"100"`
			IdempotencyKey string `header:"Idempotency-Key" maxLength:"255"`
			Body           *struct {
				Lines  []lineInput `json:"lines,omitempty" maxItems:"100" doc:"none: all that can be given back"`
				Name   string      `json:"name,omitempty" maxLength:"200"`
				Reason string      `json:"reason,omitempty" maxLength:"1000" doc:"nobody has to give one"`
			}
		}) (*struct{ Body orderReturn }, error) {
			o, err := a.Shop.OpenOrder(ctx, in.Number, in.Key)
			if err != nil {
				return nil, err
			}
			w := shop.Withdrawal{Key: in.IdempotencyKey}
			if in.Body != nil {
				w.Lines, w.Name, w.Reason = quantities(in.Body.Lines), in.Body.Name, in.Body.Reason
			}
			r, err := a.Shop.Withdraw(ctx, o.Number, w)
			if err != nil {
				return nil, err
			}
			return &struct{ Body orderReturn }{returnOf(r)}, nil
		})
}
