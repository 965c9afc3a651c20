package admin

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"

	"boutique/internal/audit"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/payments/ledger"
)

func (a *Admin) mountBooks(r chi.Router) {
	r.Get("/books", a.may(staff.ReadBooks, a.books))
	r.Get("/exports/{kind}", a.errors.Handle(a.export))
	r.Get("/audit", a.may(staff.Manage, a.audit))
	r.Get("/staff", a.may(staff.Manage, a.members))
	r.Post("/staff", a.may(staff.Manage, a.addMember))
	r.Post("/staff/disable", a.may(staff.Manage, a.disableMember))
	r.Post("/staff/tokens", a.may(staff.Manage, a.createToken))
}

// books shows what a period's documents come to; the month so far when none is named.
func (a *Admin) books(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "books", "books")
	if err != nil {
		return err
	}
	now := a.Shop.Clock.Now().In(text.Paris())
	v := BooksView{Page: p, From: r.URL.Query().Get("from"), To: r.URL.Query().Get("to")}
	if v.From == "" && v.To == "" {
		v.From, v.To = now.Format("2006-01")+"-01", now.Format(time.DateOnly)
	}
	period, err := ledger.ParsePeriod(v.From, v.To)
	if err != nil {
		v.Error = sentence(p, err)
		return a.show(w, r, http.StatusUnprocessableEntity, BooksPage(v))
	}
	if v.Totals, err = ledger.SalesTotals(r.Context(), a.Pool, period); err != nil {
		return err
	}
	if v.Days, err = a.salesOf(r, period); err != nil {
		return err
	}
	if v.Period, err = a.readPeriod(r, p, period, now); err != nil {
		return err
	}
	return a.show(w, r, http.StatusOK, BooksPage(v))
}

func (a *Admin) export(w http.ResponseWriter, r *http.Request) error {
	kind := chi.URLParam(r, "kind")
	permission, known := a.Exports.Permission(kind)
	if !known {
		return fault.New(fault.NotFound, "nothing_here", "there is no such export")
	}
	if err := actorOf(r).Must(permission); err != nil {
		return err
	}
	return a.Exports.Stream(w, r, kind)
}

func (a *Admin) audit(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "audit", "audit")
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	v := AuditView{Page: p}
	if v.Rows, err = audit.List(r.Context(), a.Pool, strings.TrimSpace(r.URL.Query().Get("subject")), max(0, before), 100); err != nil {
		return err
	}
	if len(v.Rows) == 100 {
		v.Next = v.Rows[99].ID
	}
	return a.show(w, r, http.StatusOK, AuditPage(v))
}

func (a *Admin) members(w http.ResponseWriter, r *http.Request) error {
	return a.showMembers(w, r, http.StatusOK, MembersView{})
}

func (a *Admin) showMembers(w http.ResponseWriter, r *http.Request, status int, v MembersView) error {
	var err error
	if v.Page, err = a.page(r, "staff", "staff"); err != nil {
		return err
	}
	if v.Cause != nil {
		v.Error = sentence(v.Page, v.Cause)
	}
	if v.Members, err = a.Staff.List(r.Context()); err != nil {
		return err
	}
	return a.show(w, r, status, MembersPage(v))
}

// refused shows the staff page again with what was wrong; other errors are passed on.
func (a *Admin) refused(w http.ResponseWriter, r *http.Request, err error) error {
	if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.NotFound) {
		return a.showMembers(w, r, f.Kind.Status(), MembersView{Cause: err})
	}
	return err
}

func (a *Admin) addMember(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	password, err := a.Staff.Add(r.Context(), r.PostForm.Get("email"), strings.TrimSpace(r.PostForm.Get("name")), staff.Role(r.PostForm.Get("role")), "", actorOf(r).String())
	if err != nil {
		return a.refused(w, r, err)
	}
	return a.showMembers(w, r, http.StatusOK, MembersView{NewEmail: r.PostForm.Get("email"), NewPassword: password})
}

func (a *Admin) disableMember(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if r.PostForm.Get("email") == actorOf(r).Email {
		return a.refused(w, r, fault.New(fault.Conflict, "own_account", "nobody closes the account they work with"))
	}
	if err := a.Staff.Disable(r.Context(), r.PostForm.Get("email"), actorOf(r).String()); err != nil {
		return a.refused(w, r, err)
	}
	return a.done(w, r, "notice_disabled", "/admin/staff")
}

func (a *Admin) createToken(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	token, err := a.Staff.CreateToken(r.Context(), r.PostForm.Get("name"), staff.Role(r.PostForm.Get("role")), actorOf(r).String())
	if err != nil {
		return a.refused(w, r, err)
	}
	return a.showMembers(w, r, http.StatusOK, MembersView{NewToken: token})
}
