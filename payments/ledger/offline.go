package ledger

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"boutique/internal/invariant"
)

// VerifyEntries holds a file of entries against a seal, without a database: each hash recomputed, the
// seal's signature, and the entry that it names still there with the hash that it has. key is the
// shop's public key; nil takes the one that the seal names.
func VerifyEntries(entries io.Reader, seal io.Reader, key ed25519.PublicKey) ([]invariant.Result, error) {
	var list []SealFile
	data, err := io.ReadAll(io.LimitReader(seal, 64<<20))
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &list); err != nil {
		list = make([]SealFile, 1)
		if err := json.Unmarshal(data, &list[0]); err != nil {
			return nil, fmt.Errorf("the seal cannot be read: %w", err)
		}
	}
	return holdAgainst(entries, list, key)
}

// holdAgainst verifies seals, then entries against them.
func holdAgainst(entries io.Reader, list []SealFile, key ed25519.PublicKey) ([]invariant.Result, error) {
	seals, said, err := verifySealFiles(list, key)
	if err != nil || !seals.Holds() {
		return []invariant.Result{seals}, err
	}
	keep := make([]int64, len(said))
	for i, s := range said {
		keep[i] = s.EntrySeq
	}
	f, err := ReadChain(entries, keep...)
	if err != nil || !f.Holds() {
		return []invariant.Result{seals, f.Result}, err
	}
	held := invariant.Result{Name: "sealed entries", Sentence: "every entry that a seal names is there, with the hash that was sealed"}
	for _, s := range said {
		found := f.hashes[s.EntrySeq]
		switch {
		case s.EntrySeq == f.First-1 && s.EntrySeq > 0:
			found = f.Before
		case s.EntrySeq < f.First:
			continue
		case s.EntrySeq > f.Last:
			held.Broken = append(held.Broken, fmt.Sprintf("entry %d was cut off: closing %d sealed the entries up to %d", f.Last+1, s.N, s.EntrySeq))
			return []invariant.Result{seals, f.Result, held}, nil
		}
		held.Figure++
		if s.EntrySeq > 0 && !bytes.Equal(found, s.EntryHash) {
			held.Broken = append(held.Broken, fmt.Sprintf("entry %d, or one before it, is not the one that closing %d sealed", s.EntrySeq, s.N))
			return []invariant.Result{seals, f.Result, held}, nil
		}
	}
	if held.Figure == 0 {
		held.Broken = append(held.Broken, "no seal is about these entries")
	}
	return []invariant.Result{seals, f.Result, held}, nil
}

// verifySealFiles recomputes each seal's hash and signature, and that each follows from the one
// before it in the list.
func verifySealFiles(list []SealFile, key ed25519.PublicKey) (invariant.Result, []Seal, error) {
	r := invariant.Result{Name: "seals", Sentence: "every seal is signed by the shop's key and follows from the one before"}
	if len(list) == 0 {
		return r, nil, fmt.Errorf("there is no seal to hold the entries against")
	}
	if key == nil {
		key = list[0].PublicKey
	}
	if len(key) != ed25519.PublicKeySize {
		return r, nil, fmt.Errorf("the public key must have %d bytes", ed25519.PublicKeySize)
	}
	var said []Seal
	for i, f := range list {
		s, err := f.seal()
		if err != nil {
			return r, nil, err
		}
		r.Figure++
		switch {
		case i > 0 && s.N != said[i-1].N+1:
			r.Broken = append(r.Broken, fmt.Sprintf("closing %d is missing", said[i-1].N+1))
		case !bytes.Equal(f.Hash, sealHash(f.Previous, s.N, []byte(f.Data))) || i > 0 && !bytes.Equal(f.Previous, list[i-1].Hash):
			r.Broken = append(r.Broken, fmt.Sprintf("closing %d was changed", s.N))
		case !ed25519.Verify(key, f.Hash, f.Signature):
			r.Broken = append(r.Broken, fmt.Sprintf("closing %d is not signed by the shop's key", s.N))
		}
		if len(r.Broken) > 0 {
			return r, said, nil
		}
		said = append(said, s)
	}
	return r, said, nil
}

// VerifyPackage holds a month's package against its own manifest, signature and seals, without a
// database: the first file or entry that was changed, removed, added or cut off is named.
func VerifyPackage(r io.ReaderAt, size int64, key ed25519.PublicKey) ([]invariant.Result, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, fmt.Errorf("this is no package: %w", err)
	}
	files := map[string]*zip.File{}
	for _, f := range z.File {
		files[f.Name] = f
	}
	manifest, err := readPart(files, packageManifest)
	if err != nil {
		return nil, err
	}
	signature, err := readPart(files, packageSigned)
	if err != nil {
		return nil, err
	}
	var m Manifest
	if err := json.Unmarshal(manifest, &m); err != nil {
		return nil, fmt.Errorf("%s: %w", packageManifest, err)
	}
	if key == nil {
		key = m.PublicKey
	}
	whole := invariant.Result{Name: "files", Sentence: "the package holds the files that its signed manifest lists, each with its bytes"}
	if err := holdFiles(&whole, z, files, m, manifest, signature, key); err != nil || !whole.Holds() {
		return []invariant.Result{whole}, err
	}
	data, err := readPart(files, packageSeals)
	if err != nil {
		return nil, err
	}
	var list []SealFile
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s: %w", packageSeals, err)
	}
	chained, err := files[packageChain].Open()
	if err != nil {
		return nil, err
	}
	defer chained.Close()
	results, err := holdAgainst(chained, list, key)
	return append([]invariant.Result{whole}, results...), err
}

// maxPart is how much of a small file of a package is read into memory.
const maxPart = 64 << 20

func readPart(files map[string]*zip.File, name string) ([]byte, error) {
	f, ok := files[name]
	if !ok {
		return nil, fmt.Errorf("the package lacks %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxPart))
}

// holdFiles holds the files of a package against its manifest, and that against its signature.
func holdFiles(whole *invariant.Result, z *zip.Reader, files map[string]*zip.File, m Manifest, manifest, signature []byte, key ed25519.PublicKey) error {
	signed, err := hex.DecodeString(strings.TrimSpace(string(signature)))
	if err != nil || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, manifest, signed) {
		whole.Broken = append(whole.Broken, packageManifest+" is not signed by the shop's key")
		return nil
	}
	listed := map[string]bool{packageManifest: true, packageSigned: true}
	for _, want := range m.Files {
		listed[want.Name] = true
		f, ok := files[want.Name]
		if !ok {
			whole.Broken = append(whole.Broken, want.Name+" was removed")
			return nil
		}
		r, err := f.Open()
		if err != nil {
			return err
		}
		h := sha256.New()
		size, err := io.Copy(h, r)
		r.Close()
		if err != nil || size != want.Size || hex.EncodeToString(h.Sum(nil)) != want.SHA256 {
			whole.Broken = append(whole.Broken, want.Name+" was changed")
			return nil
		}
		whole.Figure++
	}
	for _, f := range z.File {
		if !listed[f.Name] {
			whole.Broken = append(whole.Broken, f.Name+" was added")
			return nil
		}
	}
	if !listed[packageChain] || !listed[packageSeals] {
		whole.Broken = append(whole.Broken, packageManifest+" lists no chain of entries")
	}
	return nil
}
