// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"openline/extract"
)

// FuzzVerify gives whatever to Verify.
func FuzzVerify(f *testing.F) {
	b := small(f)
	f.Add(b)
	f.Add(b[:len(b)/2])
	f.Add(b[len(b)-22:])
	f.Fuzz(func(t *testing.T, b []byte) { verifies(t, b) })
}

// verifies holds Verify to its word: a report or a fault, never both.
func verifies(t *testing.T, b []byte) {
	r, err := extract.Verify(b, extract.Options{})
	var fault *extract.Fault
	if (r == nil) == (err == nil) || err != nil && !errors.As(err, &fault) {
		t.Fatalf("%v, %v", r, err)
	}
	if err == nil {
		_ = r.Text()
	}
}

// FuzzFile puts other bytes into one file of an extract whose container and
// digests are right, so that every reader behind them is reached.
func FuzzFile(f *testing.F) {
	b := small(f)
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(f)
	for i, file := range r.File {
		f.Add(i, must(io.ReadAll(must(file.Open())(f)))(f))
	}
	f.Fuzz(func(t *testing.T, i int, content []byte) {
		if i < 0 || i >= len(r.File) {
			return
		}
		verifies(t, replaced(t, b, r.File[i].Name, content))
	})
}

// replaced gives an extract one file with other bytes, with the digest list
// made to match.
func replaced(t testing.TB, b []byte, name string, own []byte) []byte {
	return variant{Files: map[string][]byte{name: own}}.apply(t, b)
}

// A part that is changed with its digest is found by what signs it.
func TestMutatedParts(t *testing.T) {
	b := small(t)
	r := must(zip.NewReader(bytes.NewReader(b), int64(len(b))))(t)
	for _, f := range r.File {
		own := must(io.ReadAll(must(f.Open())(t)))(t)
		if f.Name == "summary.txt" || f.Name == "digests.txt" {
			continue // no proof; the list itself
		}
		for at := 0; at < len(own); at += 1 + len(own)/23 {
			own[at] ^= 1 << (at % 8)
			report, err := extract.Verify(replaced(t, b, f.Name, own), extract.Options{})
			own[at] ^= 1 << (at % 8)
			if err == nil && report.Holds() {
				t.Errorf("%s with byte %d changed gives the sentence %s", f.Name, at, report.NoReply.Sentence)
			}
		}
	}
}
