package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/money"
	"boutique/internal/text"
)

// The journals.
const (
	JournalSales  = "VE"
	JournalStripe = "ST"
)

// The accounts that the shop books on (plan comptable général, règlement ANC 2014-03).
const (
	AccountCustomers = "411"
	AccountStripe    = "517"
	AccountFees      = "6278"
	AccountShipping  = "7085"
)

// goodsAccount and vatAccount are the sub-accounts of a rate: 707055 and 44571055 for 5.5 %, and
// those of a country where the shop pays VAT through the one-stop shop: 707DE190 and 44571DE190.
func goodsAccount(rate int, country string) string { return fmt.Sprintf("707%s%03d", country, rate/10) }
func vatAccount(rate int, country string) string {
	return fmt.Sprintf("44571%s%03d", country, rate/10)
}

// EntryLine is one line of an entry: an amount on the debit or on the credit side. Who books names
// the account of the PCG; the office's chart may book it on another one, and Standard then keeps
// the account that was named.
type EntryLine struct {
	Account  string       `json:"account"`
	Debit    money.Amount `json:"debit"`
	Credit   money.Amount `json:"credit"`
	Standard string       `json:"standard,omitempty"`
	Analytic string       `json:"analytic,omitempty"`
	// What the mapping may look at beside the account.
	Dimensions `json:"-"`
}

// Entry is a fact in the books. Cause names the fact, so that it is booked once.
type Entry struct {
	Journal   string      `json:"journal"`
	BookedAt  time.Time   `json:"booked_at"`
	Reference string      `json:"reference"`
	Label     string      `json:"label"`
	OrderID   uuid.UUID   `json:"order_id"`
	Cause     string      `json:"cause"`
	Lines     []EntryLine `json:"lines"`
	// Proof is the SHA-256 of the document that the entry books: the chain of entries holds the
	// documents too.
	Proof string `json:"proof,omitempty"`
}

// chainDomain separates the journal's hashes from all others.
const chainDomain = "boutique-journal-v1"

// chain is the hash of an entry: over the domain, the hash before, the sequence number and the
// entry's stored bytes.
func chain(previous []byte, seq int64, data []byte) []byte {
	h := sha256.New()
	h.Write([]byte(chainDomain))
	h.Write(previous)
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], uint64(seq))
	h.Write(n[:])
	h.Write(data)
	return h.Sum(nil)
}

// post books an entry whose debits equal its credits, at the end of the hash chain. The head of the
// chain is the last row that any transaction locks. A fact that was booked before is left alone.
func post(ctx context.Context, tx pgx.Tx, e Entry) error {
	lines := e.Lines[:0:0]
	var balance money.Amount
	for _, l := range e.Lines {
		if l.Debit != 0 || l.Credit != 0 {
			lines = append(lines, l)
			balance += l.Debit - l.Credit
		}
	}
	e.Lines = lines
	if balance != 0 || len(lines) < 2 {
		return fmt.Errorf("entry %q does not balance: debits exceed credits by %s", e.Cause, balance.Decimal())
	}
	var seq int64
	var previous []byte
	err := tx.QueryRow(ctx, sqlLockHead).Scan(&seq, &previous)
	if err != nil {
		return err
	}
	var booked bool
	if err := tx.QueryRow(ctx, sqlBooked, pgx.NamedArgs{"cause": e.Cause}).Scan(&booked); err != nil {
		return err
	}
	if booked {
		return nil
	}
	if e.BookedAt, e.Label, err = openDay(ctx, tx, e); err != nil {
		return err
	}
	if err := applyChart(ctx, tx, e.Lines, e.BookedAt); err != nil {
		return err
	}
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	seq++
	hash := chain(previous, seq, data)
	if _, err := tx.Exec(ctx, sqlInsertEntry, pgx.NamedArgs{
		"seq": seq, "journal": e.Journal, "booked_at": e.BookedAt, "booked_on": e.BookedAt.In(text.Paris()).Format(time.DateOnly),
		"reference": e.Reference, "label": e.Label, "order_id": e.OrderID, "cause": e.Cause, "data": string(data), "prev_hash": previous, "hash": hash,
	}); err != nil {
		return err
	}
	if err := insertLines(ctx, tx, seq, e.Lines); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, sqlMoveHead, pgx.NamedArgs{"seq": seq, "hash": hash})
	return err
}

// insertLines stores an entry's lines by one statement: the head of the chain is locked meanwhile.
func insertLines(ctx context.Context, tx pgx.Tx, seq int64, lines []EntryLine) error {
	var accounts, standards, analytics []string
	var debits, credits []int64
	for _, l := range lines {
		accounts, standards, analytics = append(accounts, l.Account), append(standards, l.standard()), append(analytics, l.Analytic)
		debits, credits = append(debits, int64(l.Debit)), append(credits, int64(l.Credit))
	}
	_, err := tx.Exec(ctx, sqlInsertEntryLines, pgx.NamedArgs{"seq": seq, "accounts": accounts, "debits": debits, "credits": credits, "standards": standards, "analytics": analytics})
	return err
}

// postDocument books a document in the sales journal. A document that comes to nothing is no entry.
func postDocument(ctx context.Context, tx pgx.Tx, d Issued, n New, data []byte) error {
	if d.Document.Gross == 0 {
		return nil
	}
	e := documentEntry(d, n)
	sum := sha256.Sum256(data)
	e.Proof = hex.EncodeToString(sum[:])
	return post(ctx, tx, e)
}

// documentEntry is a document's entry: Dr 411 TTC / Cr 707x per rate, 7085 shipping, 44571x VAT per
// rate and country; a credit note the other way round, never a negative sale.
func documentEntry(d Issued, n New) Entry {
	e := Entry{Journal: JournalSales, BookedAt: d.IssuedAt, Reference: d.Number, OrderID: d.OrderID, Cause: "document:" + d.Number, Label: "Facture " + d.Number}
	side := func(account string, amount money.Amount, debit bool, by Dimensions) {
		line := EntryLine{Account: account, Dimensions: by}
		if debit == (d.Kind == KindInvoice) {
			line.Debit = amount
		} else {
			line.Credit = amount
		}
		e.Lines = append(e.Lines, line)
	}
	if d.Kind == KindCreditNote {
		e.Label = "Avoir " + d.Number
	}
	by := Dimensions{Country: n.Country, Method: n.PaymentMethod}
	side(AccountCustomers, d.Document.Gross, true, by)
	abroad := ""
	if n.regime() == RegimeOSS {
		abroad = n.Country
	}
	carriage := d.Document.shippingNets()
	done := map[int]bool{}
	var shipping money.Amount
	for _, v := range d.Document.VAT {
		rated := by
		rated.Rate = &v.Rate
		if !done[v.Rate] {
			done[v.Rate] = true
			for _, f := range d.Document.soldNets(v.Rate) {
				sold := rated
				sold.Family, sold.Analytic = f.family, f.analytic
				side(goodsAccount(v.Rate, abroad), f.net, false, sold)
			}
			shipping += carriage[v.Rate]
		}
		side(vatAccount(v.Rate, abroad), v.VAT, false, rated)
	}
	side(AccountShipping, shipping, false, by)
	return e
}

// Capture is money that arrived with the payment provider.
type Capture struct {
	PaymentID, OrderID    uuid.UUID
	Reference, ProviderID string
	// Method is the means of payment: card, bancontact…
	Method string
	Amount money.Amount
	At     time.Time
}

// lines are Dr 517 / Cr 411.
func (c Capture) lines() []EntryLine {
	by := Dimensions{Method: c.Method}
	return []EntryLine{{Account: AccountStripe, Debit: c.Amount, Dimensions: by}, {Account: AccountCustomers, Credit: c.Amount, Dimensions: by}}
}

// PostCapture books a payment: Dr 517 / Cr 411.
func PostCapture(ctx context.Context, tx pgx.Tx, c Capture) error {
	return post(ctx, tx, Entry{
		Journal: JournalStripe, BookedAt: c.At, Reference: c.Reference, OrderID: c.OrderID, Cause: "capture:" + c.PaymentID.String(), Label: "Paiement " + c.Reference,
		Lines: c.lines(),
	})
}

// Fee is what the payment provider keeps of a balance transaction.
type Fee struct {
	TxnID     string
	OrderID   uuid.UUID
	Reference string
	Amount    money.Amount
	At        time.Time
}

// PostFee books a fee: Dr 6278 / Cr 517, or the other way round when one is given back.
func PostFee(ctx context.Context, tx pgx.Tx, f Fee) error {
	lines := []EntryLine{{Account: AccountFees, Debit: f.Amount}, {Account: AccountStripe, Credit: f.Amount}}
	if f.Amount < 0 {
		lines = []EntryLine{{Account: AccountStripe, Debit: -f.Amount}, {Account: AccountFees, Credit: -f.Amount}}
	}
	return post(ctx, tx, Entry{Journal: JournalStripe, BookedAt: f.At, Reference: f.Reference, OrderID: f.OrderID, Cause: "fee:" + f.TxnID, Label: "Commission " + f.Reference, Lines: lines})
}

// Repayment is money that went back to a shopper.
type Repayment struct {
	RefundID, OrderID     uuid.UUID
	Reference, ProviderID string
	Amount                money.Amount
	At                    time.Time
}

// PostRefund books a refund: Dr 411 / Cr 517.
func PostRefund(ctx context.Context, tx pgx.Tx, r Repayment) error {
	return post(ctx, tx, Entry{
		Journal: JournalStripe, BookedAt: r.At, Reference: r.Reference, OrderID: r.OrderID, Cause: "refund:" + r.RefundID.String(), Label: "Remboursement " + r.Reference,
		Lines: []EntryLine{{Account: AccountCustomers, Debit: r.Amount}, {Account: AccountStripe, Credit: r.Amount}},
	})
}

// PostRefundReversal books the money of a failed refund back: Dr 517 / Cr 411.
func PostRefundReversal(ctx context.Context, tx pgx.Tx, r Repayment) error {
	return post(ctx, tx, Entry{
		Journal: JournalStripe, BookedAt: r.At, Reference: r.Reference, OrderID: r.OrderID, Cause: "refund-failed:" + r.RefundID.String(), Label: "Remboursement échoué " + r.Reference,
		Lines: []EntryLine{{Account: AccountStripe, Debit: r.Amount}, {Account: AccountCustomers, Credit: r.Amount}},
	})
}
