package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// smallDisks is what a program is started through, so that it has small disks of its own at these places, which
// nobody else sees and which end with it. Who is not root does it as root of a namespace, and is then himself again.
func smallDisks(t *testing.T, size string, places ...string) []string {
	t.Helper()
	script, before := "", []string{"unshare", "-m", "sh", "-c"}
	for _, place := range places {
		if err := os.Mkdir(place, 0o755); err != nil {
			t.Fatal(err)
		}
		script += "mount -t tmpfs -o size=" + size + ",mode=755 boutique-test '" + place + "' && "
	}
	if os.Geteuid() == 0 {
		script += `exec "$@"`
	} else {
		before[1] = "-rm"
		script += `exec unshare --user --map-user=` + strconv.Itoa(os.Geteuid()) + ` --map-group=` + strconv.Itoa(os.Getegid()) + ` "$@"`
	}
	before = append(before, script, "sh")
	if said, err := exec.Command(before[0], append(before[1:], "true")...).CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody mount a small disk, so that full ones are not tested: %v %s", err, said)
	}
	return before
}

// small is a disk that only the program sees.
type small struct {
	t     *testing.T
	shop  *running
	place string
}

// inside is the disk as others may look at it.
func (s small) inside() string {
	return fmt.Sprintf("/proc/%d/root%s", s.shop.cmd.Process.Pid, s.place)
}

func (s small) filler() string { return filepath.Join(s.inside(), "filler") }

// fill leaves no byte.
func (s small) fill() {
	s.t.Helper()
	file, err := os.OpenFile(s.filler(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		s.t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err := file.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			s.t.Fatal(err)
		}
	}
}

// empty makes room again.
func (s small) empty() {
	s.t.Helper()
	if err := os.Remove(s.filler()); err != nil {
		s.t.Fatal(err)
	}
}

// halfWritten are the files that are not whole.
func (s small) halfWritten() (list []string) {
	_ = filepath.WalkDir(s.inside(), func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".tmp") {
			list = append(list, name)
		}
		return nil
	})
	return list
}

// remount makes the disk one that is only read, or written again. Only root may.
func (s small) remount(how string) {
	s.t.Helper()
	if said, err := exec.Command("nsenter", "-t", strconv.Itoa(s.shop.cmd.Process.Pid), "-m", "mount", "-o", "remount,"+how, s.place).CombinedOutput(); err != nil {
		s.t.Fatalf("%v %s", err, said)
	}
}

// comesUp waits until PostgreSQL has come up more often than it had before.
func comesUp(t *testing.T, dir string, before int) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(60 * time.Second); timesUp(t, dir) <= before; <-tick.C {
		if time.Now().After(deadline) {
			t.Fatal("PostgreSQL does not come up again")
		}
	}
}

// timesUp is how often PostgreSQL has come up by now.
func timesUp(t *testing.T, dir string) int {
	return strings.Count(postgresLog(t, dir), "ready to accept connections")
}

// readied waits until the program can serve.
func (r *running) readied() {
	r.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(60 * time.Second); ; <-tick.C {
		if a, err := (caller{t: r.t, base: r.url}).try("GET", "/readyz", nil); err == nil && a.status == 200 {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatal("the program is not ready again")
		}
	}
}

// The photographs' disk is full, and is one that cannot be written; the database's disk is full for what it stores,
// then for its own log, over which PostgreSQL falls. An upload is refused with what to do, and leaves nothing; the
// shop sells on as long as it can write anything down, refuses kindly when it cannot, charges for no order that it does
// not know, and all is well again when there is room, without anybody starting anything.
func TestTheDisksAreFull(t *testing.T) {
	t.Parallel()
	dir := journeyDir(t)
	photos, database := filepath.Join(dir, "photos"), filepath.Join(dir, "postgres")
	shop := demoBehind(t, smallDisks(t, "256m", photos, database), dir, "127.0.0.1:0")
	// Other commands of the program would join the database at its socket, which lies on the disk that they do not see.
	shop.env = append(shop.env, "DATABASE_URL=postgres:///boutique?user=boutique&sslmode=disable&host="+url.QueryEscape(fmt.Sprintf("/proc/%d/root%s/socket", shop.cmd.Process.Pid, database)), "PHOTOS_URL=file://"+small{t, shop, photos}.inside())
	staff := caller{t: t, base: shop.url, token: shop.token("manager")}
	shopper := caller{t: t, base: shop.url}
	sells := func() placedOrder {
		t.Helper()
		p := shopper.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
		shopper.pay(p, goodCard)
		shopper.until(p, func(o seenOrder) bool { return o.Status == "confirmed" })
		return p
	}
	all := []placedOrder{sells()}

	disk := small{t, shop, photos}
	alts := map[string]string{"alt_fr": "Un mug", "alt_en": "A mug", "alt_nl": "Een mok", "alt_de": "Eine Tasse"}
	picture := phoneJPEG(t, 1600, 1200, 1)
	refused := func(code string) {
		t.Helper()
		a := staff.sendPhoto("mug-beffroi", picture, alts)
		if a.status != 503 || a.code() != code || !strings.Contains(string(a.body), "nothing was changed") {
			t.Errorf("a photograph: %d %s", a.status, a.body)
		}
		if left := disk.halfWritten(); len(left) > 0 {
			t.Errorf("left behind: %q", left)
		}
		all = append(all, sells())
	}
	disk.fill()
	refused("photo_store_full")
	if out, _ := shop.run("doctor"); !strings.Contains(out, "photographs") || !strings.Contains(out, "make room") {
		t.Errorf("doctor says nothing of the full disk:\n%s", out)
	}
	disk.empty()
	if os.Geteuid() == 0 {
		disk.remount("ro")
		refused("photo_store_closed")
		disk.remount("rw")
	}
	if a := staff.sendPhoto("mug-beffroi", picture, alts); a.status != 201 {
		t.Errorf("there is room again: %d %s", a.status, a.body)
	}

	disk = small{t, shop, database}
	open := shopper.order(map[string]int{"MIEL-500": 1}, "parcel")
	disk.fill()
	refusals, full := 0, 0
	for n := 0; refusals < 3 && n < 600; n++ {
		var cart struct {
			ID string `json:"id"`
		}
		a := shopper.call("POST", "/api/v1/carts", nil)
		if a.status == 201 {
			a.into(t, &cart)
			a = shopper.call("PUT", "/api/v1/carts/"+cart.ID+"/lines/CARTE-CADEAU-20", map[string]int{"quantity": 1})
		}
		if a.status == 200 {
			var p placedOrder
			if a = shopper.call("POST", "/api/v1/carts/"+cart.ID+"/checkout", checkoutBody("email"), "Idempotency-Key", "full-"+cart.ID); a.status == 201 {
				a.into(t, &p)
				all = append(all, p)
				continue
			}
		}
		refusals++
		if a.code() == "database_full" {
			full++
		}
		if a.status != 503 || (a.code() != "database_full" && a.code() != "database_unavailable") || a.header.Get("Retry-After") == "" {
			t.Errorf("the disk is full: %d %s", a.status, a.body)
		}
	}
	if full == 0 {
		t.Errorf("nobody was told that the disk is full, of %d who were refused", refusals)
	}
	before := timesUp(t, dir)
	fallsOver(t, shop)
	if a := shopper.want(200, "GET", "/fr/products/mug-beffroi", nil); !strings.Contains(string(a.body), "Mug") {
		t.Error("the goods are not shown")
	}
	// The payment page of an order is open all the while: its money is not forgotten.
	shopper.pay(open, goodCard)
	disk.empty()
	comesUp(t, dir, before)
	shop.readied()
	// A connection that broke is told of when it is next asked for: who is told to come again does.
	shopper.outlasts = true
	all = append(all, open, sells())
	shop.mustAgree()
	if o := shopper.see(open); o.Status != "confirmed" {
		t.Errorf("what was paid while nothing could be written: %+v", o)
	}
	for _, p := range all {
		shopper.see(p)
	}
	if !strings.Contains(shop.log.String(), "PostgreSQL ended by itself") && !strings.Contains(postgresLog(t, dir), "PANIC") {
		t.Error("PostgreSQL never fell")
	}
	shop.mustVerify()
}

func postgresLog(t *testing.T, dir string) string {
	t.Helper()
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	return string(log)
}

// fallsOver writes the log on until PostgreSQL has no room for it, and falls over that.
func fallsOver(t *testing.T, shop *running) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), strings.TrimPrefix(shop.env[0], "DATABASE_URL="))
	for n := 0; err == nil && n < 200; n++ {
		if _, err = conn.Exec(t.Context(), "select pg_logical_emit_message(true, 'test', repeat('x', 1000000)), pg_switch_wal()"); n == 199 {
			t.Error("the log found room")
		}
	}
	if conn == nil {
		t.Fatal(err)
	}
	_ = conn.Close(t.Context())
	t.Logf("the database fell over its log: %v", err)
}
