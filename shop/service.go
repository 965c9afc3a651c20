package shop

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"boutique/internal/clock"
	"boutique/internal/jobs"
	"boutique/internal/mail"
	"boutique/payments"
)

// Service holds the use cases of carts, orders and shipments. It is also the payments.Settler:
// what money does to orders, stock and books is decided here.
type Service struct {
	Pool     *pgxpool.Pool
	Clock    clock.Clock
	Payments *payments.Service
	Outbox   *mail.Outbox
	Jobs     jobs.Inserter
	Mails    Mails
	Keys     Keys
	// PublicURL is where shoppers see the shop, without a slash at its end.
	PublicURL string
	// TermsVersion is the version of the terms of sale that a shopper accepts today.
	TermsVersion string
	Logger       *slog.Logger

	conditions atomic.Pointer[Conditions]
}

// Mails writes the shop's mails; the storefront implements it, so that mails look like the shop.
// Each takes what it needs and touches nothing.
type Mails interface {
	OrderConfirmed(m OrderMail) (mail.Message, error)
	OrderShipped(m OrderMail) (mail.Message, error)
	OrderReady(m OrderMail) (mail.Message, error)
	OrderWaits(m OrderMail) (mail.Message, error)
	OrderRefunded(m OrderMail) (mail.Message, error)
	PaymentReturned(m OrderMail) (mail.Message, error)
	WithdrawalReceived(m OrderMail) (mail.Message, error)
	GiftCardSold(m OrderMail) (mail.Message, error)
	DeskReserved(m OrderMail) (mail.Message, error)
	DeskEnded(m OrderMail) (mail.Message, error)
}

// OrderMail is what a mail about an order may say. Office is read from the settings in force.
type OrderMail struct {
	Order Order
	Link  string
	// Withdrawal is where the shopper may withdraw.
	Withdrawal string
	Shipment   *Shipment
	Refund     *payments.Refund
	Invoice    string
	Reason     string
	Return     *Return
	Cards      []GiftMail
	// Print is where the cards can be printed.
	Print string
}

// OrderLink is the address of an order's page, key included.
func (s *Service) OrderLink(o Order) string {
	return s.PublicURL + "/" + string(o.Lang) + "/orders/" + o.Number + "?key=" + s.Keys.Of(o.ID)
}

// GiftCardsLink is where the cards that an order bought can be printed, key included.
func (s *Service) GiftCardsLink(o Order) string {
	return s.PublicURL + "/" + string(o.Lang) + "/orders/" + o.Number + "/gift-cards.pdf?key=" + s.Keys.Of(o.ID)
}

// WithdrawalLink is the address of an order's withdrawal function, key included.
func (s *Service) WithdrawalLink(o Order) string {
	return s.PublicURL + "/" + string(o.Lang) + "/orders/" + o.Number + "/withdrawal?key=" + s.Keys.Of(o.ID)
}

// enqueue writes one mail about an order into the outbox of the transaction. A fact is mailed once.
func (s *Service) enqueue(ctx context.Context, tx pgx.Tx, write func(OrderMail) (mail.Message, error), m OrderMail, kind string, ref uuid.UUID) error {
	m.Link, m.Withdrawal = s.OrderLink(m.Order), s.WithdrawalLink(m.Order)
	message, err := write(m)
	if err != nil {
		return err
	}
	message.Kind, message.Ref = kind, ref.String()
	message.To, message.ToName, message.Lang = m.Order.Email, m.Order.Address.Name, m.Order.Lang
	return s.Outbox.Enqueue(ctx, tx, message)
}
