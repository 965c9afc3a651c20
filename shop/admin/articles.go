package admin

import (
	"context"
	"strings"

	"boutique/catalog"
	"boutique/internal/text"
	"boutique/shop"
)

// Articles are the articles of an order as the desk knows them: an order keeps their names in the
// shopper's language, which those who fetch and pack need not read.
type Articles struct {
	sold     map[string]catalog.Sellable
	renderer catalog.Renderer
}

func (a *Admin) articles(ctx context.Context, lang text.Lang, skus []string) (Articles, error) {
	sold, err := catalog.Sellables(ctx, a.Pool, lang, skus)
	return Articles{sold: sold, renderer: a.Renderer}, err
}

// Name is what the desk calls an article, its options included; otherwise when it's no longer known.
func (x Articles) Name(sku, otherwise string) string {
	s, known := x.sold[sku]
	if !known {
		return otherwise
	}
	return strings.TrimSpace(s.Name + " " + s.Options)
}

// Picture is the address of a small picture of an article, empty when there is none.
func (x Articles) Picture(sku string) string {
	s, known := x.sold[sku]
	if !known || s.PhotoSHA256 == "" {
		return ""
	}
	return thumb(x.renderer, catalog.Photo{SHA256: s.PhotoSHA256, Width: 1600, Height: 1600}, 320)
}

// Contents says what lies in a parcel.
func (x Articles) Contents(pieces map[string]int) string {
	var parts []string
	for _, sku := range sortedKeys(pieces) {
		parts = append(parts, itoa(pieces[sku])+" × "+x.Name(sku, sku))
	}
	return strings.Join(parts, ", ")
}

func skusOf(lines []shop.OrderLine) []string {
	list := make([]string, len(lines))
	for n, l := range lines {
		list[n] = l.SKU
	}
	return list
}
