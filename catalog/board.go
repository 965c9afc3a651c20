package catalog

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/machine"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
	"boutique/internal/vat"
)

// The stages of a candidate, in their order on the board.
const (
	StageIdea        = "idea"
	StageSelected    = "selected"
	StagePreparation = "preparation"
	StageReview      = "review"
	StageOnline      = "online"
	StageRetired     = "retired"
)

// Stages lists the board's columns.
func Stages() []string {
	return []string{StageIdea, StageSelected, StagePreparation, StageReview, StageOnline, StageRetired}
}

// board is how a candidate goes over the board.
var board = machine.Machine{Name: "candidate", Steps: []machine.Step{
	{From: StageIdea, Event: "select", To: StageSelected},
	{From: StageSelected, Event: "prepare", To: StagePreparation},
	{From: StagePreparation, Event: "submit", To: StageReview},
	{From: StageReview, Event: "publish", To: StageOnline},
	{From: StageSelected, Event: "back", To: StageIdea},
	{From: StagePreparation, Event: "back", To: StageSelected},
	{From: StageReview, Event: "back", To: StagePreparation},
	{From: StageOnline, Event: "back", To: StageReview},
	{From: StageIdea, Event: "retire", To: StageRetired},
	{From: StageSelected, Event: "retire", To: StageRetired},
	{From: StagePreparation, Event: "retire", To: StageRetired},
	{From: StageReview, Event: "retire", To: StageRetired},
	{From: StageOnline, Event: "retire", To: StageRetired},
	{From: StageRetired, Event: "reconsider", To: StageIdea},
}}

// Candidate is something that the office thinks of selling. Product is the slug of what it became;
// Published tells whether that is online.
type Candidate struct {
	ID        int64
	Name      string
	Stage     string
	Owner     string
	Supplier  string
	Cost      *int64
	Notes     string
	Product   string
	Published bool
	Version   int
	CreatedBy string
	CreatedAt time.Time
}

// Moves lists the stages that the candidate may be moved to, in the order of the board.
func (c Candidate) Moves() []string {
	var list []string
	for _, stage := range Stages() {
		if _, ok := eventTo(c.Stage, stage); ok {
			list = append(list, stage)
		}
	}
	return list
}

func eventTo(from, to string) (string, bool) {
	for _, s := range board.Steps {
		if s.From == from && s.To == to {
			return s.Event, true
		}
	}
	return "", false
}

// Move is a step of a candidate over the board.
type Move struct {
	FromState string
	Event     string
	ToState   string
	Actor     string
	Reason    string
	At        time.Time
}

// CandidateContent is what people write about a candidate.
type CandidateContent struct {
	Name, Owner, Supplier, Notes, Product string
	Cost                                  *money.Amount
}

func (c *CandidateContent) check() error {
	var fields fault.Fields
	for _, f := range []struct {
		place string
		value *string
		most  int
	}{{"name", &c.Name, 200}, {"owner", &c.Owner, 100}, {"supplier", &c.Supplier, 200}, {"notes", &c.Notes, 4000}, {"product", &c.Product, 80}} {
		*f.value = strings.TrimSpace(*f.value)
		if !text.Valid(*f.value) {
			fields.Add(f.place, "not_text", "must be text")
		} else if utf8.RuneCountInString(*f.value) > f.most {
			fields.Add(f.place, "too_long", "is too long")
		}
	}
	if c.Name == "" {
		fields.Add("name", "required", "is missing")
	}
	if c.Cost != nil && (*c.Cost < 0 || *c.Cost > 100_000_00) {
		fields.Add("cost", "amount_invalid", "must be an amount like 12,50")
	}
	return fields.Err()
}

// ListCandidates lists the board, the newest first in each column.
func ListCandidates(ctx context.Context, q pg.Querier) ([]Candidate, error) {
	return candidates(ctx, q, 0)
}

// GetCandidate reads one candidate.
func GetCandidate(ctx context.Context, q pg.Querier, id int64) (Candidate, error) {
	list, err := candidates(ctx, q, id)
	if err == nil && len(list) == 0 {
		err = fault.New(fault.NotFound, "candidate_not_found", "the board has no such candidate")
	}
	if err != nil {
		return Candidate{}, err
	}
	return list[0], nil
}

func candidates(ctx context.Context, q pg.Querier, id int64) ([]Candidate, error) {
	rows, err := q.Query(ctx, sqlCandidates, pgx.NamedArgs{"id": id})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Candidate])
}

// MovesOf lists a candidate's way over the board, the newest step first.
func MovesOf(ctx context.Context, q pg.Querier, id int64) ([]Move, error) {
	rows, err := q.Query(ctx, sqlCandidateMoves, pgx.NamedArgs{"id": id})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Move])
}

func (c CandidateContent) args(productID *int64, actor string) pgx.NamedArgs {
	return pgx.NamedArgs{"name": c.Name, "owner": c.Owner, "supplier": c.Supplier, "cost": c.Cost, "notes": c.Notes, "product_id": productID, "actor": actor}
}

// linked finds the product that a candidate names; nil for none.
func linked(ctx context.Context, tx pgx.Tx, slug string) (*int64, error) {
	if slug == "" {
		return nil, nil
	}
	var id int64
	err := tx.QueryRow(ctx, sqlProductIDBySlug, pgx.NamedArgs{"slug": slug}).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		var fields fault.Fields
		fields.Add("product", "product_unknown", "is none of the shop's")
		return nil, fields.Err()
	}
	return &id, err
}

// AddCandidate puts an idea on the board.
func (s *Service) AddCandidate(ctx context.Context, c CandidateContent, actor string) (id int64, err error) {
	if err := c.check(); err != nil {
		return 0, err
	}
	err = pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		productID, err := linked(ctx, tx, c.Product)
		if err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, sqlInsertCandidate, c.args(productID, actor)).Scan(&id); err != nil {
			return onceLinked(err)
		}
		if _, err := tx.Exec(ctx, sqlInsertMove, pgx.NamedArgs{"id": id, "seq": 1, "from": "", "event": "think", "to": StageIdea, "actor": actor, "reason": ""}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "candidate.add", Subject: "candidate:" + c.Name})
	})
	return id, err
}

func onceLinked(err error) error {
	if pg.IsUnique(err, "a product comes from one candidate") {
		return fault.New(fault.Conflict, "candidate_product_taken", "another candidate became this product")
	}
	return err
}

// EditCandidate changes what is written about a candidate; an edit of an older version is Stale.
func (s *Service) EditCandidate(ctx context.Context, id int64, version int, c CandidateContent, actor string) error {
	if err := c.check(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		before, err := lockCandidate(ctx, tx, id)
		if err != nil {
			return err
		}
		if before.version != version {
			return fault.New(fault.Stale, "stale_edit", "somebody has changed this meanwhile")
		}
		productID, err := linked(ctx, tx, c.Product)
		if err != nil {
			return err
		}
		args := c.args(productID, actor)
		args["id"] = id
		if _, err := tx.Exec(ctx, sqlUpdateCandidate, args); err != nil {
			return onceLinked(err)
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "candidate.edit", Subject: "candidate:" + c.Name})
	})
}

type lockedCandidate struct {
	stage, name   string
	seq, version  int
	productID     *int64
	product       string
	productOnline bool
	cost          *int64
}

func lockCandidate(ctx context.Context, tx pgx.Tx, id int64) (c lockedCandidate, err error) {
	err = tx.QueryRow(ctx, sqlLockCandidate, pgx.NamedArgs{"id": id}).Scan(&c.stage, &c.name, &c.seq, &c.version, &c.productID, &c.product, &c.productOnline, &c.cost)
	if errors.Is(err, pgx.ErrNoRows) {
		err = fault.New(fault.NotFound, "candidate_not_found", "the board has no such candidate")
	}
	return c, err
}

// MoveCandidate moves a candidate to another stage, where the board lets it. Online is only what
// became a product that shoppers see.
func (s *Service) MoveCandidate(ctx context.Context, id int64, to, reason, actor string) error {
	reason = strings.TrimSpace(reason)
	if !text.Valid(reason) || utf8.RuneCountInString(reason) > 500 {
		var fields fault.Fields
		fields.Add("reason", "too_long", "has at most 500 characters")
		return fields.Err()
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		c, err := lockCandidate(ctx, tx, id)
		if err != nil {
			return err
		}
		if c.stage == to {
			return nil
		}
		event, ok := eventTo(c.stage, to)
		if !ok {
			return fault.Newf(fault.Conflict, machine.CodeIllegal, "a candidate cannot go from %s to %s", c.stage, to)
		}
		if to == StageOnline && !c.productOnline {
			return fault.New(fault.Conflict, "candidate_not_online", "it must be linked to a product that is online")
		}
		if _, err := tx.Exec(ctx, sqlInsertMove, pgx.NamedArgs{"id": id, "seq": c.seq + 1, "from": c.stage, "event": event, "to": to, "actor": actor, "reason": reason}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, sqlMoveCandidate, pgx.NamedArgs{"id": id, "stage": to, "seq": c.seq + 1})
		return err
	})
}

// BecomeProduct makes the draft of a product out of a candidate, and links the two.
func (s *Service) BecomeProduct(ctx context.Context, id int64, sku, family string, class vat.Class, actor string) (slug string, err error) {
	c, err := GetCandidate(ctx, s.Pool, id)
	if err != nil {
		return "", err
	}
	if c.Product != "" {
		return c.Product, nil
	}
	v := Variant{SKU: sku}
	if c.Cost != nil {
		cost := money.Amount(*c.Cost)
		v.Cost = &cost
	}
	p, err := s.CreateProduct(ctx, Content{Slug: SlugOf(c.Name), Family: family, VATClass: class, Texts: map[text.Lang]Text{text.FR: {Name: c.Name}}, Variants: []Variant{v}}, actor)
	if err != nil {
		return "", err
	}
	content := CandidateContent{Name: c.Name, Owner: c.Owner, Supplier: c.Supplier, Notes: c.Notes, Product: p.Slug}
	if c.Cost != nil {
		cost := money.Amount(*c.Cost)
		content.Cost = &cost
	}
	return p.Slug, s.EditCandidate(ctx, id, c.Version, content, actor)
}
