package ledger

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/jackc/pgx/v5"

	"boutique/internal/invariant"
	"boutique/internal/pg"
)

// The chain as a file: a first line with the number of the first entry and the hash before it, then
// one line per entry with its number, its hash and its stored bytes. Who has the file and a seal can
// recompute every hash without the shop's database.

// maxChainLine is the longest line that a chain's file may have.
const maxChainLine = 4 << 20

// Span is a piece of the chain: the entries after a number, through another.
type Span struct {
	After, Through int64
	Before         []byte
}

// WholeChain is the piece from the first entry to the head.
func WholeChain(ctx context.Context, q pg.Querier) (Span, error) {
	var s Span
	var hash []byte
	err := q.QueryRow(ctx, sqlHead).Scan(&s.Through, &hash)
	return s, err
}

// WriteChain streams a piece of the chain.
func WriteChain(ctx context.Context, q pg.Querier, w io.Writer, s Span) error {
	out := bufio.NewWriterSize(w, 64<<10)
	fmt.Fprintf(out, "%s\t%d\t%s\n", chainDomain, s.After+1, hex.EncodeToString(s.Before))
	rows, err := q.Query(ctx, sqlChainBytes, pgx.NamedArgs{"after": s.After, "through": s.Through})
	if err != nil {
		return err
	}
	defer rows.Close()
	var seq int64
	var data, previous, hash []byte
	line := make([]byte, 0, 2048)
	for rows.Next() {
		if err := rows.Scan(&seq, &data, &previous, &hash); err != nil {
			return err
		}
		line = strconv.AppendInt(line[:0], seq, 10)
		line = hex.AppendEncode(append(line, '\t'), hash)
		line = append(append(append(line, '\t'), data...), '\n')
		if _, err := out.Write(line); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return out.Flush()
}

// ChainFile is what a chain's file came to.
type ChainFile struct {
	invariant.Result
	First, Last int64
	Before      []byte
	Hash        []byte
	// hashes are those of the entries that the caller asked for.
	hashes map[int64][]byte
}

// ReadChain recomputes every hash of a chain's file, and keeps the hashes of the entries that are
// asked for: those that seals name.
func ReadChain(r io.Reader, keep ...int64) (ChainFile, error) {
	f := ChainFile{Result: invariant.Result{Name: "entries", Sentence: "every entry's hash follows from its bytes and the entry before"}, hashes: map[int64][]byte{}}
	in := bufio.NewReaderSize(r, maxChainLine)
	head, err := in.ReadSlice('\n')
	parts := bytes.Split(bytes.TrimRight(head, "\r\n"), []byte{'\t'})
	if err != nil || len(parts) != 3 || string(parts[0]) != chainDomain {
		return f, fmt.Errorf("this is no file of entries: its first line must begin with %s", chainDomain)
	}
	if f.First, err = strconv.ParseInt(string(parts[1]), 10, 64); err != nil || f.First < 1 {
		return f, fmt.Errorf("the first line must name the first entry")
	}
	if f.Before, err = hex.DecodeString(string(parts[2])); err != nil {
		return f, fmt.Errorf("the first line must hold the hash before the first entry")
	}
	wanted := map[int64]bool{}
	for _, seq := range keep {
		wanted[seq] = true
	}
	link := newLinker(f.Before)
	f.Last = f.First - 1
	hash := make([]byte, 0, 64)
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return f, fmt.Errorf("entry %d: %w", f.Last+1, err)
		}
		number, rest, ok := bytes.Cut(line, []byte{'\t'})
		sum, data, more := bytes.Cut(rest, []byte{'\t'})
		seq, number64 := parseSeq(number)
		if hash, err = hex.AppendDecode(hash[:0], sum); err != nil || !ok || !more || !number64 {
			f.Broken = append(f.Broken, fmt.Sprintf("entry %d was changed", f.Last+1))
			return f, nil
		}
		data = bytes.TrimRight(data, "\n")
		if broken := link.next(f.Last+1, seq, nil, hash, data); broken != "" {
			f.Broken = append(f.Broken, broken)
			return f, nil
		}
		f.Last, f.Figure = seq, f.Figure+1
		if wanted[seq] {
			f.hashes[seq] = bytes.Clone(hash)
		}
	}
	f.Hash = bytes.Clone(link.previous)
	return f, nil
}

func parseSeq(b []byte) (int64, bool) {
	var n int64
	for _, c := range b {
		if c < '0' || c > '9' || n > 1<<58 {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, len(b) > 0
}

// SealFile is a seal as it goes out of the shop: what was signed, and by which key.
type SealFile struct {
	Data      string `json:"data"`
	Previous  []byte `json:"previous"`
	Hash      []byte `json:"hash"`
	Signature []byte `json:"signature"`
	PublicKey []byte `json:"public_key"`
}

// File is the closing's seal as a file.
func (c Closing) File() SealFile {
	return SealFile{Data: c.Data, Previous: c.Previous, Hash: c.Hash, Signature: c.Signature, PublicKey: c.PublicKey}
}

// WriteSeals writes every seal, the oldest first.
func WriteSeals(ctx context.Context, q pg.Querier, w io.Writer) error {
	list, err := readClosings(ctx, q, sqlSealsBetween, pgx.NamedArgs{"after": 0, "through": int64(math.MaxInt64)})
	if err != nil {
		return err
	}
	files := make([]SealFile, len(list))
	for i, c := range list {
		files[i] = c.File()
	}
	return writeJSON(w, files)
}

// seal reads what the seal says.
func (f SealFile) seal() (Seal, error) {
	var s Seal
	if err := json.Unmarshal([]byte(f.Data), &s); err != nil || s.N < 1 {
		return s, fmt.Errorf("this is no seal of the shop")
	}
	return s, nil
}
