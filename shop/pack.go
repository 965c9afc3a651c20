package shop

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/place"
)

// PackedParcel is a parcel as it left: its carton, what the scales said, what is in it.
type PackedParcel struct {
	N              int
	Carton         string
	WeightG        int
	TrackingNumber string
	TrackingURL    string
	Pieces         map[string]int
}

// checkParcels holds parcels against the pieces that leave: each piece in exactly one of them.
func checkParcels(parcels []PackedParcel, lines []LineQuantity) error {
	if len(parcels) == 0 {
		return nil
	}
	var fields fault.Fields
	left := map[string]int{}
	for _, l := range lines {
		left[l.SKU] += l.Quantity
	}
	for i, p := range parcels {
		at := fmt.Sprintf("parcels[%d]", i)
		if p.WeightG < 1 || p.WeightG > 200_000 {
			fields.Add(at+".weight_g", "weight_missing", "must be what the scales say, in grams")
		}
		if p.TrackingNumber != "" && !trackingNumber.MatchString(p.TrackingNumber) {
			fields.Add(at+".tracking_number", "tracking_number_invalid", "has at most 40 letters and digits")
		}
		for sku, n := range p.Pieces {
			left[sku] -= n
		}
	}
	for sku, n := range left {
		if n != 0 {
			fields.AddWith("parcels", "parcels_incomplete", "must hold each piece that leaves in exactly one parcel", map[string]any{"sku": sku})
		}
	}
	return fields.Err()
}

func insertParcels(ctx context.Context, tx pgx.Tx, sh *Shipment, parcels []PackedParcel, actor string) error {
	for i, p := range parcels {
		pieces, err := json.Marshal(p.Pieces)
		if err != nil {
			return err
		}
		p.N = i + 1
		if _, err := tx.Exec(ctx, sqlInsertParcel, pgx.NamedArgs{"shipment_id": sh.ID, "n": p.N, "carton": place.Line(p.Carton), "weight_g": p.WeightG,
			"tracking_number": p.TrackingNumber, "pieces": pieces, "actor": actor}); err != nil {
			return err
		}
		sh.Parcels = append(sh.Parcels, p)
	}
	return nil
}

func parcelsOf(ctx context.Context, q pg.Querier, id uuid.UUID) ([]PackedParcel, error) {
	rows, err := q.Query(ctx, sqlParcels, pgx.NamedArgs{"shipment_id": id})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (PackedParcel, error) {
		var p PackedParcel
		var pieces []byte
		if err := row.Scan(&p.N, &p.Carton, &p.WeightG, &p.TrackingNumber, &pieces); err != nil {
			return p, err
		}
		return p, json.Unmarshal(pieces, &p.Pieces)
	})
}

// Collection is what is known of an order that lies ready: the code that opens it, and to whom it
// was handed.
type Collection struct {
	Code        string
	ReadyAt     time.Time
	RemindedAt  *time.Time
	UnclaimedAt *time.Time
	HandedTo    string
	HandedAt    *time.Time
}

// newCollectionCode draws six characters that are not read as one another.
func newCollectionCode() string {
	var b [6]byte
	rand.Read(b[:])
	for i := range b {
		b[i] = orderAlphabet[int(b[i])%len(orderAlphabet)]
	}
	return string(b[:])
}

func openCollection(ctx context.Context, tx pgx.Tx, sh *Shipment) error {
	c := Collection{Code: newCollectionCode()}
	if err := tx.QueryRow(ctx, sqlInsertCollection, pgx.NamedArgs{"shipment_id": sh.ID, "code": c.Code}).Scan(&c.ReadyAt); err != nil {
		return err
	}
	sh.Collection = &c
	return nil
}

func collectionOf(ctx context.Context, q pg.Querier, id uuid.UUID) (*Collection, error) {
	rows, err := q.Query(ctx, sqlCollection, pgx.NamedArgs{"shipment_id": id})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Collection])
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

func handOver(ctx context.Context, tx pgx.Tx, id uuid.UUID, name string) error {
	_, err := tx.Exec(ctx, sqlHandOver, pgx.NamedArgs{"shipment_id": id, "name": name})
	return err
}

// OrderOfCode finds the number of the order that a collection's code opens. An unknown code is
// NotFound.
func OrderOfCode(ctx context.Context, q pg.Querier, code string) (string, error) {
	rows, err := q.Query(ctx, sqlOrderOfCode, pgx.NamedArgs{"code": code})
	if err != nil {
		return "", err
	}
	list, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return "", err
	}
	if len(list) == 0 {
		return "", fault.New(fault.NotFound, "code_not_found", "no order waits under this code")
	}
	return list[0], nil
}

// RemindCollections writes one reminder for what lies ready for half of its time, and notes what
// nobody claimed.
func (s *Service) RemindCollections(ctx context.Context) error {
	c, err := CurrentConditions(ctx, s.Pool)
	if err != nil {
		return err
	}
	days := c.KeptDays()
	rows, err := s.Pool.Query(ctx, sqlCollectionsToRemind, pgx.NamedArgs{"after": time.Duration(days) * 12 * time.Hour})
	if err != nil {
		return err
	}
	numbers, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, number := range numbers {
		if err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error { return s.remind(ctx, tx, number) }); err != nil {
			return err
		}
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlNoteUnclaimed, pgx.NamedArgs{"after": time.Duration(days) * 24 * time.Hour})
		return err
	})
}

func (s *Service) remind(ctx context.Context, tx pgx.Tx, number string) error {
	o, err := s.lockByNumber(ctx, tx, number)
	if err != nil {
		return err
	}
	shipments, err := shipmentsOf(ctx, tx, o)
	if err != nil {
		return err
	}
	for i := range shipments {
		sh := shipments[i]
		if sh.State != Ready || sh.Collection == nil || sh.Collection.RemindedAt != nil {
			continue
		}
		if _, err := tx.Exec(ctx, sqlNoteReminded, pgx.NamedArgs{"shipment_id": sh.ID}); err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, s.Mails.OrderWaits, OrderMail{Order: o, Shipment: &sh}, "order_waits", sh.ID); err != nil {
			return err
		}
	}
	return nil
}

// Unclaimed is a collection that nobody fetched in time.
type Unclaimed struct {
	Number  string
	Name    string
	ReadyAt time.Time
}

// ListUnclaimed lists them, the oldest first.
func ListUnclaimed(ctx context.Context, q pg.Querier) ([]Unclaimed, error) {
	rows, err := q.Query(ctx, sqlUnclaimed)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[Unclaimed])
}

// PickLine is what to fetch from one place of the stock room, for a batch of orders.
type PickLine struct {
	Place, SKU, Name, Options string
	Quantity                  int
	Orders                    []string
}

// PickingList gathers what is left to send of some orders, sorted by the place where it lies: nothing that was
// given back, that lies ready already or that a bank takes back.
func PickingList(ctx context.Context, q pg.Querier, numbers []string) ([]PickLine, error) {
	picks := map[string]*PickLine{}
	for _, number := range numbers {
		o, err := GetOrder(ctx, q, number)
		if err == nil {
			err = mustGoOut(ctx, q, o)
		}
		if kind := fault.KindOf(err); err != nil && (kind == fault.NotFound || kind == fault.Conflict) {
			continue
		}
		if err != nil {
			return nil, err
		}
		waiting, err := waitingPieces(ctx, q, o)
		if err != nil {
			return nil, err
		}
		for _, l := range o.Lines {
			n := l.Left() - waiting[l.SKU]
			if n <= 0 {
				continue
			}
			pick := picks[l.SKU]
			if pick == nil {
				pick = &PickLine{SKU: l.SKU, Name: l.Name, Options: l.Options}
				picks[l.SKU] = pick
			}
			pick.Quantity += n
			pick.Orders = append(pick.Orders, o.Number)
		}
	}
	rows, err := q.Query(ctx, sqlShelves, pgx.NamedArgs{"skus": slices.Collect(maps.Keys(picks))})
	if err != nil {
		return nil, err
	}
	var sku, shelf string
	if _, err := pgx.ForEachRow(rows, []any{&sku, &shelf}, func() error { picks[sku].Place = shelf; return nil }); err != nil {
		return nil, err
	}
	var list []PickLine
	for _, pick := range picks {
		slices.Sort(pick.Orders)
		list = append(list, *pick)
	}
	slices.SortFunc(list, func(a, b PickLine) int {
		if (a.Place == "") != (b.Place == "") {
			return cmp.Compare(b.Place, a.Place)
		}
		return cmp.Or(cmp.Compare(a.Place, b.Place), cmp.Compare(a.SKU, b.SKU))
	})
	return list, nil
}

// SetShelf says where an article lies in the stock room; empty forgets it.
func (s *Service) SetShelf(ctx context.Context, sku, shelf string) error {
	return s.SetShelves(ctx, map[string]string{sku: shelf})
}

// SetShelves says where articles lie, by SKU.
func (s *Service) SetShelves(ctx context.Context, places map[string]string) error {
	var skus, shelves []string
	for _, sku := range slices.Sorted(maps.Keys(places)) {
		shelf := []rune(place.Line(places[sku]))
		skus, shelves = append(skus, sku), append(shelves, string(shelf[:min(len(shelf), 20)]))
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, sqlSetShelves, pgx.NamedArgs{"skus": skus, "places": shelves})
		return err
	})
}

// Scan is what the packing screen knows after a barcode was read: an article of the order by its SKU
// or its article number.
type Scan struct {
	SKU  string
	Code string
	// Problem is empty, "unknown", "not_ordered" or "one_too_many".
	Problem string
}

// Scanned judges a barcode against what is left to pack and what lies on the table already.
func (s *Service) Scanned(ctx context.Context, o Order, code string, table map[string]int) (Scan, error) {
	found := Scan{Code: code, SKU: code}
	sku, err := catalog.SKUOfCode(ctx, s.Pool, code)
	if err != nil {
		return found, err
	}
	if sku != "" {
		found.SKU = sku
	}
	for _, l := range o.Lines {
		if l.SKU != found.SKU {
			continue
		}
		if table[l.SKU] >= l.Left() {
			found.Problem = "one_too_many"
		}
		return found, nil
	}
	found.Problem = "not_ordered"
	if sku == "" {
		found.Problem = "unknown"
	}
	return found, nil
}

// Propose packs pieces of an order for the packing table, on the conditions of the order: the cartons
// with what goes into each. Without an answer staff choose by themselves.
func (o Order) Propose(c Conditions, pieces map[string]int) []Parcel {
	if o.Basis == nil {
		return nil
	}
	m, ok := c.Method(o.ShippingMethod)
	if !ok {
		return nil
	}
	var items []Item
	for _, i := range o.Basis.Items {
		if i.Quantity = pieces[i.SKU]; i.Quantity > 0 {
			items = append(items, i)
		}
	}
	l, unknown, tooMany := c.loadOf(items)
	if unknown != "" || tooMany || len(items) == 0 {
		return nil
	}
	if m.Kind == KindCollection {
		m = Method{Kind: KindParcel}
	}
	parcels, code, _ := l.pack(m)
	if code != "" {
		return nil
	}
	return parcels
}
