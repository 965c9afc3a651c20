package pdf

import "strings"

// outline turns an element into a path.
func (r *svgReader) outline(name string, attributes map[string]string) ([]segment, error) {
	v := map[string]float64{}
	for _, a := range []string{"x", "y", "width", "height", "rx", "ry", "cx", "cy", "r", "x1", "y1", "x2", "y2"} {
		s, ok := attributes[a]
		if !ok || s == "auto" {
			continue
		}
		n, err := length(s)
		if err != nil {
			return nil, r.refuse("%s=%q: %v", a, short(s), err)
		}
		switch a {
		case "width", "height", "rx", "ry", "r":
			if n < 0 {
				return nil, r.refuse("%s=%q must not be negative", a, short(s))
			}
		}
		v[a] = n
	}
	switch name {
	case "path":
		path, err := parsePath(attributes["d"])
		if err != nil {
			return nil, r.refuse("%v", err)
		}
		return path, nil
	case "rect":
		_, hasX := v["rx"]
		_, hasY := v["ry"]
		if !hasX {
			v["rx"] = v["ry"]
		}
		if !hasY {
			v["ry"] = v["rx"]
		}
		return rectangle(v["x"], v["y"], v["width"], v["height"], v["rx"], v["ry"]), nil
	case "circle":
		return ellipse(v["cx"], v["cy"], v["r"], v["r"]), nil
	case "ellipse":
		return ellipse(v["cx"], v["cy"], v["rx"], v["ry"]), nil
	case "line":
		p := &pen{}
		p.moveTo(v["x1"], v["y1"])
		p.lineTo(v["x2"], v["y2"])
		return p.path, nil
	}
	points, err := numbers(strings.TrimSpace(attributes["points"]))
	if err != nil || len(points)%2 == 1 {
		return nil, r.refuse("points=%q must be pairs of numbers", short(attributes["points"]))
	}
	p := &pen{}
	for i := 0; i < len(points); i += 2 {
		if i == 0 {
			p.moveTo(points[0], points[1])
		} else {
			p.lineTo(points[i], points[i+1])
		}
	}
	if name == "polygon" && len(points) > 0 {
		p.close()
	}
	return p.path, nil
}

func rectangle(x, y, w, h, rx, ry float64) []segment {
	if w == 0 || h == 0 {
		return nil
	}
	rx, ry = min(rx, w/2), min(ry, h/2)
	p := &pen{}
	p.moveTo(x+rx, y)
	p.lineTo(x+w-rx, y)
	p.arcTo(rx, ry, 0, false, true, x+w, y+ry)
	p.lineTo(x+w, y+h-ry)
	p.arcTo(rx, ry, 0, false, true, x+w-rx, y+h)
	p.lineTo(x+rx, y+h)
	p.arcTo(rx, ry, 0, false, true, x, y+h-ry)
	p.lineTo(x, y+ry)
	p.arcTo(rx, ry, 0, false, true, x+rx, y)
	p.close()
	return p.path
}

func ellipse(cx, cy, rx, ry float64) []segment {
	if rx == 0 || ry == 0 {
		return nil
	}
	p := &pen{}
	p.moveTo(cx+rx, cy)
	p.arcTo(rx, ry, 0, false, true, cx-rx, cy)
	p.arcTo(rx, ry, 0, false, true, cx+rx, cy)
	p.close()
	return p.path
}
