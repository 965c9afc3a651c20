package ledger

import (
	"archive/zip"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"boutique/internal/pg"
)

// The files of a package that its verification knows by name.
const (
	packageChain    = "chain.txt"
	packageSeals    = "seals.json"
	packageManifest = "manifest.json"
	packageSigned   = "manifest.sig"
)

// Part is one file of a package, written when its turn comes.
type Part struct {
	Name  string
	Write func(io.Writer) error
}

// Manifest lists what a package holds, each file by its SHA-256.
type Manifest struct {
	Shop      string         `json:"shop"`
	First     string         `json:"first"`
	Last      string         `json:"last"`
	Closing   int64          `json:"closing"`
	Files     []ManifestFile `json:"files"`
	PublicKey []byte         `json:"public_key"`
}

// ManifestFile is one file of a package.
type ManifestFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size"`
}

// Package is a closed month on its way out: the parts are its exports, Documents yields the PDFs.
type Package struct {
	Shop      string
	Closing   Closing
	Key       ed25519.PrivateKey
	Parts     []Part
	Documents func(yield func(name string, at time.Time, data []byte) error) error
}

// WritePackage streams a closed month as one zip: its exports, its documents, the entries since the
// month before as a chain, the seals since then, and a manifest of all with its signature. Each file
// is written as it is read, and the same data give the same bytes.
func WritePackage(ctx context.Context, q pg.Querier, w io.Writer, k Package) error {
	c := k.Closing
	chained, seals, err := sinceMonthBefore(ctx, q, c)
	if err != nil {
		return err
	}
	m := Manifest{Shop: k.Shop, First: c.First, Last: c.Last, Closing: c.N, PublicKey: k.Key.Public().(ed25519.PublicKey)}
	z := zip.NewWriter(w)
	parts := append(slices.Clone(k.Parts),
		Part{packageChain, func(w io.Writer) error { return WriteChain(ctx, q, w, chained) }},
		Part{packageSeals, func(w io.Writer) error { return writeJSON(w, seals) }})
	for _, p := range parts {
		file, err := addPart(z, p, c.SealedAt)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, file)
	}
	if err := k.Documents(func(name string, at time.Time, data []byte) error {
		file, err := addPart(z, Part{"documents/" + name, func(w io.Writer) error {
			_, err := w.Write(data)
			return err
		}}, at)
		m.Files = append(m.Files, file)
		return err
	}); err != nil {
		return err
	}
	manifest, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	for _, p := range []struct {
		name string
		data []byte
	}{{packageManifest, manifest}, {packageSigned, []byte(hex.EncodeToString(ed25519.Sign(k.Key, manifest)) + "\n")}} {
		if err := addFile(z, p.name, c.SealedAt, p.data); err != nil {
			return err
		}
	}
	return z.Close()
}

func writeJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// sinceMonthBefore is the piece of the chain that the closing added to the one of the month before,
// and the seals since then, this one included.
func sinceMonthBefore(ctx context.Context, q pg.Querier, c Closing) (Span, []SealFile, error) {
	s := Span{Through: c.EntrySeq}
	var n int64
	err := q.QueryRow(ctx, sqlClosingBefore, pgx.NamedArgs{"n": c.N}).Scan(&n, &s.After, &s.Before)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return s, nil, err
	}
	list, err := readClosings(ctx, q, sqlSealsBetween, pgx.NamedArgs{"after": n, "through": c.N})
	files := make([]SealFile, len(list))
	for i, one := range list {
		files[i] = one.File()
	}
	return s, files, err
}

// hashed counts and hashes what goes through it.
type hashed struct {
	to   io.Writer
	sum  hash.Hash
	size int64
}

// Write passes the bytes on.
func (h *hashed) Write(p []byte) (int, error) {
	n, err := h.to.Write(p)
	h.sum.Write(p[:n])
	h.size += int64(n)
	return n, err
}

func addPart(z *zip.Writer, p Part, at time.Time) (ManifestFile, error) {
	w, err := z.CreateHeader(zipHeader(p.Name, at))
	if err != nil {
		return ManifestFile{}, err
	}
	h := &hashed{to: w, sum: sha256.New()}
	err = p.Write(h)
	return ManifestFile{Name: p.Name, SHA256: hex.EncodeToString(h.sum.Sum(nil)), Size: h.size}, err
}
