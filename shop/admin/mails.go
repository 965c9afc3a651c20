package admin

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5"

	"boutique/internal/fault"
	"boutique/internal/mail"
	"boutique/internal/mail/catcher"
	"boutique/internal/staff"
)

func (a *Admin) mountMails(r chi.Router) {
	r.Get("/mails", a.may(staff.ReadOrders, a.mails))
	r.Post("/mails/again", a.may(staff.EditOrders, a.sendMails))
	r.Get("/mails/{id}", a.may(staff.ReadOrders, a.mail))
	r.Get("/mails/{id}/html", a.may(staff.ReadOrders, a.mailHTML))
	r.Post("/mails/{id}/again", a.may(staff.EditOrders, a.sendMail))
}

// MailsView is the outbox; Stuck shows only what no server has taken, Unsent counts it.
type MailsView struct {
	Page
	Mails  []mail.Sent
	Stuck  bool
	Unsent int
	Next   int64
}

// MailView is one mail, with what became of it.
type MailView struct {
	Page
	Mail catcher.Mail
	Sent mail.Sent
}

func (a *Admin) mails(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "mails", "mails")
	if err != nil {
		return err
	}
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	v := MailsView{Page: p, Stuck: r.URL.Query().Get("state") == "stuck"}
	if v.Mails, err = mail.List(r.Context(), a.Pool, v.Stuck, max(0, before), 50); err != nil {
		return err
	}
	if v.Unsent, err = mail.CountUnsent(r.Context(), a.Pool); err != nil {
		return err
	}
	if len(v.Mails) == 50 {
		v.Next = v.Mails[49].ID
	}
	return a.show(w, r, http.StatusOK, MailsPage(v))
}

func (a *Admin) readMail(r *http.Request) (catcher.Mail, error) {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	missing := fault.New(fault.NotFound, "mail_not_found", "there is no such mail")
	if err != nil {
		return catcher.Mail{}, missing
	}
	source, err := mail.Source(r.Context(), a.Pool, id)
	if errors.Is(err, pgx.ErrNoRows) {
		return catcher.Mail{}, missing
	}
	if err != nil {
		return catcher.Mail{}, err
	}
	m, err := catcher.Parse(source)
	m.ID = strconv.FormatInt(id, 10)
	return m, err
}

func (a *Admin) mail(w http.ResponseWriter, r *http.Request) error {
	m, err := a.readMail(r)
	if err != nil {
		return err
	}
	p, err := a.page(r, "mails", "mails")
	if err != nil {
		return err
	}
	p.Title = m.Subject
	v := MailView{Page: p, Mail: m}
	id, _ := strconv.ParseInt(m.ID, 10, 64)
	if v.Sent, err = mail.Get(r.Context(), a.Pool, id); err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", w.Header().Get("Content-Security-Policy")+"; frame-src 'self'")
	return a.show(w, r, http.StatusOK, MailPage(v))
}

// mailHTML shows a mail as its reader sees it, in a frame that can do nothing.
func (a *Admin) mailHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := a.readMail(r)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(m.HTML))
	return err
}

// sendMail takes up a mail that was given up.
func (a *Admin) sendMail(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "mail_not_found", "there is no such mail")
	}
	if err := a.Shop.Outbox.SendAgain(r.Context(), a.Pool, id, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_mail_again", "/admin/mails/"+strconv.FormatInt(id, 10))
}

// sendMails tries all that waits now.
func (a *Admin) sendMails(w http.ResponseWriter, r *http.Request) error {
	if err := a.Shop.Outbox.SendWaiting(r.Context(), a.Pool, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_mails_again", "/admin/mails?state=stuck")
}
