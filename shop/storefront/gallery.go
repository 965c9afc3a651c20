package storefront

import "boutique/catalog"

// galleryOrder is the order in which a product's photographs are shown: the chosen variant's own one
// comes first.
func galleryOrder(v ProductView) []int {
	order := make([]int, 0, len(v.Item.Pictures))
	own := -1
	if v.Picked {
		own = v.Item.PictureOf(v.Chosen.ID)
	}
	if own >= 0 {
		order = append(order, own)
	}
	for n := range v.Item.Pictures {
		if n != own {
			order = append(order, n)
		}
	}
	return order
}

// ownPhotoClass names, on a variant's radio button, the place of its own photograph: the style sheet
// shows that one first while the button is chosen, without a script.
func ownPhotoClass(v ProductView, one catalog.ItemVariant) string {
	n := v.Item.PictureOf(one.ID)
	if n < 0 {
		return ""
	}
	return "own-" + itoa(n+1)
}
