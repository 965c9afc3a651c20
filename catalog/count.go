package catalog

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/pg"
)

// UsualLow is how few pieces are few where an office has said nothing else.
const UsualLow = 3

// Location is a place where stock lies: the web, or a desk. Counting is the count that is open there.
type Location struct {
	Code     string
	Name     string
	OnHand   int
	Counting *int64
}

// Locations lists the places, the web first.
func Locations(ctx context.Context, q pg.Querier) ([]Location, error) {
	rows, err := q.Query(ctx, sqlLocations)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Location])
}

var locationForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// CreateLocation opens a place for stock, like a desk.
func (s *Service) CreateLocation(ctx context.Context, code, name, actor string) error {
	var fields fault.Fields
	if !locationForm.MatchString(code) {
		fields.Add("code", "location_code", "must have small letters, digits and hyphens, at most 40")
	}
	if name == "" || len(name) > 100 {
		fields.Add("name", "name_length", "must have 1 to 100 characters")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, sqlInsertLocation, pgx.NamedArgs{"code": code, "name": name}); pg.IsUnique(err, "stock_location_pkey") {
			return fault.New(fault.Conflict, "location_taken", "there is a place of this code")
		} else if err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "stock.location", Subject: "location:" + code})
	})
}

// StockLine is an article's stock at a place, in the staff's list. Waiting is how many shoppers asked
// to be told when it is back.
type StockLine struct {
	ID       int64
	SKU      string `db:"sku"`
	Slug     string
	Name     string
	OnHand   int
	Reserved int
	LowAt    *int
	Online   bool
	Waiting  int
}

// Available is what may still be sold.
func (l StockLine) Available() int { return l.OnHand - l.Reserved }

// Low tells whether few are left.
func (l StockLine) Low() bool { return l.Available() <= threshold(l.LowAt) }

func threshold(low *int) int {
	if low == nil {
		return UsualLow
	}
	return *low
}

// StockFilter narrows the staff's list of stock.
type StockFilter struct {
	Location string
	Q        string
	Low      bool
	After    string
	Limit    int
}

// StockList lists articles with their stock at a place, by SKU; next is where the list goes on.
func StockList(ctx context.Context, q pg.Querier, f StockFilter) (list []StockLine, next string, err error) {
	if err := knownLocations(ctx, q, f.Location); err != nil {
		return nil, "", err
	}
	query := strings.ToValidUTF8(strings.TrimSpace(f.Q), "")
	if len(query) > 200 {
		query = strings.ToValidUTF8(query[:200], "")
	}
	pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(query) + "%"
	rows, err := q.Query(ctx, sqlStockList, pgx.NamedArgs{"location": f.Location, "q": query, "pattern": pattern, "low": f.Low, "usual": UsualLow, "after": f.After, "limit": f.Limit + 1})
	if err != nil {
		return nil, "", err
	}
	if list, err = pgx.CollectRows(rows, pgx.RowToStructByName[StockLine]); err != nil {
		return nil, "", err
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = list[f.Limit-1].SKU
	}
	return list, next, nil
}

// PlaceLevel is an article's stock at one place.
type PlaceLevel struct {
	Location string
	Name     string
	OnHand   int
	Reserved int
	LowAt    *int
}

// LevelsOf lists an article's stock at every place.
func LevelsOf(ctx context.Context, q pg.Querier, sku string) ([]PlaceLevel, error) {
	id, _, err := variantBySKU(ctx, q, sku)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(ctx, sqlLevelsOf, pgx.NamedArgs{"variant_id": id})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[PlaceLevel])
}

// SetThreshold says how few pieces of an article are few at a place; nil is the usual.
func (s *Service) SetThreshold(ctx context.Context, sku, location string, low *int, actor string) error {
	var fields fault.Fields
	if low != nil && (*low < 0 || *low > 1_000_000) {
		fields.Add("low_at", "stock_out_of_range", "must be between 0 and 1,000,000")
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		id, slug, err := variantBySKU(ctx, tx, sku)
		if err != nil {
			return err
		}
		if err := knownLocations(ctx, tx, location); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlSetThreshold, pgx.NamedArgs{"variant_id": id, "location": location, "low_at": low}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "stock.threshold", Subject: "product:" + slug, Detail: map[string]any{"sku": sku, "location": location, "low_at": low}})
	})
}

// Count is a count of what lies at a place, open until it is closed.
type Count struct {
	ID           int64
	Location     string
	LocationName string
	StartedBy    string
	StartedAt    time.Time
	ClosedBy     *string
	ClosedAt     *time.Time
	Lines        int
	Counted      int
	Different    int
}

// CountLine is an article on the sheet. Expected is what was on hand when the sheet was made.
type CountLine struct {
	VariantID int64
	SKU       string `db:"sku"`
	GTIN      string `db:"gtin"`
	Name      string
	Options   string
	Expected  int
	Counted   *int
}

// Counts lists the newest counts.
func Counts(ctx context.Context, q pg.Querier) ([]Count, error) {
	rows, err := q.Query(ctx, sqlCounts, pgx.NamedArgs{"id": 0})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Count])
}

// GetCount reads a count and its sheet. An unknown one is NotFound.
func GetCount(ctx context.Context, q pg.Querier, id int64) (Count, []CountLine, error) {
	if id < 1 {
		return Count{}, nil, errNoCount()
	}
	rows, err := q.Query(ctx, sqlCounts, pgx.NamedArgs{"id": id})
	if err != nil {
		return Count{}, nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[Count])
	if err != nil {
		return Count{}, nil, err
	}
	if len(found) == 0 {
		return Count{}, nil, errNoCount()
	}
	if rows, err = q.Query(ctx, sqlCountLines, pgx.NamedArgs{"id": id}); err != nil {
		return Count{}, nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowToStructByName[CountLine])
	return found[0], lines, err
}

func errNoCount() error {
	return fault.New(fault.NotFound, "count_not_found", "there is no such count")
}

// StartCount makes the sheet of a place: every article with what should lie there now.
func (s *Service) StartCount(ctx context.Context, location, actor string) (int64, error) {
	var id int64
	err := pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		if location == "" {
			return errNoLocation()
		}
		if err := knownLocations(ctx, tx, location); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, sqlStartCount, pgx.NamedArgs{"location": location, "actor": actor}).Scan(&id)
		if pg.IsUnique(err, "a place is counted once at a time") {
			return fault.New(fault.Conflict, "count_open", "this place is being counted already")
		}
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, sqlStartLines, pgx.NamedArgs{"id": id, "location": location}); err != nil {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "stock.count", Subject: "location:" + location})
	})
	return id, err
}

// TypeCount keeps what was counted, by SKU; nil is not counted yet. With closing the count ends: what
// differs moves stock by the difference, each with its movement, all or nothing. What nobody counted
// stays as it is.
func (s *Service) TypeCount(ctx context.Context, id int64, counted map[string]*int, closing bool, actor string) error {
	var fields fault.Fields
	for sku, n := range counted {
		if n != nil && (*n < 0 || *n > 1_000_000) {
			fields.Add("counted."+sku, "stock_out_of_range", "must be between 0 and 1,000,000")
		}
	}
	if err := fields.Err(); err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		var location string
		var closed bool
		if err := tx.QueryRow(ctx, sqlLockCount, pgx.NamedArgs{"id": id}).Scan(&location, &closed); err == pgx.ErrNoRows {
			return errNoCount()
		} else if err != nil {
			return err
		}
		if closed {
			return fault.New(fault.Conflict, "count_closed", "the count is closed")
		}
		batch := &pgx.Batch{}
		for sku, n := range counted {
			batch.Queue(sqlTypeCount, pgx.NamedArgs{"id": id, "sku": sku, "counted": n, "actor": actor})
		}
		if batch.Len() > 0 {
			if err := tx.SendBatch(ctx, batch).Close(); err != nil {
				return err
			}
		}
		if !closing {
			return nil
		}
		return closeCount(ctx, tx, id, location, actor)
	})
}

func closeCount(ctx context.Context, tx pgx.Tx, id int64, location, actor string) error {
	rows, err := tx.Query(ctx, sqlCountedDifferently, pgx.NamedArgs{"id": id})
	if err != nil {
		return err
	}
	type difference struct {
		VariantID int64
		SKU       string `db:"sku"`
		Delta     int
	}
	list, err := pgx.CollectRows(rows, pgx.RowToStructByName[difference])
	if err != nil {
		return err
	}
	for _, d := range list {
		if err := addStock(ctx, tx, d.VariantID, location, 0); err != nil {
			return err
		}
		now, err := level(ctx, tx, d.VariantID, d.SKU, location)
		if err != nil {
			return err
		}
		if now.OnHand+d.Delta < now.Reserved {
			return fault.New(fault.Conflict, "count_below_reserved", "fewer were counted than orders hold: look at it again").With("sku", d.SKU).With("reserved", now.Reserved)
		}
		if err := setStock(ctx, tx, d.VariantID, location, d.Delta, "count", countReference(id), actor); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, sqlCloseCount, pgx.NamedArgs{"id": id, "actor": actor}); err != nil {
		return err
	}
	return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "stock.counted", Subject: "location:" + location, Detail: map[string]any{"count": id, "different": len(list)}})
}

func countReference(id int64) string { return "count:" + strconv.FormatInt(id, 10) }
