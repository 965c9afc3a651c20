package admin

// Disk is a disk that the shop writes to, and how full it is in percent. What is "database", "photographs" or "data".
type Disk struct {
	What, Path string
	Full       int
}

// FullToLook is how full a disk is when staff are told to have room made.
const FullToLook = 80

// fullDisks are those that need room.
func (a *Admin) fullDisks() (full []Disk) {
	if a.Disks == nil {
		return nil
	}
	for _, d := range a.Disks() {
		if d.Full >= FullToLook {
			full = append(full, d)
		}
	}
	return full
}
