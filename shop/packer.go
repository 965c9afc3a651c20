package shop

import (
	"math"
	"slices"
	"sort"
)

// cuboid is a box of three sides in millimetres: along the carton's length, its width, its height.
type cuboid [3]int

func (c cuboid) volume() int { return c[0] * c[1] * c[2] }

// piece is one article to pack: the shapes that it may take, each with the ways that it may lie.
type piece struct {
	sku    string
	weight int
	volume int
	// ways are the distinct orientations, the flattest first.
	ways []cuboid
	// alone tells an article that ships in its own box.
	alone bool
	kind  int
}

// placed is a piece at its place in a carton.
type placed struct {
	at   [3]int
	size cuboid
}

func (p placed) overlaps(q placed) bool {
	for axis := range 3 {
		if p.at[axis]+p.size[axis] <= q.at[axis] || q.at[axis]+q.size[axis] <= p.at[axis] {
			return false
		}
	}
	return true
}

// waysOf lists how an article may lie. One that must stay upright turns about its height only; one
// that folds may be halved along its longest side, one that rolls becomes as long as its longest
// side and as thick as the roll.
func waysOf(i Item, padding int) []cuboid {
	shapes := []cuboid{{i.LengthMM, i.WidthMM, i.HeightMM}}
	long, middle, thin := sorted3(i.LengthMM, i.WidthMM, i.HeightMM)
	if i.has(ClassFoldable) {
		shapes = append(shapes, cuboid{(long + 1) / 2, middle, thin * 2})
	}
	if i.has(ClassRollable) {
		across := int(math.Ceil(math.Sqrt(float64(middle) * float64(thin) * 4 / math.Pi)))
		shapes = append(shapes, cuboid{long, max(across, thin), max(across, thin)})
	}
	var ways []cuboid
	for _, s := range shapes {
		for axis := range s {
			s[axis] += 2 * padding
		}
		turns := [][3]int{{0, 1, 2}, {1, 0, 2}}
		if !i.has(ClassUpright) {
			turns = [][3]int{{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 0, 1}, {1, 2, 0}, {2, 1, 0}}
		}
		for _, t := range turns {
			if way := (cuboid{s[t[0]], s[t[1]], s[t[2]]}); !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
		}
	}
	sort.SliceStable(ways, func(a, b int) bool { return ways[a][2] < ways[b][2] })
	return ways
}

func sorted3(a, b, c int) (int, int, int) {
	s := []int{a, b, c}
	slices.Sort(s)
	return s[2], s[1], s[0]
}

// space is a carton while it is filled: what lies in it, and the extreme points at which the next
// piece may stand (Crainic, Perboli, Tadei 2008).
type space struct {
	inner  cuboid
	in     []placed
	points [][3]int
}

func newSpace(inner cuboid) *space { return &space{inner: inner, points: [][3]int{{}}} }

// mostPoints bounds the work for very full cartons.
const mostPoints = 160

// put places the piece at the lowest, hindmost point where one of its ways fits.
func (s *space) put(p *piece) (placed, bool) {
	for _, at := range s.points {
		for _, way := range p.ways {
			candidate := placed{at, way}
			if s.free(candidate) {
				s.add(candidate)
				return candidate, true
			}
		}
	}
	return placed{}, false
}

func (s *space) free(c placed) bool {
	for axis := range 3 {
		if c.at[axis]+c.size[axis] > s.inner[axis] {
			return false
		}
	}
	for i := len(s.in) - 1; i >= 0; i-- {
		if c.overlaps(s.in[i]) {
			return false
		}
	}
	return true
}

// add lays the piece down and opens the six points that it makes: beyond each of its faces, slid
// along each other axis until something stops it.
func (s *space) add(c placed) {
	s.in = append(s.in, c)
	kept := s.points[:0]
	for _, p := range s.points {
		if !inside(p, c) {
			kept = append(kept, p)
		}
	}
	s.points = kept
	for axis := range 3 {
		corner := c.at
		corner[axis] += c.size[axis]
		if corner[axis] >= s.inner[axis] {
			continue
		}
		s.open(corner)
		for slide := range 3 {
			if slide != axis {
				s.open(s.slid(corner, slide))
			}
		}
	}
	sort.Slice(s.points, func(i, j int) bool {
		a, b := s.points[i], s.points[j]
		if a[2] != b[2] {
			return a[2] < b[2]
		}
		if a[1] != b[1] {
			return a[1] < b[1]
		}
		return a[0] < b[0]
	})
	if len(s.points) > mostPoints {
		s.points = s.points[:mostPoints]
	}
}

func inside(p [3]int, c placed) bool {
	for axis := range 3 {
		if p[axis] < c.at[axis] || p[axis] >= c.at[axis]+c.size[axis] {
			return false
		}
	}
	return true
}

func (s *space) open(p [3]int) {
	if slices.Contains(s.points, p) {
		return
	}
	for _, c := range s.in {
		if inside(p, c) {
			return
		}
	}
	s.points = append(s.points, p)
}

// slid moves a point down along an axis until it meets a piece or the wall.
func (s *space) slid(p [3]int, along int) [3]int {
	floor := 0
	for _, c := range s.in {
		end := c.at[along] + c.size[along]
		if end > p[along] || end <= floor {
			continue
		}
		under := true
		for axis := range 3 {
			if axis != along && (p[axis] < c.at[axis] || p[axis] >= c.at[axis]+c.size[axis]) {
				under = false
			}
		}
		if under {
			floor = end
		}
	}
	p[along] = floor
	return p
}

// orders are the three in which pieces are tried: by volume, by longest side, by base.
var orders = []func(p *piece) int{
	func(p *piece) int { return p.volume },
	func(p *piece) int { return max(p.ways[0][0], p.ways[0][1], p.ways[0][2]) },
	func(p *piece) int { return p.ways[0][0] * p.ways[0][1] },
}

// holdsAll tells whether the carton's inside holds every piece, and where each lies. A no of the
// quick ways is checked by a search that tries every order and way, as long as pieces are few.
func holdsAll(inner cuboid, pieces []*piece) ([]placed, bool) {
	volume := 0
	for _, p := range pieces {
		volume += p.volume
		if !slices.ContainsFunc(p.ways, func(w cuboid) bool { return w[0] <= inner[0] && w[1] <= inner[1] && w[2] <= inner[2] }) {
			return nil, false
		}
	}
	if volume > inner.volume() {
		return nil, false
	}
	order := make([]int, len(pieces))
	for _, key := range orders {
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(a, b int) bool {
			p, q := pieces[order[a]], pieces[order[b]]
			if kp, kq := key(p), key(q); kp != kq {
				return kp > kq
			}
			return p.kind < q.kind
		})
		s, where, ok := newSpace(inner), make([]placed, len(pieces)), true
		for _, i := range order {
			if where[i], ok = s.put(pieces[i]); !ok {
				break
			}
		}
		if ok {
			return where, true
		}
	}
	if len(pieces) > fewPieces {
		return nil, false
	}
	// The largest first: what it leaves decides early, so that the budget reaches further.
	sort.SliceStable(order, func(a, b int) bool { return pieces[order[a]].volume > pieces[order[b]].volume })
	search := exhaustive{inner: inner, where: make([]placed, len(pieces)), done: make([]bool, len(pieces)), budget: searchBudget}
	for _, i := range order {
		search.pieces = append(search.pieces, pieces[i])
	}
	if !search.rest(len(pieces)) {
		return nil, false
	}
	where := make([]placed, len(pieces))
	for n, i := range order {
		where[i] = search.where[n]
	}
	return where, true
}

// Up to fewPieces are searched through, within a budget of places tried.
const (
	fewPieces    = 5
	searchBudget = 30_000
)

// exhaustive tries every order, way and corner. Corners are where the far faces of pieces that lie
// already meet: whatever packing there is can be pushed into one that stands on such corners.
type exhaustive struct {
	inner  cuboid
	pieces []*piece
	where  []placed
	done   []bool
	laid   []placed
	budget int
}

func (e *exhaustive) rest(left int) bool {
	if left == 0 {
		return true
	}
	s := space{inner: e.inner, in: e.laid}
	var tried []int
	for i, p := range e.pieces {
		if e.done[i] || slices.Contains(tried, p.kind) {
			continue
		}
		tried = append(tried, p.kind)
		for _, x := range e.corners(0) {
			for _, y := range e.corners(1) {
				for _, z := range e.corners(2) {
					for _, way := range p.ways {
						if e.budget--; e.budget < 0 {
							return false
						}
						c := placed{[3]int{x, y, z}, way}
						if !s.free(c) {
							continue
						}
						e.done[i], e.where[i] = true, c
						e.laid = append(e.laid, c)
						if e.rest(left - 1) {
							return true
						}
						e.laid = e.laid[:len(e.laid)-1]
						e.done[i] = false
					}
				}
			}
		}
	}
	return false
}

func (e *exhaustive) corners(axis int) []int {
	list := []int{0}
	for _, c := range e.laid {
		if end := c.at[axis] + c.size[axis]; end < e.inner[axis] && !slices.Contains(list, end) {
			list = append(list, end)
		}
	}
	return list
}
