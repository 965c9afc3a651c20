package payments

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
)

// ByGiftCard is the gateway, and the method, of money that a gift card held.
const ByGiftCard = "gift_card"

// GiftCard is money that was paid before. Usable tells, by the database's clock, that it is neither
// void nor expired, and that no bank takes or took back what it was bought with. Hint is the last four characters of its code, which is stored nowhere.
type GiftCard struct {
	ID                  uuid.UUID
	Hint                string
	Initial, Balance    money.Amount
	OrderID             uuid.UUID
	ExpiresAt, IssuedAt time.Time
	VoidedAt            *time.Time
	Usable              bool
}

// codeAlphabet has no letter that is read as another (Crockford's base 32).
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// GiftCode is the code of a card: 80 bits derived from the shop's own secret and the card, so that it
// can be mailed again without being stored.
func GiftCode(secret []byte, id uuid.UUID) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("gift-card\x00"))
	mac.Write(id[:])
	sum := mac.Sum(nil)
	var b strings.Builder
	for i := range 16 {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(codeAlphabet[sum[i]%32])
	}
	return b.String()
}

// cleanCode reads a code as people type it: in any case, with or without hyphens, O for 0, I and L for 1.
func cleanCode(code string) string {
	return strings.NewReplacer("-", "", " ", "", "\u00a0", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(strings.TrimSpace(code)))
}

func hashCode(code string) []byte {
	h := sha256.Sum256([]byte(cleanCode(code)))
	return h[:]
}

// IssueGiftCard makes a card worth an amount that was just paid. The same id makes one card.
func IssueGiftCard(ctx context.Context, tx pgx.Tx, id uuid.UUID, code string, amount money.Amount, orderID uuid.UUID, expires time.Time) error {
	clean := cleanCode(code)
	tag, err := tx.Exec(ctx, sqlInsertGiftCard, pgx.NamedArgs{"id": id, "code_hash": hashCode(code), "hint": clean[len(clean)-4:], "amount": int64(amount), "order_id": orderID, "expires_at": expires})
	if err != nil || tag.RowsAffected() == 0 {
		return err
	}
	return moveGiftCard(ctx, tx, id, "issue", amount, orderID)
}

func moveGiftCard(ctx context.Context, tx pgx.Tx, id uuid.UUID, kind string, amount money.Amount, orderID uuid.UUID) error {
	_, err := tx.Exec(ctx, sqlInsertGiftMovement, pgx.NamedArgs{"card_id": id, "kind": kind, "amount": int64(amount), "order_id": orderID})
	return err
}

// FindGiftCard finds a card by its code; an unknown, void, expired or empty one is Invalid with code
// gift_card_invalid: they are alike to who tries codes.
func FindGiftCard(ctx context.Context, q pg.Querier, code string) (GiftCard, error) {
	refused := fault.New(fault.Invalid, "gift_card_invalid", "no gift card with money on it has this code")
	if len(code) > 60 {
		return GiftCard{}, refused
	}
	rows, err := q.Query(ctx, sqlGiftCardByCode, pgx.NamedArgs{"code_hash": hashCode(code)})
	if err != nil {
		return GiftCard{}, err
	}
	card, err := pgx.CollectExactlyOneRow(rows, scanGiftCard)
	if errors.Is(err, pgx.ErrNoRows) || err == nil && (!card.Usable || card.Balance == 0) {
		return GiftCard{}, refused
	}
	return card, err
}

func scanGiftCard(row pgx.CollectableRow) (GiftCard, error) {
	var c GiftCard
	var initial, balance int64
	err := row.Scan(&c.ID, &c.Hint, &initial, &balance, &c.OrderID, &c.ExpiresAt, &c.VoidedAt, &c.IssuedAt, &c.Usable)
	c.Initial, c.Balance = money.Amount(initial), money.Amount(balance)
	return c, err
}

// GiftCardsOf lists the cards that an order bought.
func GiftCardsOf(ctx context.Context, q pg.Querier, orderID uuid.UUID) ([]GiftCard, error) {
	rows, err := q.Query(ctx, sqlGiftCardsOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanGiftCard)
}

// ListGiftCards lists the newest cards, at most 200.
func ListGiftCards(ctx context.Context, q pg.Querier) ([]GiftCard, error) {
	rows, err := q.Query(ctx, sqlListGiftCards)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanGiftCard)
}

// GiftTake is what an order takes from a card.
type GiftTake struct {
	CardID uuid.UUID
	Amount money.Amount
}

// HoldGiftCards takes amounts from cards for an order that waits for its payment, all of them or none:
// a card that has less by now is a Conflict with code gift_card_spent. Call it after stock is held.
func HoldGiftCards(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, takes []GiftTake) error {
	takes = slices.SortedFunc(slices.Values(takes), func(a, b GiftTake) int { return strings.Compare(a.CardID.String(), b.CardID.String()) })
	for _, t := range takes {
		tag, err := tx.Exec(ctx, sqlTakeFromGiftCard, pgx.NamedArgs{"id": t.CardID, "amount": int64(t.Amount)})
		if err != nil {
			return err
		}
		if tag.RowsAffected() != 1 {
			return fault.New(fault.Conflict, "gift_card_spent", "this gift card was used at the same moment, or has expired: look at the total again")
		}
		if _, err := tx.Exec(ctx, sqlInsertGiftUse, pgx.NamedArgs{"order_id": orderID, "card_id": t.CardID, "amount": int64(t.Amount)}); err != nil {
			return err
		}
		if err := moveGiftCard(ctx, tx, t.CardID, "hold", -t.Amount, orderID); err != nil {
			return err
		}
	}
	return nil
}

type giftUse struct {
	CardID    uuid.UUID
	Amount    int64
	State     string
	PaymentID *uuid.UUID
}

func giftUses(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) ([]giftUse, error) {
	rows, err := tx.Query(ctx, sqlGiftUsesOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[giftUse])
}

// GiftTakes lists what an order took from cards, whatever became of it.
func GiftTakes(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) ([]GiftTake, error) {
	uses, err := giftUses(ctx, tx, orderID)
	var takes []GiftTake
	for _, u := range uses {
		takes = append(takes, GiftTake{u.CardID, money.Amount(u.Amount)})
	}
	return takes, err
}

// SpendGiftCards turns what an order holds of cards into captured payments, one for each card.
func SpendGiftCards(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, request Request) ([]Payment, error) {
	uses, err := giftUses(ctx, tx, orderID)
	if err != nil {
		return nil, err
	}
	attempts, err := OfOrder(ctx, tx, orderID)
	if err != nil {
		return nil, err
	}
	var made []Payment
	for _, u := range uses {
		if u.State != "held" {
			continue
		}
		p := Payment{ID: uuid.New(), OrderID: orderID, N: len(attempts) + len(made) + 1, Gateway: ByGiftCard, State: Creating, Amount: money.Amount(u.Amount), Request: request}
		p.key = "gift-" + p.ID.String()
		p.Request.Lines, p.Request.Shipping = nil, nil
		if p, err = insertPayment(ctx, tx, p, SessionLife, "shopper"); err != nil {
			return nil, err
		}
		p.Method = ByGiftCard
		if p, err = movePayment(ctx, tx, p, "capture", "system", ""); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(ctx, sqlEndGiftUse, pgx.NamedArgs{"order_id": orderID, "card_id": u.CardID, "state": "spent", "payment_id": p.ID}); err != nil {
			return nil, err
		}
		made = append(made, p)
	}
	return made, nil
}

// ReleaseGiftCards gives back what an order holds of cards: its payment failed or never came.
func ReleaseGiftCards(ctx context.Context, tx pgx.Tx, orderID uuid.UUID) error {
	uses, err := giftUses(ctx, tx, orderID)
	if err != nil {
		return err
	}
	for _, u := range uses {
		if u.State != "held" {
			continue
		}
		if _, err := tx.Exec(ctx, sqlEndGiftUse, pgx.NamedArgs{"order_id": orderID, "card_id": u.CardID, "state": "released", "payment_id": nil}); err != nil {
			return err
		}
		if err := giveToGiftCard(ctx, tx, u.CardID, "release", money.Amount(u.Amount), orderID); err != nil {
			return err
		}
	}
	return nil
}

func giveToGiftCard(ctx context.Context, tx pgx.Tx, id uuid.UUID, kind string, amount money.Amount, orderID uuid.UUID) error {
	if _, err := tx.Exec(ctx, sqlGiveToGiftCard, pgx.NamedArgs{"id": id, "amount": int64(amount)}); err != nil {
		return err
	}
	return moveGiftCard(ctx, tx, id, kind, amount, orderID)
}

// refundToGiftCard carries a refund out at once: the balance is ours, nobody has to be asked.
func refundToGiftCard(ctx context.Context, tx pgx.Tx, p Payment, r Refund) (Refund, error) {
	rows, err := tx.Query(ctx, sqlGiftUseOfPayment, pgx.NamedArgs{"payment_id": p.ID})
	if err != nil {
		return r, err
	}
	card, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[uuid.UUID])
	if err != nil {
		return r, fmt.Errorf("the card of payment %s: %w", p.ID, err)
	}
	if err := giveToGiftCard(ctx, tx, card, "refund", r.Amount, p.OrderID); err != nil {
		return r, err
	}
	return moveRefund(ctx, tx, r, "succeed", "system", "")
}

// VoidGiftCards ends so many unused cards of an order whose price goes back. A card that was used is
// worth less than its price: Conflict gift_card_used.
func VoidGiftCards(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, amount money.Amount, n int) error {
	cards, err := GiftCardsOf(ctx, tx, orderID)
	if err != nil {
		return err
	}
	for _, c := range cards {
		if n == 0 {
			return nil
		}
		if c.Initial != amount || c.VoidedAt != nil || c.Balance != c.Initial {
			continue
		}
		tag, err := tx.Exec(ctx, sqlVoidGiftCard, pgx.NamedArgs{"id": c.ID})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 1 {
			n--
			if err := moveGiftCard(ctx, tx, c.ID, "void", -c.Initial, orderID); err != nil {
				return err
			}
		}
	}
	if n > 0 {
		return fault.New(fault.Conflict, "gift_card_used", "a gift card of this order was used: its price cannot go back whole")
	}
	return nil
}

// LoseGiftCards takes what is left on the cards of an order off them, up to an amount that a bank has taken
// back for good, and tells how much that was: the shop no longer owes goods for it. What was spent is spent.
func LoseGiftCards(ctx context.Context, tx pgx.Tx, orderID uuid.UUID, taken money.Amount) (money.Amount, error) {
	rows, err := tx.Query(ctx, sqlDisputedGiftCards, pgx.NamedArgs{"order_id": orderID})
	if err != nil {
		return 0, err
	}
	type left struct {
		ID      uuid.UUID
		Balance int64
	}
	cards, err := pgx.CollectRows(rows, pgx.RowToStructByPos[left])
	if err != nil {
		return 0, err
	}
	var lost money.Amount
	for _, c := range cards {
		part := min(money.Amount(c.Balance), taken-lost)
		if part == 0 {
			break
		}
		if _, err := tx.Exec(ctx, sqlLoseFromGiftCard, pgx.NamedArgs{"id": c.ID, "amount": int64(part)}); err != nil {
			return 0, err
		}
		if err := moveGiftCard(ctx, tx, c.ID, "dispute", -part, orderID); err != nil {
			return 0, err
		}
		lost += part
	}
	return lost, nil
}
