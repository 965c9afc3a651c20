package admin

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/shop"
	"boutique/shop/label"
)

// A batch is the orders that somebody chose to prepare together; its papers are printed as one file each.
func (a *Admin) mountBatch(r chi.Router) {
	r.Get("/packing/papers.pdf", a.may(staff.ReadOrders, a.batchPicking))
	r.Get("/packing/slips.pdf", a.may(staff.ReadOrders, a.batchSlips))
	r.Get("/packing/labels.pdf", a.may(staff.ReadOrders, a.batchLabels))
	r.Get("/packing/carrier.csv", a.may(staff.ReadOrders, a.carrierFile))
}

// mostInBatch keeps a batch to what one person carries out in a day, and a file to what a printer takes.
const mostInBatch = 500

func batchNumbers(r *http.Request) []string {
	numbers := r.URL.Query()["o"]
	return numbers[:min(len(numbers), mostInBatch)]
}

// batch reads the orders of a batch. It's NotFound when one is unknown, Invalid when none was chosen.
func (a *Admin) batch(r *http.Request) ([]shop.Dossier, error) {
	var list []shop.Dossier
	for _, number := range batchNumbers(r) {
		o, err := shop.GetOrder(r.Context(), a.Pool, number)
		if err != nil {
			return nil, err
		}
		d, err := a.Shop.Dossier(r.Context(), o)
		if err != nil {
			return nil, err
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		return nil, fault.New(fault.Invalid, "batch_empty", "choose the orders to prepare first")
	}
	return list, nil
}

func (a *Admin) batchPicking(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "packing", "picking_list")
	if err != nil {
		return err
	}
	lines, articles, err := a.toPick(r.Context(), p.Lang(), batchNumbers(r))
	if err != nil {
		return err
	}
	var rows []label.PickingLine
	for _, l := range lines {
		rows = append(rows, label.PickingLine{Place: l.Place, SKU: l.SKU, Name: articles.Name(l.SKU, strings.TrimSpace(l.Name+" "+l.Options)), Quantity: l.Quantity, Orders: strings.Join(l.Orders, ", ")})
	}
	data, err := label.PickingList(p.Lang(), label.Office{Name: p.Office.LegalName}, rows, a.Shop.Clock.Now())
	if err != nil {
		return err
	}
	return sendPDF(w, "picking-list", data)
}

func (a *Admin) batchSlips(w http.ResponseWriter, r *http.Request) error {
	list, err := a.batch(r)
	if err != nil {
		return err
	}
	data, err := a.Papers.Slips(r.Context(), list, langOf(r))
	if err != nil {
		return err
	}
	return sendPDF(w, "packing-slips", data)
}

// batchLabels prints the address labels of what is sent, on the paper asked for; what is fetched has none.
func (a *Admin) batchLabels(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	paper := q.Get("paper")
	known := slices.Contains(label.AddressPapers(), paper)
	start, err := strconv.Atoi(q.Get("start"))
	if q.Get("start") == "" {
		start, err = 1, nil
	}
	if sheet, ok := label.SheetOf(paper); !known || err != nil || start < 1 || ok && start > sheet.Cells() {
		return fault.New(fault.Invalid, "paper_unknown", "choose one of the papers for addresses, and a cell that it has")
	}
	list, err := a.batch(r)
	if err != nil {
		return err
	}
	var sent []shop.Dossier
	for _, d := range list {
		if !d.Collected() {
			sent = append(sent, d)
		}
	}
	if len(sent) == 0 {
		return fault.New(fault.Invalid, "batch_empty", "none of these orders is sent: they are all fetched")
	}
	data, err := a.Papers.Labels(r.Context(), sent, paper, start)
	if err != nil {
		return err
	}
	return sendPDF(w, "labels", data)
}

// carrierFile writes the parcels of some orders as the carrier's tool reads them.
func (a *Admin) carrierFile(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	columns, known := shop.CarrierPresets()[q.Get("preset")]
	if own := q.Get("columns"); own != "" {
		var unknown []string
		if columns, unknown = shop.ColumnsOf(own); len(unknown) > 0 {
			return fault.Newf(fault.Invalid, "carrier_column_unknown", "there is nothing to write into %s", strings.Join(unknown, ", "))
		}
	} else if !known {
		columns = shop.CarrierPresets()["coliship"]
	}
	list, err := a.batch(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="parcels.csv"`)
	_, err = w.Write([]byte(shop.CarrierFile(list, columns)))
	return err
}
