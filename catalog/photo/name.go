package photo

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"boutique/catalog"
)

// Recipe is the version of how renditions are made. A new one gives every rendition a new name.
const Recipe = 2

// widths are the widths that pages use, in pixels.
var widths = []int{320, 640, 960, 1280, 1600}

// formats are the formats of each width, the best first.
var formats = []string{"webp", "jpg"}

// name is a rendition's name: the original's SHA-256, the recipe, the width, the format.
type name struct {
	sha    string
	recipe int
	width  int
	ext    string
}

func (n name) String() string { return fmt.Sprintf("%s-r%d-%d.%s", n.sha, n.recipe, n.width, n.ext) }

var nameForm = regexp.MustCompile(`^([0-9a-f]{64})-r([0-9]{1,3})-([0-9]{2,5})\.(webp|jpg)$`)

func parseName(s string) (name, bool) {
	m := nameForm.FindStringSubmatch(s)
	if m == nil {
		return name{}, false
	}
	recipe, _ := strconv.Atoi(m[2])
	width, _ := strconv.Atoi(m[3])
	return name{m[1], recipe, width, m[4]}, true
}

// originalForm is the name of an original.
var originalForm = regexp.MustCompile(`^[0-9a-f]{64}\.(jpg|png|webp)$`)

func originalName(sha, ext string) string { return sha + "." + ext }

// widthsFor are the widths that a photograph is rendered to: never wider than it is, and its own
// when it is narrower than the narrowest.
func widthsFor(width int) []int {
	var list []int
	for _, w := range widths {
		if w <= width {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		list = []int{width}
	}
	return list
}

// heightAt is a rendition's height.
func heightAt(width, originalWidth, originalHeight int) int {
	return max(1, (2*width*originalHeight+originalWidth)/(2*originalWidth))
}

// Renditions are the renditions of a photograph with their final addresses, made or to be made.
func Renditions(sha string, width, height int) []catalog.Rendition {
	return addresses(sha, Recipe, widthsFor(width), formats, width, height)
}

func addresses(sha string, recipe int, widths []int, formats []string, width, height int) []catalog.Rendition {
	list := make([]catalog.Rendition, 0, len(widths)*len(formats))
	for _, w := range widths {
		for _, ext := range formats {
			list = append(list, catalog.Rendition{Width: w, Height: heightAt(w, width, height), Ext: ext, URL: "/photos/" + name{sha, recipe, w, ext}.String()})
		}
	}
	return list
}

// MadeOf names what a photograph of a width is rendered to: recipe, widths, formats.
func MadeOf(width int) string {
	var list []string
	for _, w := range widthsFor(width) {
		list = append(list, strconv.Itoa(w))
	}
	return strconv.Itoa(Recipe) + " " + strings.Join(list, ",") + " " + strings.Join(formats, ",")
}

// Shown are the renditions that pages show: those that lie in the store, be they of an older recipe,
// until the new ones are made; else all that are to be made.
func Shown(sha string, width, height int, made string) []catalog.Rendition {
	parts := strings.Split(made, " ")
	if len(parts) != 3 || made == MadeOf(width) {
		return Renditions(sha, width, height)
	}
	recipe, err := strconv.Atoi(parts[0])
	var list []int
	for _, w := range strings.Split(parts[1], ",") {
		if n, bad := strconv.Atoi(w); bad == nil {
			list = append(list, n)
		}
	}
	if err != nil || len(list) == 0 {
		return Renditions(sha, width, height)
	}
	slices.Sort(list)
	return addresses(sha, recipe, list, strings.Split(parts[2], ","), width, height)
}

// nearestWidth is the width of a photograph's renditions that is nearest to another.
func nearestWidth(wanted, width int) int {
	best := 0
	for _, w := range widthsFor(width) {
		if best == 0 || max(w-wanted, wanted-w) < max(best-wanted, wanted-best) {
			best = w
		}
	}
	return best
}
