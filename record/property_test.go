// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The generators make every value the format can hold, bounds included.

func genHash() *rapid.Generator[[32]byte] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 32, 32), func(b []byte) [32]byte { return [32]byte(b) })
}

func genRef() *rapid.Generator[Ref] {
	return rapid.Custom(func(t *rapid.T) Ref {
		p := PartyNo(rapid.Uint16Min(1).Draw(t, "party"))
		if rapid.Bool().Draw(t, "by hash") {
			return ByHash(p, genHash().Draw(t, "hash"))
		}
		return ByNumber(p, rapid.Uint64Min(1).Draw(t, "number"))
	})
}

func maybe[T any](g *rapid.Generator[T]) *rapid.Generator[T] {
	var none T
	return rapid.OneOf(rapid.Just(none), g)
}

func genText(max int) *rapid.Generator[string] {
	r := rapid.Rune().Filter(func(r rune) bool { return textFault(string(r)) == "" })
	return rapid.StringOfN(r, -1, -1, max)
}

func genName(max int) *rapid.Generator[string] {
	return genText(max).Filter(func(s string) bool { return s != "" && !bytes.ContainsRune([]byte(s), '\n') })
}

func genStamp() *rapid.Generator[Stamp] {
	return rapid.Map(rapid.Uint64Max(maxStamp), func(v uint64) Stamp { return Stamp(v) })
}

// list draws a list whose empty form is nil, as a decoder leaves it.
func list[T any](t *rapid.T, g *rapid.Generator[T], max int, label string) []T {
	l := rapid.SliceOfN(g, 0, max).Draw(t, label)
	if len(l) == 0 {
		return nil
	}
	return l
}

func genLeaf() *rapid.Generator[*Leaf] {
	return rapid.Custom(func(t *rapid.T) *Leaf {
		seen := list(t, rapid.Custom(func(t *rapid.T) Seen {
			return Seen{PartyNo(rapid.Uint16Min(1).Draw(t, "party")), rapid.Uint32Min(1).Draw(t, "generation"),
				rapid.Uint64().Draw(t, "size"), genHash().Draw(t, "root")}
		}), 12, "seen")
		slices.SortFunc(seen, Seen.Compare)
		seen = slices.CompactFunc(seen, func(a, b Seen) bool { return a.Party == b.Party && a.Generation == b.Generation })
		return &Leaf{
			Format: FormatVersion, Agreement: rapid.Uint32Min(1).Draw(t, "agreement"),
			Author: PartyNo(rapid.Uint16Min(1).Draw(t, "author")), Generation: rapid.Uint32Min(1).Draw(t, "generation"),
			Time: genStamp().Draw(t, "time"), About: maybe(genRef()).Draw(t, "about"), Seen: seen, Header: genHash().Draw(t, "header"),
		}
	})
}

func genHeader() *rapid.Generator[*Header] {
	address := rapid.Custom(func(t *rapid.T) Address {
		return Address{PartyNo(rapid.Uint16Min(1).Draw(t, "party")), genName(maxPost).Draw(t, "post")}
	})
	return rapid.Custom(func(t *rapid.T) *Header {
		return &Header{
			Code: genName(maxCode).Draw(t, "code"), Status: Status(rapid.Uint8Range(1, 3).Draw(t, "status")),
			Precedence: Precedence(rapid.Uint8Range(1, 4).Draw(t, "precedence")), From: genName(maxPost).Draw(t, "from"),
			To: list(t, address, 8, "to"), Re: list(t, genRef(), 8, "re"),
			Written: genStamp().Draw(t, "written"), Wished: genStamp().Draw(t, "wished"), Clocks: maybe(genRef()).Draw(t, "clocks"),
			Language: genName(maxLang).Draw(t, "language"), Body: genHash().Draw(t, "body"),
		}
	})
}

func genValue(depth int) *rapid.Generator[Value] {
	kinds := []*rapid.Generator[Value]{
		rapid.Map(rapid.Uint64(), Uint), rapid.Map(rapid.Int64(), Int), rapid.Map(genText(40), Text),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 40), Bytes), rapid.Map(rapid.Bool(), Bool),
	}
	if depth > 0 {
		kinds = append(kinds, rapid.Map(rapid.SliceOfN(rapid.Deferred(func() *rapid.Generator[Value] { return genValue(depth - 1) }), 0, 4),
			func(l []Value) Value { return Array(l...) }))
	}
	return rapid.OneOf(kinds...)
}

func genBody() *rapid.Generator[*Body] {
	attachment := rapid.Custom(func(t *rapid.T) Attachment {
		return Attachment{genHash().Draw(t, "digest"), rapid.Uint64().Draw(t, "size"), genName(40).Draw(t, "type"), genName(maxName).Draw(t, "name")}
	})
	return rapid.Custom(func(t *rapid.T) *Body {
		b := &Body{
			Salt: [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "salt")), Text: genText(200).Draw(t, "text"),
			Attachments: list(t, attachment, 4, "attachments"),
		}
		if m := rapid.MapOfN(genName(maxKey), genValue(maxNesting), 0, 8).Draw(t, "params"); len(m) > 0 {
			b.Params = m
		}
		words := genText(40).Filter(func(s string) bool { return s != "" })
		if m := rapid.MapOfN(genName(maxLang), words, 0, 4).Draw(t, "translations"); len(m) > 0 {
			b.Translations = m
		}
		return b
	})
}

// roundTrip demands that v comes back equal and that neither a shorter nor a
// longer input is taken for a layer.
func roundTrip[T interface{ Encode() []byte }](t *rapid.T, v T, decode func([]byte) (T, error), equal func(a, b T) bool) {
	enc := v.Encode()
	back, err := decode(enc)
	if err != nil {
		t.Fatalf("%x: %v", enc, err)
	}
	if !equal(v, back) || !bytes.Equal(back.Encode(), enc) {
		t.Fatalf("%+v came back as %+v", v, back)
	}
	var syntax *SyntaxError
	for _, other := range [][]byte{enc[:rapid.IntRange(0, len(enc)-1).Draw(t, "cut")], append(bytes.Clone(enc), rapid.Byte().Draw(t, "more"))} {
		if _, err := decode(other); !errors.As(err, &syntax) {
			t.Fatalf("%x is taken too: %v", other, err)
		}
	}
}

func TestLeafRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, genLeaf().Draw(t, "leaf"), DecodeLeaf, func(a, b *Leaf) bool { return reflect.DeepEqual(a, b) })
	})
}

func TestHeaderRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, genHeader().Draw(t, "header"), DecodeHeader, func(a, b *Header) bool { return reflect.DeepEqual(a, b) })
	})
}

func TestBodyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roundTrip(t, genBody().Draw(t, "body"), DecodeBody, func(a, b *Body) bool {
			return a.Salt == b.Salt && a.Text == b.Text && maps.Equal(a.Translations, b.Translations) &&
				slices.Equal(a.Attachments, b.Attachments) && maps.EqualFunc(a.Params, b.Params, Value.Equal)
		})
	})
}

// TestAnotherByte changes one byte of a true layer: it must be refused, or
// be the one spelling of something else.
func TestAnotherByte(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"leaf", "header", "body"}).Draw(t, "layer")
		in := map[string][]byte{"leaf": genLeaf().Draw(t, "leaf").Encode(), "header": genHeader().Draw(t, "header").Encode(),
			"body": genBody().Draw(t, "body").Encode()}[name]
		in[rapid.IntRange(0, len(in)-1).Draw(t, "at")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if out, err := layers[name].recode(in); err == nil && !bytes.Equal(out, in) {
			t.Fatalf("%x decodes, and encodes to %x", in, out)
		}
	})
}

// TestEmptyIsLeftOut: what says nothing leaves no trace in the bytes, so
// that nothing has two spellings.
func TestEmptyIsLeftOut(t *testing.T) {
	full := Body{Params: map[string]Value{"a": {}, "b": Array(Value{}, Uint(1), Value{})}, Translations: map[string]string{"fr": ""}, Attachments: []Attachment{}}
	bare := Body{Params: map[string]Value{"b": Array(Uint(1))}}
	if got, want := full.Encode(), bare.Encode(); !bytes.Equal(got, want) {
		t.Errorf("encodes to %x, want %x", got, want)
	}
	if _, err := DecodeBody(full.Encode()); err != nil {
		t.Error(err)
	}
}

func TestRefNames(t *testing.T) {
	short := func(p PartyNo) string { return fmt.Sprintf("p%d", p) }
	byName := func(s string) (p PartyNo, ok bool) {
		_, err := fmt.Sscanf(s, "p%d", &p)
		return p, err == nil
	}
	rapid.Check(t, func(t *rapid.T) {
		r := genRef().Draw(t, "ref")
		if back, err := ParseRef(FormatRef(r, short), byName); err != nil || back != r {
			t.Fatalf("%s comes back as %v, %v", FormatRef(r, short), back, err)
		}
	})
	for _, s := range []string{"", "p1", "p1/", "p1/0", "p1/01", "p1/+1", "p1/-1", "p1/18446744073709551616", "p1/#12", "blue/1", "/1", "p1/1 "} {
		if r, err := ParseRef(s, byName); err == nil {
			t.Errorf("%q names %v", s, r)
		}
	}
	hash := ByHash(2, [32]byte{0x1f, 0xa9})
	for want, r := range map[string]Ref{"p1 four-one-two": ByNumber(1, 412), "p2 hash one-foxtrot-alfa-nine-zero-zero-zero-zero": hash} {
		if got := SpokenRef(r, short); got != want {
			t.Errorf("said aloud %q, want %q", got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for p := Flash; p <= Routine; p++ {
		if back, err := ParsePrecedence(p.String()); err != nil || back != p {
			t.Errorf("%v comes back as %v, %v", p, back, err)
		}
	}
	for s := Actual; s <= Test; s++ {
		if back, err := ParseStatus(s.String()); err != nil || back != s {
			t.Errorf("%v comes back as %v, %v", s, back, err)
		}
	}
	if p, err := ParsePrecedence("unknown"); err == nil {
		t.Errorf("unknown is the precedence %d", p)
	}
	if got := Status(9).String() + Precedence(200).String(); got != "unknownunknown" {
		t.Errorf("values out of range are called %q", got)
	}
}
