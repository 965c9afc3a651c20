package ledger

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/setting"
	"boutique/internal/sheet"
	"boutique/internal/text"
)

// ProofState is how it stands with the proof that exported goods have left.
type ProofState string

// The states. An export whose proof is missing past its time bears VAT after all; one that was
// credited whole needs none.
const (
	ProofWaiting  ProofState = "waiting"
	ProofHeld     ProofState = "held"
	ProofMissing  ProofState = "missing"
	ProofTaxed    ProofState = "taxed"
	ProofCredited ProofState = "credited"
)

// ProofKinds are the proofs of export that the law knows (CGI ann. III art. 74): the customs'
// certificate of exit, the declaration of import at the destination, the carrier's document, the
// postal declaration with its receipt.
func ProofKinds() []string {
	return []string{"exit_certificate", "import_declaration", "transport_document", "postal_receipt", "other"}
}

// ExportSale is an invoice without VAT because its goods leave, and what proves that they did. Gross
// is what its credit notes leave of it; VAT is what was booked for want of a proof.
type ExportSale struct {
	ID          uuid.UUID
	Number      string
	OrderID     uuid.UUID
	OrderNumber string
	Country     string
	IssuedAt    time.Time
	Gross       money.Amount
	// Step is how many steps the proof has taken, Event the last of them.
	Step      int
	Event     string
	Kind      string
	Reference string
	ProvedOn  *time.Time
	VAT       money.Amount `db:"vat"`
	Actor     string
	At        *time.Time
	// DueOn is the last day on which the proof may come, State how it stands today.
	DueOn time.Time  `db:"-"`
	State ProofState `db:"-"`
}

// stand says how it stands with the proof on a day.
func (s *ExportSale) stand(t proofTime) {
	issued := s.IssuedAt.In(text.Paris())
	s.DueOn = time.Date(issued.Year(), issued.Month(), issued.Day()+t.days, 0, 0, 0, 0, text.Paris())
	switch {
	case s.Event == "held":
		s.State = ProofHeld
	case s.Event == "taxed", s.Event == "credited" && s.VAT > 0:
		s.State = ProofTaxed
	case s.Gross == 0:
		s.State = ProofCredited
	case s.DueOn.Format(time.DateOnly) < t.today:
		s.State = ProofMissing
	default:
		s.State = ProofWaiting
	}
}

// Open tells that a proof may still come.
func (s ExportSale) Open() bool { return s.State == ProofWaiting || s.State == ProofMissing }

// ProofStep is one step of an invoice's proof.
type ProofStep struct {
	Event     string
	Kind      string
	Reference string
	ProvedOn  *time.Time
	VAT       money.Amount `db:"vat"`
	Reason    string
	Actor     string
	At        time.Time
}

// proofTime is the day and the days that a proof may take.
type proofTime struct {
	today string
	days  int
}

func readProofTime(ctx context.Context, q pg.Querier) (proofTime, error) {
	var now time.Time
	if err := q.QueryRow(ctx, sqlClock).Scan(&now); err != nil {
		return proofTime{}, err
	}
	books, err := setting.GetBooks(ctx, q, now)
	return proofTime{today: now.In(text.Paris()).Format(time.DateOnly), days: books.ExportProofDays}, err
}

func readExportSales(ctx context.Context, q pg.Querier, statement string, args pgx.NamedArgs) ([]ExportSale, error) {
	t, err := readProofTime(ctx, q)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, statement, args)
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[ExportSale])
	for i := range list {
		list[i].stand(t)
	}
	return list, err
}

// ExportSales lists the exports invoiced in a period, the oldest first.
func ExportSales(ctx context.Context, q pg.Querier, p Period) ([]ExportSale, error) {
	return readExportSales(ctx, q, sqlExportSales, p.args())
}

// GetExportSale reads one by its invoice's number, with the steps that its proof has taken.
func GetExportSale(ctx context.Context, q pg.Querier, number string) (ExportSale, []ProofStep, error) {
	list, err := readExportSales(ctx, q, sqlExportSale, pgx.NamedArgs{"number": number})
	if err != nil {
		return ExportSale{}, nil, err
	}
	if len(list) == 0 {
		return ExportSale{}, nil, fault.New(fault.NotFound, "export_not_found", "there is no export with this invoice")
	}
	rows, err := q.Query(ctx, sqlProofSteps, pgx.NamedArgs{"document_id": list[0].ID})
	if err != nil {
		return ExportSale{}, nil, err
	}
	steps, err := pgx.CollectRows(rows, pgx.RowToStructByName[ProofStep])
	return list[0], steps, err
}

// ExportOfOrder reads an order's export; nil when the order is none.
func ExportOfOrder(ctx context.Context, q pg.Querier, orderID uuid.UUID) (*ExportSale, error) {
	list, err := readExportSales(ctx, q, sqlExportOfOrder, pgx.NamedArgs{"order_id": orderID})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// ProofsMissing counts the exports, invoiced before a moment, whose proof is past its time, and names
// the first twenty.
func ProofsMissing(ctx context.Context, q pg.Querier, until time.Time) (int64, []string, error) {
	t, err := readProofTime(ctx, q)
	if err != nil {
		return 0, nil, err
	}
	return countNamed(ctx, q, sqlProofsMissing, pgx.NamedArgs{"until": until, "today": t.today, "days": t.days})
}

// Proof is what shows that goods have left.
type Proof struct {
	Kind, Reference string
	On              time.Time
}

func (p Proof) check(s ExportSale, now time.Time) error {
	var fields fault.Fields
	known := false
	for _, k := range ProofKinds() {
		known = known || k == p.Kind
	}
	if !known {
		fields.Add("kind", "choice_unknown", "must be one of "+strings.Join(ProofKinds(), ", "))
	}
	switch n := utf8.RuneCountInString(p.Reference); {
	case n == 0:
		fields.Add("reference", "required", "is missing: give the number that the proof bears")
	case n > 120:
		fields.Add("reference", "too_long", "has at most 120 characters")
	}
	on, issued := p.On.Format(time.DateOnly), s.IssuedAt.In(text.Paris()).Format(time.DateOnly)
	switch {
	case p.On.IsZero():
		fields.Add("on", "date_invalid", "must be a day like 2026-11-01")
	case on > now.In(text.Paris()).Format(time.DateOnly):
		fields.Add("on", "date_future", "lies in the future")
	case on < issued:
		fields.Add("on", "date_before_sale", "lies before the sale")
	}
	return fields.Err()
}

// HoldProof notes that a proof is held. VAT that was booked for want of it is taken back.
func (c *Closer) HoldProof(ctx context.Context, number string, p Proof, actor string) error {
	return pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		s, err := lockExportSale(ctx, tx, number)
		if err != nil {
			return err
		}
		now := c.Clock.Now()
		if err := p.check(s, now); err != nil {
			return err
		}
		switch s.State {
		case ProofHeld:
			return fault.New(fault.Conflict, "proof_held", "a proof is held already: withdraw it first")
		case ProofTaxed:
			return stepExportVAT(ctx, tx, s, nil, now, ProofStep{Event: "held", Kind: p.Kind, Reference: p.Reference, ProvedOn: &p.On, Actor: actor})
		}
		return proofStep(ctx, tx, s, ProofStep{Event: "held", Kind: p.Kind, Reference: p.Reference, ProvedOn: &p.On, Actor: actor})
	})
}

// WithdrawProof takes a proof back that turned out to be none.
func (c *Closer) WithdrawProof(ctx context.Context, number, reason, actor string) error {
	if reason == "" || utf8.RuneCountInString(reason) > 300 {
		var fields fault.Fields
		fields.Add("reason", "required", "must say why, in at most 300 characters")
		return fields.Err()
	}
	return pg.InTx(ctx, c.Pool, func(tx pgx.Tx) error {
		s, _, err := GetExportSale(ctx, tx, number)
		if err != nil {
			return err
		}
		if s.State != ProofHeld {
			return fault.New(fault.Conflict, "proof_not_held", "no proof is held for this invoice")
		}
		return proofStep(ctx, tx, s, ProofStep{Event: "withdrawn", Reason: reason, Actor: actor})
	})
}

// lockExportSale reads an export whose books nobody else changes meanwhile: the head of the journal is
// locked, as by everything that is booked.
func lockExportSale(ctx context.Context, tx pgx.Tx, number string) (ExportSale, error) {
	var seq int64
	var hash []byte
	if err := tx.QueryRow(ctx, sqlLockHead).Scan(&seq, &hash); err != nil {
		return ExportSale{}, err
	}
	s, _, err := GetExportSale(ctx, tx, number)
	return s, err
}

// TaxExport books the VAT of an export that nothing proves, and notes it. rates are what its price
// comes to as a French sale.
func TaxExport(ctx context.Context, tx pgx.Tx, number string, rates []ExportRate, now time.Time, actor string) error {
	s, err := lockExportSale(ctx, tx, number)
	if err != nil {
		return err
	}
	if s.State != ProofMissing {
		return fault.New(fault.Conflict, "proof_not_missing", "VAT is booked only when a proof is missing past its time")
	}
	due, gross := sumRates(rates)
	if due == 0 || gross != s.Gross {
		return fault.New(fault.Conflict, "export_without_vat", "this sale would bear no VAT in France either")
	}
	return stepExportVAT(ctx, tx, s, rates, now, ProofStep{Event: "taxed", VAT: due, Actor: actor})
}

// CreditExport takes the VAT of what a credit note gave back out of the books, when VAT was booked for
// want of a proof. rates are what the sale, less all its credit notes, comes to as a French one. An
// export that bears no VAT is left alone.
func CreditExport(ctx context.Context, tx pgx.Tx, invoice string, rates []ExportRate, note Issued) error {
	s, err := lockExportSale(ctx, tx, invoice)
	if err != nil || s.State != ProofTaxed {
		return err
	}
	due, gross := sumRates(rates)
	if gross != s.Gross {
		return fmt.Errorf("export %s comes to %s, its rates to %s", invoice, s.Gross.Decimal(), gross.Decimal())
	}
	return stepExportVAT(ctx, tx, s, rates, note.IssuedAt, ProofStep{Event: "credited", VAT: due, Reason: note.Number, Actor: "system"})
}

func sumRates(rates []ExportRate) (due, gross money.Amount) {
	for _, r := range rates {
		due, gross = due+r.GoodsVAT+r.ShippingVAT, gross+r.GoodsNet+r.GoodsVAT+r.ShippingNet+r.ShippingVAT
	}
	return due, gross
}

// proofStep adds a step to an invoice's proof and a line to the audit log. Who is late by a step
// hears that it was done before.
func proofStep(ctx context.Context, tx pgx.Tx, s ExportSale, step ProofStep) error {
	tag, err := tx.Exec(ctx, sqlInsertProofStep, pgx.NamedArgs{
		"document_id": s.ID, "seq": s.Step + 1, "event": step.Event, "kind": step.Kind, "reference": step.Reference, "proved_on": dateOf(step.ProvedOn), "vat": int64(step.VAT), "reason": step.Reason, "actor": step.Actor,
	})
	if err != nil {
		return err
	}
	if tag.RowsAffected() == 0 {
		return fault.New(fault.Conflict, "proof_changed", "somebody else has just noted something about this proof: look again")
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: step.Actor, Action: "export_proof." + step.Event, Subject: "document:" + s.Number,
		Detail: map[string]any{"order": s.OrderNumber, "kind": step.Kind, "reference": step.Reference, "vat": int64(step.VAT), "reason": step.Reason}})
}

func dateOf(day *time.Time) *string {
	if day == nil {
		return nil
	}
	s := day.Format(time.DateOnly)
	return &s
}

// ExportRate is what a French rate would bear of an export: its goods and its share of shipping.
type ExportRate struct {
	Rate        int
	GoodsNet    money.Amount
	GoodsVAT    money.Amount `db:"goods_vat"`
	ShippingNet money.Amount
	ShippingVAT money.Amount `db:"shipping_vat"`
}

// exportVATEntry names the entry by which a step of a proof books VAT, or takes it back.
func exportVATEntry(number string, step int) string {
	return fmt.Sprintf("export-vat:%s:%d", number, step)
}

// stepExportVAT notes a step by which an export comes to owe the VAT of these rates, none when it owes
// nothing more, and books what that changes: Dr 707000, Dr 7085 / Cr 707x and 44571x per rate, or the
// other way round.
func stepExportVAT(ctx context.Context, tx pgx.Tx, s ExportSale, rates []ExportRate, now time.Time, step ProofStep) error {
	changes, err := exportVATChanges(ctx, tx, s, rates)
	if err != nil {
		return err
	}
	e := Entry{Journal: JournalMisc, BookedAt: now, Reference: s.Number, OrderID: s.OrderID, Cause: exportVATEntry(s.Number, s.Step+1), Label: "TVA due, exportation sans preuve " + s.Number}
	switch step.Event {
	case "held":
		e.Label = "TVA reprise, preuve d'exportation reçue " + s.Number
	case "credited":
		e.Label = "TVA reprise, avoir " + step.Reason + " sur exportation " + s.Number
	}
	zero := 0
	var goods, shipping money.Amount
	for _, r := range changes {
		goods, shipping = goods+r.GoodsNet+r.GoodsVAT, shipping+r.ShippingVAT
	}
	by := Dimensions{Country: s.Country}
	export := by
	export.Rate = &zero
	side := func(account string, owed money.Amount, by Dimensions) {
		line := EntryLine{Account: account, Credit: owed, Dimensions: by}
		if owed < 0 {
			line.Credit, line.Debit = 0, -owed
		}
		e.Lines = append(e.Lines, line)
	}
	side(goodsAccount(0, ""), -goods, export)
	side(AccountShipping, -shipping, by)
	for _, r := range changes {
		rated := by
		rated.Rate = &r.Rate
		side(goodsAccount(r.Rate, ""), r.GoodsNet, rated)
		side(vatAccount(r.Rate, ""), r.GoodsVAT+r.ShippingVAT, rated)
	}
	// A credit note may give back what bears no VAT.
	if slices.ContainsFunc(e.Lines, func(l EntryLine) bool { return l.Debit != l.Credit }) {
		if err := post(ctx, tx, e); err != nil {
			return err
		}
	}
	if err := proofStep(ctx, tx, s, step); err != nil {
		return err
	}
	for _, r := range changes {
		if _, err := tx.Exec(ctx, sqlInsertExportVAT, pgx.NamedArgs{
			"document_id": s.ID, "seq": s.Step + 1, "rate": r.Rate, "goods_net": int64(r.GoodsNet), "goods_vat": int64(r.GoodsVAT), "shipping_net": int64(r.ShippingNet), "shipping_vat": int64(r.ShippingVAT),
			"cause": e.Cause, "day": now.In(text.Paris()).Format(time.DateOnly),
		}); err != nil {
			return err
		}
	}
	return nil
}

// exportVATChanges are what the rates differ by from what the steps before booked.
func exportVATChanges(ctx context.Context, q pg.Querier, s ExportSale, rates []ExportRate) ([]ExportRate, error) {
	rows, err := q.Query(ctx, sqlExportVATOf, pgx.NamedArgs{"document_id": s.ID})
	if err != nil {
		return nil, err
	}
	booked, err := pgx.CollectRows(rows, pgx.RowToStructByName[ExportRate])
	if err != nil {
		return nil, err
	}
	changes := slices.Clone(rates)
	for _, b := range booked {
		at := slices.IndexFunc(changes, func(r ExportRate) bool { return r.Rate == b.Rate })
		if at < 0 {
			at, changes = len(changes), append(changes, ExportRate{Rate: b.Rate})
		}
		c := &changes[at]
		c.GoodsNet, c.GoodsVAT, c.ShippingNet, c.ShippingVAT = c.GoodsNet-b.GoodsNet, c.GoodsVAT-b.GoodsVAT, c.ShippingNet-b.ShippingNet, c.ShippingVAT-b.ShippingVAT
	}
	return slices.DeleteFunc(changes, func(r ExportRate) bool { return r == ExportRate{Rate: r.Rate} }), nil
}

// ExportVATBooked is the VAT that was booked in a period for exports that nothing proves, less what
// was taken back: the VAT return adds it, for no document bears it.
func ExportVATBooked(ctx context.Context, q pg.Querier, p Period) (money.Amount, error) {
	var sum money.Amount
	err := q.QueryRow(ctx, sqlExportVATBooked, p.args()).Scan(&sum)
	return sum, err
}

var proofColumns = []string{"date", "document_number", "order_number", "country", "gross", "currency", "proof_due", "state", "proof_kind", "proof_reference", "proof_date", "recorded_by", "recorded_at", "vat_booked"}

// WriteExportProofs writes the exports invoiced in a period, each with its proof or the want of it.
func WriteExportProofs(ctx context.Context, q pg.Querier, w io.Writer, format sheet.Format, p Period) error {
	if err := controlDocuments(ctx, q, p); err != nil {
		return err
	}
	e, err := sheet.NewEncoder(w, format, "export-proofs", proofColumns)
	if err != nil {
		return err
	}
	list, err := ExportSales(ctx, q, p)
	if err != nil {
		return err
	}
	for _, s := range list {
		var on, at any = "", ""
		if s.ProvedOn != nil {
			on = s.ProvedOn.Format(time.DateOnly)
		}
		if s.At != nil {
			at = *s.At
		}
		if err := e.Row(sheet.Day(s.IssuedAt), s.Number, s.OrderNumber, s.Country, s.Gross, money.Currency, s.DueOn.Format(time.DateOnly), string(s.State), s.Kind, s.Reference, on, s.Actor, at, s.VAT); err != nil {
			return err
		}
	}
	return e.Close()
}
