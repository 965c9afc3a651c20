package photo

import (
	"fmt"
	"regexp"
	"strconv"

	"boutique/catalog"
)

// Recipe is the version of how renditions are made. A new one gives every rendition a new name.
const Recipe = 1

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
	var list []catalog.Rendition
	for _, w := range widthsFor(width) {
		for _, ext := range formats {
			list = append(list, catalog.Rendition{Width: w, Height: heightAt(w, width, height), Ext: ext, URL: "/photos/" + name{sha, Recipe, w, ext}.String()})
		}
	}
	return list
}
