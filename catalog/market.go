package catalog

import (
	"bytes"
	"context"
	"errors"
	"image"
	_ "image/jpeg" // the kinds of photograph that the notebook keeps
	_ "image/png"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	_ "golang.org/x/image/webp"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/pg"
	"boutique/internal/text"
)

// Offer is what another shop sells, as it was seen on a day. Product is the slug of ours that it is
// matched to; Ours what that costs now.
type Offer struct {
	ID        int64
	Item      string
	Shop      string
	Price     int64
	Delivery  *int64
	SeenOn    time.Time
	Source    string
	Notes     string
	Product   string
	Name      string
	Ours      int64
	Photo     bool
	CreatedBy string
	CreatedAt time.Time
}

// Delivered is what the offer costs at the door; without a known delivery, its price.
func (o Offer) Delivered() money.Amount {
	if o.Delivery != nil {
		return money.Amount(o.Price + *o.Delivery)
	}
	return money.Amount(o.Price)
}

// OfferContent is what is written down about an offer. Photo is a JPEG, PNG or WebP, or nothing.
type OfferContent struct {
	Item, Shop, Source, Notes, Product string
	Price                              money.Amount
	Delivery                           *money.Amount
	SeenOn                             time.Time
	Photo                              []byte
}

// The largest photograph of the notebook, in bytes and in pixels to a side.
const (
	maxOfferPhoto = 4 << 20
	maxOfferSide  = 8000
)

func (c *OfferContent) check() (kind string, err error) {
	var fields fault.Fields
	for _, f := range []struct {
		place string
		value *string
		most  int
		must  bool
	}{{"item", &c.Item, 200, true}, {"shop", &c.Shop, 200, true}, {"source", &c.Source, 1000, false}, {"notes", &c.Notes, 2000, false}, {"product", &c.Product, 80, false}} {
		*f.value = strings.TrimSpace(*f.value)
		switch {
		case !text.Valid(*f.value):
			fields.Add(f.place, "not_text", "must be text")
		case utf8.RuneCountInString(*f.value) > f.most:
			fields.Add(f.place, "too_long", "is too long")
		case f.must && *f.value == "":
			fields.Add(f.place, "required", "is missing")
		}
	}
	if c.Price <= 0 || c.Price > 100_000_00 {
		fields.Add("price", "amount_invalid", "must be an amount like 12,50")
	}
	if c.Delivery != nil && (*c.Delivery < 0 || *c.Delivery > 100_000_00) {
		fields.Add("delivery", "amount_invalid", "must be an amount like 12,50")
	}
	if y := c.SeenOn.Year(); y < 2000 || y > 2100 {
		fields.Add("seen_on", "date_invalid", "must be a date")
	}
	if len(c.Photo) > 0 {
		config, format, err := image.DecodeConfig(bytes.NewReader(c.Photo))
		if err != nil || len(c.Photo) > maxOfferPhoto || config.Width > maxOfferSide || config.Height > maxOfferSide {
			fields.Add("photo", "photo_unusable", "must be a JPEG, PNG or WebP of at most 4 MB")
		}
		kind = "image/" + format
	}
	return kind, fields.Err()
}

// web tells whether a source is an address that may become a link.
func web(source string) bool {
	u, err := url.Parse(source)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Link is the offer's source where it is an address; empty otherwise.
func (o Offer) Link() string {
	if web(o.Source) {
		return o.Source
	}
	return ""
}

// AddOffer writes an offer into the market notebook.
func (s *Service) AddOffer(ctx context.Context, c OfferContent, actor string) error {
	kind, err := c.check()
	if err != nil {
		return err
	}
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		productID, err := linked(ctx, tx, c.Product)
		if err != nil {
			return err
		}
		var id int64
		if err := tx.QueryRow(ctx, sqlInsertOffer, pgx.NamedArgs{"item": c.Item, "shop": c.Shop, "price": int64(c.Price), "delivery": c.Delivery, "seen_on": c.SeenOn.Format(time.DateOnly),
			"source": c.Source, "notes": c.Notes, "product_id": productID, "actor": actor}).Scan(&id); err != nil {
			return err
		}
		if len(c.Photo) > 0 {
			if _, err := tx.Exec(ctx, sqlInsertOfferPhoto, pgx.NamedArgs{"id": id, "kind": kind, "data": c.Photo}); err != nil {
				return err
			}
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "market.add", Subject: "market:" + c.Shop, Detail: map[string]any{"item": c.Item, "price": c.Price}})
	})
}

// MatchOffer says which of our products an offer is like; an empty slug matches it to none.
func (s *Service) MatchOffer(ctx context.Context, id int64, product, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		productID, err := linked(ctx, tx, strings.ToValidUTF8(strings.TrimSpace(product), ""))
		if err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, sqlMatchOffer, pgx.NamedArgs{"id": id, "product_id": productID})
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNoOffer()
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "market.match", Subject: "market", Detail: map[string]any{"offer": id, "product": product}})
	})
}

// RemoveOffer takes an offer out of the notebook.
func (s *Service) RemoveOffer(ctx context.Context, id int64, actor string) error {
	return pg.InTx(ctx, s.Pool, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, sqlDeleteOffer, pgx.NamedArgs{"id": id})
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
		return audit.Record(ctx, tx, audit.Entry{Actor: actor, Action: "market.remove", Subject: "market", Detail: map[string]any{"offer": id}})
	})
}

func errNoOffer() error {
	return fault.New(fault.NotFound, "offer_not_found", "the notebook has no such entry")
}

// Offers lists the notebook, the latest first: of one product, when it is named.
func Offers(ctx context.Context, q pg.Querier, product string) ([]Offer, error) {
	rows, err := q.Query(ctx, sqlOffers, pgx.NamedArgs{"product": strings.ToValidUTF8(product, "")})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Offer])
}

// OfferPhoto reads the photograph of an offer.
func OfferPhoto(ctx context.Context, q pg.Querier, id int64) (kind string, data []byte, err error) {
	err = q.QueryRow(ctx, sqlOfferPhoto, pgx.NamedArgs{"id": id}).Scan(&kind, &data)
	if errors.Is(err, pgx.ErrNoRows) {
		err = errNoOffer()
	}
	return kind, data, err
}

// Gap is a product of ours that the notebook knows nothing comparable to, or nothing recent.
type Gap struct {
	Slug   string
	Name   string
	SeenOn *time.Time
}

// Gaps lists products online without an offer of the last half year beside them.
func Gaps(ctx context.Context, q pg.Querier, limit int) ([]Gap, error) {
	rows, err := q.Query(ctx, sqlGaps, pgx.NamedArgs{"limit": limit})
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByName[Gap])
}
