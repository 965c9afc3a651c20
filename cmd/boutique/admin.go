package main

import (
	"net/http"

	"github.com/go-chi/chi/v5"

	"boutique/catalog/photo"
	"boutique/shop/admin"
	"boutique/shop/api"
)

// mountAdmin puts the staff's pages on the router.
func (a *app) mountAdmin(p *program, r chi.Router) {
	(&admin.Admin{Pool: a.database.pool, Shop: a.shop, Catalog: a.catalog, Shelf: a.shelf, Payments: a.payments, Staff: a.staff,
		Papers: a, Closer: a.closer, Disks: a.disks, Exports: pageExporter{webExporter{a}}, Renderer: photo.Renderer{}, Assets: a.assets, Logger: p.logger,
		HTTPS: p.config.https(), TestMode: p.config.testMode()}).Mount(r)
}

// pageExporter gives exports to the staff's pages.
type pageExporter struct{ webExporter }

// Stream answers a request with an export.
func (e pageExporter) Stream(w http.ResponseWriter, r *http.Request, kind string) error {
	return api.Stream(w, r, e.webExporter, kind)
}
