package shop

import (
	"slices"
	"strings"
	"testing"
)

const goodTariff = "zone;from;up_to;price;cost\nfr;0;500;6,90;5,20\nfr;500;2000;9,90;\nfr;;above/1000;2,00;\nfr;;free;75,00;\nbe;0;1000;;\nbe;;above;;\n"

func TestATariffFileIsReadOrNamedLineByLine(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	tariffs, problems := ReadTariffs([]byte("\ufeff"+goodTariff), c, ByWeight)
	if problems != nil {
		t.Fatal(problems)
	}
	fr, be := tariffs["fr"], tariffs["be"]
	if len(fr.Bands) != 2 || *fr.Bands[1].Price != 990 || fr.Above == nil || fr.Above.Each != 1000 || *fr.FreeFrom != 7500 || be.Above != nil || be.Bands[0].Price != nil {
		t.Errorf("%+v\n%+v", fr, be)
	}
	m := Method{Tariffs: tariffs}
	again, problems := ReadTariffs([]byte(m.TariffFile(c, "2026-11-26")), c, ByWeight)
	if problems != nil || len(again["fr"].Bands) != 2 || again["fr"].Above.Each != 1000 {
		t.Errorf("what is written is not read: %v", problems)
	}
	for name, w := range map[string]struct {
		file, code string
		line       int
	}{
		"overlap":        {"zone;from;up_to;price\nfr;0;500;1\nfr;400;900;2\nfr;;above;\n", "band_overlap", 3},
		"gap":            {"zone;from;up_to;price\nfr;0;500;1\nfr;600;900;2\nfr;;above;\n", "band_gap", 3},
		"twice":          {"zone;up_to;price\nfr;500;1\nfr;500;2\nfr;above;\n", "band_twice", 3},
		"negative":       {"zone;up_to;price\nfr;500;-1\nfr;above;\n", "negative", 2},
		"decimals":       {"zone;up_to;price\nfr;500;1,999\nfr;above;\n", "amount", 2},
		"another zone":   {"zone;up_to;price\nmoon;500;1\n", "zone_unknown", 2},
		"no above":       {"zone;up_to;price\nfr;500;1\n", "above_undeclared", 2},
		"no column":      {"zone;price\nfr;1\n", "column_missing", 1},
		"windows-1252":   {"zone;up_to;price\nfr;500;1\nr\xe9union;500;2\n", "encoding", 3},
		"nothing":        {"", "empty", 1},
		"above nothing":  {"zone;up_to;price\nfr;500;1\nfr;above;3\n", "above_each", 3},
		"weight in word": {"zone;up_to;price\nfr;heavy;1\nfr;above;\n", "number", 2},
	} {
		got, problems := ReadTariffs([]byte(w.file), c, ByWeight)
		if got != nil || !slices.ContainsFunc(problems, func(e LineError) bool { return e.Code == w.code && e.Line == w.line }) {
			t.Errorf("%s: %+v", name, problems)
		}
	}
}

func TestPickupPointsAreReadOrNamedLineByLine(t *testing.T) {
	t.Parallel()
	points, problems := ReadPoints([]byte("code;name;line1;postal_code;city;country;hours\nR1;Tabac du Beffroi;1 place d’Armes;59500;Douai;;9 h – 19 h\nB1;Krantenwinkel;Markt 2;9000;Gent;BE;\n"))
	if problems != nil || len(points) != 2 || points[0].Address.Country != "FR" || points[1].Address.Country != "BE" {
		t.Fatalf("%+v %+v", points, problems)
	}
	_, problems = ReadPoints([]byte("code;name;line1;postal_code;city\nR1;A;B;59500;C\nR1;A;B;5950;\n"))
	var codes []string
	for _, p := range problems {
		codes = append(codes, p.Code)
	}
	for _, want := range []string{"point_twice", "postal_code", "missing"} {
		if !slices.Contains(codes, want) {
			t.Errorf("%v lacks %s", codes, want)
		}
	}
}

func FuzzTariffFile(f *testing.F) {
	f.Add(goodTariff)
	f.Add("zone;up_to;price\n\"")
	f.Fuzz(func(t *testing.T, file string) {
		c := freeEverywhere()
		tariffs, problems := ReadTariffs([]byte(file), c, ByWeight)
		if (tariffs == nil) == (problems == nil) && !(tariffs != nil && problems == nil) {
			t.Fatalf("%v and %v", tariffs, problems)
		}
		for zone, tariff := range tariffs {
			before := 0
			for _, b := range tariff.Bands {
				if b.end() <= before || b.Price != nil && *b.Price < 0 {
					t.Fatalf("%s: %+v", zone, tariff)
				}
				before = b.end()
			}
		}
		ReadPoints([]byte(file))
	})
}

func TestThePictureShowsHolesFallsAndLosses(t *testing.T) {
	t.Parallel()
	c := freeEverywhere()
	c.Cartons = []Carton{{Code: "L", LengthMM: 500, WidthMM: 400, HeightMM: 400, TareG: 100, MaxWeightG: 20000}}
	c.Methods = []Method{{ID: "parcel", Kind: KindParcel, Tariffs: map[string]Tariff{"fr": {Bands: []Band{{UpToG: 300, Price: euros(900), Cost: euros(500)}, {UpToG: 3000, Price: euros(600), Cost: euros(700)}}}}}}
	picture := c.Coverage(Terms{At: tuesday})
	var falls, losses, holes int
	for _, cell := range picture.Rows[0].Cells {
		if cell.Falls {
			falls++
		}
		if cell.Loss {
			losses++
		}
		if cell.Hole {
			holes++
		}
	}
	if falls != 1 || losses != 4 || holes != 5 || !picture.Rows[1].Cells[0].Hole {
		t.Errorf("%d falls, %d losses, %d holes: %+v", falls, losses, holes, picture.Rows[0].Cells)
	}
}

func TestCarrierFilesHaveTheColumnsOfTheirPreset(t *testing.T) {
	t.Parallel()
	var d Dossier
	d.Number, d.Address.Name, d.Address.City, d.Quote.Parcels = "B26-1", "Zoé; Martin", "=Douai", []Parcel{{WeightG: 480}, {WeightG: 900}}
	file := CarrierFile([]Dossier{d}, CarrierPresets()["coliship"])
	lines := strings.Split(strings.TrimPrefix(strings.TrimSpace(file), "\ufeff"), "\r\n")
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "Reference;NomDestinataire") || !strings.Contains(lines[1], `"Zoé; Martin"`) || !strings.Contains(lines[2], ";900;") || strings.Contains(file, ";=") {
		t.Errorf("%q", lines)
	}
	if columns, unknown := ColumnsOf("Ref=reference, Poids=weight_g, x=shoe"); len(columns) != 2 || len(unknown) != 1 {
		t.Errorf("%v %v", columns, unknown)
	}
}
