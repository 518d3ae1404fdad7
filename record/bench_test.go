// SPDX-License-Identifier: Apache-2.0

package record

import (
	"strings"
	"testing"
)

// The budget is 5 µs a layer: 1,000,000 records of three layers in 15 s.

func benchEntry() Entry {
	b := Body{Params: map[string]Value{"until": Uint(1614162600), "n": Uint(3)}, Text: strings.Repeat("words, ", 71)}
	e := Entry{Body: b.Encode()}
	h := Header{Code: "TX01", Status: Actual, Precedence: Routine, From: "watch", To: []Address{{1, "watch"}},
		Re: []Ref{ByNumber(1, 412)}, Written: 1614160800, Language: "en", Body: BodyDigest(e.Body)}
	e.Header = h.Encode()
	l := Leaf{Format: FormatVersion, Agreement: 1, Author: 2, Generation: 1, Time: 1614160805,
		About: ByNumber(1, 412), Seen: []Seen{{Party: 1, Generation: 1, Size: 412}}, Header: HeaderDigest(e.Header)}
	e.Leaf = l.Encode()
	return e
}

func BenchmarkDecode(b *testing.B) {
	e := benchEntry()
	for name, in := range map[string][]byte{"leaf": e.Leaf, "header": e.Header, "body": e.Body} {
		layer := map[string]func([]byte) error{
			"leaf":   func(b []byte) error { _, err := DecodeLeaf(b); return err },
			"header": func(b []byte) error { _, err := DecodeHeader(b); return err },
			"body":   func(b []byte) error { _, err := DecodeBody(b); return err },
		}[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(in)))
			for b.Loop() {
				if err := layer(in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkWhole(b *testing.B) {
	e := benchEntry()
	b.ReportAllocs()
	for b.Loop() {
		if err := e.Whole(Limits{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	d := benchEntry().Decode()
	b.ReportAllocs()
	for b.Loop() {
		d.Leaf.Encode()
		d.Header.Encode()
		d.Body.Encode()
	}
}
