package main

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"boutique/internal/mail/catcher"
)

// read is a page as the desk's browser has it.
func (k *clerk) read(path string) (string, error) {
	request, err := http.NewRequest(http.MethodGet, k.h.front.URL+path, nil)
	if err != nil {
		return "", err
	}
	k.mu.Lock()
	for name, value := range k.cookies {
		request.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	k.mu.Unlock()
	response, err := noRedirects().Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	page, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d", path, response.StatusCode)
	}
	return string(page), err
}

// shows holds that a page of the desk says all of this.
func (k *clerk) shows(path string, words ...string) {
	k.h.t.Helper()
	page, err := k.read(path)
	if err != nil {
		k.h.t.Fatal(err)
	}
	for _, w := range words {
		if !strings.Contains(page, w) {
			k.h.t.Errorf("%s does not say %q:\n%s", path, w, tail(page, 3000))
		}
	}
}

// press posts a form that must be answered by going on.
func (k *clerk) press(path string) {
	k.h.t.Helper()
	if status, err := k.post(path, url.Values{}); err != nil || status != http.StatusSeeOther {
		k.h.t.Fatalf("%s: %d, %v", path, status, err)
	}
}

// await waits for something that the house does by itself.
func (h *house) await(what string, done func() bool) {
	h.t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !done(); h.rest(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: %s", what, h.unrest())
		}
	}
}

// mailsRest tells whether no mail is being tried at this moment.
func (h *house) mailsRest() bool {
	return h.count(`select count(*) from river_job where kind = 'mail_send' and state = 'running'`) == 0
}

// sells lets a shopper buy a mug and pay, and waits until the shop knows.
func (h *house) sells() placedOrder {
	h.t.Helper()
	p := h.shopper().order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
	h.shopper().pay(p, goodCard)
	h.shopper().until(p, func(o seenOrder) bool { return o.Status == "confirmed" })
	return p
}

// The mail server is gone, busy, or refuses everything, for a day: the shop sells on, staff see what has not left
// and why, and when the server is back each mail goes once. Then it takes mails and dies before it says so: such a
// mail goes twice, not a third time, and staff decide.
func TestTheMailServerIsAwayForADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, houseOptions{seed: 9})
	stock := h.onShelf()
	desk := &clerk{h: h, cookies: map[string]string{}}
	desk.press("/admin/mails/again")
	for trouble, because := range map[int32]string{postGone: "EOF", postBusy: "451", postRefuses: "550"} {
		h.post.Store(trouble)
		h.sells()
		h.await("the mails of the order are tried", func() bool {
			return h.count(`select count(*) from mail where sent_at is null and tries = 0`) == 0 && h.count(`select count(*) from mail where last_error like '%' || $1 || '%'`, because) > 0
		})
	}
	h.exec(`update mail set created_at = created_at - interval '24 hours', next_try_at = next_try_at - interval '24 hours'`)
	h.post.Store(postBusy)
	h.await("they are tried for a day", func() bool {
		h.hurry()
		return h.count(`select count(*) from mail where tries < 2`) == 0
	})
	waiting := h.count(`select count(*) from mail where sent_at is null`)
	if waiting < 3 || h.count(`select count(*) from mail where given_up_at is not null or unanswered > 0`) > 0 {
		t.Errorf("%d mails wait, some were given up", waiting)
	}
	desk.shows("/admin", "/admin/mails?state=stuck", fmt.Sprintf("%d e-mails ne sont pas partis", waiting))
	desk.shows("/admin/mails?state=stuck", "en attente, ", " essais", "Prochain essai", "Tout envoyer maintenant")
	desk.shows(fmt.Sprintf("/admin/mails/%d", h.count(`select min(id) from mail`)), "451")
	h.post.Store(postWorks)
	h.await("no mail is being tried", h.mailsRest)
	desk.press("/admin/mails/again")
	h.await("all mails leave", func() bool { return h.count(`select count(*) from mail where sent_at is null`) == 0 })
	h.mailsWentOnce()
	desk.shows("/admin/mails?state=stuck", "Tous les e-mails sont partis")

	h.post.Store(postForgets)
	p := h.sells()
	h.await("the mails of the order are handed over", func() bool {
		return h.count(`select count(*) from mail where sent_at is null and unanswered = 0`) == 0 && h.count(`select count(*) from mail where unanswered = 1`) > 0
	})
	h.await("no mail is being tried", h.mailsRest)
	desk.press("/admin/mails/again")
	h.await("and once more", func() bool { return h.count(`select count(*) from mail where unanswered = 1`) == 0 })
	desk.press("/admin/mails/again")
	desk.shows("/admin/mails?state=stuck", "peut-être arrivé")
	h.post.Store(postWorks)
	id := h.count(`select min(id) from mail where given_up_at is not null`)
	desk.shows(fmt.Sprintf("/admin/mails/%d", id), "Envoyer de nouveau", "confirmer")
	desk.press(fmt.Sprintf("/admin/mails/%d/again", id))
	h.await("what staff asked for leaves", func() bool {
		return h.count(`select count(*) from mail where id = $1 and sent_at is not null`, id) == 1
	})
	if status, err := desk.post(fmt.Sprintf("/admin/mails/%d/again", id), nil); err != nil || status != http.StatusConflict {
		t.Errorf("a mail that was sent is asked for again: %d, %v", status, err)
	}
	caught, err := catcher.List(t.Context(), h.mailDir)
	if err != nil {
		t.Fatal(err)
	}
	var asked string
	if err := h.owner.QueryRow(t.Context(), `select message_id from mail where id = $1`, id).Scan(&asked); err != nil {
		t.Fatal(err)
	}
	times := 0
	for _, m := range caught {
		if strings.Trim(m.MessageID, "<>") == asked {
			times++
		}
	}
	if times != 3 {
		t.Errorf("the mail about %s came %d times", p.Number, times)
	}
	h.agree(h.calm(false), stock)
}
