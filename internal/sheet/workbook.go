package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"

	"boutique/internal/money"
	"boutique/internal/text"
)

// sheets are where a workbook's zip has its sheets.
const sheets = "xl/worksheets/"

// maxSheet is how many rows a sheet of a workbook has room for, its head included.
const maxSheet = 1 << 20

// xlsxEncoder writes a workbook straight out. The library makes all of it but the rows: each sheet's
// beginning and its end, styles and contents. It would keep the rows in memory and in files until the last
// of them; here they go into the zip as they come, as the library would have written them.
type xlsxEncoder struct {
	zip         *zip.Writer
	part        io.Writer
	foot        []byte
	file        *excelize.File
	name        string
	columns     []string
	letters     []string
	sheets      int
	row, limit  int
	money, bold int
	line        []byte
}

func newXLSX(w io.Writer, name string, columns []string) (Encoder, error) {
	f := excelize.NewFile()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	amounts := "#,##0.00"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &amounts})
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	e := &xlsxEncoder{zip: zip.NewWriter(w), file: f, name: name, columns: columns, limit: maxSheet, money: style, bold: bold}
	for i := range columns {
		letter, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		e.letters = append(e.letters, letter)
	}
	return e, e.begin(name)
}

// begin begins a sheet with the columns' names.
func (e *xlsxEncoder) begin(sheet string) error {
	stream, err := e.file.NewStreamWriter(sheet)
	if err != nil {
		return err
	}
	e.sheets, e.row = e.sheets+1, 1
	if err := stream.SetColWidth(1, len(e.columns), 16); err != nil {
		return err
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	head := make([]any, len(e.columns))
	for i, c := range e.columns {
		head[i] = excelize.Cell{StyleID: e.bold, Value: c}
	}
	if err := stream.SetRow("A1", head); err != nil {
		return err
	}
	if err := stream.Flush(); err != nil {
		return err
	}
	var made bytes.Buffer
	part := fmt.Sprintf("%ssheet%d.xml", sheets, e.sheets)
	if err := e.parts(func(name string) (io.Writer, error) {
		if name == part {
			return &made, nil
		}
		return io.Discard, nil
	}); err != nil {
		return err
	}
	end := bytes.LastIndex(made.Bytes(), []byte("</sheetData>"))
	if end < 0 {
		return fmt.Errorf("the sheet %s has no place for rows", sheet)
	}
	e.foot = made.Bytes()[end:]
	if e.part, err = e.zip.Create(part); err != nil {
		return err
	}
	_, err = e.part.Write(made.Bytes()[:end])
	return err
}

// more goes on in another sheet when one is full.
func (e *xlsxEncoder) more() error {
	if _, err := e.part.Write(e.foot); err != nil {
		return err
	}
	name := fmt.Sprintf("%s %d", e.name, e.sheets+1)
	if _, err := e.file.NewSheet(name); err != nil {
		return err
	}
	return e.begin(name)
}

func (e *xlsxEncoder) Row(cells ...any) error {
	if e.row == e.limit {
		if err := e.more(); err != nil {
			return err
		}
	}
	e.row++
	e.line = append(strconv.AppendInt(append(e.line[:0], `<row r="`...), int64(e.row), 10), `">`...)
	for i, c := range cells {
		e.line = append(append(e.line, `<c r="`...), e.letters[i]...)
		e.line = append(strconv.AppendInt(e.line, int64(e.row), 10), '"')
		switch v := c.(type) {
		case *money.Amount:
			e.amount(*v)
		case money.Amount:
			e.amount(v)
		case *Rate:
			e.hundredths(int64(*v))
		case Rate:
			e.hundredths(int64(v))
		case *Day:
			e.text(day(*v))
		case Day:
			e.text(day(v))
		case time.Time:
			e.text(v.In(text.Paris()).Format(time.RFC3339))
		case *string:
			e.text(Harmless(*v))
		case string:
			e.text(Harmless(v))
		case int:
			e.whole(int64(v))
		case int64:
			e.whole(v)
		default:
			e.text(fmt.Sprint(v))
		}
	}
	e.line = append(e.line, "</row>"...)
	_, err := e.part.Write(e.line)
	return err
}

func (e *xlsxEncoder) whole(n int64) {
	e.line = append(strconv.AppendInt(append(e.line, "><v>"...), n, 10), "</v></c>"...)
}

func (e *xlsxEncoder) amount(n money.Amount) {
	e.line = append(strconv.AppendInt(append(e.line, ` s="`...), int64(e.money), 10), '"')
	e.hundredths(int64(n))
}

func (e *xlsxEncoder) hundredths(n int64) {
	e.line = append(strconv.AppendFloat(append(e.line, "><v>"...), float64(n)/100, 'f', -1, 64), "</v></c>"...)
}

// text writes a text in its cell.
func (e *xlsxEncoder) text(s string) {
	asIs := simple(s)
	if !asIs {
		s = cut(s)
	}
	e.line = append(e.line, ` t="inlineStr"><is><t`...)
	if s != "" && (blank(s[0]) || blank(s[len(s)-1])) {
		e.line = append(e.line, ` xml:space="preserve"`...)
	}
	e.line = append(e.line, '>')
	if asIs {
		e.line = append(e.line, s...)
	} else {
		e.line = append(e.line, inXML(s)...)
	}
	e.line = append(e.line, "</t></is></c>"...)
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// simple tells that a text is of letters, digits and the like, which XML writes as they are: what almost
// every cell is.
func simple(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '<', c == '>', c == '&', c == '"', c == '\'', c == '_':
			return false
		}
	}
	return len(s) <= excelize.TotalCellChars
}

// cut is a text no longer than a cell may be, in the units of UTF-16.
func cut(s string) string {
	length := 0
	for i, r := range s {
		if length += utf16.RuneLen(r); length > excelize.TotalCellChars {
			return s[:i]
		}
	}
	return s
}

// coded is how a workbook writes a character that XML cannot.
var coded = regexp.MustCompile(`^_x[a-fA-F\d]{4}_`)

// inXML is a text as a workbook's XML has it. An underline that would begin a coded character is coded
// itself.
func inXML(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes everything
	s = strings.ReplaceAll(b.String(), "&#xA;", "\n")
	b.Reset()
	for at := strings.Index(s, "_x"); at >= 0; at = strings.Index(s, "_x") {
		b.WriteString(s[:at])
		if coded.MatchString(s[at:]) {
			b.WriteString("_x005F")
		}
		b.WriteString("_")
		s = s[at+1:]
	}
	return b.String() + s
}

// Close ends the last sheet and writes what is no sheet.
func (e *xlsxEncoder) Close() error {
	defer e.file.Close()
	if _, err := e.part.Write(e.foot); err != nil {
		return err
	}
	if err := e.parts(func(name string) (io.Writer, error) {
		if strings.HasPrefix(name, sheets) {
			return io.Discard, nil
		}
		return e.zip.Create(name)
	}); err != nil {
		return err
	}
	return e.zip.Close()
}

// parts has the library write its workbook, each part to where create says.
func (e *xlsxEncoder) parts(create partsTo) error {
	e.file.SetZipWriter(func(io.Writer) excelize.ZipWriter { return create })
	return e.file.Write(io.Discard)
}

// partsTo stands for the library's zip.
type partsTo func(name string) (io.Writer, error)

// Create begins a part.
func (p partsTo) Create(name string) (io.Writer, error) { return p(name) }

// AddFS adds nothing: the workbook has no files.
func (p partsTo) AddFS(fs.FS) error { return nil }

// Close leaves the zip as it is.
func (p partsTo) Close() error { return nil }
