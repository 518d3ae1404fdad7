// SPDX-License-Identifier: Apache-2.0

// Package second_test holds a second verifier of extracts against the one of
// package extract. The second is plain Node.js (verify.mjs), shares no code
// and was written after spec/ alone: where the two agree, spec/ is enough to
// write a verifier after, and where they do not, one of the three is wrong.
//
// Compared are the exit status that `openline verify` would give, the step
// that ends the verification and the sentence, over the vectors of
// spec/vectors/extract, over what two running stations export, and over
// changes of single bytes.
//
// Specification: spec/extract.md.
package second_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"openline/extract"
	"openline/identity"
)

const vectors = "../../spec/vectors/extract/"

// question is one extract as batch.mjs reads it.
type question struct {
	File  string            `json:"file"`
	At    int               `json:"at"` // offset of the byte that is changed; below 0: none
	Byte  byte              `json:"byte"`
	Given map[string]string `json:"given,omitempty"` // fingerprints by party
}

// verdict is what a verifier makes of an extract.
type verdict struct {
	Status   int    `json:"status"` // of the command
	Step     int    `json:"step"`   // that ends it; 0: none does
	Fault    string `json:"fault"`  // file that does not hold
	Sentence string `json:"sentence"`
	Why      string `json:"why"` // in the second's own words; not compared
}

// node skips the test where there is no Node.js of this age.
func node(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("node")
	if err != nil {
		t.Skip("there is no Node.js on this machine: the second verifier cannot run")
	}
	if err := exec.CommandContext(t.Context(), path, "-e", "process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)").Run(); err != nil {
		t.Skip("this Node.js is older than 20: the second verifier cannot run")
	}
	return path
}

// second asks the second verifier.
func second(t *testing.T, list []question) []verdict {
	t.Helper()
	var in, out, complaints bytes.Buffer
	enc := json.NewEncoder(&in)
	for _, q := range list {
		if err := enc.Encode(q); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), node(t), "batch.mjs")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &complaints
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, complaints.String())
	}
	var got []verdict
	for dec := json.NewDecoder(&out); ; {
		var v verdict
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if len(got) != len(list) {
		t.Fatalf("%d answers to %d extracts", len(got), len(list))
	}
	return got
}

// first asks package extract, with the statuses of `openline verify`.
func first(t *testing.T, b []byte, given map[string]string) verdict {
	t.Helper()
	o := extract.Options{Fingerprints: map[identity.Party]identity.Fingerprint{}}
	for party, words := range given {
		f, err := identity.ParseFingerprint(words)
		if err != nil {
			t.Fatal(err)
		}
		o.Fingerprints[identity.Party(party)] = f
	}
	r, err := extract.Verify(b, o)
	var fault *extract.Fault
	switch {
	case errors.As(err, &fault):
		return verdict{Status: 1, Step: fault.Step, Fault: fault.File}
	case err != nil:
		t.Fatal(err)
	case !r.Holds() && r.Thing != nil:
		return verdict{Status: 1, Step: r.Thing.Step}
	case !r.Holds():
		return verdict{Status: 1, Step: r.NoReply.Step}
	}
	var v verdict
	if r.NoReply != nil {
		v.Sentence = r.NoReply.Sentence
	}
	if !r.Vouched() {
		v.Status = 3
	}
	return v
}

// agree compares both on a list of extracts, which lie in files.
func agree(t *testing.T, list []question) {
	t.Helper()
	files := map[string][]byte{}
	for i, got := range second(t, list) {
		q := list[i]
		b, ok := files[q.File]
		if !ok {
			var err error
			if b, err = os.ReadFile(q.File); err != nil {
				t.Fatal(err)
			}
			files[q.File] = b
		}
		if q.At >= 0 {
			b = slices.Clone(b)
			b[q.At] = q.Byte
		}
		want := first(t, b, q.Given)
		why := got.Why
		if got.Why = ""; got != want {
			t.Errorf("%s, byte %d:\nthe second: %+v (%s)\nthe first:  %+v", filepath.Base(q.File), q.At, got, why, want)
		}
	}
}

// put writes an extract to a file of the test's own.
func put(t *testing.T, b []byte) string {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "*.zip")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return f.Name()
}

func TestVectors(t *testing.T) {
	demonstration, err := os.ReadFile(vectors + "demonstration.zip")
	if err != nil {
		t.Fatal(err)
	}
	list := []question{{File: vectors + "demonstration.zip", At: -1}}
	for _, b := range edited(t, demonstration) {
		list = append(list, question{File: put(t, b), At: -1})
	}
	for _, b := range varied(t, demonstration) {
		list = append(list, question{File: put(t, b), At: -1})
	}
	agree(t, list)
}

// An extract about a thing: as it is, with each part of its title changed, and
// with bytes changed everywhere.
func TestThing(t *testing.T) {
	b, err := os.ReadFile(vectors + "thing.zip")
	if err != nil {
		t.Fatal(err)
	}
	list := []question{{File: vectors + "thing.zip", At: -1}}
	for _, title := range []string{"thing 1 1 0\n", "thing 1 1 9\n", "thing 2 1 1\n", "thing 3 1 0\n", "thing 1 2 0\n", "thing 1 1\n", "thing 01 1 0\n", ""} {
		list = append(list, question{File: put(t, retitled(t, b, title)), At: -1})
	}
	for at := 0; at < len(b); at += len(b) / 150 {
		list = append(list, question{File: vectors + "thing.zip", At: at, Byte: b[at] ^ 1})
	}
	agree(t, list)
	if got := first(t, b, nil); got != (verdict{Status: 3}) {
		t.Errorf("as it is: %+v", got)
	}
}

// Fingerprints that are given, one, both, and a wrong one.
func TestVouched(t *testing.T) {
	b, err := os.ReadFile(vectors + "demonstration.zip")
	if err != nil {
		t.Fatal(err)
	}
	r, err := extract.Verify(b, extract.Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, one, wrong := map[string]string{}, map[string]string{}, map[string]string{}
	for i, p := range r.Parties {
		all[string(p.Name)] = p.Fingerprint.String()
		wrong[string(p.Name)] = r.Parties[1-i].Fingerprint.String()
	}
	one["blue.example"] = all["blue.example"]
	var list []question
	for _, given := range []map[string]string{all, one, wrong, {"green.example": one["blue.example"]}} {
		list = append(list, question{File: vectors + "demonstration.zip", At: -1, Given: given})
	}
	agree(t, list)
	if got := first(t, b, all); got.Status != 0 {
		t.Errorf("with both fingerprints: %+v", got)
	}
}

// Of an extract no byte can be changed; both name the same file and step.
func TestAnyByte(t *testing.T) {
	n := 400
	if testing.Short() {
		n = 60
	}
	b, err := os.ReadFile(vectors + "demonstration.zip")
	if err != nil {
		t.Fatal(err)
	}
	const seed = 3
	rnd := rand.New(rand.NewPCG(seed, 0))
	var list []question
	for range n {
		at := rnd.IntN(len(b))
		if rnd.IntN(4) == 0 { // the headers of the end are few among many bytes
			at = len(b) - 1 - rnd.IntN(2000)
		}
		list = append(list, question{File: vectors + "demonstration.zip", At: at, Byte: b[at] ^ byte(1<<rnd.IntN(8))})
	}
	agree(t, list)
}

// edited applies container.json: bytes changed where they lie.
func edited(t *testing.T, b []byte) (out [][]byte) {
	t.Helper()
	var list []struct {
		At  int
		Hex string
		Cut bool
	}
	load(t, "container.json", &list)
	for _, e := range list {
		patch, err := hex.DecodeString(e.Hex)
		if err != nil {
			t.Fatal(err)
		}
		c := slices.Clone(b)
		if e.Cut {
			c = c[:e.At]
		}
		c = append(c[:e.At:e.At], append(patch, c[min(len(c), e.At+len(patch)):]...)...)
		out = append(out, c)
	}
	return out
}

// varied applies variants.json: other files, with digests to match.
func varied(t *testing.T, b []byte) (out [][]byte) {
	t.Helper()
	var list []struct {
		Files map[string][]byte
		Drop  []string
	}
	load(t, "variants.json", &list)
	for _, v := range list {
		files := unpack(t, b)
		maps.Copy(files, v.Files)
		for _, name := range v.Drop {
			delete(files, name)
		}
		out = append(out, pack(files))
	}
	return out
}

// retitled puts another last line, or none, into extract.txt.
func retitled(t *testing.T, b []byte, last string) []byte {
	t.Helper()
	files := unpack(t, b)
	rows := strings.SplitAfter(string(files["extract.txt"]), "\n")
	files["extract.txt"] = []byte(strings.Join(rows[:4], "") + last)
	return pack(files)
}

func load(t *testing.T, name string, into any) {
	t.Helper()
	b, err := os.ReadFile(vectors + name)
	if err == nil {
		err = json.Unmarshal(b, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// unpack reads the files of an extract, digests left out.
func unpack(t *testing.T, b []byte) map[string][]byte {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if out[f.Name], err = io.ReadAll(in); err != nil {
			t.Fatal(err)
		}
	}
	delete(out, "digests.txt")
	return out
}

// digests is the list of every other file, in order.
func digests(files map[string][]byte) []byte {
	var out []byte
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if name != "digests.txt" {
			out = fmt.Appendf(out, "%x  %s\n", sha256.Sum256(files[name]), name)
		}
	}
	return out
}

// pack writes files as spec/extract.md section 2 says, with their digests.
func pack(files map[string][]byte) []byte {
	files = maps.Clone(files)
	files["digests.txt"] = digests(files)
	le := binary.LittleEndian
	var body, dir []byte
	for _, name := range slices.Sorted(maps.Keys(files)) {
		b := files[name]
		common := append(le.AppendUint16(nil, 10), make([]byte, 8)...)
		common = le.AppendUint32(common, crc32.ChecksumIEEE(b))
		common = le.AppendUint32(le.AppendUint32(common, uint32(len(b))), uint32(len(b)))
		common = append(le.AppendUint16(common, uint16(len(name))), 0, 0)
		dir = append(append(append(dir, "PK\x01\x02\x0a\x00"...), common...), make([]byte, 10)...)
		dir = append(le.AppendUint32(dir, uint32(len(body))), name...)
		body = append(append(append(append(body, "PK\x03\x04"...), common...), name...), b...)
	}
	n := uint16(len(files))
	end := le.AppendUint16(le.AppendUint16([]byte("PK\x05\x06\x00\x00\x00\x00"), n), n)
	end = append(le.AppendUint32(le.AppendUint32(end, uint32(len(dir))), uint32(len(body))), 0, 0)
	return slices.Concat(body, dir, end)
}
