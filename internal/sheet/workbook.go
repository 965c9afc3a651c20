package sheet

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// sheets are where a workbook's zip has its sheets.
const sheets = "xl/worksheets/"

// write writes the workbook's parts straight out: the library would put the whole zip together in
// memory first. It hands its sheets out in any order, so that each is taken in a turn of its own, and
// the rest after them: the same rows are the same bytes.
func (e *xlsxEncoder) write() error {
	out := zip.NewWriter(e.out)
	for n := 1; n <= e.sheets; n++ {
		turn := &partsInTurn{Writer: out, sheet: fmt.Sprintf("%ssheet%d.xml", sheets, n), rest: n == e.sheets}
		e.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return turn })
		if err := e.file.Write(io.Discard); err != nil {
			return err
		}
	}
	return out.Close()
}

// partsInTurn writes one sheet of those that it is handed, and in the last turn also what is no sheet.
type partsInTurn struct {
	*zip.Writer
	sheet string
	rest  bool
}

// Create begins a part; one whose turn it is not goes nowhere.
func (p *partsInTurn) Create(name string) (io.Writer, error) {
	if name == p.sheet || p.rest && !strings.HasPrefix(name, sheets) {
		return p.Writer.Create(name)
	}
	return io.Discard, nil
}

// Close leaves the zip open for the next turn.
func (p *partsInTurn) Close() error { return nil }
