package pdf_test

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"boutique/internal/pdf"
	"boutique/internal/pdf/pdftest"
)

var created = time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC)

func document() *pdf.Document {
	d := pdf.New(pdf.Options{Title: "Essai d’encre", Author: "Office de tourisme", Lang: "fr", Created: created})
	d.AddPage()
	return d
}

func finish(t *testing.T, d *pdf.Document) []byte {
	t.Helper()
	data, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	pdftest.Keep(t, data)
	return data
}

func TestFontsAreTheOnesThatTheLockNames(t *testing.T) {
	t.Parallel()
	lock, err := os.ReadFile("fonts/LOCK")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for line := range strings.Lines(string(lock)) {
		fields := strings.Fields(line)
		if len(fields) != 4 || fields[0] == "#" {
			continue
		}
		named++
		data, err := os.ReadFile("fonts/" + fields[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != fields[3] {
			t.Errorf("%s has SHA-256 %s, the lock says %s", fields[0], got, fields[3])
		}
	}
	if named != 3 {
		t.Errorf("the lock names %d fonts, want 3", named)
	}
}

func TestTextFacesPrintEverythingADocumentNeeds(t *testing.T) {
	t.Parallel()
	signs := "àâäçéèêëîïôöùûüÿœæÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŸŒÆßẞĲĳ€№«»“”‘’–—…·•°×≥½☐✓→\u00a0\u202f"
	for r := ' '; r <= '~'; r++ {
		signs += string(r)
	}
	for _, r := range signs {
		for _, face := range []pdf.Face{pdf.Regular, pdf.Bold} {
			if !face.Prints(r) {
				t.Errorf("face %d has no glyph for %q", face, r)
			}
		}
	}
	for _, r := range "abcxyzABCXYZ0123456789 .,;:!?'’-–—&()«»éèêëàâçîïôùûœŒÉÈÀ" {
		if !pdf.Heading.Prints(r) {
			t.Errorf("the heading face has no glyph for %q", r)
		}
	}
}

func TestTextStandsWhereItWasPut(t *testing.T) {
	t.Parallel()
	d := document()
	style := pdf.Style{Face: pdf.Regular, Size: 12, Color: pdf.Slate}
	d.Text(30, 50, "gauche", style, pdf.Left)
	d.Text(105, 60, "milieu", style, pdf.Center)
	d.Text(180, 70, "droite", style, pdf.Right)
	data := finish(t, d)
	pdftest.Check(t, data)
	near := func(what string, got, want float64) {
		if math.Abs(got-want) > 0.3 {
			t.Errorf("%s is at %.2f mm, want %.2f", what, got, want)
		}
	}
	for _, w := range pdftest.Words(t, data) {
		switch w.Text {
		case "gauche":
			near(w.Text, w.Left, 30)
		case "milieu":
			near(w.Text, (w.Left+w.Right)/2, 105)
		case "droite":
			near(w.Text, w.Right, 180)
		}
		if w.Top > 70 || w.Bottom < 45 {
			t.Errorf("%s stands from %.1f to %.1f mm", w.Text, w.Top, w.Bottom)
		}
	}
}

func TestAccentsAndLigaturesReadBack(t *testing.T) {
	t.Parallel()
	d := document()
	want := "Œuvre à l’Épicerie — « Noël », 12,50\u00a0€ · IJsvrij Straße ẞ"
	d.Text(20, 30, want, pdf.Style{Size: 11}, pdf.Left)
	// A letter and its accent as two characters are one glyph on paper.
	d.Text(20, 40, "decompose\u0301", pdf.Style{Size: 11}, pdf.Left)
	data := finish(t, d)
	got := strings.ReplaceAll(pdftest.Text(t, data), "\u00a0", " ")
	for _, s := range []string{strings.ReplaceAll(want, "\u00a0", " "), "decomposé"} {
		if !strings.Contains(got, s) {
			t.Errorf("%q does not read back from\n%s", s, got)
		}
	}
	if m := d.Missing(); len(m) != 0 {
		t.Errorf("missing %q", m)
	}
}

func TestWhatNoFaceHasIsWrittenInLatinLettersAndNamed(t *testing.T) {
	t.Parallel()
	d := document()
	d.Text(20, 30, "王小明 \U0001F381 \xff", pdf.Style{Size: 11}, pdf.Left)
	data := finish(t, d)
	pdftest.Check(t, data)
	if got := pdftest.Text(t, data); !strings.Contains(got, "Wang Xiao Ming") {
		t.Errorf("the name reads %q", strings.TrimSpace(got))
	}
	if got := string(d.Missing()); !strings.Contains(got, "王") || !strings.Contains(got, "\U0001F381") {
		t.Errorf("Missing() = %q", got)
	}
}

func TestLinesAreBrokenAtSpacesAndHeldToTheirWidth(t *testing.T) {
	t.Parallel()
	d := document()
	style := pdf.Style{Size: 10}
	text := "Tasse émaillée du beffroi, 12,50\u00a0€ " + strings.Repeat("anticonstitutionnellement", 6) + "\nfin"
	lines := d.Wrap(text, style, 40)
	for _, line := range lines {
		if w := d.TextWidth(line, style); w > 40 {
			t.Errorf("%q is %.1f mm wide", line, w)
		}
	}
	if got := strings.ReplaceAll(strings.Join(lines, ""), " ", ""); got != strings.NewReplacer(" ", "", "\n", "").Replace(text) {
		t.Errorf("letters were lost: %q", got)
	}
	if lines[len(lines)-1] != "fin" {
		t.Errorf("a line end was not kept: %q", lines)
	}
	if clipped := d.Clip(text, style, 40, 2); len(clipped) != 2 || !strings.HasSuffix(clipped[1], "…") {
		t.Errorf("clipped: %q", clipped)
	}
}

func TestTheSameDocumentIsTheSameBytes(t *testing.T) {
	t.Parallel()
	make := func() []byte {
		d := document()
		d.Text(20, 30, "Facture F2026-000001", pdf.Style{Face: pdf.Heading, Size: 20}, pdf.Left)
		d.Text(20, 40, "Beffroy-sur-Scarpe", pdf.Style{Face: pdf.Bold, Size: 10}, pdf.Left)
		d.QR(20, 50, 30, "https://boutique.example/fr/orders/B2026-1")
		data, err := d.Bytes()
		if err != nil {
			t.Error(err)
		}
		return data
	}
	first := make()
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if !bytes.Equal(make(), first) {
				t.Error("two drawings of one document differ")
			}
		})
	}
	wait.Wait()
}

func TestPageNumbersAreDrawnWhenTheNumberOfPagesIsKnown(t *testing.T) {
	t.Parallel()
	d := document()
	d.AddPage()
	d.Text(20, 30, "seconde", pdf.Style{Face: pdf.Heading, Size: 14}, pdf.Left)
	d.EachPage(func(page, pages int) {
		d.Text(105, 290, fmt.Sprintf("page%d/%d", page, pages), pdf.Style{Size: 8}, pdf.Center)
	})
	data := finish(t, d)
	pdftest.Check(t, data)
	found := map[int]string{}
	for _, w := range pdftest.Words(t, data) {
		if strings.HasPrefix(w.Text, "page") {
			found[w.Page] = w.Text
			if middle := (w.Left + w.Right) / 2; math.Abs(middle-105) > 0.3 {
				t.Errorf("%s is centred at %.1f mm", w.Text, middle)
			}
		}
	}
	if found[1] != "page1/2" || found[2] != "page2/2" {
		t.Errorf("found %v", found)
	}
}

func TestBarcodesReadBackFromPaper(t *testing.T) {
	t.Parallel()
	d := document()
	d.Code128(30, 30, 60, 15, "B2026-7K3QX9TD")
	d.EAN13(30, 60, 37.29, 22, "4006381333931")
	d.QR(30, 100, 30, "https://boutique.example/fr/orders/B2026-7K3QX9TD?é")
	data := finish(t, d)
	pdftest.Check(t, data)
	page := pdftest.Render(t, data, 1, 200)
	if got := pdftest.Code128(t, pdftest.Crop(page, 200, 20, 28, 80, 20)); got != "B2026-7K3QX9TD" {
		t.Errorf("Code 128 reads %q", got)
	}
	if got := pdftest.EAN13(t, pdftest.Crop(page, 200, 20, 58, 60, 26)); got != "4006381333931" {
		t.Errorf("EAN-13 reads %q", got)
	}
	if got := pdftest.QR(t, pdftest.Crop(page, 200, 25, 95, 40, 40)); got != "https://boutique.example/fr/orders/B2026-7K3QX9TD?é" {
		t.Errorf("QR reads %q", got)
	}
}

func TestAWrongBarcodeFailsTheDocument(t *testing.T) {
	t.Parallel()
	d := document()
	d.EAN13(30, 60, 37, 20, "4006381333932")
	d.QR(0, 0, 10, strings.Repeat("x", 4000))
	if _, err := d.Bytes(); err == nil || !strings.Contains(err.Error(), "check digit") {
		t.Errorf("error: %v", err)
	}
}

func TestRowsAreAsHighAsTheirHighestCell(t *testing.T) {
	t.Parallel()
	d := document()
	style := pdf.Style{Size: 9}
	table := pdf.Table{
		X: 20, Columns: []pdf.Column{{Title: "Désignation", Width: 60}, {Title: "Total", Width: 20, Align: pdf.Right}},
		Gap: 4, Pad: 2, Head: pdf.Style{Face: pdf.Bold, Size: 8}, MostLines: 3,
	}
	if w := table.Width(); w != 84 {
		t.Errorf("the table is %.1f mm wide", w)
	}
	y := 30 + table.DrawHead(d, 30)
	one := []pdf.Cell{{{"Tasse", style}}, {{"12,50\u00a0€", style}}}
	long := []pdf.Cell{{{strings.Repeat("Une tasse en émail ", 40), style}}, {{"1,00\u00a0€", style}}}
	h := table.DrawRow(d, y, one)
	if want := style.Leading() + 4; math.Abs(h-want) > 0.01 {
		t.Errorf("one line is %.2f mm high, want %.2f", h, want)
	}
	if got, want := table.DrawRow(d, y+h, long), 3*style.Leading()+4; math.Abs(got-want) > 0.01 {
		t.Errorf("three lines are %.2f mm high, want %.2f", got, want)
	}
	pdftest.Check(t, finish(t, d))
}
