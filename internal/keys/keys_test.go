// SPDX-License-Identifier: Apache-2.0

package keys

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"openline/identity"
)

const phrase = "correct horse battery"

// quick is a passphrase's lock that costs little to seal.
func quick(p string) Lock { return Lock{passphrase: p, work: 2} }

func unattended(t *testing.T) (Lock, string) {
	t.Helper()
	l, text, err := NewUnattended()
	if err != nil {
		t.Fatal(err)
	}
	return l, text
}

func sealed(t *testing.T, l Lock) []byte {
	t.Helper()
	b, err := l.Seal("plain words")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPassphraseAtFullCost seals and opens as a station does, and looks
// whether scrypt's memory was given back.
func TestPassphraseAtFullCost(t *testing.T) {
	b, err := Seal([]byte("plain words"), phrase+"\n")
	if err != nil {
		t.Fatal(err)
	}
	header, err := age.ExtractHeader(armor.NewReader(bytes.NewReader(b)))
	if err != nil || !bytes.Contains(header, []byte(" 18\n")) {
		t.Errorf("not sealed at cost 18: %q, %v", header, err)
	}
	if got, err := Open(b, phrase); err != nil || string(got) != "plain words" {
		t.Errorf("opens as %q: %v", got, err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if kept := m.HeapSys - m.HeapReleased; kept > 64<<20 {
		t.Errorf("%d MiB are kept after opening", kept>>20)
	}
}

func TestUnattended(t *testing.T) {
	l, text := unattended(t)
	b := sealed(t, l)
	if got, err := Open(b, text); err != nil || string(got) != "plain words" {
		t.Errorf("opens as %q: %v", got, err)
	}
	if asks, err := AsksPassphrase(b); err != nil || asks {
		t.Errorf("asks for a passphrase: %v, %v", asks, err)
	}
	// The age tool opens it with what follows our prefix.
	id, err := age.ParseHybridIdentity(strings.TrimPrefix(text, "openline-unattended-1:"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(armor.NewReader(bytes.NewReader(b)), id)
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := io.ReadAll(r); err != nil || string(plain) != "plain words" {
		t.Errorf("age reads %q: %v", plain, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	station, text := unattended(t)
	_, other := unattended(t)
	byPhrase, byStation := sealed(t, quick(phrase)), sealed(t, station)
	heavy := bytes.Buffer{}
	a := armor.NewWriter(&heavy)
	_, err := io.WriteString(a, "age-encryption.org/v1\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 21\n"+
		"ZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k\n--- fgMiVLJHMlg9fW7CVG/hPS5EAU4Zeg19LyCP7SoH5nA\n")
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name   string
		sealed []byte
		secret string
		is     error
		says   string
	}{
		{"wrong passphrase", byPhrase, "correct horse batteries", ErrWrongPassphrase, "wrong passphrase"},
		{"short passphrase", byPhrase, "no", ErrWrongPassphrase, "wrong passphrase"},
		{"a blank more", byPhrase, phrase + " ", ErrWrongPassphrase, ""},
		{"no passphrase", byPhrase, "", ErrNoSecret, ""},
		{"another unattended secret", byStation, other, ErrWrong, ""},
		{"unattended secret for a passphrase", byPhrase, text, ErrOtherSecret, "give its passphrase"},
		{"passphrase for an unattended secret", byStation, phrase, ErrOtherSecret, "give its unattended secret"},
		{"unattended secret cut short", byStation, text[:len(text)-1], nil, "damaged"},
		{"unattended secret in lower case", byStation, strings.ToLower(text), nil, "damaged"},
		{"age identity without our prefix", byStation, strings.TrimPrefix(text, prefixUnattended), nil, "openline-unattended-1:"},
		{"nothing sealed", nil, phrase, nil, "no sealed key"},
		{"plain words", []byte("openline-party-secret-1:AAAA"), phrase, nil, "no sealed key"},
		{"cut in the middle", byPhrase[:len(byPhrase)/2], phrase, nil, ""},
		{"asks for more memory than there is", heavy.Bytes(), phrase, nil, "work factor too large"},
		{"too large", make([]byte, maxSealed+1), phrase, nil, "larger than"},
	}
	for _, c := range cases {
		got, err := Open(c.sealed, c.secret)
		if err == nil || len(got) != 0 || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if err != nil && len(c.secret) > 2 && strings.Contains(err.Error(), c.secret) {
			t.Errorf("%s: the error repeats the secret", c.name)
		}
	}
	if _, err := Seal([]byte("x"), "seven77"); !errors.Is(err, ErrShortPassphrase) {
		t.Errorf("sealed under seven characters: %v", err)
	}
	if _, err := (Lock{}).Seal("x"); !errors.Is(err, ErrNoSecret) {
		t.Errorf("sealed under nothing: %v", err)
	}
}

// TestEveryByteCounts: whatever byte is changed, nothing else comes out.
func TestEveryByteCounts(t *testing.T) {
	l, _ := unattended(t)
	for _, l := range []Lock{quick(phrase), l} {
		good := sealed(t, l)
		for i := 0; i < len(good); i += 7 {
			b := bytes.Clone(good)
			b[i] ^= 1
			if got, err := l.Open(b); err == nil && got != "plain words" {
				t.Fatalf("byte %d changed: opens as %q", i, got)
			}
		}
	}
}

func TestLockDoesNotPrint(t *testing.T) {
	l, text := unattended(t)
	var out bytes.Buffer
	for _, l := range []any{l, &l, quick(phrase), []Lock{l, quick(phrase)}} {
		fmt.Fprintf(&out, "%v %+v %#v %s %q %x\n", l, l, l, l, l, l)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "lock", l)
	}
	for _, s := range []string{phrase, fmt.Sprintf("%x", phrase), text[30:50]} {
		if strings.Contains(out.String(), s) {
			t.Errorf("a lock shows %q", s)
		}
	}
}

func TestSource(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	open := filepath.Join(dir, "open")
	if err := errors.Join(os.WriteFile(file, []byte(phrase+"\r\n"), 0o600), os.WriteFile(open, []byte(phrase), 0o640)); err != nil {
		t.Fatal(err)
	}
	ask := func(answer string, err error) func(string) (string, error) {
		return func(whatFor string) (string, error) {
			if whatFor != "the key" {
				t.Errorf("asked for %q", whatFor)
			}
			return answer, err
		}
	}
	gone := errors.New("no terminal")
	cases := []struct {
		name   string
		source Source
		want   string
		is     error
	}{
		{"environment", Source{Env: phrase, Prompt: ask("other", nil)}, phrase, nil},
		{"file", Source{File: file}, phrase, nil},
		{"descriptor", Source{FD: strings.NewReader(phrase + "\n")}, phrase, nil},
		{"descriptor without line break", Source{FD: strings.NewReader(phrase)}, phrase, nil},
		{"prompt", Source{Prompt: ask(phrase, nil)}, phrase, nil},
		{"nothing", Source{}, "", ErrNoSecret},
		{"empty descriptor", Source{FD: strings.NewReader("")}, "", ErrNoSecret},
		{"empty answer", Source{Prompt: ask("", nil)}, "", ErrNoSecret},
		{"no one to ask", Source{Prompt: ask("", gone)}, "", gone},
		{"file others may read", Source{File: open}, "", ErrReadable},
		{"no file", Source{File: filepath.Join(dir, "none")}, "", fs.ErrNotExist},
		{"a directory", Source{File: "/"}, "", ErrNotAKey},
		{"two ways at once", Source{Env: phrase, File: file}, "", errAny},
		{"a line without end", Source{FD: zeroes{}}, "", errAny},
	}
	for _, c := range cases {
		got, err := c.source.Secret("the key")
		if got != c.want || (err == nil) != (c.is == nil) || c.is != nil && c.is != errAny && !errors.Is(err, c.is) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
		if _, lockErr := c.source.Lock("the key"); c.source.FD == nil && (lockErr == nil) != (err == nil) {
			t.Errorf("%s: lock: %v", c.name, lockErr)
		}
	}
	two := Source{FD: strings.NewReader("first words\nsecond words\n")}
	for _, want := range []string{"first words", "second words"} {
		if got, err := two.Secret("the key"); err != nil || got != want {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

var errAny = errors.New("any")

type zeroes struct{}

func (zeroes) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestDir(t *testing.T) {
	d := Dir(filepath.Join(t.TempDir(), "keys"))
	const line = identity.LineID("dtl-0a1b2c3d")
	l := quick(phrase)
	party, person := NewParty(), NewPerson()
	station, err := NewStation()
	if err != nil {
		t.Fatal(err)
	}
	if party.Encode() == NewParty().Encode() || person.Encode() == NewPerson().Encode() {
		t.Error("two keys are the same")
	}
	if none, err := d.Generations(line); err != nil || len(none) != 0 {
		t.Errorf("a directory not yet there: %v, %v", none, err)
	}
	if _, err := d.Party(l); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no party key: %v", err)
	}
	if err := errors.Join(d.AddParty(party, l), d.AddPerson("ada", person, l), d.AddStation(line, 10, station, l), d.AddStation(line, 2, station, l)); err != nil {
		t.Fatal(err)
	}
	if got, err := d.Party(l); err != nil || got.Encode() != party.Encode() {
		t.Errorf("party: %v", err)
	}
	if got, err := d.Person("ada", l); err != nil || got.Encode() != person.Encode() {
		t.Errorf("person: %v", err)
	}
	if got, err := d.Station(line, 10, l); err != nil || got.Encode() != station.Encode() {
		t.Errorf("station: %v", err)
	}
	if got, err := d.Generations(line); err != nil || !slices.Equal(got, []uint32{2, 10}) {
		t.Errorf("generations %v, %v", got, err)
	}
	if got, err := d.People(); err != nil || !slices.Equal(got, []string{"ada"}) {
		t.Errorf("people %v, %v", got, err)
	}
	if err := d.AddParty(NewParty(), l); !errors.Is(err, ErrExists) {
		t.Errorf("a second party key: %v", err)
	}
	for _, name := range []string{"", "Ada", "../ada", "ada/x", "a.b", "-a", "1", strings.Repeat("a", 32)} {
		if err := d.AddPerson(name, person, l); err == nil {
			t.Errorf("person %q is accepted", name)
		}
	}
	// A key of one role in the place of another is refused by its prefix.
	if err := os.Rename(d.path("person.ada.key"), d.path(StationFile(line, 3))); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Station(line, 3, l); err == nil || !strings.Contains(err.Error(), "openline-station-secret-1:") {
		t.Errorf("a person's key as a station's: %v", err)
	}
}

func TestFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "stick", PartyFile)
	party, l := NewParty(), quick(phrase)
	if err := AddParty(path, party, l); err != nil {
		t.Fatal(err)
	}
	dir, err := os.Stat(filepath.Dir(path))
	if err != nil || dir.Mode().Perm() != 0o700 {
		t.Errorf("directory: %v, %v", dir.Mode(), err)
	}
	for _, mode := range []fs.FileMode{0o640, 0o604, 0o620, 0o601, 0o644} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenParty(path, l); !errors.Is(err, ErrReadable) {
			t.Errorf("mode %04o: %v", mode, err)
		}
	}
	if err := os.Chmod(path, 0o400); err != nil {
		t.Fatal(err)
	}
	other, _ := unattended(t)
	if err := ReplaceFile(path, other, l); !errors.Is(err, ErrOtherSecret) {
		t.Errorf("replaced with the wrong lock: %v", err)
	}
	if err := ReplaceFile(path, l, other); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("file: %v, %v", info.Mode(), err)
	}
	if got, err := OpenParty(path, other); err != nil || got.Encode() != party.Encode() {
		t.Errorf("after replacing: %v", err)
	}
	if err := WriteFile(filepath.Dir(path), []byte("x")); err == nil {
		t.Error("a file took the place of a directory")
	}
	left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".*"))
	above, err2 := filepath.Glob(filepath.Join(filepath.Dir(filepath.Dir(path)), ".*"))
	if err := errors.Join(err, err2); err != nil || len(left)+len(above) != 0 {
		t.Errorf("passing files are left: %v %v, %v", left, above, err)
	}
}

// TestOneKeyWins: of many who make the same key at once, one does, and its
// key is the one in the file.
func TestOneKeyWins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.key")
	errs := make([]error, 8)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = quick(phrase).SealFile(path, fmt.Sprint(i)) })
	}
	all.Wait()
	got, err := quick(phrase).OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, err := range errs {
		if won := fmt.Sprint(i) == got; won != (err == nil) || !won && !errors.Is(err, ErrExists) {
			t.Errorf("writer %d: %v, the file holds %s", i, err, got)
		}
	}
}
