package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pgserver"
)

// TestABackupBringsTheShopBack keeps a shop while it sells, loses it, and goes on from the backup on another
// machine: the same books to the byte, the same links, and Stripe still pays an old order back.
func TestABackupBringsTheShopBack(t *testing.T) {
	t.Parallel()
	shop := demo(t, journeyDir(t), "127.0.0.1:0")
	api := caller{t: t, base: shop.url}
	sold := api.order(map[string]int{"MUG-BEFFROI": 2}, "parcel")
	api.pay(sold, "4242424242424242")
	api.until(sold, func(o seenOrder) bool { return o.PaymentStatus == "paid" && o.Invoice != nil })
	file := filepath.Join(t.TempDir(), "shop.backup")
	if out, err := shop.run("backup", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup is not its owner's alone: %v", err)
	}
	sales, err := shop.run("export", "sales", "--from", "2020-01-01", "--to", "2099-12-31")
	if err != nil {
		t.Fatal(err)
	}
	lost := api.order(map[string]int{"MUG-BEFFROI": 1}, "parcel")
	if _, err := shop.run("restore", file); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a restore beside a running shop is answered: %v", err)
	}
	shop.stop()

	elsewhere := &running{t: t, dir: journeyDir(t)}
	out, err := elsewhere.run("restore", file)
	if err != nil || !strings.Contains(out, "the shop is as it was") {
		t.Fatalf("%v\n%s", err, out)
	}
	again, err := elsewhere.run("export", "sales", "--from", "2020-01-01", "--to", "2099-12-31")
	if err != nil || again != sales {
		t.Errorf("the sales after the restore differ (%v):\n%s\n%s", err, sales, again)
	}
	second := demo(t, elsewhere.dir, "127.0.0.1:0")
	c := caller{t: t, base: second.url}
	if seen := c.see(sold); seen.PaymentStatus != "paid" || seen.Invoice == nil {
		t.Errorf("the order is %+v", seen)
	}
	c.want(404, "GET", "/api/v1/orders/"+lost.Number+"?key="+lost.Key, nil)
	staff := caller{t: t, base: second.url, token: second.token("manager")}
	staff.want(201, "POST", "/api/v1/staff/orders/"+sold.Number+"/refunds", map[string]any{"reason": "back"}, "Idempotency-Key", "after-restore")
	c.until(sold, func(o seenOrder) bool { return o.PaymentStatus == "refunded" })
	second.mustVerify()
}

// TestARestoreKeepsWhatItReplaces restores an older state over a newer one, then the newer one again.
func TestARestoreKeepsWhatItReplaces(t *testing.T) {
	t.Parallel()
	shop := &running{t: t, dir: journeyDir(t)}
	must := func(args ...string) string {
		t.Helper()
		out, err := shop.run(args...)
		if err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
		return out
	}
	file := filepath.Join(t.TempDir(), "early.backup")
	must("staff", "add", "early@office.example", "--role", "manager")
	must("backup", file)
	must("staff", "add", "late@office.example", "--role", "orders")

	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for name, damaged := range map[string][]byte{"cut.backup": whole[:len(whole)/2], "bit.backup": bytes.Replace(whole, []byte("PGDMP"), []byte("PGDMQ"), 1)} {
		bad := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(bad, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := shop.run("restore", bad); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
			t.Errorf("%s is answered: %v", name, err)
		}
	}
	if list := must("staff", "list"); !strings.Contains(list, "late@office.example") {
		t.Errorf("a refused restore changed something:\n%s", list)
	}

	must("restore", file)
	if list := must("staff", "list"); strings.Contains(list, "late@office.example") || !strings.Contains(list, "early@office.example") {
		t.Errorf("after the restore the accounts are\n%s", list)
	}
	replaced, _ := filepath.Glob(filepath.Join(shop.dir, replacedPrefix+"*"))
	if len(replaced) != 1 {
		t.Fatalf("kept of what was there: %v", replaced)
	}
	must("restore", replaced[0])
	if list := must("staff", "list"); !strings.Contains(list, "late@office.example") {
		t.Errorf("what was replaced did not come back:\n%s", list)
	}
	must("verify")
}

// TestABackupMovesToAServerOfItsOwn restores a shop of the embedded database into one that DATABASE_URL
// names, where the login has another name and is no superuser.
func TestABackupMovesToAServerOfItsOwn(t *testing.T) {
	t.Parallel()
	shop := &running{t: t, dir: journeyDir(t)}
	if out, err := shop.run("staff", "add", "early@office.example", "--role", "manager"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(t.TempDir(), "shop.backup")
	if out, err := shop.run("backup", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	ctx := context.Background()
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: journeyDir(t), Unsafe: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop(ctx) })
	conn, err := pgx.Connect(ctx, server.URL())
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{"create role office login createrole", "create database office owner office"} {
		if _, err := conn.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	conn.Close(ctx)
	other := &running{t: t, dir: journeyDir(t), env: []string{"DATABASE_URL=" + strings.NewReplacer("/boutique?", "/office?", "user=boutique", "user=office").Replace(server.URL())}}
	if out, err := other.run("restore", file); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := other.run("staff", "list"); err != nil || !strings.Contains(out, "early@office.example") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := other.run("migrate", "status"); err != nil || strings.Contains(out, "pending") {
		t.Errorf("%v\n%s", err, out)
	}
	other.mustVerify()
}
