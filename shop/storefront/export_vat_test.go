package storefront

import (
	"crypto/rand"
	"net/http"
	"testing"
	"time"

	"boutique/internal/clock"
	"boutique/internal/invariant"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/vat"
	"boutique/payments/ledger"
	"boutique/shop"
)

// exports sells a mug at 20 % and a bag at 5.5 % to Switzerland for a gift card, and answers the order's and
// its invoice's number. The invoice is of an earlier day, so that its proof is past its time.
func (s *testShop) exports(t *testing.T) (order, invoice string) {
	t.Helper()
	card, v := s.giftCard(t, 20000), s.shopper()
	v.puts("MUG", "1")
	v.puts("SAC-S", "1")
	v.post("/fr/cart/gift-cards", "gift_card", card)
	p := v.post("/fr/checkout", "key", rand.Text(), "email", "zoe@example.org", "phone", "+41791234567", "address.name", "Zoé Martin", "address.line1", "12 rue du Rhône", "address.postal_code", "1204",
		"address.city", "Genève", "address.country", "CH", "shipping_option", "parcel-europe", "accept_terms", "1", "action", "pay")
	if p.status != http.StatusSeeOther {
		t.Fatalf("ordering answers %d %s", p.status, p.body)
	}
	if err := s.shop.Pool.QueryRow(t.Context(), `select number, order_number from document where kind = 'invoice' order by n desc limit 1`).Scan(&invoice, &order); err != nil {
		t.Fatal(err)
	}
	owner, err := pg.OpenOwner(t.Context(), s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	for _, statement := range []string{`alter table document disable trigger user`, `update document set issued_at = issued_at - interval '92 days' where number = '` + invoice + `'`, `alter table document enable trigger user`,
		`alter table document_vat disable trigger user`, `update document_vat set issued_at = issued_at - interval '92 days' where number = '` + invoice + `'`, `alter table document_vat enable trigger user`} {
		if _, err := owner.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return order, invoice
}

// What is given back of an export that bears VAT for want of a proof lowers that VAT in the refund's own
// transaction: books, return and proof all hold what a sale of the rest bears in France. An export that bears
// none, because its proof may still come or has come, is left alone.
func TestARefundLowersTheVATOfAnExportWithoutProof(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	s.exec(`update product set vat_class = 'food' where slug = 'sac'`)
	s.exec(`update stock set on_hand = 40`)
	closer := &ledger.Closer{Pool: s.shop.Pool, Clock: clock.System{}}
	half := money.Amount(500)
	for name, c := range map[string]struct {
		// state is how it stands with the proof when the money goes back.
		state   ledger.ProofState
		refunds []shop.RefundRequest
		// left are the goods that stay sold, by rate, and whether the shipping does.
		left     map[vat.Rate]money.Amount
		shipping bool
		then     ledger.ProofState
	}{
		"the mug":                      {ledger.ProofTaxed, []shop.RefundRequest{{Lines: []shop.LineQuantity{{SKU: "MUG", Quantity: 1}}}}, map[vat.Rate]money.Amount{550: 1500}, true, ledger.ProofTaxed},
		"the shipping":                 {ledger.ProofTaxed, []shop.RefundRequest{{Shipping: true}}, map[vat.Rate]money.Amount{2000: 1250, 550: 1500}, false, ledger.ProofTaxed},
		"the bag and the shipping":     {ledger.ProofTaxed, []shop.RefundRequest{{Lines: []shop.LineQuantity{{SKU: "SAC-S", Quantity: 1}}, Shipping: true}}, map[vat.Rate]money.Amount{2000: 1250}, false, ledger.ProofTaxed},
		"an amount":                    {ledger.ProofTaxed, []shop.RefundRequest{{Amount: &half}}, nil, true, ledger.ProofTaxed},
		"everything":                   {ledger.ProofTaxed, []shop.RefundRequest{{}}, map[vat.Rate]money.Amount{}, false, ledger.ProofCredited},
		"the mug, then the rest":       {ledger.ProofTaxed, []shop.RefundRequest{{Lines: []shop.LineQuantity{{SKU: "MUG", Quantity: 1}}}, {}}, map[vat.Rate]money.Amount{}, false, ledger.ProofCredited},
		"while the proof is missing":   {ledger.ProofMissing, []shop.RefundRequest{{Shipping: true}}, nil, false, ledger.ProofMissing},
		"after the proof came at last": {ledger.ProofHeld, []shop.RefundRequest{{Shipping: true}}, nil, false, ledger.ProofHeld},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			order, invoice := s.exports(t)
			if c.state != ledger.ProofMissing {
				if err := s.shop.TaxExport(ctx, invoice, "odile"); err != nil {
					t.Fatal(err)
				}
			}
			if c.state == ledger.ProofHeld {
				if err := closer.HoldProof(ctx, invoice, ledger.Proof{Kind: "other", Reference: "CN23", On: time.Now()}, "odile"); err != nil {
					t.Fatal(err)
				}
			}
			before, steps, err := ledger.GetExportSale(ctx, s.shop.Pool, invoice)
			if err != nil || before.State != c.state || (before.VAT > 0) != (c.state == ledger.ProofTaxed) {
				t.Fatalf("before: %+v %v", before, err)
			}
			begun := len(steps)
			for _, r := range c.refunds {
				r.Key, r.Actor, r.Reason = rand.Text(), "rose", "retour"
				if _, err := s.shop.RefundOrder(ctx, order, r); err != nil {
					t.Fatal(err)
				}
			}
			sale, steps, err := ledger.GetExportSale(ctx, s.shop.Pool, invoice)
			if err != nil || sale.State != c.then {
				t.Fatalf("afterwards: %+v %v", sale, err)
			}
			var note string
			var booked, returned money.Amount
			if err := s.shop.Pool.QueryRow(ctx, `select number from document where order_number = $1 and kind = 'credit_note' order by n desc limit 1`, order).Scan(&note); err != nil {
				t.Fatal(err)
			}
			if err := s.shop.Pool.QueryRow(ctx, `select coalesce(sum(l.credit - l.debit), 0)::bigint from entry e join entry_line l on l.entry_seq = e.seq where e.reference = $1 and l.standard like '4457%'`, invoice).Scan(&booked); err != nil {
				t.Fatal(err)
			}
			if err := s.shop.Pool.QueryRow(ctx, `select coalesce(sum(goods_vat + shipping_vat), 0)::bigint from export_vat where document_id = $1`, sale.ID).Scan(&returned); err != nil {
				t.Fatal(err)
			}
			if booked != sale.VAT || returned != sale.VAT {
				t.Errorf("the proof says %d of VAT, the books %d, the return %d", sale.VAT, booked, returned)
			}
			if c.state != ledger.ProofTaxed {
				if sale.VAT != 0 || len(steps) != begun {
					t.Errorf("what bears no VAT is touched: %+v", steps)
				}
				return
			}
			if last := steps[len(steps)-1]; len(steps) != begun+len(c.refunds) || last.Event != "credited" || last.Reason != note || last.VAT != sale.VAT {
				t.Errorf("the proof's story is %+v, the credit note %s", steps, note)
			}
			if sale.VAT >= before.VAT {
				t.Errorf("the VAT went from %d to %d", before.VAT, sale.VAT)
			}
			if c.left == nil {
				return
			}
			if want := dueOf(c.left, c.shipping, sale.Gross); sale.VAT != want {
				t.Errorf("%d of VAT is left, want %d of %d", sale.VAT, want, sale.Gross)
			}
		})
	}
	results, err := invariant.Check(t.Context(), s.shop.Pool, ledger.Invariants())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range results {
		if len(r.Broken) > 0 {
			t.Errorf("%s: %v", r.Name, r.Broken)
		}
	}
}

// dueOf is the French VAT that lies in goods and in the shipping that follows them.
func dueOf(goods map[vat.Rate]money.Amount, shipping bool, gross money.Amount) (due money.Amount) {
	rates := []vat.Rate{2000, 550}
	weights, carriage := make([]int64, len(rates)), gross
	for i, rate := range rates {
		weights[i] = int64(goods[rate])
		carriage -= goods[rate]
	}
	if !shipping {
		carriage = 0
	}
	for i, part := range money.Share(carriage, weights) {
		_, tax := vat.Carve(goods[rates[i]]+part, rates[i])
		due += tax
	}
	return due
}
