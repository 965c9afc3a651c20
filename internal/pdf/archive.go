package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Attachment is an XML file that a document carries as the same thing for programs (Factur-X).
// Profile is its conformance level: "EN 16931".
type Attachment struct {
	Name, Profile string
	Data          []byte
}

var (
	trailerRoot = regexp.MustCompile(`/Root (\d+) 0 R`)
	trailerInfo = regexp.MustCompile(`/Info (\d+) 0 R`)
	trailerSize = regexp.MustCompile(`/Size (\d+)`)
	emptyNames  = regexp.MustCompile(`/Names <<\s*/EmbeddedFiles << /Names \[\s*\] >>\s*>>`)
	trailerXref = regexp.MustCompile(`startxref\s+(\d+)\s+%%EOF\s*$`)
)

// Archive ends a finished document as PDF/A-3 with an attachment (ISO 19005-3): one incremental
// update brings the embedded file with its relationship, an sRGB output intent, the XMP metadata
// that repeat the document's own, and the file's identifier. It is that by construction; no
// validator of PDF/A has judged it.
func Archive(file []byte, o Options, a Attachment) ([]byte, error) {
	last := func(re *regexp.Regexp) (int, error) {
		all := re.FindAllSubmatch(file, -1)
		if len(all) == 0 {
			return 0, fmt.Errorf("the PDF has no %s", re)
		}
		return strconv.Atoi(string(all[len(all)-1][1]))
	}
	var numbers [4]int
	for i, re := range []*regexp.Regexp{trailerRoot, trailerInfo, trailerSize, trailerXref} {
		n, err := last(re)
		if err != nil {
			return nil, err
		}
		numbers[i] = n
	}
	root, info, size, xref := numbers[0], numbers[1], numbers[2], numbers[3]
	begin := bytes.LastIndex(file, []byte(fmt.Sprintf("\n%d 0 obj", root)))
	end := bytes.Index(file[max(begin, 0):], []byte("endobj"))
	if begin < 0 || end < 0 {
		return nil, fmt.Errorf("the PDF has no catalogue")
	}
	catalogue := emptyNames.ReplaceAllString(string(file[begin+1:begin+end]), "")
	close := strings.LastIndex(catalogue, ">>")
	if close < 0 || strings.Contains(catalogue, "/Names") {
		return nil, fmt.Errorf("the PDF's catalogue can't be added to")
	}
	u := &update{next: size, at: len(file)}
	u.out.Write(file)
	profile := u.stream("/N 3 /Alternate /DeviceRGB", srgbProfile(), true)
	intent := u.object(fmt.Sprintf("<</Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB IEC61966-2.1) /Info (sRGB IEC61966-2.1) /DestOutputProfile %d 0 R>>", profile))
	sum := md5.Sum(a.Data)
	date := pdfDate(o.Created)
	embedded := u.stream(fmt.Sprintf("/Type /EmbeddedFile /Subtype /text#2Fxml /Params <</ModDate (%s) /Size %d /CheckSum <%s>>>", date, len(a.Data), hex.EncodeToString(sum[:])), a.Data, true)
	spec := u.object(fmt.Sprintf("<</Type /Filespec /F (%s) /UF (%s) /AFRelationship /Alternative /Desc (Factur-X) /EF <</F %d 0 R /UF %d 0 R>>>>", a.Name, a.Name, embedded, embedded))
	metadata := u.stream("/Type /Metadata /Subtype /XML", xmp(o, a), false)
	u.place(root, catalogue[strings.Index(catalogue, "obj")+3:close]+
		fmt.Sprintf("/Version /1.7 /AF [%d 0 R] /Names <</EmbeddedFiles <</Names [(%s) %d 0 R]>>>> /OutputIntents [%d 0 R] /Metadata %d 0 R>>", spec, a.Name, spec, intent, metadata))
	id := md5.Sum(file)
	return u.end(root, info, xref, hex.EncodeToString(id[:])), nil
}

func pdfDate(t time.Time) string { return "D:" + t.UTC().Format("20060102150405") + "Z" }

// update is an incremental update in the making.
type update struct {
	out    bytes.Buffer
	next   int
	at     int
	placed [][2]int
}

func (u *update) place(n int, body string) {
	u.placed = append(u.placed, [2]int{n, u.out.Len()})
	fmt.Fprintf(&u.out, "%d 0 obj\n%s\nendobj\n", n, strings.TrimSpace(body))
}

func (u *update) object(body string) int {
	n := u.next
	u.next++
	u.place(n, body)
	return n
}

// stream writes data; metadata stay readable for programs that know no PDF.
func (u *update) stream(dict string, data []byte, deflate bool) int {
	if deflate {
		var b bytes.Buffer
		z := zlib.NewWriter(&b)
		_, _ = z.Write(data)
		_ = z.Close()
		data, dict = b.Bytes(), dict+" /Filter /FlateDecode"
	}
	return u.object(fmt.Sprintf("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data))
}

func (u *update) end(root, info, before int, id string) []byte {
	xref := u.out.Len()
	u.out.WriteString("xref\n")
	for _, p := range u.placed {
		fmt.Fprintf(&u.out, "%d 1\n%010d 00000 n\r\n", p[0], p[1])
	}
	fmt.Fprintf(&u.out, "trailer\n<</Size %d /Root %d 0 R /Info %d 0 R /Prev %d /ID [<%s> <%s>]>>\nstartxref\n%d\n%%%%EOF\n", u.next, root, info, before, id, id, xref)
	return u.out.Bytes()
}

// xmp repeats the document's information and tells that it is PDF/A-3 B and a Factur-X.
func xmp(o Options, a Attachment) []byte {
	escape := func(s string) string {
		var b bytes.Buffer
		_ = xml.EscapeText(&b, []byte(s))
		return b.String()
	}
	at := o.Created.UTC().Format("2006-01-02T15:04:05Z")
	title, author, subject := escape(Regular.printable(o.Title, func(rune) {})), escape(Regular.printable(o.Author, func(rune) {})), escape(Regular.printable(o.Subject, func(rune) {}))
	property := func(name, what string) string {
		return `<rdf:li rdf:parseType="Resource"><pdfaProperty:name>` + name + `</pdfaProperty:name><pdfaProperty:valueType>Text</pdfaProperty:valueType><pdfaProperty:category>external</pdfaProperty:category><pdfaProperty:description>` + what + `</pdfaProperty:description></rdf:li>`
	}
	const fx = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
	return []byte("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"><pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">` + title + `</rdf:li></rdf:Alt></dc:title>` +
		`<dc:creator><rdf:Seq><rdf:li>` + author + `</rdf:li></rdf:Seq></dc:creator><dc:description><rdf:Alt><rdf:li xml:lang="x-default">` + subject + `</rdf:li></rdf:Alt></dc:description></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"><pdf:Producer>Boutique</pdf:Producer></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/"><xmp:CreateDate>` + at + `</xmp:CreateDate><xmp:ModifyDate>` + at + `</xmp:ModifyDate></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">` +
		`<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema><pdfaSchema:namespaceURI>` + fx + `</pdfaSchema:namespaceURI><pdfaSchema:prefix>fx</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq>` +
		property("DocumentFileName", "name of the embedded XML invoice file") + property("DocumentType", "INVOICE") + property("Version", "version of the XML schema") + property("ConformanceLevel", "conformance level of the XML invoice") +
		`</rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>` +
		`<rdf:Description rdf:about="" xmlns:fx="` + fx + `"><fx:DocumentType>INVOICE</fx:DocumentType><fx:DocumentFileName>` + a.Name + `</fx:DocumentFileName><fx:Version>1.0</fx:Version><fx:ConformanceLevel>` + a.Profile + `</fx:ConformanceLevel></rdf:Description>` +
		"</rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>")
}

// srgbProfile is a matrix profile of the sRGB colour space (ICC.1:2001): its primaries adapted to
// D50, and a gamma of 2.2 in place of its curve.
func srgbProfile() []byte {
	fixed := func(v float64) []byte { return binary.BigEndian.AppendUint32(nil, uint32(int32(v*65536+0.5))) }
	xyz := func(x, y, z float64) []byte {
		return bytes.Join([][]byte{[]byte("XYZ \x00\x00\x00\x00"), fixed(x), fixed(y), fixed(z)}, nil)
	}
	const name = "sRGB IEC61966-2.1"
	description := append([]byte("desc\x00\x00\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(name)+1))...)
	description = append(append(description, name...), make([]byte, 1+8+3+67)...)
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33")
	tags := []struct {
		sign string
		data []byte
	}{
		{"desc", description}, {"cprt", []byte("text\x00\x00\x00\x00No copyright\x00")}, {"wtpt", xyz(0.9642, 1, 0.8249)},
		{"rXYZ", xyz(0.4360747, 0.2225045, 0.0139322)}, {"gXYZ", xyz(0.3850649, 0.7168786, 0.0971045)}, {"bXYZ", xyz(0.1430804, 0.0606169, 0.7141733)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	}
	var table, body []byte
	table = binary.BigEndian.AppendUint32(table, uint32(len(tags)))
	offset := 128 + 4 + 12*len(tags)
	for _, t := range tags {
		table = append(table, t.sign...)
		table = binary.BigEndian.AppendUint32(table, uint32(offset+len(body)))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.data)))
		body = append(body, t.data...)
		for len(body)%4 != 0 {
			body = append(body, 0)
		}
	}
	head := make([]byte, 128)
	binary.BigEndian.PutUint32(head, uint32(offset+len(body)))
	copy(head[8:], "\x02\x10\x00\x00mntrRGB XYZ \x07\xea\x00\x01\x00\x01")
	copy(head[36:], "acsp")
	copy(head[68:], bytes.Join([][]byte{fixed(0.9642), fixed(1), fixed(0.8249)}, nil))
	return bytes.Join([][]byte{head, table, body}, nil)
}
