package label

import (
	"errors"
	"strconv"
	"time"

	"boutique/internal/money"
	"boutique/internal/pdf"
	"boutique/internal/place"
	"boutique/internal/text"
)

// CustomsItem is one line of a customs declaration: what it is, its code (HS), where it comes from.
type CustomsItem struct {
	Name     string
	Quantity int
	WeightG  int
	// Value is that of the whole line, without VAT.
	Value  money.Amount
	Code   string
	Origin string
}

// Customs is a parcel's declaration for the customs.
type Customs struct {
	Office      Office
	To          place.Address
	Phone       string
	OrderNumber string
	// Parcel of Parcels is said when there are several: each carries its own declaration.
	Parcel, Parcels int
	Items           []CustomsItem
	// WeightG is the parcel's, tare included.
	WeightG int
	// Postage is what the shopper paid for delivery.
	Postage money.Amount
	Invoice string
	Created time.Time
}

func (c Customs) value() (sum money.Amount) {
	for _, i := range c.Items {
		sum += i.Value
	}
	return sum
}

var (
	customsTitle = pdf.Style{Face: pdf.Bold, Size: 12, Color: pdf.Black}
	customsText  = pdf.Style{Size: 7.5, Color: pdf.Black}
	customsLabel = pdf.Style{Size: 5.8, Color: pdf.Black}
	customsBold  = pdf.Style{Face: pdf.Bold, Size: 7.5, Color: pdf.Black}
)

// number is the order's, and which of its parcels this is.
func (c Customs) number() string {
	if c.Parcels > 1 {
		return c.OrderNumber + "  –  colis / parcel " + strconv.Itoa(c.Parcel) + "/" + strconv.Itoa(c.Parcels)
	}
	return c.OrderNumber
}

const cn22Width, cn22Height = 74.0, 105.0

// CN22 draws the declarations for small letters and packets (UPU), 74 × 105 mm, a page for each parcel.
func CN22(parcels ...Customs) ([]byte, error) {
	return declarations("CN22", cn22Width, cn22Height, parcels, Customs.cn22)
}

func declarations(kind string, width, height float64, parcels []Customs, draw func(c Customs, d *pdf.Document)) ([]byte, error) {
	if len(parcels) == 0 {
		return nil, errors.New("no parcel to declare")
	}
	d := pdf.New(pdf.Options{Title: kind + " " + parcels[0].OrderNumber, Lang: "fr", Width: width, Height: height, Created: parcels[0].Created})
	for _, c := range parcels {
		d.AddPage()
		draw(c, d)
	}
	return d.Bytes()
}

func (c Customs) cn22(d *pdf.Document) {
	const width, height, margin = cn22Width, cn22Height, 3.0
	d.Frame(1, 1, width-2, height-2, 0, 0.3, pdf.Black)
	d.Text(margin, 7, "DÉCLARATION EN DOUANE", customsBold, pdf.Left)
	d.Text(width-margin, 7, "CN 22", customsTitle, pdf.Right)
	d.Text(margin, 10, "Customs declaration – May be opened officially", customsLabel, pdf.Left)
	d.Rule(1, 12, width-1, 12, 0.2, pdf.Black)
	d.Text(margin, 16, "☐ Cadeau / Gift   ☐ Échantillon / Sample   ✓ Vente / Sale of goods", customsLabel, pdf.Left)
	d.Rule(1, 18, width-1, 18, 0.2, pdf.Black)
	y := c.table(d, margin, 19, width-2*margin, height-30, customsLabel, []float64{0.46, 0.14, 0.18, 0.22})
	d.Text(margin, y+4, "Total : "+grams(c.WeightG)+" kg, "+text.Money(text.FR, c.value()), customsBold, pdf.Left)
	d.Rule(1, height-18, width-1, height-18, 0.2, pdf.Black)
	d.Lines(margin, height-17, d.Clip("Je certifie que les renseignements sont exacts et que cet envoi ne contient aucun objet dangereux ou interdit. / I certify that the particulars are correct and that this item does not contain any dangerous article.", customsLabel, width-2*margin, 4), customsLabel, pdf.Left)
	d.Text(margin, height-5.6, c.number(), customsLabel, pdf.Left)
	d.Text(margin, height-3, c.Created.In(text.Paris()).Format("02/01/2006")+"  "+c.Office.Name, customsLabel, pdf.Left)
}

// grams writes a weight in kilograms with three decimals.
func grams(g int) string { return strconv.FormatFloat(float64(g)/1000, 'f', 3, 64) }

// table draws the items until their room ends; what does not fit is summed in a last row.
func (c Customs) table(d *pdf.Document, x, y, width, bottom float64, style pdf.Style, shares []float64) float64 {
	t := pdf.Table{X: x, Gap: 1, Pad: 0.5, Head: style, MostLines: 2}
	titles := []string{"Description / Contents", "kg", "Valeur / Value", "N° tarif. – origine / HS – origin"}
	room := width - 3
	for i, title := range titles {
		align := pdf.Left
		if i == 1 || i == 2 {
			align = pdf.Right
		}
		t.Columns = append(t.Columns, pdf.Column{Title: title, Width: room * shares[i], Align: align})
	}
	y += t.DrawHead(d, y)
	for n, i := range c.Items {
		row := customsRow(i, style)
		if y+t.Height(d, row) > bottom-6 && n < len(c.Items)-1 {
			rest := CustomsItem{Name: "+ " + strconv.Itoa(len(c.Items)-n)}
			for _, more := range c.Items[n:] {
				rest.WeightG += more.WeightG
				rest.Value += more.Value
			}
			return y + t.DrawRow(d, y, customsRow(rest, style))
		}
		y += t.DrawRow(d, y, row)
	}
	return y
}

func customsRow(i CustomsItem, style pdf.Style) []pdf.Cell {
	name := i.Name
	if i.Quantity > 0 {
		name = strconv.Itoa(i.Quantity) + " × " + name
	}
	code := i.Code
	if i.Origin != "" {
		code += " – " + i.Origin
	}
	var row []pdf.Cell
	for _, s := range []string{name, grams(i.WeightG), text.Money(text.FR, i.Value), code} {
		row = append(row, pdf.Cell{{Text: s, Style: style}})
	}
	return row
}

// CN23 draws the declarations for parcels (UPU) on A4, a page for each: sender, addressee, items, reason,
// signature.
func CN23(parcels ...Customs) ([]byte, error) {
	return declarations("CN23", pdf.A4Width, pdf.A4Height, parcels, Customs.cn23)
}

func (c Customs) cn23(d *pdf.Document) {
	const margin = 14.0
	inner := pdf.A4Width - 2*margin
	d.Text(margin, 20, "DÉCLARATION EN DOUANE / CUSTOMS DECLARATION", customsTitle, pdf.Left)
	d.Text(pdf.A4Width-margin, 20, "CN 23", customsTitle, pdf.Right)
	half := inner/2 - 2
	from := append([]string{c.Office.Name}, c.Office.lines(text.FR)...)
	from = append(from, c.Office.contact())
	to := append(c.To.Lines(text.EN), c.Phone)
	for n, box := range []struct {
		title string
		lines []string
	}{{"De / From", from}, {"À / To", to}} {
		x := margin + float64(n)*(half+4)
		d.Frame(x, 26, half, 42, 0, 0.3, pdf.Black)
		d.Text(x+2, 31, box.title, customsBold, pdf.Left)
		d.Lines(x+2, 33, box.lines, pdf.Style{Size: 9.5, Color: pdf.Black}, pdf.Left)
	}
	y := c.table(d, margin, 74, inner, 215, pdf.Style{Size: 9, Color: pdf.Black}, []float64{0.5, 0.1, 0.16, 0.24})
	y += 6
	for _, line := range []string{
		"Poids brut total / Total gross weight: " + grams(c.WeightG) + " kg",
		"Valeur totale HT / Total value without VAT: " + text.Money(text.FR, c.value()),
		"Frais de port / Postal charges: " + text.Money(text.FR, c.Postage),
		"Catégorie / Category: ✓ Vente de marchandises / Sale of goods",
		"Facture jointe / Invoice attached: " + c.Invoice,
	} {
		d.Text(margin, y, line, pdf.Style{Size: 9.5, Color: pdf.Black}, pdf.Left)
		y += 6
	}
	d.Lines(margin, y, d.Wrap("Je certifie que les renseignements donnés dans la présente déclaration sont exacts et que cet envoi ne contient aucun objet dangereux ou interdit par la réglementation postale ou douanière. / I certify that the particulars given in this declaration are correct and that this item does not contain any dangerous article or articles prohibited by legislation or by postal or customs regulations.", customsText, inner), customsText, pdf.Left)
	d.Text(margin, 272, c.Created.In(text.Paris()).Format("02/01/2006")+"   "+c.Office.Name, customsBold, pdf.Left)
	d.Text(margin, 278, c.number(), customsText, pdf.Left)
	d.Code128(pdf.A4Width-margin-70, 262, 66, 14, c.OrderNumber)
}

// PickupCode draws the code that opens a collection, as a QR code and in letters, on A6.
func PickupCode(lang text.Lang, office Office, number, code string, created time.Time) ([]byte, error) {
	t := words.In(lang)
	d := pdf.New(pdf.Options{Title: number, Lang: string(lang), Width: pdf.A6Width, Height: pdf.A6Height, Created: created})
	d.AddPage()
	office.drawLogo(d, 8, 8, 60, 18)
	d.Text(pdf.A6Width/2, 40, t.T("pickup_code"), pdf.Style{Face: pdf.Bold, Size: 13, Color: pdf.Black}, pdf.Center)
	d.QR(pdf.A6Width/2-27.5, 46, 55, code)
	d.Text(pdf.A6Width/2, 116, code, pdf.Style{Face: pdf.Bold, Size: 30, Color: pdf.Black}, pdf.Center)
	d.Text(pdf.A6Width/2, 128, number, pdf.Style{Size: 12, Color: pdf.Black}, pdf.Center)
	return d.Bytes()
}

// PickingLine is what to fetch from one place of the stock room.
type PickingLine struct {
	Place, SKU, Name string
	Quantity         int
	Orders           string
}

// PickingList draws what to fetch for a batch of orders, along the shelves, on A4.
func PickingList(lang text.Lang, office Office, lines []PickingLine, created time.Time) ([]byte, error) {
	t := words.In(lang)
	d := pdf.New(pdf.Options{Title: t.T("picking_list"), Author: office.Name, Lang: string(lang), Created: created})
	table := pdf.Table{X: slipMargin, Gap: 3, Pad: 1.2, Head: slipLabel, MostLines: 2, Columns: []pdf.Column{
		{Title: t.T("column_place"), Width: 24}, {Title: t.T("column_sku"), Width: 38}, {Title: t.T("column_name"), Width: 52}, {Title: t.T("column_quantity"), Width: 12, Align: pdf.Right}, {Title: t.T("column_orders"), Width: 36}}}
	y := slipBottom + 1
	for _, l := range lines {
		row := []pdf.Cell{{{Text: l.Place, Style: slipName}}, {{Text: l.SKU, Style: slipText}}, {{Text: l.Name, Style: slipText}}, {{Text: strconv.Itoa(l.Quantity), Style: slipName}}, {{Text: l.Orders, Style: slipSmall}}}
		if y+table.Height(d, row) > slipBottom {
			d.AddPage()
			y = slipMargin
			if d.Pages() == 1 {
				y += d.Lines(slipMargin, y, []string{t.T("picking_list")}, slipTitle, pdf.Left) + 4
			}
			y += table.DrawHead(d, y)
		}
		y += table.DrawRow(d, y, row)
	}
	if len(lines) == 0 {
		d.AddPage()
		d.Lines(slipMargin, slipMargin, []string{t.T("picking_list")}, slipTitle, pdf.Left)
	}
	d.EachPage(func(page, pages int) {
		d.Text(pdf.A4Width-slipMargin, pdf.A4Height-12, t.T("page", "page", page, "pages", pages), slipSmall, pdf.Right)
	})
	return d.Bytes()
}
