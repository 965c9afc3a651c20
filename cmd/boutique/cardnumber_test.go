package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pdf"
)

// cardNumber finds what may be a card number: the lengths of the schemes, in one piece or in groups.
var cardNumber = regexp.MustCompile(`(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2})(?:[ -]?\d{4}){3}|3[47]\d{2}[ -]?\d{6}[ -]?\d{5}`)

// cardNumbers lists what may be card numbers in a text, each with what stands before it.
func cardNumbers(s string) []string {
	var found []string
	for _, at := range cardNumber.FindAllStringIndex(s, -1) {
		before, after := byte(' '), byte(' ')
		if at[0] > 0 {
			before = s[at[0]-1]
		}
		if at[1] < len(s) {
			after = s[at[1]]
		}
		// Part of a longer number, of a hash or of an identifier is no card's number.
		if strings.ContainsRune("0123456789abcdefABCDEF-_.", rune(before)) || strings.ContainsRune("0123456789abcdefABCDEF-_", rune(after)) {
			continue
		}
		if luhn(s[at[0]:at[1]]) {
			found = append(found, s[max(0, at[0]-40):min(len(s), at[1]+10)])
		}
	}
	return found
}

// noCardNumber looks through database, log and mails for anything that could be a card's number: no more of a
// card reaches the shop than its brand and its last four digits.
func (h *house) noCardNumber() {
	h.t.Helper()
	look := func(where, s string) {
		for _, found := range cardNumbers(s) {
			h.t.Errorf("%s holds what may be a card number: …%s…", where, found)
		}
	}
	said := h.log.String()
	look("the log", said)
	sources, err := filepath.Glob(filepath.Join(h.mailDir, "*.eml"))
	if err != nil {
		h.t.Fatal(err)
	}
	for _, file := range sources {
		source, err := os.ReadFile(file)
		if err != nil {
			h.t.Fatal(err)
		}
		look("a mail's source", string(source))
		for _, part := range mailParts(h.t, source) {
			look("a mail", part)
			look("a mail's attachment", streams(part))
		}
	}
	tables := h.dump()
	for table, text := range tables {
		look("the table "+table, text)
	}
	// A search of nothing finds nothing: what it goes through is the whole of a shop that has sold.
	if sold := h.count(`select count(*) from orders where confirmed_at is not null`); sold > 0 && (len(said) == 0 || len(sources) == 0 || !strings.Contains(tables["orders"], "@")) {
		h.t.Errorf("%d orders were sold, and the search went through %d bytes of log, %d mails and %d tables", sold, len(said), len(sources), len(tables))
	}
}

// mailParts are the parts of a mail as a reader's program shows them, attachments included.
func mailParts(t testing.TB, source []byte) []string {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(source))
	if err != nil {
		t.Fatal(err)
	}
	return partsOf(t, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), m.Body)
}

func partsOf(t testing.TB, kind, encoding string, body io.Reader) []string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		var list []string
		for parts := multipart.NewReader(body, parameters["boundary"]); ; {
			part, err := parts.NextRawPart()
			if err == io.EOF {
				return list
			}
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, partsOf(t, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"), part)...)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return []string{string(data)}
}

// dump is the whole database as text: each table as it is copied out, and what its columns of bytes hold.
func (h *house) dump() map[string]string {
	h.t.Helper()
	ctx := h.t.Context()
	rows, err := h.owner.Query(ctx, `
		select format('%I', t.tablename), coalesce(array_agg(format('%I', c.column_name)) filter (where c.data_type = 'bytea'), '{}')
		from pg_tables t join information_schema.columns c on c.table_schema = t.schemaname and c.table_name = t.tablename
		where t.schemaname = 'public' group by t.tablename`)
	if err != nil {
		h.t.Fatal(err)
	}
	tables := map[string][]string{}
	var table string
	var bytea []string
	if _, err := pgx.ForEachRow(rows, []any{&table, &bytea}, func() error {
		tables[table] = slices.Clone(bytea)
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	all := map[string]string{}
	for table, columns := range tables {
		all[table] = h.dumpTable(ctx, table, columns)
	}
	return all
}

func (h *house) dumpTable(ctx context.Context, table string, bytea []string) string {
	h.t.Helper()
	conn, err := h.owner.Acquire(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	defer conn.Release()
	var b strings.Builder
	if _, err := conn.Conn().PgConn().CopyTo(ctx, &b, "copy "+table+" to stdout"); err != nil {
		h.t.Fatal(err)
	}
	for _, column := range bytea {
		rows, err := conn.Query(ctx, fmt.Sprintf(`select %s from %s where %s is not null`, column, table, column))
		if err != nil {
			h.t.Fatal(err)
		}
		list, err := pgx.CollectRows(rows, pgx.RowTo[[]byte])
		if err != nil {
			h.t.Fatal(err)
		}
		for _, one := range list {
			b.Write(one)
			b.WriteByte('\n')
			b.WriteString(streams(string(one)))
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// streams is what the streams of a PDF hold: what its pages say, whose letters are two bytes each, and its
// attached files. It is nothing for anything else.
func streams(file string) string {
	if !strings.HasPrefix(file, "%PDF-") {
		return ""
	}
	var said strings.Builder
	for {
		_, after, found := strings.Cut(file, "stream\n")
		if !found {
			return said.String()
		}
		data, rest, _ := strings.Cut(after, "\nendstream")
		file = rest
		if plain, err := zlib.NewReader(strings.NewReader(data)); err == nil {
			if whole, err := io.ReadAll(plain); err == nil {
				data = string(whole)
			}
		}
		said.WriteString(strings.ReplaceAll(data, "\x00", ""))
		said.WriteByte('\n')
	}
}

// luhn tells whether the digits have a card's check digit.
func luhn(s string) bool {
	sum, n := 0, 0
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		d := int(s[i] - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
	}
	return sum%10 == 0
}

// What is looked for is found wherever it may stand, and what only looks like it is left alone.
func TestACardNumberIsFoundWhereverItStands(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		finds bool
	}{
		{`{"card":"4242424242424242"}`, true},
		{"paid by 4000 0027 6000 3184, thank you", true},
		{"card_number=5555555555554444&cvc=123", true},
		{"378282246310005", true},
		{"3782 822463 10005", true},
		{"note\t4000-0000-0000-9995\t", true},
		{"4242424242424241", false},
		{"2001480000489", false},
		{"1d4242424242424242f0", false},
		{"pi_34242424242424242", false},
		{"42424242424242424242", false},
		{"visa …4242", false},
	} {
		if got := len(cardNumbers(c.text)) > 0; got != c.finds {
			t.Errorf("%q: found %v, want %v", c.text, got, c.finds)
		}
	}
	source := "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n4242 4242 =\r\n4242 4242\r\n--x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
		base64.StdEncoding.EncodeToString([]byte("5555 5555 5555 4444")) + "\r\n--x--\r\n"
	for i, part := range mailParts(t, []byte(source)) {
		if len(cardNumbers(part)) != 1 {
			t.Errorf("part %d of a mail hides its number: %q", i, part)
		}
	}
}

// A number on a page or in the file that a page carries is written in no bytes that a plain search would find.
func TestACardNumberIsFoundInAPaper(t *testing.T) {
	t.Parallel()
	paper := func(page, file string) string {
		o := pdf.Options{Title: "Facture", Lang: "fr", Created: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
		d := pdf.New(o)
		d.AddPage()
		d.Text(20, 20, page, pdf.Style{Size: 10}, pdf.Left)
		data, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if data, err = pdf.Archive(data, o, pdf.Attachment{Name: "factur-x.xml", Profile: "EN 16931", Data: []byte(file)}); err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	const number = "4242 4242 4242 4242"
	for _, c := range []struct {
		name, paper string
		finds       int
	}{
		{"nowhere", paper("Un mug", "<a>Un mug</a>"), 0},
		{"on the page", paper("Carte "+number, "<a/>"), 1},
		{"in the attached file", paper("Un mug", "<a>"+number+"</a>"), 1},
	} {
		if got := len(cardNumbers(streams(c.paper))); got != c.finds {
			t.Errorf("%s: %d found, want %d", c.name, got, c.finds)
		}
	}
}
