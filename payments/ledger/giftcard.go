package ledger

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
)

// AccountGiftCards is what the shop owes to the holders of gift cards: money received before goods.
const AccountGiftCards = "4191"

// JournalMisc takes what neither sells nor moves money at a provider.
const JournalMisc = "OD"

// GiftCardMove is money that goes onto a gift card or comes off it. Cause names the fact.
type GiftCardMove struct {
	Cause     string
	OrderID   uuid.UUID
	Reference string
	Amount    money.Amount
	At        time.Time
}

// PostGiftCardIssued books a card that was sold or paid back onto: Dr 411 / Cr 4191, without VAT, which
// falls due when the card is used (CGI art. 256 ter).
func PostGiftCardIssued(ctx context.Context, tx pgx.Tx, m GiftCardMove) error {
	return postGiftCard(ctx, tx, m, "Carte cadeau émise ", AccountCustomers, AccountGiftCards)
}

// PostGiftCardUsed books a card that pays goods, or whose price went back: Dr 4191 / Cr 411.
func PostGiftCardUsed(ctx context.Context, tx pgx.Tx, m GiftCardMove) error {
	return postGiftCard(ctx, tx, m, "Carte cadeau utilisée ", AccountGiftCards, AccountCustomers)
}

// PostGiftCardLost books what is taken off cards because a bank took their price back for good: Dr 4191 / Cr
// 654, so that the loss is what the dispute cost and no more.
func PostGiftCardLost(ctx context.Context, tx pgx.Tx, m GiftCardMove) error {
	return postGiftCard(ctx, tx, m, "Carte cadeau reprise, litige perdu ", AccountGiftCards, AccountLosses)
}

func postGiftCard(ctx context.Context, tx pgx.Tx, m GiftCardMove, label, debit, credit string) error {
	if m.Amount == 0 {
		return nil
	}
	return post(ctx, tx, Entry{Journal: JournalMisc, BookedAt: m.At, Reference: m.Reference, OrderID: m.OrderID, Cause: "gift-card:" + m.Cause, Label: label + m.Reference,
		Lines: []EntryLine{{Account: debit, Debit: m.Amount}, {Account: credit, Credit: m.Amount}}})
}
