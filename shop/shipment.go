package shop

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/place"
)

// Shipment is pieces of an order that leave the office together, or are fetched there.
type Shipment struct {
	ID             uuid.UUID
	OrderID        uuid.UUID
	N              int
	Kind           string
	State          string
	Carrier        string
	TrackingNumber string
	TrackingURL    string
	CreatedAt      time.Time
	Lines          []LineQuantity
	History        []Step
	Parcels        []PackedParcel
	Collection     *Collection
	seq            int
}

// ShipRequest says what leaves: the lines, all that is left when none are named.
type ShipRequest struct {
	Lines          []LineQuantity
	Carrier        string
	TrackingNumber string
	Actor          string
	// Parcels are the packed parcels, when they were weighed; together they hold the lines.
	Parcels []PackedParcel
}

// Ship records that pieces left with a carrier, and tells the shopper. Pieces that are not left are
// a Conflict with code nothing_to_ship; an order that is not confirmed, order_not_confirmed.
func (s *Service) Ship(ctx context.Context, number string, r ShipRequest) (Shipment, error) {
	r.Carrier, r.TrackingNumber = place.Line(r.Carrier), place.Line(r.TrackingNumber)
	var fields fault.Fields
	if len(r.Carrier) > 60 {
		fields.Add("carrier", "too_long", "has at most 60 characters")
	}
	if r.TrackingNumber != "" && !trackingNumber.MatchString(r.TrackingNumber) {
		fields.Add("tracking_number", "tracking_number_invalid", "has at most 40 letters and digits")
	}
	if err := fields.Err(); err != nil {
		return Shipment{}, err
	}
	var shipment Shipment
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if o.Collected() {
			return fault.New(fault.Conflict, "order_is_collected", "this order is fetched at the office: mark it ready, then collected")
		}
		if shipment, err = s.prepare(ctx, tx, o, deliveryKind, r.Lines, r); err != nil {
			return err
		}
		if err := checkParcels(r.Parcels, shipment.Lines); err != nil {
			return err
		}
		if err := insertParcels(ctx, tx, &shipment, r.Parcels, r.Actor); err != nil {
			return err
		}
		if err := moveShipment(ctx, tx, &shipment, EventShip, r.Actor); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: r.Actor, Action: "order.ship", Subject: "order:" + o.Number, Detail: map[string]any{"shipment": shipment.N, "lines": shipment.Lines, "carrier": r.Carrier, "tracking_number": r.TrackingNumber}}); err != nil {
			return err
		}
		if o, err = orderByID(ctx, tx, o.ID); err != nil {
			return err
		}
		if shipment.TrackingURL, err = trackingURL(ctx, tx, o, r.TrackingNumber); err != nil {
			return err
		}
		if err := s.completeIfDone(ctx, tx, &o, r.Actor); err != nil {
			return err
		}
		return s.enqueue(ctx, tx, s.Mails.OrderShipped, OrderMail{Order: o, Shipment: &shipment}, "order_shipped", shipment.ID)
	})
	return shipment, err
}

// MarkReady says that a collection lies ready at the office, and tells the shopper.
func (s *Service) MarkReady(ctx context.Context, number, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if !o.Collected() {
			return fault.New(fault.Conflict, "order_is_delivered", "this order is sent, not fetched: ship it")
		}
		shipment, err := s.prepare(ctx, tx, o, collectionKind, nil, ShipRequest{Actor: actor})
		if err != nil {
			return err
		}
		if err := moveShipment(ctx, tx, &shipment, EventMakeReady, actor); err != nil {
			return err
		}
		if err := openCollection(ctx, tx, &shipment); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.ready", Subject: "order:" + o.Number}); err != nil {
			return err
		}
		return s.enqueue(ctx, tx, s.Mails.OrderReady, OrderMail{Order: o, Shipment: &shipment}, "order_ready", shipment.ID)
	})
}

// MarkCollected says that the order was handed over, and to whom; an empty name is not kept. One that was not marked ready is made
// ready first, without a mail.
func (s *Service) MarkCollected(ctx context.Context, number, name, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		if !o.Collected() {
			return fault.New(fault.Conflict, "order_is_delivered", "this order is sent, not fetched: ship it")
		}
		if err := mustNotBeDisputed(ctx, tx, o.ID); err != nil {
			return err
		}
		shipments, err := shipmentsOf(ctx, tx, o)
		if err != nil {
			return err
		}
		handed := 0
		for i := range shipments {
			if shipments[i].State == Ready {
				if err := moveShipment(ctx, tx, &shipments[i], EventCollect, actor); err != nil {
					return err
				}
				if err := handOver(ctx, tx, shipments[i].ID, place.Line(name)); err != nil {
					return err
				}
				handed++
			}
		}
		if handed == 0 {
			shipment, err := s.prepare(ctx, tx, o, collectionKind, nil, ShipRequest{Actor: actor})
			if err != nil {
				return err
			}
			for _, event := range []string{EventMakeReady, EventCollect} {
				if err := moveShipment(ctx, tx, &shipment, event, actor); err != nil {
					return err
				}
			}
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.collected", Subject: "order:" + o.Number, Detail: map[string]any{"handed_to": place.Line(name)}}); err != nil {
			return err
		}
		if o, err = orderByID(ctx, tx, o.ID); err != nil {
			return err
		}
		return s.completeIfDone(ctx, tx, &o, actor)
	})
}

// MarkDelivered says that a parcel has arrived: the withdrawal period begins the day after
// (C. conso. art. L221-18).
func (s *Service) MarkDelivered(ctx context.Context, number string, n int, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		o, err := s.lockByNumber(ctx, tx, number)
		if err != nil {
			return err
		}
		shipments, err := shipmentsOf(ctx, tx, o)
		if err != nil {
			return err
		}
		for i := range shipments {
			if shipments[i].N != n {
				continue
			}
			if err := moveShipment(ctx, tx, &shipments[i], EventDeliver, actor); err != nil {
				return err
			}
			return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "order.delivered", Subject: "order:" + o.Number, Detail: map[string]any{"shipment": n}})
		}
		return fault.New(fault.NotFound, "shipment_not_found", "this order has no such shipment")
	})
}

// mustGoOut refuses to send of an order that is not confirmed, that a bank takes back, or whose money has all gone
// back, by whichever way: Conflict order_not_confirmed, order_disputed or order_refunded.
func mustGoOut(ctx context.Context, q pg.Querier, o Order) error {
	if o.Status != Confirmed {
		return fault.Newf(fault.Conflict, "order_not_confirmed", "an order that is %s has nothing to send", o.Status)
	}
	if o.PaymentStatus == Refunded {
		return fault.New(fault.Conflict, "order_refunded", "all of this order's money went back: nothing of it leaves any more")
	}
	return mustNotBeDisputed(ctx, q, o.ID)
}

// prepare opens a shipment with the lines asked for, or with all that is left.
func (s *Service) prepare(ctx context.Context, tx pgx.Tx, o Order, kind string, want []LineQuantity, r ShipRequest) (Shipment, error) {
	if err := mustGoOut(ctx, tx, o); err != nil {
		return Shipment{}, err
	}
	waiting, err := waitingPieces(ctx, tx, o)
	if err != nil {
		return Shipment{}, err
	}
	if len(want) == 0 {
		for _, l := range o.Lines {
			if n := l.Left() - waiting[l.SKU]; n > 0 {
				want = append(want, LineQuantity{l.SKU, n})
			}
		}
	}
	if len(want) == 0 {
		return Shipment{}, fault.New(fault.Conflict, "nothing_to_ship", "nothing of this order is left to send")
	}
	total := map[string]int{}
	for _, w := range want {
		total[w.SKU] += w.Quantity
	}
	shipment := Shipment{ID: uuid.New(), OrderID: o.ID, Kind: kind, Carrier: r.Carrier, TrackingNumber: r.TrackingNumber}
	var fields fault.Fields
	for i, w := range want {
		left, known := 0, false
		for _, l := range o.Lines {
			if l.SKU == w.SKU {
				left, known = l.Left()-waiting[l.SKU], true
			}
		}
		switch {
		case !known:
			fields.Add(fmt.Sprintf("lines[%d].sku", i), "sku_not_found", "is not an article of this order")
		case w.Quantity < 1:
			fields.Add(fmt.Sprintf("lines[%d].quantity", i), "quantity_out_of_range", "must be at least 1")
		case total[w.SKU] > left:
			return Shipment{}, fault.New(fault.Conflict, "nothing_to_ship", "more pieces than are left to send").With("sku", w.SKU).With("left", left)
		}
	}
	if err := fields.Err(); err != nil {
		return Shipment{}, err
	}
	if err := tx.QueryRow(ctx, sqlInsertShipment, pgx.NamedArgs{"id": shipment.ID, "order_id": o.ID, "kind": kind, "carrier": r.Carrier, "tracking_number": r.TrackingNumber}).Scan(&shipment.N, &shipment.CreatedAt); err != nil {
		return Shipment{}, err
	}
	for _, l := range o.Lines {
		if n := total[l.SKU]; n > 0 {
			if _, err := tx.Exec(ctx, sqlInsertShipmentLine, pgx.NamedArgs{"shipment_id": shipment.ID, "sku": l.SKU, "quantity": n}); err != nil {
				return Shipment{}, err
			}
			shipment.Lines = append(shipment.Lines, LineQuantity{l.SKU, n})
		}
	}
	shipment.State, shipment.seq = Preparing, 1
	return shipment, insertShipmentHistory(ctx, tx, shipment.ID, 1, "", EventPrepare, Preparing, r.Actor)
}

// waitingPieces counts the pieces that must not be sent: those that lie ready and were not fetched yet,
// and those that the shopper has withdrawn from.
func waitingPieces(ctx context.Context, q pg.Querier, o Order) (map[string]int, error) {
	shipments, err := shipmentsOf(ctx, q, o)
	if err != nil {
		return nil, err
	}
	waiting := map[string]int{}
	for _, sh := range shipments {
		if sh.State == Preparing || sh.State == Ready {
			for _, l := range sh.Lines {
				waiting[l.SKU] += l.Quantity
			}
		}
	}
	returns, err := ReturnsOf(ctx, q, o.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range returns {
		if r.State == ReturnDeclared || r.State == ReturnReceived {
			for _, l := range r.Lines {
				waiting[l.SKU] += l.Unsent
			}
		}
	}
	return waiting, nil
}

// unpack takes apart what lies ready of an order when pieces of it are not fetched any more: they were given
// back, or their buyer has withdrawn from them. What is left of it is made ready, or handed over, anew.
func unpack(ctx context.Context, tx pgx.Tx, o Order, pieces map[string]int, actor string) error {
	shipments, err := shipmentsOf(ctx, tx, o)
	if err != nil {
		return err
	}
	for i := range shipments {
		stays := func(l LineQuantity) bool { return pieces[l.SKU] > 0 }
		if shipments[i].State == Ready && slices.ContainsFunc(shipments[i].Lines, stays) {
			if err := moveShipment(ctx, tx, &shipments[i], EventUnpack, actor); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveShipment is the only writer of a shipment's state.
func moveShipment(ctx context.Context, tx pgx.Tx, sh *Shipment, event, actor string) error {
	to, err := ShipmentMachine.Next(sh.State, event)
	if err != nil {
		return err
	}
	if err := insertShipmentHistory(ctx, tx, sh.ID, sh.seq+1, sh.State, event, to, actor); err != nil {
		return err
	}
	tag, err := tx.Exec(ctx, sqlMoveShipment, pgx.NamedArgs{"id": sh.ID, "state": to, "seq": sh.seq + 1})
	if err != nil {
		return err
	}
	if tag.RowsAffected() != 1 {
		return fault.New(fault.Conflict, "shipment_moved", "somebody else changed this shipment at the same moment: look at it again")
	}
	sh.State, sh.seq = to, sh.seq+1
	return nil
}

func insertShipmentHistory(ctx context.Context, tx pgx.Tx, id uuid.UUID, seq int, from, event, to, actor string) error {
	_, err := tx.Exec(ctx, sqlInsertShipmentHistory, pgx.NamedArgs{"shipment_id": id, "seq": seq, "from": from, "event": event, "to": to, "actor": actor})
	return err
}

// completeIfDone ends an order whose every piece was sent, fetched or refunded.
func (s *Service) completeIfDone(ctx context.Context, tx pgx.Tx, o *Order, actor string) error {
	if o.Status != Confirmed {
		return nil
	}
	for _, l := range o.Lines {
		if l.Left() > 0 {
			return nil
		}
	}
	return s.step(ctx, tx, o, EventComplete, actor, "")
}

func trackingURL(ctx context.Context, q pg.Querier, o Order, number string) (string, error) {
	if number == "" {
		return "", nil
	}
	conditions, err := ConditionsAt(ctx, q, o.Conditions)
	if err != nil {
		return "", err
	}
	method, _ := conditions.Method(o.ShippingMethod)
	return method.Tracking(number), nil
}

func shipmentsOf(ctx context.Context, q pg.Querier, o Order) ([]Shipment, error) {
	rows, err := q.Query(ctx, sqlShipments, pgx.NamedArgs{"order_id": o.ID})
	if err != nil {
		return nil, err
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Shipment, error) {
		var sh Shipment
		err := row.Scan(&sh.ID, &sh.OrderID, &sh.N, &sh.Kind, &sh.State, &sh.Carrier, &sh.TrackingNumber, &sh.CreatedAt, &sh.seq)
		return sh, err
	})
	if err != nil {
		return nil, err
	}
	for i := range list {
		if err := list[i].readParts(ctx, q); err != nil {
			return nil, err
		}
		if list[i].TrackingURL, err = trackingURL(ctx, q, o, list[i].TrackingNumber); err != nil {
			return nil, err
		}
		if list[i].Collection, err = collectionOf(ctx, q, list[i].ID); err != nil {
			return nil, err
		}
		if list[i].Parcels, err = parcelsOf(ctx, q, list[i].ID); err != nil {
			return nil, err
		}
		for n := range list[i].Parcels {
			p := &list[i].Parcels[n]
			if p.TrackingURL, err = trackingURL(ctx, q, o, p.TrackingNumber); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

func (sh *Shipment) readParts(ctx context.Context, q pg.Querier) error {
	rows, err := q.Query(ctx, sqlShipmentLines, pgx.NamedArgs{"shipment_id": sh.ID})
	if err != nil {
		return err
	}
	sh.Lines, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (LineQuantity, error) {
		var l LineQuantity
		err := row.Scan(&l.SKU, &l.Quantity)
		return l, err
	})
	if err != nil {
		return err
	}
	rows, err = q.Query(ctx, sqlShipmentHistory, pgx.NamedArgs{"shipment_id": sh.ID})
	if err != nil {
		return err
	}
	sh.History, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (Step, error) {
		var h Step
		err := row.Scan(&h.Seq, &h.From, &h.Event, &h.To, &h.Actor, &h.Reason, &h.At)
		return h, err
	})
	return err
}
