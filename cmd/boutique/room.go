package main

import (
	"fmt"
	"net/url"
	"syscall"

	"boutique/shop/admin"
)

// A disk that is so full, in percent, is looked after; one that is nearly full stops sales soon.
const (
	fullToLook  = admin.FullToLook
	fullToAlarm = 95
)

// disks are the disks of this machine that the shop writes to, each once: the embedded database's, the
// photographs', the data directory's. One that cannot be asked is left out.
func (a *app) disks() []admin.Disk {
	var list []admin.Disk
	seen := map[uint64]bool{}
	ask := func(what, path string) {
		var place syscall.Stat_t
		var room syscall.Statfs_t
		if path == "" || syscall.Stat(path, &place) != nil || seen[uint64(place.Dev)] || syscall.Statfs(path, &room) != nil {
			return
		}
		used := room.Blocks - room.Bfree
		if used+room.Bavail == 0 {
			return
		}
		seen[uint64(place.Dev)] = true
		list = append(list, admin.Disk{What: what, Path: path, Full: int(100 * used / (used + room.Bavail))})
	}
	if a.database.server != nil {
		ask("database", a.database.server.DataDir())
	}
	if u, err := url.Parse(a.config.photosURL()); err == nil && u.Scheme == "file" {
		ask("photographs", u.Path)
	}
	ask("data", a.config.DataDir)
	return list
}

// examineDisks says how full the disks are. One that is getting full is worth a look and no fault yet.
func (p *program) examineDisks(a *app, say func(string, error)) {
	for _, d := range a.disks() {
		what := fmt.Sprintf("disk of the %s (%s): %d %% full", d.What, d.Path, d.Full)
		switch {
		case d.Full >= fullToAlarm:
			say(what, fmt.Errorf("make room: a shop that cannot write takes no orders"))
		case d.Full >= fullToLook:
			fmt.Fprintf(p.out, "look   %s: make room before it is full\n", what)
		default:
			say(what, nil)
		}
	}
}
