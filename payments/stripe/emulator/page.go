package emulator

import (
	"bytes"
	"context"
	"embed"
	"html/template"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed page
var pageFiles embed.FS

// pages are what the payer sees. They work without scripts.
func (s *Server) pages(mux *http.ServeMux) {
	templates := template.Must(template.New("").Funcs(template.FuncMap{"amount": amountIn}).ParseFS(pageFiles, "page/*.html"))
	css, err := pageFiles.ReadFile("page/page.css")
	if err != nil {
		panic(err) // embedded: it is there or the build failed
	}
	p := pageServer{Server: s, templates: templates}
	mux.HandleFunc("GET /c/page.css", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/css; charset=utf-8")
		w.Header().Set("Cache-Control", "max-age=3600")
		_, _ = w.Write(css)
	})
	mux.HandleFunc("GET /c/pay/{session}", p.show)
	mux.HandleFunc("POST /c/pay/{session}", p.pay)
	mux.HandleFunc("GET /c/pay/{session}/authorize", p.ask)
	mux.HandleFunc("POST /c/pay/{session}/authorize", p.answer)
	mux.HandleFunc("GET /c/receipts/{charge}", p.receipt)
}

type pageServer struct {
	*Server
	templates *template.Template
}

// view is everything a page shows.
type view struct {
	Lang     string
	W        words
	Title    string
	Session  session
	Lines    []item
	Shipping string
	Cancel   string
	Success  string
	Card     bool
	SEPA     bool
	Redirect []choice
	// Error is the sentence above the form; Fields are sentences beside fields, Form what was typed.
	Error  string
	Fields map[string]string
	Form   map[string]string
	// Method is the instrument whose holder is asked.
	Method string
	Charge charge
}

type choice struct{ Type, Name string }

// methodNames are brands: they are the same in every language.
var methodNames = map[string]string{"bancontact": "Bancontact", "ideal": "iDEAL", "klarna": "Klarna", "paypal": "PayPal", "card": "3-D Secure", "sepa_debit": "SEPA"}

func (s session) allows(method string) bool { return slices.Contains(s.PaymentMethodTypes, method) }

// view prepares a session's page. Server.mu is held.
func (t *tx) view(r *http.Request, s session) view {
	lang := language(or(s.Locale, "auto"), r.Header.Get("Accept-Language"))
	v := view{
		Lang: lang, W: translations[lang], Session: s, Cancel: or(s.CancelURL, ""), Success: s.successURL(),
		Card: s.allows("card"), SEPA: s.allows("sepa_debit"), Fields: map[string]string{}, Form: map[string]string{},
	}
	for _, i := range all[item](t) {
		if i.Session == s.ID {
			v.Lines = append(v.Lines, i)
		}
	}
	if s.ShippingCost != nil {
		if rate, ok := find[shippingRate](t, s.ShippingCost.ShippingRate); ok {
			v.Shipping = rate.DisplayName
		}
	}
	for _, m := range s.PaymentMethodTypes {
		if slices.Contains(t.instruments.redirects, m) {
			v.Redirect = append(v.Redirect, choice{m, methodNames[m]})
		}
	}
	if s.Pending != nil {
		v.Method = s.Pending.Instrument.Type
	}
	if pi, ok := find[intent](t, or(s.PaymentIntent, "")); ok && s.Status == "open" {
		if e := (doc{"last": pi.LastPaymentError}).object("last"); e != nil {
			v.Error = v.W.declined(e.text("code"), e.text("decline_code"))
		}
	}
	return v
}

func (s session) successURL() string {
	return strings.ReplaceAll(s.SuccessURL, "{CHECKOUT_SESSION_ID}", s.ID)
}

// read loads the session of the address, and answers when there is none.
func (p pageServer) read(w http.ResponseWriter, r *http.Request) (view, bool) {
	var v view
	var ok bool
	err := p.update(eventRequest{}, func(t *tx) {
		var s session
		if s, ok = find[session](t, r.PathValue("session")); ok {
			v = t.view(r, s)
		}
	})
	if err != nil {
		p.failed(w, err)
		return v, false
	}
	if !ok {
		lang := language("auto", r.Header.Get("Accept-Language"))
		p.write(w, http.StatusNotFound, "gone.html", view{Lang: lang, W: translations[lang], Title: translations[lang].Unknown})
	}
	return v, ok
}

func (p pageServer) failed(w http.ResponseWriter, err error) {
	p.log.Error("the payment emulator cannot keep its state", slog.Any("error", err))
	http.Error(w, "The emulator cannot write its state.", http.StatusInternalServerError)
}

func (p pageServer) write(w http.ResponseWriter, status int, name string, v view) {
	if v.Title == "" {
		v.Title = v.W.Pay
	}
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, v); err != nil {
		p.log.Error("a payment page cannot be drawn", slog.Any("error", err))
		http.Error(w, "The page cannot be drawn.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}

func (p pageServer) show(w http.ResponseWriter, r *http.Request) {
	v, ok := p.read(w, r)
	if !ok {
		return
	}
	switch v.Session.Status {
	case "complete":
		v.Title = v.W.AlreadyPaid
		p.write(w, http.StatusOK, "gone.html", v)
	case "expired":
		v.Title = v.W.Expired
		p.write(w, http.StatusOK, "gone.html", v)
	default:
		p.write(w, http.StatusOK, "pay.html", v)
	}
}

// pay is the button. An expired session is noticed here at the latest, a paid one is a success.
func (p pageServer) pay(w http.ResponseWriter, r *http.Request) {
	v, ok := p.read(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	if err := r.ParseForm(); err != nil {
		v.Error = v.W.Unreadable
		p.write(w, http.StatusBadRequest, "pay.html", v)
		return
	}
	in, payer := p.typed(&v, r)
	if len(v.Fields) > 0 && v.Session.Status == "open" {
		v.Error = v.W.Check
		p.write(w, http.StatusUnprocessableEntity, "pay.html", v)
		return
	}
	p.try(w, r, func(t *tx, s session) attempt { return t.pay(s, in, payer) }, v.Form)
}

// typed reads the instrument and the payer, and notes what is wrong beside each field.
func (p pageServer) typed(v *view, r *http.Request) (instrument, billing) {
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	for _, name := range []string{"name", "email"} {
		v.Form[name] = get(name)
	}
	payer := billing{Name: maybe(get("name")), Email: maybe(get("email"))}
	if v.Session.CustomerEmail != nil {
		payer.Email = v.Session.CustomerEmail
	}
	if payer.Email != nil && !validEmail(*payer.Email) {
		v.Fields["email"] = v.W.BadEmail
	}
	method := get("payment_method")
	if method == "" {
		method = "card"
	}
	if v.Session.AmountTotal == 0 {
		return instrument{}, payer
	}
	if !v.Session.allows(method) {
		v.Fields["payment_method"] = v.W.BadMethod
		return instrument{}, payer
	}
	switch method {
	case "card":
		return p.typedCard(v, get), payer
	case "sepa_debit":
		v.Form["iban"] = get("iban")
		in, ok := p.instruments.iban(get("iban"))
		if !ok {
			v.Fields["iban"] = v.W.BadIBAN
		}
		if payer.Name == nil {
			v.Fields["sepa_name"] = v.W.Required
		}
		return in, payer
	}
	in, _ := p.instruments.redirect(method)
	return in, payer
}

func (p pageServer) typedCard(v *view, get func(string) string) instrument {
	number := digits(get("card_number"))
	if !plausible(number) {
		v.Fields["card_number"] = v.W.BadNumber
		number = "4242424242424242"
	}
	in := p.instruments.card(number)
	month, year, ok := expiry(get("exp"))
	now := p.config.Clock()
	switch {
	case !ok:
		v.Fields["exp"] = v.W.BadExpiry
	case year < now.Year() || year == now.Year() && month < int(now.Month()):
		v.Fields["exp"] = v.W.PastExpiry
	}
	in.ExpMonth, in.ExpYear = month, year
	if cvc := digits(get("cvc")); len(cvc) < 3 || len(cvc) > 4 {
		v.Fields["cvc"] = v.W.BadCVC
	}
	if get("name") == "" {
		v.Fields["name"] = v.W.Required
	}
	v.Form["exp"] = get("exp") // number and code are never given back
	return in
}

// expiry reads 12/34, 12 / 2034 and 1234.
func expiry(s string) (month, year int, ok bool) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "-", "/")
	m, y, slash := strings.Cut(s, "/")
	if !slash && len(s) == 4 {
		m, y = s[:2], s[2:]
	}
	month, err1 := strconv.Atoi(m)
	year, err2 := strconv.Atoi(y)
	if err1 != nil || err2 != nil || month < 1 || month > 12 || len(y) != 2 && len(y) != 4 || year < 0 {
		return 0, 0, false
	}
	if len(y) == 2 {
		year += 2000
	}
	return month, year, true
}

// try makes one attempt on an open session and sends the payer on.
func (p pageServer) try(w http.ResponseWriter, r *http.Request, do func(*tx, session) attempt, form map[string]string) {
	var v view
	var a attempt
	var heard <-chan struct{}
	err := p.update(eventRequest{}, func(t *tx) {
		s, ok := find[session](t, r.PathValue("session"))
		if ok && s.Status == "open" {
			a = do(t, s)
			s, _ = find[session](t, s.ID)
			if a.Completed != "" && t.awaited(a.Completed) {
				heard = p.await(a.Completed)
			}
		}
		v = t.view(r, s)
	})
	if err != nil {
		p.failed(w, err)
		return
	}
	for name, typed := range form {
		v.Form[name] = typed
	}
	switch {
	case a.Completed != "":
		p.hear(r.Context(), heard)
		http.Redirect(w, r, v.Success, http.StatusSeeOther)
	case a.Ask:
		http.Redirect(w, r, "/c/pay/"+v.Session.ID+"/authorize", http.StatusSeeOther)
	case a.Declined != nil:
		p.write(w, http.StatusPaymentRequired, "pay.html", v)
	case v.Session.Status == "complete":
		http.Redirect(w, r, v.Success, http.StatusSeeOther)
	case v.Session.Status == "open":
		http.Redirect(w, r, "/c/pay/"+v.Session.ID, http.StatusSeeOther)
	default:
		v.Title = v.W.Expired
		p.write(w, http.StatusGone, "gone.html", v)
	}
}

// awaited tells whether any endpoint will be offered the event.
func (t *tx) awaited(eventID string) bool { return t.pendingWebhooks(eventID) > 0 }

// hear waits until the webhook has its answer, a while at most.
func (p pageServer) hear(ctx context.Context, heard <-chan struct{}) {
	if heard == nil {
		return
	}
	timer := time.NewTimer(p.config.RedirectWait)
	defer timer.Stop()
	select {
	case <-heard:
	case <-timer.C:
	case <-ctx.Done():
	case <-p.done.Done():
	}
}

// ask shows the step at the holder's bank.
func (p pageServer) ask(w http.ResponseWriter, r *http.Request) {
	v, ok := p.read(w, r)
	if !ok {
		return
	}
	if v.Session.Status != "open" || v.Session.Pending == nil {
		http.Redirect(w, r, "/c/pay/"+v.Session.ID, http.StatusSeeOther)
		return
	}
	v.Title = v.W.AskTitle
	p.write(w, http.StatusOK, "authorize.html", v)
}

func (p pageServer) answer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	outcome := r.PostFormValue("outcome")
	agreed := outcome == "authorize" || outcome == "complete"
	if !agreed && outcome != "fail" {
		http.Redirect(w, r, "/c/pay/"+r.PathValue("session")+"/authorize", http.StatusSeeOther)
		return
	}
	p.try(w, r, func(t *tx, s session) attempt {
		if s.Pending == nil {
			return attempt{Session: s}
		}
		return t.answerAsk(s, agreed)
	}, nil)
}

func (p pageServer) receipt(w http.ResponseWriter, r *http.Request) {
	var v view
	var ok bool
	err := p.update(eventRequest{}, func(t *tx) {
		var c charge
		if c, ok = find[charge](t, r.PathValue("charge")); !ok {
			return
		}
		pi, _ := find[intent](t, c.PaymentIntent)
		s, _ := find[session](t, pi.Session)
		v = t.view(r, s)
		v.Charge = c
	})
	if err != nil {
		p.failed(w, err)
		return
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	v.Title = v.W.Receipt
	p.write(w, http.StatusOK, "receipt.html", v)
}
