// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	. "openline/identity"
	"openline/identity/secret"
)

const vectors = "../spec/vectors/identity/"

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatalf("%s: %v", file, err)
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

// refusal is one case to refuse: a text, a note, or a change of the good one.
type refusal struct {
	Name, Parse, Text, Class, Note, Find, Replace, Says string
}

func TestNameVectors(t *testing.T) {
	type names struct {
		Accepted []string
		Refused  []refusal
	}
	var v struct{ Party, Line names }
	readJSON(t, vectors+"names.json", &v)
	party := func(s string) (string, error) { p, err := ParseParty(s); return string(p), err }
	line := func(s string) (string, error) { l, err := ParseLineID(s); return string(l), err }
	for _, c := range []struct {
		names
		parse func(string) (string, error)
	}{{v.Party, party}, {v.Line, line}} {
		for _, s := range c.Accepted {
			if got, err := c.parse(s); err != nil || got != s {
				t.Errorf("%q: %q, %v", s, got, err)
			}
		}
		for _, r := range c.Refused {
			if got, err := c.parse(r.Text); err == nil || got != "" {
				t.Errorf("%s: %q accepted as %q", r.Name, r.Text, got)
			}
		}
	}
}

func TestKeyVectors(t *testing.T) {
	type made struct {
		Name                           Party
		Seed, Secret, Key, Fingerprint string
		Log, Cosigner, Session         string
		CosignerPQ                     string `json:"cosigner_mldsa44"`
		SessionPQ                      string `json:"session_mldsa44"`
		Seal                           string
	}
	var v struct {
		Party, Station, Person []made
		Refused                []refusal
	}
	readJSON(t, vectors+"keys.json", &v)
	for _, c := range v.Party {
		s, err := secret.ParseParty(c.Secret)
		if err != nil {
			t.Fatal(err)
		}
		k, err := ParsePartyKey(c.Key)
		if err != nil || k != s.Public() || k.String() != c.Key {
			t.Errorf("%s: the key is not the one of its secret: %v", c.Name, err)
		}
		if s.Encode() != c.Secret || secret.NewParty([64]byte(unhex(t, c.Seed))).Encode() != c.Secret {
			t.Errorf("%s: the secret is not the one of its seed", c.Name)
		}
		if got := k.Fingerprint(c.Name).String(); got != c.Fingerprint {
			t.Errorf("%s: fingerprint %s, want %s", c.Name, got, c.Fingerprint)
		}
	}
	for _, c := range v.Station {
		s, err := secret.NewStation([secret.StationSeed]byte(unhex(t, c.Seed)))
		if err != nil || s.Encode() != c.Secret {
			t.Fatalf("station secret is not the one of its seed: %v", err)
		}
		k := s.Keys()
		fields := k.Fields()
		for name, want := range map[string]string{"log-ed25519": c.Log, "cosigner-ed25519": c.Cosigner, "cosigner-mldsa44": c.CosignerPQ,
			"session-ed25519": c.Session, "session-mldsa44": c.SessionPQ, "seal-mlkem768x25519": c.Seal} {
			if hex.EncodeToString(fields[name]) != want && base64.StdEncoding.EncodeToString(fields[name]) != want {
				t.Errorf("%s is not the key of its seed", name)
			}
		}
	}
	for _, c := range v.Person {
		if s := secret.NewPerson([32]byte(unhex(t, c.Seed))); s.Encode() != c.Secret || s.Public().String() != c.Key {
			t.Error("person key is not the one of its seed")
		}
	}
	readers := map[string]func(string) error{
		"party-key":      func(s string) error { _, err := ParsePartyKey(s); return err },
		"party-secret":   func(s string) error { _, err := secret.ParseParty(s); return err },
		"station-secret": func(s string) error { _, err := secret.ParseStation(s); return err },
		"person-key":     func(s string) error { _, err := ParsePersonKey(s); return err },
		"person-secret":  func(s string) error { _, err := secret.ParsePerson(s); return err },
	}
	for _, r := range v.Refused {
		checkSays(t, r, readers[r.Parse](r.Text))
	}
}

func checkSays(t *testing.T, r refusal, err error) {
	t.Helper()
	if err == nil {
		t.Errorf("%s: accepted", r.Name)
	} else if !strings.Contains(err.Error(), r.Says) {
		t.Errorf("%s: %q does not say %q", r.Name, err, r.Says)
	}
}

func TestFingerprintVectors(t *testing.T) {
	var v struct {
		Fingerprint string
		Accepted    []string
		Refused     []refusal
	}
	readJSON(t, vectors+"fingerprints.json", &v)
	for _, s := range v.Accepted {
		if f, err := ParseFingerprint(s); err != nil || f.String() != v.Fingerprint {
			t.Errorf("%q: %v, %v", s, f, err)
		}
	}
	for _, r := range v.Refused {
		_, err := ParseFingerprint(r.Text)
		checkSays(t, r, err)
	}
}

// checkRefused applies a case to a card. open verifies, read does not.
func checkRefused(t *testing.T, good string, r refusal, read, open func([]byte) error) {
	t.Helper()
	classes := map[string]error{"unsigned": ErrUnsigned, "one-signature": ErrOneSignature, "signature": ErrSignature, "roles": ErrKeyTwoRoles}
	if r.Class == "text" {
		if strings.Count(good, r.Find) != 1 {
			t.Fatalf("%s: the place to change is not there once", r.Name)
		}
		note := []byte(strings.Replace(good, r.Find, r.Replace, 1))
		checkSays(t, r, read(note))
		checkSays(t, r, open(note))
		return
	}
	err := open([]byte(r.Note))
	switch want := classes[r.Class]; {
	case r.Class == "note" && (err == nil || !strings.Contains(err.Error(), "is not a signed note") && !strings.Contains(err.Error(), "larger than")):
		t.Errorf("%s: %v", r.Name, err)
	case r.Class != "note" && (want == nil || !errors.Is(err, want)):
		t.Errorf("%s: got %v, want class %s", r.Name, err, r.Class)
	}
}

func TestPartyCardVectors(t *testing.T) {
	var v struct {
		Seed, Title, Note string
		Party             Party
		Accepted, Refused []refusal
	}
	readJSON(t, vectors+"party-card.json", &v)
	made, err := secret.NewParty([64]byte(unhex(t, v.Seed))).SignPartyCard(v.Party, v.Title)
	if err != nil || string(made) != v.Note {
		t.Fatalf("the card made from the seed is another: %v", err)
	}
	open := func(b []byte) error { _, err := OpenPartyCard(b); return err }
	for _, c := range append(v.Accepted, refusal{Name: "good", Note: v.Note}) {
		if err := open([]byte(c.Note)); err != nil {
			t.Errorf("%s: %v", c.Name, err)
		}
	}
	for _, r := range v.Refused {
		checkRefused(t, v.Note, r, open, open)
	}
}

func TestStationCardVectors(t *testing.T) {
	type card struct{ Note, Origin, Cosigner, Digest string }
	var v struct {
		card
		PartyKey string `json:"party_key"`
		First    card
		Refused  []refusal
	}
	readJSON(t, vectors+"station-card.json", &v)
	readJSON(t, vectors+"station-card.json", &v.card)
	key, err := ParsePartyKey(v.PartyKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []card{v.card, v.First} {
		c, err := OpenStationCard([]byte(want.Note), key)
		if err != nil {
			t.Fatal(err)
		}
		digest := c.Digest()
		if c.Origin() != want.Origin || c.CosignerName() != want.Cosigner || hex.EncodeToString(digest[:]) != want.Digest {
			t.Errorf("origin %s, cosigner %s, digest %x", c.Origin(), c.CosignerName(), digest)
		}
	}
	read := func(b []byte) error { _, err := UnsafeParseStationCard(b); return err }
	open := func(b []byte) error { _, err := OpenStationCard(b, key); return err }
	for _, r := range v.Refused {
		checkRefused(t, v.Note, r, read, open)
	}
}

// signedCase is a signature over fields; a refusal changes what it names.
type signedCase struct {
	Name, Key, Exporter, Signature string
	Line                           LineID
	Role                           byte
	Party                          Party
	Kind, Header, Thing, Cut       string
}

// changedCases gives the good case and, for each refusal, the good case with
// the named fields changed.
func changedCases(t *testing.T, file string) []signedCase {
	t.Helper()
	var good signedCase
	var v struct{ Refused []json.RawMessage }
	readJSON(t, vectors+file, &good)
	readJSON(t, vectors+file, &v)
	all := []signedCase{good}
	for _, raw := range v.Refused {
		c := good
		if err := json.Unmarshal(raw, &c); err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
	return all
}

func TestSessionVectors(t *testing.T) {
	for i, c := range changedCases(t, "session.json") {
		var k StationKeys
		pub, _ := base64.StdEncoding.DecodeString(c.Key)
		copy(k.SessionPQ[:], pub)
		sig, err := base64.StdEncoding.DecodeString(c.Signature)
		if err != nil {
			t.Fatal(err)
		}
		if got := k.VerifySession(c.Line, c.Role, unhex(t, c.Exporter), sig); got != (i == 0) {
			t.Errorf("%q: verifies: %v", c.Name, got)
		}
	}
}

func TestActVectors(t *testing.T) {
	for i, c := range changedCases(t, "act.json") {
		k, err := ParsePersonKey(c.Key)
		if err != nil {
			t.Fatal(err)
		}
		a := Act{Line: c.Line, Party: c.Party, Kind: c.Kind, Header: [32]byte(unhex(t, c.Header)), About: c.Thing, Cut: [32]byte(unhex(t, c.Cut))}
		if got := k.VerifyAct(a, unhex(t, c.Signature)); got != (i == 0) {
			t.Errorf("%q: verifies: %v", c.Name, got)
		}
	}
}

// TestVectorsAreASCII: a vector shows what it holds in every editor.
func TestVectorsAreASCII(t *testing.T) {
	files, err := os.ReadDir(vectors)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(vectors + f.Name())
		if err != nil || bytes.ContainsFunc(b, func(r rune) bool { return r > 0x7e }) {
			t.Errorf("%s: not ASCII, or %v", f.Name(), err)
		}
	}
}

// TestSpecExample: the worked example of the specification is what this
// package makes.
func TestSpecExample(t *testing.T) {
	spec, err := os.ReadFile("../spec/identity.md")
	if err != nil {
		t.Fatal(err)
	}
	s := partyOf(0)
	k := s.Public()
	pq := sha256.Sum256(k.MLDSA[:])
	msg, err := s.SignPartyCard("blue.example", "Ministry of Blue, Line Office")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := UnverifiedText(msg)
	sum := sha256.Sum256([]byte(text))
	station := &StationCard{Party: "blue.example", Line: "dtl-0a1b2c3d", Generation: 2, Base: 413, Issued: 1611144000,
		Previous: &Held{1, 410, [32]byte(seed(32, 0x70))}, Keys: stationOf(t, 2).Keys()}
	digest := station.Digest()
	for _, want := range []string{
		hex.EncodeToString(k.Ed25519[:]), hex.EncodeToString(pq[:]), k.Fingerprint("blue.example").String(),
		hex.EncodeToString(sum[:]), fmt.Sprintf("%d bytes of text", len(text)), fmt.Sprintf("%d bytes in all", len(msg)),
		k.String()[:80], hex.EncodeToString(digest[:]), station.Origin(),
		strings.ReplaceAll(station.Text()[:strings.Index(station.Text(), "cosigner-mldsa44")], "\n", "\n    "),
	} {
		if !strings.Contains(string(spec), strings.TrimSpace(want)) {
			t.Errorf("spec/identity.md does not hold %q", want)
		}
	}
}
