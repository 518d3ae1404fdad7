// SPDX-License-Identifier: Apache-2.0

package record

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

type vector struct {
	Name   string
	Accept bool
	Rule   string // of spec/record.md that the input breaks
	At     int    // where a reader that walks notices
	Says   string // within the message of this implementation
	Digest string
	Hex    string
}

func readVectors(t testing.TB, file string, into any) {
	t.Helper()
	b, err := os.ReadFile("../spec/vectors/record/" + file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// layers are the three codecs: decode and encode again, and the digest under
// which the layer above, or the log, holds the bytes.
var layers = map[string]struct {
	recode func([]byte) ([]byte, error)
	digest func([]byte) [32]byte
}{
	"leaf":   {recodeWith(DecodeLeaf), LeafHash},
	"header": {recodeWith(DecodeHeader), HeaderDigest},
	"body":   {recodeWith(DecodeBody), BodyDigest},
}

func recodeWith[T interface{ Encode() []byte }](decode func([]byte) (T, error)) func([]byte) ([]byte, error) {
	return func(b []byte) ([]byte, error) {
		v, err := decode(b)
		if err != nil {
			return nil, err
		}
		return v.Encode(), nil
	}
}

func TestLayerVectors(t *testing.T) {
	for name, layer := range layers {
		var file struct{ Vectors []vector }
		readVectors(t, name+".json", &file)
		refused := 0
		for _, v := range file.Vectors {
			t.Run(name+"/"+v.Name, func(t *testing.T) {
				in := unhex(t, v.Hex)
				out, err := layer.recode(in)
				if !v.Accept {
					refused++
					checkRefusal(t, v, err)
					return
				}
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				if !bytes.Equal(out, in) {
					t.Errorf("encodes to\n%x, was\n%x", out, in)
				}
				if d := layer.digest(in); hex.EncodeToString(d[:]) != v.Digest {
					t.Errorf("digest %x, want %s", d, v.Digest)
				}
			})
		}
		if 2*refused < len(file.Vectors) {
			t.Errorf("%s: only %d of %d vectors must be refused", name, refused, len(file.Vectors))
		}
	}
}

func checkRefusal(t *testing.T, v vector, err error) {
	t.Helper()
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatalf("rule %s is broken, yet the answer is %v", v.Rule, err)
	}
	if syntax.Offset != v.At || !strings.Contains(syntax.Msg, v.Says) {
		t.Errorf("answer %q, want byte %d: …%s…", syntax, v.At, v.Says)
	}
}

func TestEntryVectors(t *testing.T) {
	var file struct {
		Vectors []struct {
			Name, Verdict      string
			Ceiling            int
			Leaf, Header, Body string
		}
	}
	readVectors(t, "entry.json", &file)
	for _, v := range file.Vectors {
		t.Run(v.Name, func(t *testing.T) {
			e := Entry{unhex(t, v.Leaf), unhex(t, v.Header), unhex(t, v.Body)}
			want := map[string]error{"whole": nil, "not whole": ErrNotWhole, "too large": ErrTooLarge}
			if err := e.Whole(Limits{Body: v.Ceiling}); !errors.Is(err, want[v.Verdict]) {
				t.Errorf("answer %v, want %s", err, v.Verdict)
			}
			d := e.Decode()
			if d.Leaf == nil && d.Header != nil || d.Header == nil && d.Body != nil {
				t.Errorf("a layer is read beneath one that does not parse: %+v", d)
			}
			if complete := d.Body != nil; complete != (d.Fault == nil) {
				t.Errorf("fault %v, body read %v", d.Fault, complete)
			}
		})
	}
}

// TestWorkedExample holds the bytes printed in the specification to the
// record it describes.
func TestWorkedExample(t *testing.T) {
	e, spec := workedExample(), specText(t)
	for name, want := range map[string][]byte{"leaf": e.Leaf, "header": e.Header, "body": e.Body} {
		if !strings.Contains(spec, hex.EncodeToString(want)) {
			t.Errorf("spec/record.md does not show the %s\n%x", name, want)
		}
	}
	leaf, header, body := LeafHash(e.Leaf), HeaderDigest(e.Header), BodyDigest(e.Body)
	for _, d := range [][32]byte{leaf, header, body} {
		if !strings.Contains(spec, hex.EncodeToString(d[:])) {
			t.Errorf("spec/record.md does not show the digest %x", d)
		}
	}
	if err := e.Whole(Limits{}); err != nil {
		t.Error(err)
	}
	w := NewWriter()
	AppendEntry(w, e)
	r := NewReader(w.Finish())
	back, err := ReadEntry(r)
	if err != nil || r.Done() != nil || !bytes.Equal(back.Leaf, e.Leaf) || !bytes.Equal(back.Header, e.Header) || !bytes.Equal(back.Body, e.Body) {
		t.Errorf("the entry does not come back: %v", err)
	}
}

// specText is the specification without the white space that breaks its
// hexadecimal lines.
func specText(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("../spec/record.md")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(b)), "")
}

// workedExample is that of spec/record.md section 8: red's watch holds
// blue/412 until an hour.
func workedExample() Entry {
	body := Body{
		Params: map[string]Value{"until": Uint(1614162600)},
		Text:   "Your note is with the minister. An answer follows by the hour given.",
	}
	for i := range body.Salt {
		body.Salt[i] = byte(i)
	}
	e := Entry{Body: body.Encode()}
	header := Header{
		Code: "RC03", Status: Exercise, Precedence: Priority, From: "watch",
		To: []Address{{1, "watch"}}, Re: []Ref{ByNumber(1, 412)},
		Written: 1614160800, Language: "en", Body: BodyDigest(e.Body),
	}
	e.Header = header.Encode()
	leaf := Leaf{
		Format: FormatVersion, Agreement: 1, Author: 2, Generation: 1, Time: 1614160805,
		About:  ByNumber(1, 412),
		Seen:   []Seen{{1, 1, 412, [32]byte(mustHex("4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"))}},
		Header: HeaderDigest(e.Header),
	}
	e.Leaf = leaf.Encode()
	return e
}

func mustHex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic("record: internal error: " + err.Error())
	}
	return b
}
