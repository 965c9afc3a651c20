package catalog

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Family is a kind of article: what the law wants said of it, and which photographs show it whole.
// Follows names the family of the shop's own whose law and criteria it is under.
type Family struct {
	Code     string
	Follows  string
	Position int
	Labels   Labels
	Facts    []string
	Required []string
	Shots    []Shot
	BuiltIn  bool
	Version  int
}

// Shot is a view of an article that its photographs should show.
type Shot struct {
	Code   string `json:"code"`
	Labels Labels `json:"labels"`
}

// Says tells whether articles of the family say a fact.
func (f Family) Says(fact string) bool { return slices.Contains(f.Facts, fact) }

// Requires tells whether articles of the family must say a fact before they are sold.
func (f Family) Requires(fact string) bool { return slices.Contains(f.Required, fact) }

// ListFamilies lists the families in their order.
func ListFamilies(ctx context.Context, q pg.Querier) ([]Family, error) {
	return readFamilies(ctx, q, "")
}

// GetFamily reads one family. An unknown one is NotFound.
func GetFamily(ctx context.Context, q pg.Querier, code string) (Family, error) {
	list, err := readFamilies(ctx, q, code)
	if err != nil {
		return Family{}, err
	}
	if code == "" || len(list) == 0 {
		return Family{}, fault.New(fault.NotFound, "family_not_found", "there is no such family")
	}
	return list[0], nil
}

func readFamilies(ctx context.Context, q pg.Querier, code string) ([]Family, error) {
	rows, err := q.Query(ctx, sqlFamilies, pgx.NamedArgs{"code": code})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (Family, error) {
		var f Family
		var labels, shots []byte
		if err := row.Scan(&f.Code, &f.Follows, &f.Position, &labels, &f.Facts, &f.Required, &shots, &f.BuiltIn, &f.Version); err != nil {
			return f, err
		}
		if err := json.Unmarshal(labels, &f.Labels); err != nil {
			return f, err
		}
		return f, json.Unmarshal(shots, &f.Shots)
	})
}

// CountByFamily counts the products of each family that has any: all of them are looked at.
func CountByFamily(ctx context.Context, q pg.Querier) (map[string]int, error) {
	rows, err := q.Query(ctx, sqlCountFamilies)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	var family string
	var n int
	_, err = pgx.ForEachRow(rows, []any{&family, &n}, func() error { counts[family] = n; return nil })
	return counts, err
}

// maxShots is how many views a family may ask for.
const maxShots = 12

// Check names everything in the family that cannot be kept.
func (f Family) Check() error {
	var fields fault.Fields
	if !familyForm.MatchString(f.Code) {
		fields.Add("code", "family_code", "must have small letters, digits and underscores, at most 40")
	}
	if f.Labels[text.FR] == "" {
		fields.Add("labels.fr", "required", "is missing")
	}
	for lang, label := range f.Labels {
		if len(label) > 100 {
			fields.Add("labels."+string(lang), "too_long", "has at most 100 characters")
		}
	}
	known := map[string]bool{}
	for _, fact := range Facts() {
		known[fact.Code] = true
	}
	for _, code := range append(slices.Clone(f.Facts), f.Required...) {
		if !known[code] {
			fields.Add("facts", "fact_unknown", "is none of the facts that the shop knows")
		}
	}
	for _, code := range f.Required {
		if !f.Says(code) {
			fields.Add("required", "fact_not_said", "must be among the family's facts")
		}
	}
	seen := map[string]bool{}
	for _, shot := range f.Shots {
		if !familyForm.MatchString(shot.Code) || seen[shot.Code] || shot.Labels[text.FR] == "" || len(shot.Labels[text.FR]) > 200 {
			fields.Add("shots", "shot_invalid", "must each have a code of its own and a French name")
		}
		seen[shot.Code] = true
	}
	if len(f.Shots) > maxShots {
		fields.Add("shots", "shot_invalid", "must be at most 12")
	}
	return fields.Err()
}

// SaveFamily keeps a family. version is the one that the editor saw; zero makes a new one. What the
// law requires of the family that it follows stays required, and only the shop's own families follow
// themselves.
func (s *Service) SaveFamily(ctx context.Context, f Family, version int, actor string) (Family, error) {
	if err := f.Check(); err != nil {
		return Family{}, err
	}
	var after Family
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		args, err := familyColumns(ctx, tx, &f)
		if err != nil {
			return err
		}
		if version == 0 {
			if _, err := tx.Exec(ctx, sqlInsertFamily, args); pg.IsUnique(err, "family_pkey") {
				return fault.New(fault.Conflict, "family_taken", "there is a family of this code")
			} else if err != nil {
				return err
			}
		} else if err := updateFamily(ctx, tx, f, version, args); err != nil {
			return err
		}
		if err := bump(ctx, tx); err != nil {
			return err
		}
		if err := audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "family.save", Subject: "family:" + f.Code}); err != nil {
			return err
		}
		after, err = GetFamily(ctx, tx, f.Code)
		return err
	})
	return after, err
}

func updateFamily(ctx context.Context, tx pgx.Tx, f Family, version int, args pgx.NamedArgs) error {
	var now int
	if err := tx.QueryRow(ctx, sqlLockFamily, pgx.NamedArgs{"code": f.Code}).Scan(&now); err == pgx.ErrNoRows {
		return fault.New(fault.NotFound, "family_not_found", "there is no such family")
	} else if err != nil {
		return err
	}
	if now != version {
		return fault.New(fault.Stale, "family_changed", "somebody else changed this family since you read it: look at what changed, then save again")
	}
	_, err := tx.Exec(ctx, sqlUpdateFamily, args)
	return err
}

// familyColumns are the arguments of a family's row, under the law of the one that it follows.
func familyColumns(ctx context.Context, q pg.Querier, f *Family) (pgx.NamedArgs, error) {
	if slices.Contains(Families(), f.Code) {
		f.Follows = f.Code
	}
	var fields fault.Fields
	if !slices.Contains(Families(), f.Follows) || f.Follows == "gift_card" && f.Code != "gift_card" {
		fields.Add("follows", "family_unknown", "must be a family that the shop knows the law of, gift cards excepted")
		return nil, fields.Err()
	}
	if f.Code != f.Follows {
		law, err := GetFamily(ctx, q, f.Follows)
		if err != nil {
			return nil, err
		}
		for _, code := range law.Required {
			if !f.Requires(code) {
				f.Required = append(f.Required, code)
			}
			if !f.Says(code) {
				f.Facts = append(f.Facts, code)
			}
		}
	}
	labels, err := json.Marshal(f.Labels)
	if err != nil {
		return nil, err
	}
	if f.Shots == nil {
		f.Shots = []Shot{}
	}
	shots, err := json.Marshal(f.Shots)
	if err != nil {
		return nil, err
	}
	list := func(codes []string) []string {
		if codes == nil {
			return []string{}
		}
		return codes
	}
	return pgx.NamedArgs{"code": f.Code, "follows": f.Follows, "labels": labels, "facts": list(f.Facts), "required": list(f.Required), "shots": shots}, nil
}

// DeleteFamily takes away an office's own family that no product is of.
func (s *Service) DeleteFamily(ctx context.Context, code, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDeleteFamily, pgx.NamedArgs{"code": code})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fault.New(fault.Conflict, "family_in_use", "a family of the shop's own stays, and so does one that products are of")
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "family.delete", Subject: "family:" + code})
	})
}
