package label

import (
	"errors"

	"boutique/internal/pdf"
)

// Sheet is a paper of cells: a sheet of stickers, an A4 cut in four, a roll with one cell a page.
// All measures are in millimetres; a pitch is the distance from one cell to the next.
type Sheet struct {
	Code                  string
	Width, Height         float64
	Left, Top             float64
	CellWidth, CellHeight float64
	PitchX, PitchY        float64
	Columns, Rows         int
	// Round cells are cut as circles.
	Round bool
}

// Sheets are the papers that are sold everywhere, by the numbers under which they are known.
func Sheets() []Sheet {
	return []Sheet{
		{Code: "a4-4", Width: 210, Height: 297, CellWidth: 105, CellHeight: 148.5, PitchX: 105, PitchY: 148.5, Columns: 2, Rows: 2},
		{Code: "L7160", Width: 210, Height: 297, Left: 7.25, Top: 15.15, CellWidth: 63.5, CellHeight: 38.1, PitchX: 66.04, PitchY: 38.1, Columns: 3, Rows: 7},
		{Code: "L7163", Width: 210, Height: 297, Left: 4.65, Top: 15.15, CellWidth: 99.1, CellHeight: 38.1, PitchX: 101.6, PitchY: 38.1, Columns: 2, Rows: 7},
		{Code: "L7165", Width: 210, Height: 297, Left: 4.65, Top: 13.1, CellWidth: 99.1, CellHeight: 67.7, PitchX: 101.6, PitchY: 67.7, Columns: 2, Rows: 4},
		{Code: "L7651", Width: 210, Height: 297, Left: 4.75, Top: 10.7, CellWidth: 38.1, CellHeight: 21.2, PitchX: 40.6, PitchY: 21.2, Columns: 5, Rows: 13},
		{Code: "round-60", Width: 210, Height: 297, Left: 10, Top: 13.5, CellWidth: 60, CellHeight: 60, PitchX: 65, PitchY: 70, Columns: 3, Rows: 4, Round: true},
		{Code: "round-40", Width: 210, Height: 297, Left: 16, Top: 13.5, CellWidth: 40, CellHeight: 40, PitchX: 46, PitchY: 46, Columns: 4, Rows: 6, Round: true},
		{Code: "square-45", Width: 210, Height: 297, Left: 10.5, Top: 6, CellWidth: 45, CellHeight: 45, PitchX: 48, PitchY: 48, Columns: 4, Rows: 6},
		{Code: "roll-57x32", Width: 57, Height: 32, CellWidth: 57, CellHeight: 32, PitchX: 57, PitchY: 32, Columns: 1, Rows: 1},
		{Code: "roll-round-50", Width: 54, Height: 54, Left: 2, Top: 2, CellWidth: 50, CellHeight: 50, PitchX: 50, PitchY: 50, Columns: 1, Rows: 1, Round: true},
		{Code: "roll-100x150", Width: 100, Height: 150, CellWidth: 100, CellHeight: 150, PitchX: 100, PitchY: 150, Columns: 1, Rows: 1},
	}
}

// SheetOf finds a sheet by its code; ok is false when there is none.
func SheetOf(code string) (Sheet, bool) {
	for _, s := range Sheets() {
		if s.Code == code {
			return s, true
		}
	}
	return Sheet{}, false
}

// Check tells what is wrong with a sheet of the office's own measures.
func (s Sheet) Check() error {
	if s.Width < 10 || s.Height < 10 || s.Width > 1200 || s.Height > 1200 || s.Columns < 1 || s.Rows < 1 || s.Columns*s.Rows > 500 || s.CellWidth < 5 || s.CellHeight < 5 {
		return errors.New("the sheet must measure 10 to 1200 mm, with 1 to 500 cells of at least 5 mm")
	}
	right := s.Left + float64(s.Columns-1)*s.PitchX + s.CellWidth
	bottom := s.Top + float64(s.Rows-1)*s.PitchY + s.CellHeight
	if s.Left < 0 || s.Top < 0 || right > s.Width+0.01 || bottom > s.Height+0.01 || s.Columns > 1 && s.PitchX < s.CellWidth-0.01 || s.Rows > 1 && s.PitchY < s.CellHeight-0.01 {
		return errors.New("the cells must lie on the sheet, beside each other")
	}
	return nil
}

// Cells is how many cells a sheet has.
func (s Sheet) Cells() int { return s.Columns * s.Rows }

// cell is the place of a cell, counted from 0 along the rows.
func (s Sheet) cell(n int) (x, y float64) {
	return s.Left + float64(n%s.Columns)*s.PitchX, s.Top + float64(n/s.Columns%s.Rows)*s.PitchY
}

// Print draws so many pieces into cells, beginning with the start-th of the first sheet, counted from
// 1: a half-used sheet goes on where it was left.
func (s Sheet) Print(o pdf.Options, start, pieces int, draw func(d *pdf.Document, n int, x, y, width, height float64)) ([]byte, error) {
	d, err := s.document(o, start, pieces, draw)
	if err != nil {
		return nil, err
	}
	return d.Bytes()
}

// picture is the first sheet as SVG, with the cells' edges, which are not printed.
func (s Sheet) picture(start, pieces int, draw func(d *pdf.Document, n int, x, y, width, height float64)) (string, error) {
	if err := s.Check(); err != nil {
		return "", err
	}
	start = min(max(start, 1), s.Cells())
	d, err := s.document(pdf.Options{Traced: true}, start, max(1, min(pieces, s.Cells()-start+1)), draw)
	if err != nil {
		return "", err
	}
	for n := range s.Cells() {
		x, y := s.cell(n)
		radius := 0.8
		if s.Round {
			radius = s.CellWidth / 2
		}
		d.Frame(x, y, s.CellWidth, s.CellHeight, radius, 0.15, pdf.Quiet)
		if n < start-1 {
			d.Rule(x+2, y+2, x+s.CellWidth-2, y+s.CellHeight-2, 0.2, pdf.Hairline)
			d.Rule(x+2, y+s.CellHeight-2, x+s.CellWidth-2, y+2, 0.2, pdf.Hairline)
		}
	}
	return d.Picture(1), nil
}

func (s Sheet) document(o pdf.Options, start, pieces int, draw func(d *pdf.Document, n int, x, y, width, height float64)) (*pdf.Document, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if pieces < 1 || pieces > 2000 {
		return nil, errors.New("1 to 2000 pieces are drawn at a time")
	}
	start = min(max(start, 1), s.Cells())
	o.Width, o.Height = s.Width, s.Height
	d := pdf.New(o)
	for n := range pieces {
		at := start - 1 + n
		if n == 0 || at%s.Cells() == 0 {
			d.AddPage()
		}
		x, y := s.cell(at % s.Cells())
		draw(d, n, x, y, s.CellWidth, s.CellHeight)
	}
	return d, nil
}
