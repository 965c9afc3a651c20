package main

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Whoever links a library names its licence: LICENSES.md lists every module in the program and in
// its tests, with its version.
func TestEveryModuleIsListedWithItsLicence(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../LICENSES.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-tags", "nodynamic", "-test", "-deps", "-f", "{{with .Module}}| {{.Path}} | {{.Version}} |{{end}}", "boutique/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		row := strings.TrimSpace(line)
		if row == "" || said[row] || strings.HasPrefix(row, "| boutique |") {
			continue
		}
		said[row] = true
		if !strings.Contains(string(page), row) {
			t.Errorf("LICENSES.md has no row %s", row)
		}
	}
}
