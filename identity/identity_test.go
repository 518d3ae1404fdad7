// SPDX-License-Identifier: Apache-2.0

package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"filippo.io/mldsa"
	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	. "openline/identity"
	"openline/identity/secret"
)

// seed fills a seed with bytes that tell parties and generations apart.
func seed(n int, from byte) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = from + byte(i)
	}
	return b
}

func partyOf(from byte) *secret.Party { return secret.NewParty([64]byte(seed(64, from))) }

func stationOf(t testing.TB, from byte) *secret.Station {
	t.Helper()
	s, err := secret.NewStation([secret.StationSeed]byte(seed(secret.StationSeed, from)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func firstCard(t testing.TB) *StationCard {
	t.Helper()
	return &StationCard{Party: "blue.example", Line: "dtl-0a1b2c3d", Generation: 1, Base: 1, Issued: 1611100800, Keys: stationOf(t, 1).Keys()}
}

// TestWordList: the list is BIP-39's, by its known digest and by another
// project's copy; ParseFingerprint needs it sorted.
func TestWordList(t *testing.T) {
	const known = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
	if sum := sha256.Sum256([]byte(WordList)); hex.EncodeToString(sum[:]) != known {
		t.Errorf("words.txt has digest %x", sum)
	}
	if WordList != strings.Join(wordlists.English, "\n")+"\n" {
		t.Error("words.txt is not the list of go-bip39")
	}
}

// TestFingerprint computes one by hand, and takes every word back.
func TestFingerprint(t *testing.T) {
	k := partyOf(0).Public()
	h := sha256.New()
	h.Write([]byte("openline/fingerprint/v1\nblue.example\x00"))
	h.Write(k.Ed25519[:])
	h.Write(k.MLDSA[:])
	var words []string
	bits := strings.NewReplacer("[", "", "]", "", " ", "").Replace(fmt.Sprintf("%08b", h.Sum(nil)))
	for i := range 12 {
		var v int
		if _, err := fmt.Sscanf(bits[11*i:11*i+11], "%b", &v); err != nil {
			t.Fatal(err)
		}
		words = append(words, wordlists.English[v])
	}
	f := k.Fingerprint("blue.example")
	if f.String() != strings.Join(words, "-") {
		t.Errorf("fingerprint %s, by hand %v", f, words)
	}
	for i := range byte(8) {
		f := partyOf(i).Public().Fingerprint("blue.example")
		if g, err := ParseFingerprint(f.String()); err != nil || g != f {
			t.Errorf("%v is read back as another: %v", f, err)
		}
	}
	if f.Check("blue.example", k) != nil || f.Check("red.example", k) == nil || f.Check("blue.example", partyOf(1).Public()) == nil {
		t.Error("a fingerprint vouches for one name and one key only")
	}
	rapid.Check(t, func(t *rapid.T) {
		var f Fingerprint
		copy(f[:], rapid.SliceOfN(rapid.Byte(), 17, 17).Draw(t, "bits"))
		f[16] &= 0xf0
		if g, err := ParseFingerprint(f.String()); err != nil || g != f {
			t.Fatalf("%v comes back as %v: %v", f, g, err)
		}
	})
}

// TestNoteBytes verifies a card by the C2SP text alone: key ids and messages
// made here by hand.
func TestNoteBytes(t *testing.T) {
	s := partyOf(0)
	card, err := s.SignPartyCard("blue.example", "Blue")
	if err != nil {
		t.Fatal(err)
	}
	text, sigs, _ := strings.Cut(string(card), "\n\n")
	text += "\n"
	k := s.Public()
	want := []struct {
		typed  string
		verify func(sig []byte) bool
	}{
		{"\x01" + string(k.Ed25519[:]), func(sig []byte) bool { return ed25519.Verify(k.Ed25519[:], []byte(text), sig) }},
		{"\xffopenline.party/mldsa44/v1" + string(k.MLDSA[:]), func(sig []byte) bool {
			pub, err := mldsa.NewPublicKey(mldsa.MLDSA44(), k.MLDSA[:])
			return err == nil && mldsa.Verify(pub, []byte("openline.party/mldsa44/v1\n"+text), sig, nil) == nil
		}},
	}
	for i, l := range strings.Split(strings.TrimSuffix(sigs, "\n"), "\n") {
		b64, ok := strings.CutPrefix(l, "— blue.example ")
		raw, err := base64.StdEncoding.DecodeString(b64)
		if !ok || err != nil {
			t.Fatalf("line %q: %v", l, err)
		}
		id := sha256.Sum256([]byte("blue.example\n" + want[i].typed))
		if !bytes.Equal(raw[:4], id[:4]) || !want[i].verify(raw[4:]) {
			t.Errorf("signature %d: key id %x, want %x", i, raw[:4], id[:4])
		}
	}
}

// TestStationCardRoundTrip: what is signed opens to the same card, and its
// text is read back to the same bytes.
func TestStationCardRoundTrip(t *testing.T) {
	s := partyOf(0)
	keys := []StationKeys{stationOf(t, 1).Keys(), stationOf(t, 2).Keys()}
	rapid.Check(t, func(t *rapid.T) {
		c := &StationCard{Party: "blue.example", Line: "dtl-0a1b2c3d", Generation: 1, Base: 1,
			Issued: rapid.Uint64Range(0, MaxTime).Draw(t, "issued"), Keys: rapid.SampledFrom(keys).Draw(t, "keys")}
		if rapid.Bool().Draw(t, "later") {
			c.Generation = rapid.Uint32Range(2, 1<<32-1).Draw(t, "generation")
			c.Base = rapid.Uint64Range(1, MaxSize).Draw(t, "base")
			c.Previous = &Held{rapid.Uint32Range(1, c.Generation-1).Draw(t, "previous"), rapid.Uint64Range(0, c.Base-1).Draw(t, "size"), sha256.Sum256(nil)}
		}
		msg, err := s.SignStationCard(c)
		if err != nil {
			t.Fatal(err)
		}
		got, err := OpenStationCard(msg, s.Public())
		if err != nil {
			t.Fatal(err)
		}
		if got.Text() != c.Text() || got.Digest() != c.Digest() || got.Keys != c.Keys {
			t.Fatal("the card comes back as another")
		}
		if len(c.CosignerName()) > 255 {
			t.Fatal("a key name has more than 255 bytes")
		}
	})
}

// TestSignRefuses: nothing is signed that would not be accepted.
func TestSignRefuses(t *testing.T) {
	s := partyOf(0)
	cases := map[string]func(*StationCard){
		"no party":                 func(c *StationCard) { c.Party = "" },
		"party with a line break":  func(c *StationCard) { c.Party = "blue.example\nline x" },
		"no line":                  func(c *StationCard) { c.Line = "" },
		"generation 0":             func(c *StationCard) { c.Generation = 0 },
		"later one without held":   func(c *StationCard) { c.Generation = 2 },
		"first one with held":      func(c *StationCard) { c.Previous = &Held{Generation: 1, Root: sha256.Sum256(nil)} },
		"first one from 2":         func(c *StationCard) { c.Base = 2 },
		"no keys":                  func(c *StationCard) { c.Keys = StationKeys{} },
		"party key as log":         func(c *StationCard) { c.Keys.Log = s.Public().Ed25519 },
		"party key as cosigner":    func(c *StationCard) { c.Keys.Cosigner = s.Public().Ed25519 },
		"party key as session":     func(c *StationCard) { c.Keys.Session = s.Public().Ed25519 },
		"party ML-DSA as cosigner": func(c *StationCard) { c.Keys.CosignerPQ = s.Public().MLDSA },
		"party ML-DSA as session":  func(c *StationCard) { c.Keys.SessionPQ = s.Public().MLDSA },
		"log key as session":       func(c *StationCard) { c.Keys.Session = c.Keys.Log },
		"log key as cosigner":      func(c *StationCard) { c.Keys.Cosigner = c.Keys.Log },
		"cosigner key as session":  func(c *StationCard) { c.Keys.Session = c.Keys.Cosigner },
		"cosigner ML-DSA twice":    func(c *StationCard) { c.Keys.SessionPQ = c.Keys.CosignerPQ },
	}
	for name, change := range cases {
		c := firstCard(t)
		change(c)
		if _, err := s.SignStationCard(c); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	for _, title := range []string{"", " Blue", "Blue\nkey x", "Bl\xffue", "Blue\u202e", strings.Repeat("x", 201)} {
		if _, err := s.SignPartyCard("blue.example", title); err == nil {
			t.Errorf("title %q: signed", title)
		}
	}
	for _, text := range []string{"", "no line break", "tab\there\n", "cr\r\n", "bad \xff\n", "nul\x00\n"} {
		if _, err := s.SignNote("blue.example", text); err == nil {
			t.Errorf("text %q: signed", text)
		}
	}
	if _, err := s.SignNote("Blue", "text\n"); err == nil {
		t.Error("signed under a name that is none")
	}
}

// TestSignaturesDoNotMove: a signature taken from one role, line, name or
// origin verifies nowhere else.
func TestSignaturesDoNotMove(t *testing.T) {
	s, st := partyOf(0), stationOf(t, 1)
	text := "a text\n"
	msg, err := s.SignNote("blue.example", text)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Public().OpenNote("red.example", bytes.ReplaceAll(msg, []byte("blue"), []byte("red"))); !errors.Is(err, ErrUnsigned) {
		t.Errorf("a note under another name: %v", err)
	}
	signer, err := st.LogSigner("blue.example/openline/dtl-0a1b2c3d/1")
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		t.Fatal(err)
	}
	keys := st.Keys()
	open := func(origin string, key [32]byte, msg []byte) error {
		v, err := Ed25519Verifier(origin, key)
		if err != nil {
			t.Fatal(err)
		}
		_, err = note.Open(msg, note.VerifierList(v))
		return err
	}
	if err := open("blue.example/openline/dtl-0a1b2c3d/1", keys.Log, checkpoint); err != nil {
		t.Errorf("a checkpoint of its own log: %v", err)
	}
	moved := bytes.ReplaceAll(checkpoint, []byte("3d/1"), []byte("3d/2"))
	if open("blue.example/openline/dtl-0a1b2c3d/2", keys.Log, moved) == nil || open("blue.example/openline/dtl-0a1b2c3d/1", keys.Cosigner, checkpoint) == nil {
		t.Error("a checkpoint moved to another origin or role verifies")
	}
	exporter := seed(32, 9)
	session := st.SignSession("dtl-0a1b2c3d", 1, exporter)
	cross := keys
	cross.SessionPQ = keys.CosignerPQ
	if !keys.VerifySession("dtl-0a1b2c3d", 1, exporter, session) || cross.VerifySession("dtl-0a1b2c3d", 1, exporter, session) {
		t.Error("a session proof verifies under its own key, line and role only")
	}
	_, pq, err := PartyKey{Ed25519: keys.Session, MLDSA: keys.SessionPQ}.Verifiers("blue.example")
	if err != nil {
		t.Fatal(err)
	}
	if pq.Verify([]byte(text), session) {
		t.Error("a session proof verifies as a party's note")
	}
}

// TestFieldsDoNotRun: two lists of fields never give the same bytes.
func TestFieldsDoNotRun(t *testing.T) {
	field := rapid.SliceOfN(rapid.Byte(), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(field, 0, 3).Draw(t, "a")
		b := rapid.SliceOfN(field, 0, 3).Draw(t, "b")
		same := len(a) == len(b)
		for i := 0; same && i < len(a); i++ {
			same = bytes.Equal(a[i], b[i])
		}
		if bytes.Equal(Message("tag", a...), Message("tag", b...)) != same {
			t.Fatalf("%x and %x", a, b)
		}
	})
}

// TestSmallOrderKeysForge shows why such keys are refused: a signature made
// without any secret verifies under each.
func TestSmallOrderKeysForge(t *testing.T) {
	points := SmallOrder
	for _, p := range points {
		pub := [32]byte(unhex(t, p))
		if err := CheckEd25519(pub); !errors.Is(err, ErrWeakKey) {
			t.Errorf("%s: %v", p, err)
		}
		forged := false
		for n := uint32(0); n < 64 && !forged; n++ {
			msg := binary.BigEndian.AppendUint32(nil, n)
			for _, r := range points {
				forged = forged || ed25519.Verify(pub[:], msg, append(unhex(t, r), make([]byte, 32)...))
			}
		}
		if !forged {
			t.Errorf("%s: no signature could be forged; the table is wrong", p)
		}
	}
	for _, s := range []byte{0, 64, 128} {
		if err := CheckEd25519(partyOf(s).Public().Ed25519); err != nil {
			t.Errorf("an honest key is refused: %v", err)
		}
	}
}

// TestSealKey: what is sealed to the card's key opens with the secret's.
func TestSealKey(t *testing.T) {
	st := stationOf(t, 1)
	keys := st.Keys()
	pub, err := hpke.MLKEM768X25519().NewPublicKey(keys.Seal[:])
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := hpke.Seal(pub, hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte("test"), []byte("words"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := hpke.Open(st.SealKey(), hpke.HKDFSHA256(), hpke.ChaCha20Poly1305(), []byte("test"), sealed); err != nil || string(got) != "words" {
		t.Errorf("opened %q: %v", got, err)
	}
}

// TestSecretsDoNotPrint tries every way a secret might reach a screen or a
// log unasked.
func TestSecretsDoNotPrint(t *testing.T) {
	raw := seed(64, 0)
	party, person := secret.NewParty([64]byte(raw)), secret.NewPerson([32]byte(raw[:32]))
	station := stationOf(t, 0)
	var out bytes.Buffer
	for _, s := range []any{party, *party, person, *person, station, *station, []any{party, *person}, struct{ S *secret.Party }{party}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			fmt.Fprintf(&out, verb+"\n", s)
		}
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "secret", s)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "secret", s)
		if err := json.NewEncoder(&out).Encode(s); err != nil {
			t.Error(err)
		}
	}
	shown := strings.ToLower(strings.NewReplacer(" ", "", ",", "", "0x", "").Replace(out.String()))
	for _, form := range []string{hex.EncodeToString(raw[4:12]), strings.ToLower(base64.StdEncoding.EncodeToString(raw[3:12])), "456789101112", string(raw[33:40])} {
		if strings.Contains(shown, form) {
			t.Errorf("a secret shows as %q", form)
		}
	}
	if _, err := secret.ParseParty("openline-party-secret-1:hunter2"); err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("an error repeats what may be a secret: %v", err)
	}
}
