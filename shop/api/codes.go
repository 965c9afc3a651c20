package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"boutique/internal/money"
	"boutique/shop"
)

type cartVoucher struct {
	Code     string       `json:"code"`
	Discount money.Amount `json:"discount"`
}

type cartGift struct {
	Hint    string       `json:"hint" doc:"the last four characters of its code"`
	Balance money.Amount `json:"balance"`
}

func voucherOf(c shop.Cart) *cartVoucher {
	if c.VoucherCode == "" {
		return nil
	}
	return &cartVoucher{c.VoucherCode, c.Discount}
}

func (a *API) mountCodes() {
	register(a, huma.Operation{OperationID: "set-cart-voucher", Method: http.MethodPut, Path: "/api/v1/carts/{id}/voucher", Summary: "Puts a voucher on the cart; an empty code takes it off"},
		func(ctx context.Context, in *struct {
			CartPath
			Body struct {
				Code string `json:"code" maxLength:"60"`
			}
		}) (*cartAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, err := a.Shop.SetVoucher(ctx, id, in.Body.Code)
			return cartOf(c), err
		})
	register(a, huma.Operation{OperationID: "set-cart-gift-cards", Method: http.MethodPut, Path: "/api/v1/carts/{id}/gift-cards", Summary: "Puts gift cards on the cart; none takes them off"},
		func(ctx context.Context, in *struct {
			CartPath
			Body struct {
				Codes []string `json:"codes" maxItems:"20" nullable:"false"`
			}
		}) (*cartAnswer, error) {
			id, err := in.id()
			if err != nil {
				return nil, err
			}
			c, err := a.Shop.SetGiftCards(ctx, id, in.Body.Codes)
			return cartOf(c), err
		})
}
