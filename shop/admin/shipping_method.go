package admin

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/text"
	"boutique/shop"
	"github.com/go-chi/chi/v5"
)

// MethodView is one method of dispatch with its tariffs.
type MethodView struct {
	Page
	Conditions shop.Conditions
	Method     shop.Method
	Error      string
	Lines      []string
	// Preview is a tariff file that is right and waits to be put in force.
	Preview  *TariffPreview
	Repriced []shop.Repriced
}

// TariffPreview is a tariff that staff brought, before it counts.
type TariffPreview struct {
	Name, From, By, CSV string
	Tariffs             map[string]shop.Tariff
}

func (a *Admin) showMethod(w http.ResponseWriter, r *http.Request, status int, change func(v *MethodView)) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	m, ok := c.Method(chi.URLParam(r, "id"))
	if !ok {
		return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
	}
	p, err := a.page(r, "dispatch", "dispatch")
	if err != nil {
		return err
	}
	p.Title = m.Names.In(p.Lang())
	v := MethodView{Page: p, Conditions: c, Method: m}
	if change != nil {
		change(&v)
	}
	return a.show(w, r, status, MethodPage(v))
}

func (a *Admin) method(w http.ResponseWriter, r *http.Request) error {
	return a.showMethod(w, r, http.StatusOK, nil)
}

func (a *Admin) saveMethod(w http.ResponseWriter, r *http.Request) error {
	id := chi.URLParam(r, "id")
	return a.editConditions(w, r, "method", "/admin/shipping", func(c *shop.Conditions) error {
		at := slices.IndexFunc(c.Methods, func(m shop.Method) bool { return m.ID == id })
		if at < 0 {
			return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
		}
		c.Methods = slices.Clone(c.Methods)
		if r.PostForm.Get("action") == "remove" {
			c.Methods = slices.Delete(c.Methods, at, at+1)
			return nil
		}
		var fields fault.Fields
		m, row := c.Methods[at], formRow{r, "method."}
		m.Kind, m.Carrier, m.Names = shop.MethodKind(row.get("kind")), row.get("carrier"), row.names(m.Names)
		m.MaxWeightG, m.MaxThicknessMM, m.MaxSideMM, m.MaxSumMM, m.MaxParcels = row.int("weight", &fields), row.int("thickness", &fields), row.int("side", &fields), row.int("sum", &fields), row.int("parcels", &fields)
		m.MinValue, m.MaxValue = row.money("min_value", &fields), row.money("max_value", &fields)
		m.RefusedClasses, m.OnlyClasses, m.AnyClasses, m.Desks = row.words("refused"), row.words("only"), row.words("any"), row.words("desks")
		m.From, m.Until, m.Signature = row.get("from"), row.get("until"), row.on("signature")
		m.MinDays, m.MaxDays, m.TrackingURL = row.int("min_days", &fields), row.int("max_days", &fields), row.get("tracking")
		m.HandlingFee = 0
		if fee := row.money("handling", &fields); fee != nil {
			m.HandlingFee = *fee
		}
		m.Insurance = nil
		if price := row.money("insurance_price", &fields); price != nil {
			m.Insurance = &shop.Insurance{Price: *price}
			if above := row.money("insurance_above", &fields); above != nil {
				m.Insurance.Above = *above
			}
			if each := row.money("insurance_each", &fields); each != nil {
				m.Insurance.Each = *each
			}
		}
		var supplements []shop.Supplement
		for _, line := range formRows(r, "supplement", "code") {
			s := shop.Supplement{Code: line.get("code"), Class: line.get("class"), Zone: line.get("zone"), OverSide: line.int("side", &fields), OverSum: line.int("sum", &fields), PerParcel: line.on("per_parcel")}
			if slices.Contains(catalog.Families(), s.Class) {
				s.Class, s.Family = "", s.Class
			}
			for _, old := range m.Supplements {
				if old.Code == s.Code {
					s.Names = old.Names
				}
			}
			s.Names = line.names(s.Names)
			if price := line.money("price", &fields); price != nil {
				s.Price = *price
			}
			supplements = append(supplements, s)
		}
		m.Supplements = supplements
		c.Methods[at] = m
		return fields.Err()
	})
}

func (a *Admin) tariffFile(w http.ResponseWriter, r *http.Request) error {
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	m, ok := c.Method(chi.URLParam(r, "id"))
	if !ok {
		return fault.New(fault.NotFound, "method_not_found", "there is no such method of dispatch")
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="tariff-`+m.ID+`.csv"`)
	_, err = io.WriteString(w, m.TariffFile(c, a.Shop.Clock.Now().In(text.Paris()).Format(time.DateOnly)))
	return err
}

// maxTable is the size of the largest file of tariffs or points.
const maxTable = 4 << 20

// tableOf reads the file of a form, or what was pasted into its field.
func tableOf(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(maxTable); err != nil {
		return nil, badForm(err)
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return []byte(r.PostFormValue("csv")), nil
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxTable+1))
	if err != nil {
		return nil, badForm(err)
	}
	if len(data) == 0 {
		return []byte(r.PostFormValue("csv")), nil
	}
	return data, nil
}

// importTariff reads a tariff file, shows what it would have made of last month's orders, and puts it
// in force when that is confirmed.
func (a *Admin) importTariff(w http.ResponseWriter, r *http.Request) error {
	data, err := tableOf(r)
	if err != nil {
		return err
	}
	id := chi.URLParam(r, "id")
	c, err := shop.CurrentConditions(r.Context(), a.Pool)
	if err != nil {
		return err
	}
	preview := TariffPreview{Name: strings.TrimSpace(r.PostForm.Get("name")), From: strings.TrimSpace(r.PostForm.Get("from")), By: r.PostForm.Get("by"), CSV: string(data)}
	tariffs, lines := shop.ReadTariffs(data, c, shop.Measure(preview.By))
	if lines != nil {
		return a.showMethod(w, r, http.StatusUnprocessableEntity, func(v *MethodView) {
			v.Error = v.T("file_refused")
			for _, l := range lines {
				v.Lines = append(v.Lines, lineSentence(v.Page, l))
			}
		})
	}
	preview.Tariffs = tariffs
	if r.PostForm.Get("action") != "accept" {
		next := c
		if err := next.SetTariffs(id, preview.Name, preview.From, tariffs); err != nil {
			return err
		}
		repriced, err := a.Shop.Reprice(r.Context(), next, id, preview.From)
		if err != nil {
			return err
		}
		return a.showMethod(w, r, http.StatusOK, func(v *MethodView) { v.Preview, v.Repriced = &preview, repriced })
	}
	return a.editConditions(w, r, "tariff", "/admin/shipping/methods/"+id, func(c *shop.Conditions) error {
		return c.SetTariffs(id, preview.Name, preview.From, tariffs)
	})
}

func (a *Admin) importPoints(w http.ResponseWriter, r *http.Request) error {
	data, err := tableOf(r)
	if err != nil {
		return err
	}
	points, lines := shop.ReadPoints(data)
	if lines != nil {
		c, err := shop.CurrentConditions(r.Context(), a.Pool)
		if err != nil {
			return err
		}
		return a.showShipping(w, r, http.StatusUnprocessableEntity, c, nil, lines)
	}
	if err := a.Shop.ReplacePoints(r.Context(), strings.TrimSpace(r.PostForm.Get("carrier")), points, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_points_saved", "/admin/shipping#points")
}
