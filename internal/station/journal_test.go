// SPDX-License-Identifier: Apache-2.0

package station_test

import (
	"bytes"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"openline/internal/station"
	"openline/record"
)

func example() station.JournalEntry {
	return station.JournalEntry{At: 1621593600, Kind: "act", Act: "IN03", Header: [32]byte{1}, About: "blue/412", Cut: [32]byte{2},
		People: []station.Signature{{Person: "ann", Bytes: []byte{0xaa}}, {Person: "ben", Bytes: []byte{0xbb}}}, Record: record.ByNumber(1, 413)}
}

// The worked example of spec/station.md section 4 is what the code writes.
func TestJournalExampleOfTheSpecification(t *testing.T) {
	spec, err := os.ReadFile("../../spec/station.md")
	if err != nil {
		t.Fatal(err)
	}
	plain := strings.NewReplacer(" ", "", "\n", "").Replace(string(spec))
	if want := hex.EncodeToString(example().Encode()); !strings.Contains(plain, want) {
		t.Errorf("spec/station.md does not show %s", want)
	}
}

func TestJournalEntryIsReadBack(t *testing.T) {
	e := example()
	e.Proof = [][]byte{{1, 2}, {3}}
	got, err := station.DecodeJournalEntry(e.Encode())
	if err != nil || !bytes.Equal(got.Encode(), e.Encode()) {
		t.Fatalf("%+v, %v", got, err)
	}
	raw := e.Encode()
	for i := range raw {
		if got, err := station.DecodeJournalEntry(raw[:i]); err == nil {
			t.Errorf("cut at %d: %+v", i, got)
		}
	}
	if _, err := station.DecodeJournalEntry(append(raw, 0)); err == nil {
		t.Error("read with something behind it")
	}
}

func FuzzJournalEntry(f *testing.F) {
	f.Add(example().Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := station.DecodeJournalEntry(b); err == nil && !bytes.Equal(e.Encode(), b) {
			t.Errorf("%x is read and written as %x", b, e.Encode())
		}
	})
}
