package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/shop"
)

func (a *Admin) mountSearch(r chi.Router) {
	r.Get("/find", a.errors.Handle(a.find))
	r.Get("/search", a.may(staff.ReadCatalog, a.searches))
	r.Post("/search/synonyms", a.may(staff.EditCatalog, a.addSynonym))
	r.Post("/search/synonyms/{id}/remove", a.may(staff.EditCatalog, a.removeSynonym))
	r.Post("/search/forget", a.may(staff.EditCatalog, a.forgetMiss))
}

// FindView is what the staff's search finds, everywhere at once.
type FindView struct {
	Page
	Q          string
	Products   []catalog.ProductSummary
	Orders     []shop.OrderSummary
	Makers     []catalog.MakerSummary
	Candidates []catalog.Candidate
	Offers     []catalog.Offer
}

// Nothing tells whether nothing was found.
func (v FindView) Nothing() bool {
	return len(v.Products)+len(v.Orders)+len(v.Makers)+len(v.Candidates)+len(v.Offers) == 0
}

// foundOfEach is how much of each kind the search shows.
const foundOfEach = 12

// find searches all that the reader may see: articles, orders, makers, the board and the notebook.
func (a *Admin) find(w http.ResponseWriter, r *http.Request) error {
	p, err := a.page(r, "", "find")
	if err != nil {
		return err
	}
	ctx, v := r.Context(), FindView{Page: p, Q: strings.TrimSpace(r.URL.Query().Get("q"))}
	if v.Q == "" {
		return a.show(w, r, http.StatusOK, FindPage(v))
	}
	if p.May(string(staff.ReadOrders)) {
		if v.Orders, _, err = shop.ListOrders(ctx, a.Pool, shop.OrderFilter{Q: v.Q, Limit: foundOfEach}); err != nil {
			return err
		}
	}
	if p.May(string(staff.ReadCatalog)) {
		if v.Products, _, err = a.Shelf.ListProducts(ctx, catalog.ProductFilter{Q: v.Q, Limit: foundOfEach}); err != nil {
			return err
		}
		makers, err := catalog.ListMakers(ctx, a.Pool)
		if err != nil {
			return err
		}
		candidates, err := catalog.ListCandidates(ctx, a.Pool)
		if err != nil {
			return err
		}
		offers, err := catalog.Offers(ctx, a.Pool, "")
		if err != nil {
			return err
		}
		v.Makers = matching(makers, v.Q, func(m catalog.MakerSummary) string { return m.Name + " " + m.Town })
		v.Candidates = matching(candidates, v.Q, func(c catalog.Candidate) string { return c.Name + " " + c.Supplier + " " + c.Owner })
		v.Offers = matching(offers, v.Q, func(o catalog.Offer) string { return o.Item + " " + o.Shop })
	}
	return a.show(w, r, http.StatusOK, FindPage(v))
}

// matching lists the first things whose words answer to a query.
func matching[T any](list []T, query string, words func(T) string) []T {
	var found []T
	for _, one := range list {
		if len(found) < foundOfEach && catalog.Answers(words(one), query) {
			found = append(found, one)
		}
	}
	return found
}

// SearchesView is what shoppers searched for in vain, and the words that mean the same.
type SearchesView struct {
	Page
	Misses   []catalog.Miss
	Synonyms []catalog.Synonym
	Lang     string
	Words    string
	Error    string
}

func (a *Admin) searches(w http.ResponseWriter, r *http.Request) error {
	return a.showSearches(w, r, http.StatusOK, r.URL.Query().Get("lang"), r.URL.Query().Get("words"), nil)
}

func (a *Admin) showSearches(w http.ResponseWriter, r *http.Request, status int, lang, words string, cause error) error {
	p, err := a.page(r, "searches", "searches")
	if err != nil {
		return err
	}
	v := SearchesView{Page: p, Lang: lang, Words: words}
	if cause != nil {
		v.Error = sentence(p, cause)
	}
	if v.Misses, err = catalog.Misses(r.Context(), a.Pool, 100); err != nil {
		return err
	}
	if v.Synonyms, err = catalog.Synonyms(r.Context(), a.Pool); err != nil {
		return err
	}
	return a.show(w, r, status, SearchesPage(v))
}

func (a *Admin) addSynonym(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	lang, _ := text.ParseLang(r.PostForm.Get("lang"))
	err := a.Catalog.AddSynonym(r.Context(), lang, r.PostForm.Get("words"), actorOf(r).String())
	if fault.KindOf(err) == fault.Invalid && err != nil {
		return a.showSearches(w, r, http.StatusUnprocessableEntity, string(lang), r.PostForm.Get("words"), err)
	}
	if err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/search#synonyms")
}

func (a *Admin) removeSynonym(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.ParseInt(chi.URLParam(r, "id"), 10, 64)
	if err != nil {
		return fault.New(fault.NotFound, "nothing_here", "there are no such synonyms")
	}
	if err := a.Catalog.RemoveSynonym(r.Context(), id, actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/search#synonyms")
}

func (a *Admin) forgetMiss(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	if err := a.Catalog.ForgetMiss(r.Context(), text.Lang(r.PostForm.Get("lang")), r.PostForm.Get("query"), actorOf(r).String()); err != nil {
		return err
	}
	return a.done(w, r, "notice_saved", "/admin/search")
}

// synonymFor leads to the form for synonyms with a word in it.
func synonymFor(m catalog.Miss) string {
	return "/admin/search?" + url.Values{"lang": {m.Lang}, "words": {m.Query + ", "}}.Encode() + "#synonyms"
}
