package shop

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/place"
	"boutique/internal/setting"
	"boutique/internal/text"
	"boutique/payments"
	"boutique/payments/desk"
	"boutique/payments/ledger"
)

// Where an order is paid.
const (
	PaysOnline = "online"
	PaysAtDesk = "desk"
)

// AtDesk tells whether the order is paid at the office's desk.
func (o Order) AtDesk() bool { return o.PaysAt == PaysAtDesk }

// attemptOf is how an order will be paid, and for how long its goods are kept for that. Payment at the desk is
// for orders that are fetched there, where the office offers it.
func attemptOf(ctx context.Context, q pg.Querier, pays string, option Option, now time.Time) (at, gateway string, life time.Duration, err error) {
	if pays != PaysAtDesk {
		return PaysOnline, payments.Stripe, payments.SessionLife, nil
	}
	p, err := setting.GetPayment(ctx, q)
	if err != nil {
		return "", "", 0, err
	}
	var fields fault.Fields
	switch {
	case !p.Desk:
		fields.Add("payment", "payment_not_offered", "must be online: this shop does not take payment at the desk")
	case option.Kind != KindCollection:
		fields.Add("payment", "payment_desk_collection", "at the desk is for orders that are fetched there: choose collection, or pay online")
	}
	return PaysAtDesk, payments.Desk, keptUntil(now, p.DeskDays).Sub(now), fields.Err()
}

// keptUntil is the end of the last day on which an order can be paid at the desk.
func keptUntil(now time.Time, days int) time.Time {
	local := now.In(text.Paris())
	return time.Date(local.Year(), local.Month(), local.Day()+days+1, 0, 0, 0, 0, text.Paris())
}

// DeskUntil is the last day on which an order of now could be paid at the desk; zero where the office does
// not take payment there.
func DeskUntil(ctx context.Context, q pg.Querier, now time.Time) (time.Time, error) {
	p, err := setting.GetPayment(ctx, q)
	if err != nil || !p.Desk {
		return time.Time{}, err
	}
	return keptUntil(now, p.DeskDays).Add(-time.Hour), nil
}

// KeptUntil is the last day on which an order can be paid at the desk.
func (o Order) KeptUntil() time.Time { return o.ExpiresAt.Add(-time.Hour) }

// Receipt is money that staff took at the desk. HandOver hands the goods over in the same moment.
type Receipt struct {
	Means, Reference, Key string
	HandOver              bool
	Actor                 string
}

// ReceiveAtDesk writes down that an order was paid at the desk: the order is confirmed, its stock taken, its
// receipt and its invoice numbered and the books posted in one transaction, whatever happens meanwhile. The
// same key answers the same receipt. An order that is not waiting to be paid there is a Conflict with code
// desk_closed.
func (s *Service) ReceiveAtDesk(ctx context.Context, number string, r Receipt) error {
	r.Reference = place.Line(r.Reference)
	if err := r.check(); err != nil {
		return err
	}
	closed := fault.New(fault.Conflict, "desk_closed", "this order is no longer waiting to be paid at the desk: look at it again")
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		earlier, err := claimKey(ctx, tx, "desk:"+o.Number, r.Key, []byte(r.Means+"\x00"+r.Reference))
		if err != nil || earlier != "" {
			return err
		}
		p, err := payments.Newest(ctx, tx, o.ID)
		if err != nil {
			return err
		}
		if o.Status != AwaitingPayment || p.Gateway != payments.Desk || p.State != payments.Open {
			return closed
		}
		session, err := desk.Take(ctx, tx, desk.Taken{PaymentID: p.ID, Means: r.Means, Reference: r.Reference, Person: r.Actor})
		if err != nil {
			return err
		}
		if p, err = s.Payments.SettleTaken(ctx, tx, p.ID, session); err != nil {
			return err
		}
		if p.State != payments.Captured || p.Quarantined != "" {
			return fault.New(fault.Internal, "desk_not_settled", "the money that was taken does not fit the order: "+p.Quarantined)
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: r.Actor, Action: "order.desk_receipt", Subject: "order:" + o.Number, Detail: map[string]any{"means": r.Means, "amount": p.Amount}}); err != nil {
			return err
		}
		return settleKey(ctx, tx, "desk:"+o.Number, r.Key, p.ID.String())
	})
	if err != nil || !r.HandOver {
		return err
	}
	err = s.MarkCollected(ctx, number, "", r.Actor)
	if fault.Is(err, "nothing_to_ship") || fault.Is(err, "order_not_confirmed") {
		// A second click: the first one has handed it over.
		return nil
	}
	return err
}

func (r Receipt) check() error {
	var fields fault.Fields
	if r.Key == "" || len(r.Key) > 255 {
		fields.Add("idempotency_key", "idempotency_key", "must be there, with at most 255 characters")
	}
	if !slices.Contains(desk.Means(), r.Means) {
		fields.Add("means", "means_unknown", "must be cash, cheque or card_terminal")
	}
	if len(r.Reference) > 60 {
		fields.Add("reference", "too_long", "has at most 60 characters")
	}
	return fields.Err()
}

// numberReceipt numbers the receipt of money that was taken at the desk. It comes before the invoice.
func (s *Service) numberReceipt(ctx context.Context, tx pgx.Tx, p payments.Payment) (desk.Receipt, error) {
	if p.Gateway != payments.Desk {
		return desk.Receipt{}, nil
	}
	return desk.Received(ctx, tx, p, s.Clock.Now())
}

// tillAccounts are the accounts on which the desk's means lie until they are in the bank.
var tillAccounts = map[string]string{desk.Cash: ledger.AccountCash, desk.Cheque: ledger.AccountCheques, desk.CardTerminal: ledger.AccountCards, desk.Transfer: ledger.AccountBank}

// givenBackAtDesk numbers money that the desk gave back of a payment.
func (s *Service) givenBackAtDesk(ctx context.Context, tx pgx.Tx, p payments.Payment, r payments.Refund, detail refundDetail) (desk.Receipt, error) {
	if p.Gateway != payments.Desk {
		return desk.Receipt{}, nil
	}
	means := detail.Means
	if means == "" {
		means = wayBack(p.Method)
	}
	return desk.GivenBack(ctx, tx, p, r, means, detail.By, s.Clock.Now())
}

// wayBack is how money that was taken at the desk goes back when nobody says otherwise: a cheque is answered
// by a transfer.
func wayBack(means string) string {
	if slices.Contains(desk.WaysBack(), means) {
		return means
	}
	return desk.Transfer
}

// placedAtDesk tells the shopper that their goods are kept, and until when.
func (s *Service) placedAtDesk(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	o, err := orderByID(ctx, tx, id)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, tx, s.Mails.DeskReserved, OrderMail{Order: o}, "desk_reserved", o.ID)
}

// Till is what lies at the desk.
type Till struct {
	Means  string
	Amount money.Amount
	// Lines are the receipts that nobody has carried to the bank.
	Lines []desk.Receipt
}

// Tills sums what lies at the desk by its means.
func Tills(ctx context.Context, q pg.Querier) ([]Till, error) {
	lines, err := desk.InHand(ctx, q)
	if err != nil {
		return nil, err
	}
	var tills []Till
	for _, means := range desk.Means() {
		t := Till{Means: means}
		for _, r := range lines {
			if r.Means == means {
				t.Amount += r.Signed()
				t.Lines = append(t.Lines, r)
			}
		}
		tills = append(tills, t)
	}
	return tills, nil
}

// Carried is what is taken to the bank of one means: the receipts that are named, or all of them. Counted is what
// all of it was counted to; a till that has moved meanwhile is counted again.
type Carried struct {
	Means, Reference string
	Counted          money.Amount
	Receipts         []string
	Actor            string
}

// DepositTill writes down that money of the desk was taken to the bank, and books it.
func (s *Service) DepositTill(ctx context.Context, c Carried) (desk.Deposit, error) {
	c.Reference = place.Line(c.Reference)
	var fields fault.Fields
	if !slices.Contains(desk.Means(), c.Means) {
		fields.Add("means", "means_unknown", "must be cash, cheque or card_terminal")
	}
	if len(c.Reference) > 60 {
		fields.Add("reference", "too_long", "has at most 60 characters")
	}
	if err := fields.Err(); err != nil {
		return desk.Deposit{}, err
	}
	slices.Sort(c.Receipts)
	var made desk.Deposit
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var err error
		made, err = desk.Deposited(ctx, tx, desk.Deposit{Means: c.Means, Amount: c.Counted, Numbers: slices.Compact(c.Receipts), Reference: c.Reference, Actor: c.Actor, At: s.Clock.Now()})
		if err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: c.Actor, Action: "desk.deposit", Subject: "deposit:" + made.ID.String(), Detail: map[string]any{"means": c.Means, "amount": made.Amount, "receipts": made.Receipts}}); err != nil {
			return err
		}
		return ledger.PostDeskDeposit(ctx, tx, ledger.DeskMove{Cause: made.ID.String(), Reference: c.Reference, Account: tillAccounts[c.Means], Amount: made.Amount, At: made.At})
	})
	return made, err
}

// PayOnline lets a shopper who meant to pay at the desk pay at once: the desk's session is closed, an online
// attempt is opened and the goods are kept for as long as its page is open, in one transaction; then the address of
// the page is answered. Asked again it answers the same page. An order that the desk was paid for meanwhile, or
// that is over, is a Conflict with code desk_closed.
func (s *Service) PayOnline(ctx context.Context, o Order) (string, error) {
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		now, err := s.lockByNumber(ctx, tx, o.Number)
		if err != nil {
			return err
		}
		if now.Status != AwaitingPayment {
			return fault.New(fault.Conflict, "desk_closed", "this order is no longer waiting to be paid at the desk: look at it again")
		}
		if !now.AtDesk() {
			return nil
		}
		p, err := payments.Newest(ctx, tx, now.ID)
		if err != nil {
			return err
		}
		if err := desk.Close(ctx, tx, p.ID); err != nil {
			return err
		}
		if _, err := payments.Replace(ctx, tx, p); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlPayOnline, pgx.NamedArgs{"id": now.ID, "hold": payments.SessionLife}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: "shopper", Action: "order.pays_online", Subject: "order:" + now.Number, Detail: map[string]any{"amount": p.Amount}})
	})
	if err != nil {
		return "", err
	}
	now, err := orderByID(ctx, s.Pool, o.ID)
	if err != nil {
		return "", err
	}
	return s.PaymentPage(ctx, now)
}
