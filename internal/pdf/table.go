package pdf

// Column is one column of a table: its width in millimetres and where its texts stand.
type Column struct {
	Title string
	Width float64
	Align Align
}

// Span is a piece of a cell: a text in a style, wrapped to the column.
type Span struct {
	Text  string
	Style Style
}

// Cell is what stands in one field of a table, spans below each other.
type Cell []Span

// Table is a table of hairlines: it draws rows where the caller says and tells how high they are,
// so that the caller decides where pages end.
type Table struct {
	X       float64
	Columns []Column
	// Gap is the room between columns, Pad that above and below a row's text.
	Gap, Pad float64
	Head     Style
	// MostLines is how many lines a span may have; a longer text ends with an ellipsis, so that
	// no row is higher than a page.
	MostLines int
}

// Width is that of the whole table.
func (t Table) Width() float64 {
	w := t.Gap * float64(len(t.Columns)-1)
	for _, c := range t.Columns {
		w += c.Width
	}
	return w
}

// DrawHead draws the columns' titles with a line below and returns their height.
func (t Table) DrawHead(d *Document, y float64) float64 {
	height := 0.0
	x := t.X
	titles := make([][]string, len(t.Columns))
	for i, c := range t.Columns {
		titles[i] = d.Wrap(c.Title, t.Head, c.Width)
		height = max(height, float64(len(titles[i]))*t.Head.Leading())
	}
	for i, c := range t.Columns {
		top := y + height - float64(len(titles[i]))*t.Head.Leading()
		d.Lines(t.anchor(x, c), top, titles[i], t.Head, c.Align)
		x += c.Width + t.Gap
	}
	height += t.Pad
	d.Rule(t.X, y+height, t.X+t.Width(), y+height, 0.3, Slate)
	return height
}

func (t Table) anchor(x float64, c Column) float64 {
	switch c.Align {
	case Center:
		return x + c.Width/2
	case Right:
		return x + c.Width
	}
	return x
}

// Height is how high a row will be.
func (t Table) Height(d *Document, cells []Cell) float64 {
	height := 0.0
	for i, cell := range cells {
		h := 0.0
		for _, span := range cell {
			h += float64(len(d.Clip(span.Text, span.Style, t.Columns[i].Width, t.MostLines))) * span.Style.Leading()
		}
		height = max(height, h)
	}
	return height + 2*t.Pad
}

// DrawRow draws a row with a hairline below and returns its height.
func (t Table) DrawRow(d *Document, y float64, cells []Cell) float64 {
	x := t.X
	for i, cell := range cells {
		c := t.Columns[i]
		top := y + t.Pad
		for _, span := range cell {
			top += d.Lines(t.anchor(x, c), top, d.Clip(span.Text, span.Style, c.Width, t.MostLines), span.Style, c.Align)
		}
		x += c.Width + t.Gap
	}
	height := t.Height(d, cells)
	d.Rule(t.X, y+height, t.X+t.Width(), y+height, 0.15, Hairline)
	return height
}
