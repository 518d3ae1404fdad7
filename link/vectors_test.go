// SPDX-License-Identifier: Apache-2.0

package link

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"openline/identity"
	"openline/identity/secret"
)

var update = flag.Bool("update", false, "write the vectors of spec/vectors/link anew")

type frameVector struct {
	Name   string `json:"name"`
	Accept bool   `json:"accept"`
	Says   string `json:"says,omitempty"`
	Hex    string `json:"hex"`
}

type sessionVector struct {
	Name   string   `json:"name"`
	Role   string   `json:"role"`
	Hex    []string `json:"hex"`
	Code   string   `json:"code"`
	Events int      `json:"events"`
}

type vectors struct {
	About    string          `json:"about"`
	Line     string          `json:"line,omitempty"`
	Seed     string          `json:"seed_hex,omitempty"`
	Exporter string          `json:"exporter_hex,omitempty"`
	Frames   []frameVector   `json:"frames,omitempty"`
	Sessions []sessionVector `json:"sessions,omitempty"`
}

// vectorSecret is blue's station secret in the vectors: byte i of its seed
// is i.
func vectorSecret(t testing.TB) *secret.Station {
	t.Helper()
	s, err := secret.NewStation(vectorSeed())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func vectorSeed() (seed [secret.StationSeed]byte) {
	for i := range seed {
		seed[i] = byte(i)
	}
	return seed
}

func vectorExporter() []byte {
	b := make([]byte, ExporterLen)
	for i := range b {
		b[i] = 0xa0 + byte(i)
	}
	return b
}

// vectorHello is blue's, who dials red.
func vectorHello(t testing.TB, change func(*Hello)) []byte {
	h := Hello{
		Line: testLine, From: blue, To: red, Role: RoleDialer, Generation: 1,
		Boot: Boot([]byte("blue, first boot")), Holds: []Have{{blue, 1, 412}, {red, 1, 310}},
	}
	h.Signature = vectorSecret(t).SignSession(testLine, RoleDialer, vectorExporter())
	change(&h)
	return frame{kind: frameHello, hello: h}.encode()
}

func ping(n uint64) []byte {
	return frame{kind: framePing, n: n, echo: Boot([]byte("red, second boot"))}.encode()
}

// vectorPart is the second piece of an attachment.
func vectorPart() (p Part) {
	for i := range p.Digest {
		p.Digest[i] = 0x5a
	}
	p.Offset = MaxPiece
	return p
}

func have(size uint64) []byte {
	return frame{kind: frameHave, holds: []Have{{red, 1, size}}}.encode()
}

func frameVectors(t testing.TB) (list []frameVector) {
	add := func(name, says string, b []byte) {
		list = append(list, frameVector{name, says == "", says, hex.EncodeToString(b)})
	}
	unhex := func(s string) []byte {
		b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	hello := vectorHello(t, func(*Hello) {})
	pkg := frame{kind: framePackage, through: Have{blue, 1, 413}, payload: []byte("opaque")}.encode()
	add("hello", "", hello)
	add("have", "", have(310))
	add("package", "", pkg)
	add("statement", "", frame{kind: frameStatement, payload: []byte("opaque")}.encode())
	add("ahead", "", frame{kind: frameAhead, payload: []byte("opaque")}.encode())
	add("card", "", frame{kind: frameCard, payload: []byte("opaque")}.encode())
	add("ping", "", ping(1))
	add("pong", "", frame{kind: framePong, n: 1}.encode())
	add("ask-pq", "", frame{kind: frameAskPQ}.encode())
	add("bye", "", frame{kind: frameBye, n: uint64(CodeClosing)}.encode())
	add("bye-with-a-code-of-a-later-version", "", frame{kind: frameBye, n: 99}.encode())

	digest := strings.Repeat("5a", 32)
	add("want", "", frame{kind: frameWant, part: vectorPart(), n: MaxPiece}.encode())
	add("piece", "", frame{kind: framePiece, part: vectorPart(), payload: []byte("opaque")}.encode())

	add("empty", "input ends", nil)
	add("text-of-another-protocol", "expected an array", []byte("GET / HTTP/1.1"))
	add("a-map-instead-of-an-array", "expected an array", unhex("a1 0a 01"))
	add("no-type", "expected an unsigned number", unhex("81 41 0a"))
	add("unknown-type", "unknown frame type 13", unhex("82 0d 01"))
	add("type-zero", "unknown frame type 0", unhex("81 00"))
	add("trailing-byte", "after the end", append(ping(1), 0))
	add("cut-short", "input ends", ping(1)[:10])
	add("too-few-fields", "wrong number of fields", unhex("82 07 01"))
	add("too-many-fields", "wrong number of fields", unhex("82 09 01"))
	add("thirteen-fields", "at most 12", unhex("8d 0a"))
	add("indefinite-array", "indefinite length", unhex("9f 0a 01 ff"))
	add("number-not-shortest", "shortest form", unhex("82 0a 1801"))
	add("negative-number", "expected an unsigned number", unhex("82 0a 20"))
	add("float", "a float", unhex("82 0a f93c00"))
	add("tag", "a tag", unhex("82 0a c101"))
	add("null", "null", unhex("82 0a f6"))
	add("boot-id-of-15-bytes", "not 16 bytes", unhex("83 07 01 4f "+strings.Repeat("00", 15)))
	add("boot-id-of-17-bytes", "at most 16", unhex("83 07 01 51 "+strings.Repeat("00", 17)))
	add("have-of-party-0", "not between 1", unhex("82 02 81 83 00 01 05"))
	add("have-of-party-65536", "not between 1", unhex("82 02 81 83 1a00010000 01 05"))
	add("have-of-generation-0", "not between 1", unhex("82 02 81 83 02 00 05"))
	add("have-of-generation-2^32", "not between 1", unhex("82 02 81 83 02 1b0000000100000000 05"))
	add("have-of-two-fields", "wrong number of fields", unhex("82 02 81 82 02 01"))
	add("have-of-513-logs", "at most 512", unhex("82 02 990201"))
	add("have-that-claims-more-than-comes", "input ends", unhex("82 02 84 83 02 01 05"))
	add("package-that-claims-more-than-comes", "input ends", unhex("85 03 01 01 05 5a000fff00"))
	add("package-larger-than-a-frame", "at most", unhex("85 03 01 01 05 5a00100000"))
	add("statement-larger-than-its-bound", "at most 16384", unhex("82 04 59 4001"))
	add("card-larger-than-its-bound", "at most 32768", unhex("82 06 59 8001"))
	add("payload-as-text", "expected a byte string", unhex("82 04 6161"))
	add("want-of-no-bytes", "not between 1", unhex("84 0b 5820"+digest+"00 00"))
	add("want-of-32769-bytes", "not between 1", unhex("84 0b 5820"+digest+"00 198001"))
	add("want-beyond-the-largest-attachment", "beyond the largest", unhex("84 0b 5820"+digest+"1a04000000 01"))
	add("want-of-a-digest-of-31-bytes", "32 bytes", unhex("84 0b 581f"+digest[2:]+"00 01"))
	add("want-of-three-fields", "wrong number of fields", unhex("83 0b 5820"+digest+"00"))
	add("piece-without-bytes", "without bytes", unhex("84 0c 5820"+digest+"00 40"))
	add("piece-larger-than-its-bound", "at most 32768", unhex("84 0c 5820"+digest+"00 598001"))
	add("piece-beyond-the-largest-attachment", "beyond the largest", unhex("84 0c 5820"+digest+"1a04000000 4101"))
	add("piece-of-a-digest-of-33-bytes", "at most 32", unhex("84 0c 5821"+digest+"5a 00 4101"))
	add("hello-of-version-2", "link version 2", bytes.Replace(hello, unhex("8c 01 01"), unhex("8c 01 02"), 1))
	add("hello-in-role-0", "not between 1 and 2", vectorHello(t, func(h *Hello) { h.Role = 0 }))
	add("hello-in-role-3", "not between 1 and 2", vectorHello(t, func(h *Hello) { h.Role = 3 }))
	add("hello-from-party-0", "not between 1", vectorHello(t, func(h *Hello) { h.From = 0 }))
	add("hello-of-generation-0", "not between 1", vectorHello(t, func(h *Hello) { h.Generation = 0 }))
	add("hello-with-a-line-of-256-bytes", "at most 255", vectorHello(t, func(h *Hello) { h.Line = identity.LineID(strings.Repeat("a", 256)) }))
	add("hello-with-a-note-above-its-bound", "at most 16384", vectorHello(t, func(h *Hello) { h.Yours = make([]byte, MaxNote+1) })[:200])
	add("hello-with-a-signature-above-its-bound", "at most 4096", vectorHello(t, func(h *Hello) { h.Signature = make([]byte, MaxSignature+1) })[:200])
	return list
}

// sessionVectors are what red's listener is told, from the first frame on.
func sessionVectors(t testing.TB) (list []sessionVector) {
	hello := vectorHello(t, func(*Hello) {})
	add := func(name string, code Code, events int, frames ...[]byte) {
		v := sessionVector{Name: name, Role: "listener", Code: code.String(), Events: events}
		for _, f := range frames {
			v.Hex = append(v.Hex, hex.EncodeToString(f))
		}
		list = append(list, v)
	}
	secret := vectorSecret(t)
	signed := func(line identity.LineID, role byte, exporter []byte) func(*Hello) {
		return func(h *Hello) { h.Signature = secret.SignSession(line, role, exporter) }
	}
	other := vectorExporter()
	other[31] ^= 1
	add("greeting", CodeNone, 2, hello)
	add("greeting-ping-have", CodeNone, 4, hello, ping(1), have(310))
	add("greeting-want", CodeNone, 3, hello, frame{kind: frameWant, part: vectorPart(), n: 512}.encode())
	add("a-piece-nobody-asked-for", CodeNone, 2, hello, frame{kind: framePiece, part: vectorPart(), payload: []byte("opaque")}.encode())
	add("want-before-the-greeting", CodeOrder, 0, frame{kind: frameWant, part: vectorPart(), n: 512}.encode())
	add("goodbye-before-the-greeting", CodeNone, 1, frame{kind: frameBye, n: uint64(CodeIdentity)}.encode())
	add("ping-before-the-greeting", CodeOrder, 0, ping(1))
	add("second-greeting", CodeOrder, 2, hello, hello)
	add("unknown-frame-after-the-greeting", CodeMalformed, 2, hello, []byte{0x82, 0x0d, 0x01})
	add("of-another-line", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Line = "dtl-ffffffff" }))
	add("from-a-third-party", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.From = 3 }))
	add("to-a-third-party", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.To = 3 }))
	add("reflected-role", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Role = RoleListener; signed(testLine, RoleListener, vectorExporter())(h) }))
	add("of-another-generation", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Generation = 2 }))
	add("with-the-listener's-own-boot-id", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Boot = Boot([]byte("red, second boot")) }))
	add("replayed-from-another-session", CodeIdentity, 0, vectorHello(t, signed(testLine, RoleDialer, other)))
	add("signed-as-listener", CodeIdentity, 0, vectorHello(t, signed(testLine, RoleListener, vectorExporter())))
	add("signed-for-another-line", CodeIdentity, 0, vectorHello(t, signed("dtl-ffffffff", RoleDialer, vectorExporter())))
	add("one-bit-of-the-signature", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Signature = bytes.Clone(h.Signature); h.Signature[100] ^= 1 }))
	add("without-signature", CodeIdentity, 0, vectorHello(t, func(h *Hello) { h.Signature = nil }))
	return list
}

// vectorSession is red's listener.
func vectorSession(t testing.TB) *Session {
	keys := vectorSecret(t).Keys()
	return New(Config{
		Line: testLine, Me: red, Peer: blue, Generation: 1, PeerGeneration: 1, Exporter: vectorExporter(),
		Sign: func(byte, []byte) []byte { return nil },
		Verify: func(role byte, exporter, sig []byte) bool {
			return keys.VerifySession(testLine, role, exporter, sig)
		},
	}, Hello{Boot: Boot([]byte("red, second boot"))}, 0)
}

func TestFrameVectors(t *testing.T) {
	var file vectors
	checkVectors(t, "frames.json", vectors{
		About:  "Frames of spec/link.md section 3. What is accepted is written again as the same bytes; says is a part of this implementation's answer to what is refused.",
		Frames: frameVectors(t),
	}, &file)
	refused := 0
	for _, v := range file.Frames {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		f, err := decodeFrame(b)
		switch {
		case v.Accept && err != nil:
			t.Errorf("%s: refused: %v", v.Name, err)
		case v.Accept && !bytes.Equal(f.encode(), b):
			t.Errorf("%s: written again as %x", v.Name, f.encode())
		case !v.Accept && (err == nil || !strings.Contains(err.Error(), v.Says)):
			t.Errorf("%s: answer %v, want …%s…", v.Name, err, v.Says)
		case !v.Accept:
			refused++
		}
	}
	if 2*refused < len(file.Frames) {
		t.Errorf("only %d of %d frames must be refused", refused, len(file.Frames))
	}
}

func TestSessionVectors(t *testing.T) {
	seed := vectorSeed()
	var file vectors
	checkVectors(t, "session.json", vectors{
		About:    "What the listener red (party 2, its boot id the ASCII text 'red, second boot') is told by blue (party 1, generation 1, whose station secret is made from the seed); code is that of the goodbye it answers to the last frame, none if the session goes on or the other side ended it; events is how many things it had to tell its station, before that.",
		Line:     string(testLine),
		Seed:     hex.EncodeToString(seed[:]),
		Exporter: hex.EncodeToString(vectorExporter()),
		Sessions: sessionVectors(t),
	}, &file)
	for _, v := range file.Sessions {
		s, events, code := vectorSession(t), 0, CodeNone
		s.Out()
		for _, h := range v.Hex {
			b, err := hex.DecodeString(h)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.Receive(b, 0)
			events += len(got)
			if e := (*Error)(nil); errors.As(err, &e) {
				code = e.Code
			}
		}
		if code.String() != v.Code || events != v.Events {
			t.Errorf("%s: code %s after %d events, want %s after %d", v.Name, code, events, v.Code, v.Events)
		}
	}
}

// checkVectors holds a file of vectors to what the code makes, and reads it.
func checkVectors(t *testing.T, name string, v vectors, into *vectors) {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join("..", "spec", "vectors", "link", name)
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
		t.Errorf("%s is not what the code makes; if the bytes of the link were meant to change, run go test ./link -update", file)
	}
	if err := json.Unmarshal(have, into); err != nil {
		t.Fatal(err)
	}
}

// TestWorkedExample holds the bytes printed in the specification to the
// frames they show.
func TestWorkedExample(t *testing.T) {
	b, err := os.ReadFile("../spec/link.md")
	if err != nil {
		t.Fatal(err)
	}
	spec := strings.Join(strings.Fields(string(b)), "")
	hello := vectorHello(t, func(*Hello) {})
	sig := bytes.Index(hello, vectorSecret(t).SignSession(testLine, RoleDialer, vectorExporter()))
	for name, want := range map[string][]byte{
		"hello up to its signature": hello[:sig], "the signature's first bytes": hello[sig : sig+16], "ping": ping(1), "have": have(310),
		"package": frame{kind: framePackage, through: Have{blue, 1, 413}, payload: []byte("opaque")}.encode(),
		"bye":     frame{kind: frameBye, n: uint64(CodeClosing)}.encode(),
	} {
		if !strings.Contains(spec, hex.EncodeToString(want)) {
			t.Errorf("spec/link.md does not show the %s\n%x", name, want)
		}
	}
	for _, limit := range []string{"1048576", "1048512", "16384", "32768", "4194304", "512", "4096", "1024", ExporterLabel} {
		if !strings.Contains(spec, limit) {
			t.Errorf("spec/link.md does not name the limit %s", limit)
		}
	}
	for c := CodeClosing; c < CodeUnknown; c++ {
		if !strings.Contains(string(b), "| "+c.String()+" |") {
			t.Errorf("spec/link.md does not list the code %s", c)
		}
	}
}

// What is read as a frame is written as the same bytes, and no frame brings
// a session down otherwise than by a code.
func FuzzFrame(f *testing.F) {
	for _, v := range frameVectors(f) {
		b, err := hex.DecodeString(v.Hex)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if parsed, err := decodeFrame(b); err == nil && !bytes.Equal(parsed.encode(), b) {
			t.Fatalf("%x is written again as %x", b, parsed.encode())
		}
		_, r := meet(t, 0)
		if _, err := r.Receive(b, 0); err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) || e.Code == CodeNone || e.Code >= CodeUnknown {
				t.Fatalf("answer %v", err)
			}
		}
		for _, out := range r.Out() {
			if _, err := decodeFrame(out); err != nil || len(out) > MaxFrame {
				t.Fatalf("answers with %x: %v", out, err)
			}
		}
	})
}
