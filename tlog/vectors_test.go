// SPDX-License-Identifier: Apache-2.0

package tlog_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"openline/tlog"
	"openline/tlog/evidence"
)

var update = flag.Bool("update", false, "write the vectors of spec/vectors/log anew")

// checkVectors holds a file of vectors to what the code makes.
func checkVectors(t *testing.T, name string, v any) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "spec", "vectors", "log", name)
	if *update {
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, b.Bytes()) {
		t.Errorf("%s is not what the code makes; if the bytes of the log were meant to change, run go test ./tlog -update", file)
	}
}

type (
	treeVectors struct {
		About       string      `json:"about"`
		Leaves      []string    `json:"leaves_hex"`
		Roots       []string    `json:"roots_hex_by_size"`
		Stored      []string    `json:"stored_hashes_hex"`
		Inclusion   []treeProof `json:"inclusion"`
		Consistency []treeProof `json:"consistency"`
	}
	treeProof struct {
		Size  uint64   `json:"size"`
		Index *uint64  `json:"index,omitempty"`
		Old   *uint64  `json:"old_size,omitempty"`
		Proof []string `json:"proof_hex"`
	}
)

func hexes(h [][32]byte) []string {
	out := make([]string, len(h))
	for i := range h {
		out[i] = hex.EncodeToString(h[i][:])
	}
	return out
}

func TestTreeVectors(t *testing.T) {
	d := someLeaves(11)
	_, s := grow(t, d)
	v := treeVectors{About: "the tree of RFC 6962; stored hashes in the order of spec/log.md section 1", Stored: hexes(s.hashes)}
	for _, l := range d {
		v.Leaves = append(v.Leaves, hex.EncodeToString(l))
	}
	for n := range uint64(len(d) + 1) {
		v.Roots = append(v.Roots, hexes([][32]byte{must[[32]byte](t)(tlog.RootAt(n, s))})...)
	}
	for i := range uint64(len(d)) {
		v.Inclusion = append(v.Inclusion, treeProof{Size: 11, Index: &i, Proof: hexes(must[[][32]byte](t)(tlog.ProveInclusion(11, i, s)))})
		v.Consistency = append(v.Consistency, treeProof{Size: 11, Old: &i, Proof: hexes(must[[][32]byte](t)(tlog.ProveConsistency(11, i, s)))})
	}
	checkVectors(t, "tree.json", v)
}

// taken and refused are one input each, with its name.
type (
	taken struct {
		Name string `json:"name"`
		Text string `json:"text,omitempty"`
		Note string `json:"note,omitempty"`
		Line string `json:"line,omitempty"`
		PQ   bool   `json:"post_quantum,omitempty"`
		File string `json:"file,omitempty"`
		Leaf string `json:"leaf_hash_hex,omitempty"`
		At   uint64 `json:"time,omitempty"`
		Size uint64 `json:"size,omitempty"`
		Root string `json:"root_hex,omitempty"`
	}
	vectors struct {
		About      string  `json:"about"`
		Log        string  `json:"log_key,omitempty"`
		Cosigner   string  `json:"cosigner_key,omitempty"`
		CosignerPQ string  `json:"cosigner_key_post_quantum,omitempty"`
		Seed       string  `json:"cosigner_seed_hex,omitempty"`
		SeedPQ     string  `json:"cosigner_seed_post_quantum_hex,omitempty"`
		Taken      []taken `json:"taken"`
		Refused    []taken `json:"refused"`
	}
)

func TestCheckpointVectors(t *testing.T) {
	g := newSigner(t, "blue.example", 1)
	v := vectors{About: "checkpoints: texts and notes under the log key; refused ones with what is wrong as their name", Log: g.logKey()}
	for _, n := range []int{0, 1, 11} {
		c := g.head(uint64(n), rfcHash(someLeaves(n)))
		v.Taken = append(v.Taken, taken{Name: "head", Text: c.Text(), Note: string(g.sign(t, c)), Size: c.Size, Root: hexes([][32]byte{c.Root})[0]})
	}
	c := g.head(11, rfcHash(someLeaves(11)))
	text := c.Text()
	root := strings.Split(text, "\n")[2]
	with := func(origin, size, root, rest string) string { return origin + "\n" + size + "\n" + root + "\n" + rest }
	for _, r := range []struct{ name, text string }{
		{"nothing", ""},
		{"an extension line", text + "more\n"},
		{"an empty line at the end", text + "\n"},
		{"no line feed at the end", strings.TrimSuffix(text, "\n")},
		{"two lines", c.Origin + "\n11\n"},
		{"lines end in carriage return and line feed", strings.ReplaceAll(text, "\n", "\r\n")},
		{"origin empty", with("", "11", root, "")},
		{"origin with a blank", with("blue example", "11", root, "")},
		{"origin with a plus", with("blue+example", "11", root, "")},
		{"origin with a control character", with("blue\x07.example", "11", root, "")},
		{"origin with a no-break space", with("blue\u00a0example", "11", root, "")},
		{"origin of 256 bytes", with(strings.Repeat("b", 256), "11", root, "")},
		{"size with a leading zero", with(c.Origin, "011", root, "")},
		{"size with a sign", with(c.Origin, "+11", root, "")},
		{"size negative", with(c.Origin, "-11", root, "")},
		{"size empty", with(c.Origin, "", root, "")},
		{"size in hexadecimal", with(c.Origin, "0xb", root, "")},
		{"size with a blank", with(c.Origin, "11 ", root, "")},
		{"size above 2^62", with(c.Origin, "4611686018427387905", root, "")},
		{"size above 2^64", with(c.Origin, "18446744073709551616", root, "")},
		{"root of 31 bytes", with(c.Origin, "11", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", "")},
		{"root of 33 bytes", with(c.Origin, "11", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "")},
		{"root without padding", with(c.Origin, "11", strings.TrimSuffix(root, "="), "")},
		{"root in the URL alphabet", with(c.Origin, "11", strings.Repeat("-_", 21)+"A=", "")},
		{"root with bits set in its padding", with(c.Origin, "11", strings.Repeat("A", 42)+"B=", "")},
		{"root with a carriage return inside", with(c.Origin, "11", root[:9]+"\r"+root[9:], "")},
	} {
		if _, err := tlog.ParseCheckpoint(r.text); err == nil {
			t.Errorf("%s: the text is taken", r.name)
		}
		v.Refused = append(v.Refused, taken{Name: r.name, Text: r.text})
	}
	good := string(g.sign(t, c))
	red := newSigner(t, "red.example", 50)
	foreign := must[[]byte](t)(note.Sign(&note.Note{Text: red.head(11, c.Root).Text()}, g.log))
	last := strings.LastIndexByte(good, '=') - 1
	for _, r := range []struct{ name, note string }{
		{"signed by another log's key", string(red.sign(t, red.head(11, c.Root)))},
		{"another log's head under this key", string(foreign)},
		{"size changed after signing", strings.Replace(good, "\n11\n", "\n12\n", 1)},
		{"no signature", text + "\n"},
		{"signature with bits set in its padding", good[:last] + string(good[last]+1) + good[last+1:]},
		{"cosignature instead of a signature", text + "\n" + string(must[[]byte](t)(g.cosigner.Cosign(c, 100)))},
	} {
		if _, err := tlog.OpenCheckpoint([]byte(r.note), g.keys.Log); err == nil {
			t.Errorf("%s: the note is taken", r.name)
		}
		v.Refused = append(v.Refused, taken{Name: r.name, Note: r.note})
	}
	for _, g := range v.Taken {
		got, err := tlog.ParseCheckpoint(g.Text)
		if err != nil || got.Text() != g.Text || got.Size != g.Size {
			t.Errorf("%q: %+v, %v", g.Text, got, err)
		}
	}
	checkVectors(t, "checkpoint.json", v)
}

func TestCosignatureVectors(t *testing.T) {
	red := newSigner(t, "red.example", 50)
	c := newSigner(t, "blue.example", 1).head(11, rfcHash(someLeaves(11)))
	const at = 1621555260
	v := vectors{
		About: "cosignature lines over the text, by both keys of one cosigner; ML-DSA-44 signs deterministically, so that the lines can be made again from the seeds",
		Seed:  strings.Repeat("33", 32), SeedPQ: strings.Repeat("34", 32), Cosigner: red.cosignerKey(), CosignerPQ: red.cosignerKeyPQ(),
	}
	ed := string(must[[]byte](t)(red.cosigner.Cosign(c, at)))
	pq := string(must[[]byte](t)(red.pq.Cosign(c, at)))
	v.Taken = []taken{{Name: "Ed25519", Text: c.Text(), Line: ed, At: at}, {Name: "ML-DSA-44", Text: c.Text(), Line: pq, At: at, PQ: true}}
	larger := c
	larger.Size++
	for _, r := range []struct {
		name, line string
		over       tlog.Checkpoint
		pq         bool
	}{
		{"over a smaller head", ed, larger, false},
		{"over a smaller head, post-quantum", pq, larger, true},
		{"of the other algorithm", pq, c, false},
		{"of the other algorithm, post-quantum", ed, c, true},
		{"with a hyphen for the dash", "-" + strings.TrimPrefix(ed, "—"), c, false},
		{"with two blanks", strings.Replace(ed, " ", "  ", 1), c, false},
		{"under another name", strings.Replace(ed, "red", "blue", 1), c, false},
		{"without its line feed", strings.TrimSuffix(ed, "\n"), c, false},
		{"with a carriage return", strings.TrimSuffix(ed, "\n") + "\r\n", c, false},
		{"with a line feed within", ed[:80] + "\n" + ed[80:], c, false},
		{"two lines", ed + ed, c, false},
		{"cut short", ed[:len(ed)-5] + "\n", c, false},
		{"empty", "", c, false},
		{"of a dash alone", "— ", c, false},
		{"of a name alone", "— red.example\n", c, false},
	} {
		k := red.keys.Cosigner
		if r.pq {
			k = red.keys.CosignerPQ
		}
		if _, err := k.Verify(r.over, []byte(r.line)); err == nil {
			t.Errorf("a cosignature %s is taken", r.name)
		}
		v.Refused = append(v.Refused, taken{Name: r.name, Text: r.over.Text(), Line: r.line, PQ: r.pq})
	}
	checkVectors(t, "cosignature.json", v)
}

func TestProofVectors(t *testing.T) {
	g := newSigner(t, "blue.example", 1)
	d := someLeaves(11)
	_, s := grow(t, d)
	checkpoint := string(g.sign(t, g.head(11, rfcHash(d))))
	leaf, leafHex := tlog.LeafHash(d[4]), hexes([][32]byte{tlog.LeafHash(d[4])})[0]
	path := must[[][32]byte](t)(tlog.ProveInclusion(11, 4, s))
	file := string(evidence.FormatProof(4, path, []byte(checkpoint)))
	v := vectors{About: "tlog-proof files of an entry, given by its leaf hash", Log: g.logKey(), Taken: []taken{
		{Name: "entry 4 of 11", File: file, Leaf: leafHex},
		{Name: "with an extra line, which is left aside", File: strings.Replace(file, "index", "extra bm8gc2lnbmF0dXJl\nindex", 1), Leaf: leafHex},
	}}
	for _, g := range v.Taken {
		if _, _, err := evidence.CheckProof([]byte(g.File), must[note.Verifier](t)(note.NewVerifier(v.Log)), leaf); err != nil {
			t.Errorf("%s: %v", g.Name, err)
		}
	}
	hashes := strings.Split(file, "\n")[2:6]
	for _, r := range []struct{ name, file string }{
		{"of another version", strings.Replace(file, "@v1", "@v2", 1)},
		{"without its index", strings.Replace(file, "index 4\n", "", 1)},
		{"with another index", strings.Replace(file, "index 4", "index 5", 1)},
		{"with an index outside the log", strings.Replace(file, "index 4", "index 11", 1)},
		{"with a leading zero", strings.Replace(file, "index 4", "index 04", 1)},
		{"with a hash too few", strings.Replace(file, hashes[3]+"\n", "", 1)},
		{"with a hash too many", strings.Replace(file, hashes[3]+"\n", hashes[3]+"\n"+hashes[3]+"\n", 1)},
		{"with two hashes exchanged", strings.Replace(file, hashes[0]+"\n"+hashes[1], hashes[1]+"\n"+hashes[0], 1)},
		{"with a hash cut short", strings.Replace(file, hashes[0], hashes[0][:40], 1)},
		{"with a carriage return in a hash", strings.Replace(file, hashes[0], hashes[0][:9]+"\r"+hashes[0][9:], 1)},
		{"with 65 hashes", strings.Replace(file, hashes[0]+"\n", strings.Repeat(hashes[0]+"\n", 65), 1)},
		{"with an extra line that is not base64", strings.Replace(file, "index", "extra ?\nindex", 1)},
		{"with two extra lines", strings.Replace(file, "index", "extra bm8=\nextra bm8=\nindex", 1)},
		{"without its checkpoint", file[:strings.Index(file, "\n\n")+2]},
		{"without the blank line", strings.Replace(file, "\n\n", "\n", 1)},
		{"empty", ""},
	} {
		if _, _, err := evidence.CheckProof([]byte(r.file), g.keys.Log, leaf); err == nil {
			t.Errorf("a proof %s is taken", r.name)
		}
		v.Refused = append(v.Refused, taken{Name: r.name, File: r.file, Leaf: leafHex})
	}
	checkVectors(t, "proof.json", v)
}

func TestAccusationVectors(t *testing.T) {
	w := newTwoHistories(t)
	l := w.liar
	v := vectors{
		About: "accusation files, verified with the keys of the accused; refused ones do not parse or prove nothing",
		Log:   l.logKey(), Cosigner: l.cosignerKey(), CosignerPQ: l.cosignerKeyPQ(),
	}
	all := w.accusations(t)
	for _, name := range []string{"two roots, log and log", "inconsistent, log and log", "size fell, cosigner then cosigner", "size fell, post-quantum cosigner then cosigner"} {
		v.Taken = append(v.Taken, taken{Name: name, File: string(all[name].Format())})
	}
	one, small := l.sign(t, l.head(20, w.rootOne(20))), l.sign(t, l.head(9, w.rootOne(9)))
	file := v.Taken[1].File
	for _, r := range []struct{ name, file string }{
		{"the same statement twice", string(tlog.TwoRoots(one, one).Format())},
		{"two heads of one growing log", string(tlog.TwoRoots(one, small).Format())},
		{"an honest earlier head", string(tlog.Inconsistent(one, small, w.rootOne(9), must[[][32]byte](t)(tlog.ProveConsistency(20, 9, w.one))).Format())},
		{"heads that carry no time", string(tlog.SizeFell(one, small).Format())},
		{"an unknown kind", strings.Replace(file, "a head that does not", "a head which does not", 1)},
		{"a root changed", strings.Replace(file, "\n9\n", "\n8\n", 1)},
		{"its last hash missing", file[:len(file)-45]},
		{"carriage returns", strings.ReplaceAll(file, "\n", "\r\n")},
		{"a second statement missing", file[:strings.LastIndex(file, "----")]},
	} {
		a, err := evidence.ParseAccusation([]byte(r.file))
		if err == nil && evidence.Verify(a, l.keys) == nil {
			t.Errorf("a file with %s accuses", r.name)
		}
		v.Refused = append(v.Refused, taken{Name: r.name, File: r.file})
	}
	checkVectors(t, "accusation.json", v)
}
