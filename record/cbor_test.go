// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/fxamacker/cbor/v2"
	"pgregory.net/rapid"
)

// An independent implementation, set to the same profile as far as it goes.
func independent(t testing.TB) (cbor.EncMode, cbor.DecMode) {
	t.Helper()
	enc, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		t.Fatal(err)
	}
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		UTF8: cbor.UTF8RejectInvalid, MaxArrayElements: 1 << 16,
	}.DecMode()
	if err != nil {
		t.Fatal(err)
	}
	return enc, dec
}

// agree demands that the independent implementation reads b and writes it
// back in the same bytes.
func agree(t interface{ Fatalf(string, ...any) }, enc cbor.EncMode, dec cbor.DecMode, b []byte) {
	var v any
	if err := dec.Unmarshal(b, &v); err != nil {
		t.Fatalf("%x: the independent decoder refuses it: %v", b, err)
	}
	out, err := enc.Marshal(v)
	if err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	if !bytes.Equal(out, b) {
		t.Fatalf("%x is spelt %x by the independent encoder", b, out)
	}
}

func TestIndependentEncoderAgrees(t *testing.T) {
	enc, dec := independent(t)
	rapid.Check(t, func(t *rapid.T) {
		for _, b := range [][]byte{genLeaf().Draw(t, "leaf").Encode(), genHeader().Draw(t, "header").Encode(), genBody().Draw(t, "body").Encode()} {
			agree(t, enc, dec, b)
		}
	})
	for name := range layers {
		var file struct{ Vectors []vector }
		readVectors(t, name+".json", &file)
		for _, v := range file.Vectors {
			if v.Accept {
				agree(t, enc, dec, unhex(t, v.Hex))
			}
		}
	}
}

// TestAppendixA walks the examples of RFC 8949 appendix A: those without
// floats, tags, null, indefinite lengths and the like are values or maps of
// ours, all others are refused.
func TestAppendixA(t *testing.T) {
	b, err := os.ReadFile("../spec/vectors/cbor/appendix_a.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples []struct{ Hex string }
	if err := json.Unmarshal(b, &examples); err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, x := range examples {
		in := unhex(t, x.Hex)
		r := NewReader(in)
		v, err := decodeValue(r, 0)
		if err == nil {
			err = r.Done()
		}
		if want := appendixAValue(x.Hex); want != (err == nil) {
			t.Errorf("%s: answer %v, want a value: %v", x.Hex, err, want)
			continue
		}
		if err != nil {
			continue
		}
		taken++
		w := NewWriter()
		v.encode(w)
		if !bytes.Equal(w.Finish(), in) {
			t.Errorf("%s encodes to %x", x.Hex, w.Finish())
		}
	}
	if taken != 30 {
		t.Errorf("%d examples are values, want 30", taken)
	}
}

// appendixAValue says by the first byte alone, and by what only maps and
// numbers beyond int64 have, whether an example is a value.
func appendixAValue(s string) bool {
	switch {
	case strings.HasPrefix(s, "3bff"), s == "826161a161626163", s == "826161bf61626163ff":
		return false
	case s == "f4" || s == "f5":
		return true
	}
	major := mustHex(s[:2])[0] >> 5
	return major <= majorArray && !strings.HasSuffix(s, "ff") && !strings.Contains(s, "9f") || s == "1bffffffffffffffff"
}

// TestNumbers holds head and integer spelling to the independent encoder at
// every border.
func TestNumbers(t *testing.T) {
	enc, _ := independent(t)
	borders := []int64{0, 1, 23, 24, 255, 256, 65535, 65536, math.MaxUint32, math.MaxUint32 + 1, math.MaxInt64 - 1, math.MaxInt64}
	for _, n := range borders {
		for _, v := range []int64{n, -n, -1 - n} {
			w := NewWriter()
			w.Int(v)
			want, err := enc.Marshal(v)
			if err != nil || !bytes.Equal(w.Finish(), want) {
				t.Errorf("%d is written %x, want %x (%v)", v, w.Finish(), want, err)
			}
			if back, err := NewReader(want).Int(); err != nil || back != v {
				t.Errorf("%x is read as %d, %v", want, back, err)
			}
			if got, ok := Int(v).AsInt(); !ok || got != v {
				t.Errorf("the value %d gives %d, %v", v, got, ok)
			}
		}
	}
	for _, s := range []string{"1b8000000000000000", "3b8000000000000000", "1bffffffffffffffff"} {
		b, err := hex.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		if v, err := NewReader(b).Int(); err == nil {
			t.Errorf("%s is read as %d", s, v)
		}
	}
}
