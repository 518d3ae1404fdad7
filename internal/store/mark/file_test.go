// SPDX-License-Identifier: Apache-2.0

package mark

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"

	"openline/internal/store"
	"openline/tlog"
)

const line = "dtl-0a1b2c3d"

func some(size uint64) Mark {
	m := Mark{Line: line, Row: store.Row{Generation: 2, Size: size, Root: [32]byte{1, byte(size)}, Checkpoint: []byte("a head\n"), LastSigned: 1_600_000_000, Journal: 3}}
	m.Receipts = []store.Statement{{Log: store.LogID{Party: 1, Generation: 2}, By: store.LogID{Party: 2, Generation: 1}, Size: size, At: 1_600_000_001, PQ: true, Bytes: []byte("— red\n")}}
	return m
}

func written(t *testing.T, sizes ...uint64) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mark")
	if err := Create(path, line); err != nil {
		t.Fatal(err)
	}
	f := opened(t, path)
	for _, n := range sizes {
		if err := f.Write(some(n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func opened(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func sizeIn(t *testing.T, path string) uint64 {
	t.Helper()
	f := opened(t, path)
	defer f.Close()
	m, err := f.Read()
	if err != nil {
		t.Fatal(err)
	}
	return m.Row.Size
}

func TestWhatWasWrittenIsRead(t *testing.T) {
	path := written(t, 7, 8, 9)
	f := opened(t, path)
	defer f.Close()
	m, err := f.Read()
	if err != nil || !reflect.DeepEqual(*m, some(9)) {
		t.Fatalf("read %+v, %v", m, err)
	}
	if err := f.Write(Mark{Line: "other-0a1b2c3d"}); err == nil {
		t.Error("the mark of another line was taken")
	}
	if info, err := os.Stat(path); err != nil || info.Size() != fileLen || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// A cut in the middle of a write leaves the mark before it.
func TestATornSlotLeavesTheOther(t *testing.T) {
	path := written(t, 7, 8) // 8 lies in the first slot, 7 in the second
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole := len(slot(3, mustEncode(t, some(8))))
	for cut := 0; cut < whole; cut++ {
		torn := append([]byte(nil), b...)
		for i := cut; i < whole; i++ {
			torn[i] ^= 0x55
		}
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := sizeIn(t, path); got != 7 {
			t.Fatalf("cut at %d: read %d", cut, got)
		}
	}
	for i := range whole { // and so does any single bit
		torn := append([]byte(nil), b...)
		torn[i] ^= 1 << (i % 8)
		if err := os.WriteFile(path, torn, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := sizeIn(t, path); got != 7 {
			t.Fatalf("bit of byte %d: read %d", i, got)
		}
	}
}

func mustEncode(t *testing.T, m Mark) []byte {
	t.Helper()
	b, err := m.encode()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestWhatIsNoMarkIsRefused(t *testing.T) {
	path := written(t, 7)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"empty": nil, "short": b[:fileLen-1], "long": append(b, 0), "zeros": make([]byte, fileLen)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(path + "x"); !errors.Is(err, ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if err := Create(path, line); !errors.Is(err, ErrExists) {
		t.Errorf("existing: %v", err)
	}
}

func TestOneProcessHasIt(t *testing.T) {
	path := written(t, 7)
	f := opened(t, path)
	if _, err := Open(path); !errors.Is(err, ErrHeld) {
		t.Errorf("a second opener: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := sizeIn(t, path); got != 7 {
		t.Errorf("read %d", got)
	}
}

// A failed write is final.
func TestNothingIsWrittenAfterAFailure(t *testing.T) {
	path := written(t, 7)
	f := opened(t, path)
	defer f.Close()
	if err := f.f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(some(8)); err == nil {
		t.Fatal("written to a closed file")
	}
	if _, err := f.Read(); err == nil {
		t.Error("a mark was read after a failed write")
	}
	if err := f.Write(some(8)); err == nil {
		t.Error("written after a failure")
	}
}

// A failed flush is final, and what it may have left is read at the next start.
func TestNothingIsWrittenAfterAFailedFlush(t *testing.T) {
	path := written(t, 7)
	f := opened(t, path)
	f.sync = func(*os.File) error { return syscall.EIO }
	if err := f.Write(some(8)); !errors.Is(err, syscall.EIO) {
		t.Fatalf("written: %v", err)
	}
	f.sync = flush
	if err := f.Write(some(9)); !errors.Is(err, syscall.EIO) {
		t.Errorf("written after a failure: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := sizeIn(t, path); got != 7 && got != 8 {
		t.Errorf("read %d", got)
	}
}

// A mark too large to be read again is not written, and the one before stays.
func TestAMarkThatDoesNotFitIsRefused(t *testing.T) {
	path := written(t, 7)
	f := opened(t, path)
	many := some(8)
	for range maxReceipts {
		many.Receipts = append(many.Receipts, many.Receipts[0])
	}
	long := some(8)
	long.Row.Checkpoint = make([]byte, maxBytes)
	note := some(8)
	note.Row.Checkpoint = make([]byte, maxNote+1)
	for _, m := range []Mark{many, long, note} {
		if err := f.Write(m); err == nil {
			t.Error("written")
		}
	}
	if err := f.Write(some(9)); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := sizeIn(t, path); got != 9 {
		t.Errorf("read %d", got)
	}
}

// TestTheExampleOfTheSpecification holds the bytes of spec/station.md.
func TestTheExampleOfTheSpecification(t *testing.T) {
	m := Mark{Line: line, Row: store.Row{Generation: 1, Size: 0, Root: tlog.EmptyRoot(), LastSigned: 1_621_593_600, Journal: 1}}
	spec, err := os.ReadFile("../../../spec/station.md")
	if err != nil {
		t.Fatal(err)
	}
	example := strings.Join(strings.Fields(string(spec)), "")
	if got := hex.EncodeToString(slot(1, mustEncode(t, m))); !strings.Contains(example, got) {
		t.Errorf("the specification does not show %s", got)
	}
}

func BenchmarkWrite(b *testing.B) {
	path := filepath.Join(b.TempDir(), "mark")
	if err := Create(path, line); err != nil {
		b.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	for b.Loop() {
		if err := f.Write(some(8)); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	m := some(9)
	b, err := m.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := decode(b)
		if err != nil {
			return
		}
		if again, err := m.encode(); err != nil || string(again) != string(b) {
			t.Fatalf("%x was read and written as %x, %v", b, again, err)
		}
	})
}
