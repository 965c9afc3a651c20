package admin

// stop is one page of the desk that the rail leads to: its section, which is also the key of its name, where
// it lies, and the permission without which it is not shown ("" is everyone's).
type stop struct{ section, href, right string }

// area is one word of the rail with the places under it; the word is the first of them.
type area []stop

// areas are the rail, in the order of a day's work.
var areas = []area{
	{{"today", "/admin", ""}},
	{{"orders", "/admin/orders", "read_orders"}, {"returns", "/admin/returns", "read_orders"}, {"till", "/admin/till", "read_orders"}, {"stripe", "/admin/stripe", "read_orders"}, {"mails", "/admin/mails", "read_orders"}},
	{{"packing", "/admin/packing", "read_orders"}},
	{{"catalogue", "/admin/catalogue", "read_catalog"}, {"categories", "/admin/categories", "read_catalog"}, {"photos", "/admin/photos", "read_catalog"}, {"makers", "/admin/makers", "read_catalog"}, {"families", "/admin/families", "read_catalog"},
		{"searches", "/admin/search", "read_catalog"}, {"import", "/admin/import", "edit_catalog"}},
	{{"selection", "/admin/selection", "read_catalog"}, {"market", "/admin/market", "read_catalog"}},
	{{"stock", "/admin/stock", "read_catalog"}, {"counts", "/admin/counts", "read_catalog"}},
	{{"dispatch", "/admin/shipping", "simulate"}},
	{{"studio", "/admin/studio", "read_catalog"}},
	{{"books", "/admin/books", "read_books"}, {"payouts", "/admin/payouts", "read_books"}},
	{{"settings", "/admin/settings", "manage"}, {"vouchers", "/admin/vouchers", "manage"}, {"staff", "/admin/staff", "manage"}, {"audit", "/admin/audit", "manage"}},
}

// shown are the places of an area that the reader may see; none hides the area.
func (a area) shown(p Page) []stop {
	var list []stop
	for _, at := range a {
		if at.right == "" || p.May(at.right) {
			list = append(list, at)
		}
	}
	return list
}

// here tells whether the reader stands in the area.
func (a area) here(p Page) bool {
	for _, at := range a {
		if at.section == p.Section {
			return true
		}
	}
	return false
}
