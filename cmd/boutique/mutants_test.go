package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// sabotage runs the mutants, which takes minutes: `make mutants`.
var sabotage = flag.Bool("mutants", false, "make each sabotage of testdata/mutants in a copy, and see the tests go red")

// mutant is a sabotage: a patch, and the tests that must notice.
type mutant struct {
	name, why, pkg, run string
	edits               []edit
}

// edit replaces lines of a file. They are found by what they say, wherever they stand.
type edit struct{ file, old, new string }

// mutants reads the patches.
func mutants(t *testing.T) []mutant {
	t.Helper()
	names, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d patches, %v", len(names), err)
	}
	var list []mutant
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseMutant(strings.TrimSuffix(filepath.Base(name), ".patch"), string(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, m)
	}
	return list
}

func parseMutant(name, patch string) (mutant, error) {
	m := mutant{name: name}
	var e *edit
	file := ""
	for line := range strings.Lines(patch) {
		switch {
		case strings.HasPrefix(line, "--- a/"):
			file, e = strings.TrimSpace(strings.TrimPrefix(line, "--- a/")), nil
		case strings.HasPrefix(line, "+++ "):
		case strings.HasPrefix(line, "@@"):
			m.edits = append(m.edits, edit{file: file})
			e = &m.edits[len(m.edits)-1]
		case strings.HasPrefix(line, "Run: "):
			m.pkg, m.run, _ = strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "Run: ")), " ")
		case e == nil:
			if m.why == "" {
				m.why = strings.TrimSpace(line)
			}
		case line[0] == '-':
			e.old += line[1:]
		case line[0] == '+':
			e.new += line[1:]
		default:
			e.old += line[1:]
			e.new += line[1:]
		}
	}
	if m.why == "" || m.pkg == "" || m.run == "" || len(m.edits) == 0 {
		return m, errors.New("it needs a sentence, a line Run: PACKAGE TESTS, and a patch")
	}
	return m, nil
}

// apply makes the sabotage in a tree and gives back what was there.
func (m mutant) apply(root string) (restore map[string][]byte, err error) {
	restore = map[string][]byte{}
	for _, e := range m.edits {
		path := filepath.Join(root, e.file)
		data, err := os.ReadFile(path)
		if err != nil {
			return restore, err
		}
		if _, known := restore[path]; !known {
			restore[path] = data
		}
		if n := strings.Count(string(data), e.old); n != 1 {
			return restore, fmt.Errorf("the patch does not apply to %s any more: its lines are there %d times; write it anew", e.file, n)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(data), e.old, e.new, 1)), 0o644); err != nil {
			return restore, err
		}
	}
	return restore, nil
}

// Every patch still applies, and its tests still exist: a sabotage that nobody can make proves nothing.
func TestEveryMutantApplies(t *testing.T) {
	t.Parallel()
	for _, m := range mutants(t) {
		for _, e := range m.edits {
			data, err := os.ReadFile(filepath.Join("../..", e.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(data), e.old); n != 1 {
				t.Errorf("testdata/mutants/%s.patch does not apply to %s any more: its lines are there %d times; write it anew", m.name, e.file, n)
			}
		}
		if !testsExist(t, m) {
			t.Errorf("testdata/mutants/%s.patch is noticed by %s in %s, which is not there", m.name, m.run, m.pkg)
		}
	}
}

func testsExist(t *testing.T, m mutant) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("../..", m.pkg, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(m.run, "|") {
		name, _, _ = strings.Cut(name, "/")
		found := false
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			found = found || strings.Contains(string(data), "func "+name)
		}
		if !found {
			return false
		}
	}
	return true
}

// Each sabotage is made in a copy of the tree, one at a time: the suite must go red.
func TestMutants(t *testing.T) {
	if !*sabotage {
		t.Skip("make mutants makes each sabotage in a copy of the tree")
	}
	tree := filepath.Join(t.TempDir(), "boutique")
	if err := copyTree("../..", tree); err != nil {
		t.Fatal(err)
	}
	killed, all := 0, 0
	for _, m := range mutants(t) {
		all++
		t.Run(m.name, func(t *testing.T) {
			restore, err := m.apply(tree)
			defer func() {
				for path, data := range restore {
					if err := os.WriteFile(path, data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}()
			if err != nil {
				t.Fatal(err)
			}
			command := exec.Command("go", "test", "-count=1", "-timeout", "10m", "-run", m.run, m.pkg)
			command.Dir = tree
			output, err := command.CombinedOutput()
			switch said := string(output); {
			case err == nil:
				t.Errorf("nobody noticed: %s", m.why)
			case strings.Contains(said, "[build failed]") || strings.Contains(said, "[setup failed]"):
				t.Errorf("the sabotage does not build: %s", tail(said, 1500))
			default:
				killed++
				t.Logf("noticed: %s", m.why)
			}
		})
	}
	t.Logf("%d of %d sabotages were noticed", killed, all)
}

// copyTree copies the module's sources.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name == ".git" || name == "bin" || name == "demo-data" || name == "data" {
				return fs.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, name), 0o755)
		}
		if !d.Type().IsRegular() || name == ".git" {
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, name), data, 0o644)
	})
}
