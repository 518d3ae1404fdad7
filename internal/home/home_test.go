// SPDX-License-Identifier: Apache-2.0

package home_test

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"openline/agreement/draft"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/home"
	"openline/internal/keys"
	"openline/internal/store/sqlite"
)

// side is one party with its directory.
type side struct {
	*home.Home
	lock   keys.Lock
	secret *secret.Party
}

func newSide(t *testing.T, name string, change func(*home.Settings)) *side {
	t.Helper()
	lock, _, err := keys.NewUnattended()
	if err != nil {
		t.Fatal(err)
	}
	s := home.Settings{Party: name + ".example", Title: "Desk of " + name, Language: "en", NoMark: true}
	if change != nil {
		change(&s)
	}
	h, err := home.Create(filepath.Join(t.TempDir(), name), s, lock)
	if err != nil {
		t.Fatal(err)
	}
	party, err := h.Keys().Party(lock)
	if err != nil {
		t.Fatal(err)
	}
	return &side{h, lock, party}
}

// agreed gives the sides each other's cards and one agreement, signed by all.
func agreed(t *testing.T, sides ...*side) []byte {
	t.Helper()
	for _, s := range sides {
		for _, other := range sides {
			if s == other {
				continue
			}
			note, _, err := other.Card()
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.ImportCard(note); err != nil {
				t.Fatal(err)
			}
		}
	}
	parties, err := sides[0].Parties()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := home.DefaultCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := draft.Text(draft.Options{Slug: "harbour", Parties: parties, Languages: []string{"en"}, Catalogue: cat.Digest()})
	if err != nil {
		t.Fatal(err)
	}
	file := []byte(text)
	for _, s := range sides {
		if file, _, err = s.SignAgreement(file, s.secret); err != nil {
			t.Fatal(err)
		}
	}
	return file
}

func (s *side) open(t *testing.T, bundle []byte) identity.LineID {
	t.Helper()
	cat, err := home.DefaultCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.OpenLine(bundle, cat, s.secret, s.lock, nil, 1_800_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Nothing in a station's directory is readable by others.
func TestForItsOwnerAlone(t *testing.T) {
	marks := filepath.Join(t.TempDir(), "marks")
	blue := newSide(t, "blue", func(s *home.Settings) { s.NoMark, s.Mark = false, marks })
	red := newSide(t, "red", nil)
	blue.open(t, agreed(t, blue, red))
	if _, err := blue.AddPerson("ames", blue.lock); err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, root := range []string{blue.Dir, marks} {
		err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has mode %04o", p, info.Mode().Perm())
			}
			files++
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 20 {
		t.Errorf("only %d files were looked at", files)
	}
}

// What an interrupted opening left is taken up; a line that is open is not
// opened again, and no key is ever replaced.
func TestOpenIsTakenUp(t *testing.T) {
	marks := filepath.Join(t.TempDir(), "marks")
	blue := newSide(t, "blue", func(s *home.Settings) { s.NoMark, s.Mark = false, marks })
	red := newSide(t, "red", nil)
	bundle := agreed(t, blue, red)
	id := blue.open(t, bundle)
	before, err := blue.Line(id)
	if err != nil {
		t.Fatal(err)
	}
	// As if the power had gone before the card was written.
	if err := os.Remove(filepath.Join(blue.Dir, "lines", string(id), "card-1.note")); err != nil {
		t.Fatal(err)
	}
	if _, err := blue.Line(id); err == nil {
		t.Error("a line without a card was read")
	}
	blue.open(t, bundle)
	after, err := blue.Line(id)
	if err != nil {
		t.Fatal(err)
	}
	if string(after.Card) != string(before.Card) {
		t.Error("the card is of other keys than before")
	}
	cat, err := home.DefaultCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blue.OpenLine(bundle, cat, blue.secret, blue.lock, nil, 1_800_000_000); err == nil {
		t.Error("an open line was opened again")
	}
}

// People's own words in station.toml survive what commands add to it.
func TestSettingsKeepWhatPeopleWrote(t *testing.T) {
	blue, red := newSide(t, "blue", nil), newSide(t, "red", nil)
	path := filepath.Join(blue.Dir, "station.toml")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mine := "# ask Ames before changing this\n" + string(old)
	if err := os.WriteFile(path, []byte(mine), 0o600); err != nil {
		t.Fatal(err)
	}
	id := blue.open(t, agreed(t, blue, red))
	now, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(now), mine) {
		t.Errorf("what stood there is gone:\n%s", now)
	}
	again, err := home.Open(blue.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := again.Settings.Line[string(id)]; !ok {
		t.Error("the line is not in station.toml")
	}
}

// Files that others changed are named, and never waited for.
func TestHostileFiles(t *testing.T) {
	line := func(id identity.LineID, name string) string { return filepath.Join("lines", string(id), name) }
	for name, spoil := range map[string]func(t *testing.T, s *side, id identity.LineID) (file string){
		"a pipe for an agreement": func(t *testing.T, s *side, id identity.LineID) string {
			p := filepath.Join(s.Dir, line(id, "agreement-1.note"))
			if err := errors.Join(os.Remove(p), syscall.Mkfifo(p, 0o600)); err != nil {
				t.Fatal(err)
			}
			return "not a regular file"
		},
		"a changed clause": func(t *testing.T, s *side, id identity.LineID) string {
			change(t, filepath.Join(s.Dir, line(id, "agreement-1.note")), "ten years", "two years")
			return "signatures of"
		},
		"a changed phrase": func(t *testing.T, s *side, id identity.LineID) string {
			change(t, filepath.Join(s.Dir, line(id, "catalogue-1/en.toml")), "Good", "Bad")
			return "the catalogue at hand is sha256:"
		},
		"a file more in the catalogue": func(t *testing.T, s *side, id identity.LineID) string {
			p := filepath.Join(s.Dir, line(id, "catalogue-1/phrases-more.toml"))
			if err := os.WriteFile(p, nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return "the catalogue at hand is sha256:"
		},
		"a huge card": func(t *testing.T, s *side, id identity.LineID) string {
			if err := os.Truncate(filepath.Join(s.Dir, line(id, "card-1.note")), 1<<30); err != nil {
				t.Fatal(err)
			}
			return "larger than"
		},
		"the folder of another line": func(t *testing.T, s *side, id identity.LineID) string {
			if err := os.Rename(filepath.Join(s.Dir, "lines", string(id)), filepath.Join(s.Dir, "lines", "harbour-00000000")); err != nil {
				t.Fatal(err)
			}
			return "is of line"
		},
	} {
		t.Run(name, func(t *testing.T) {
			blue, red := newSide(t, "blue", nil), newSide(t, "red", nil)
			id := blue.open(t, agreed(t, blue, red))
			want := spoil(t, blue, id)
			ids, err := blue.Lines()
			if err != nil || len(ids) != 1 {
				t.Fatalf("lines: %v, %v", ids, err)
			}
			if _, err := blue.Line(ids[0]); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, expected it to say %q", err, want)
			}
		})
	}
}

func change(t *testing.T, path, old, now string) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(b, []byte(old)) {
		// Any word will do where the one is not there.
		old, now = "\n\n", "\n#\n"
	}
	if err := os.WriteFile(path, bytes.Replace(b, []byte(old), []byte(now), 1), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A person's name never leads out of the directory.
func TestPersonNames(t *testing.T) {
	blue := newSide(t, "blue", nil)
	for _, name := range []string{"", ".", "..", "../party", "a/b", "Ames", "a b", strings.Repeat("a", 40)} {
		if _, err := blue.AddPerson(name, blue.lock); err == nil {
			t.Errorf("a person %q was added", name)
		}
		if _, ok := blue.Person(name); ok {
			t.Errorf("a person %q was found", name)
		}
	}
}

// backup gives a backup of a side, and the names in it.
func backup(t *testing.T, s *side) ([]byte, []string) {
	t.Helper()
	db, err := sqlite.Open(s.Database())
	if err != nil {
		t.Fatal(err)
	}
	database := filepath.Join(t.TempDir(), "copy")
	if err := errors.Join(db.Backup(database), db.Close()); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.Backup(&b, database); err != nil {
		t.Fatal(err)
	}
	var names []string
	r := tar.NewReader(bytes.NewReader(b.Bytes()))
	for hd, err := r.Next(); err == nil; hd, err = r.Next() {
		names = append(names, hd.Name)
	}
	return b.Bytes(), names
}

// A backup holds neither the party's key nor the station's, and a restored
// directory cannot start without a new generation.
func TestBackupHoldsNoKey(t *testing.T) {
	blue, red := newSide(t, "blue", nil), newSide(t, "red", nil)
	id := blue.open(t, agreed(t, blue, red))
	if _, err := blue.AddPerson("ames", blue.lock); err != nil {
		t.Fatal(err)
	}
	file, names := backup(t, blue)
	persons := 0
	for _, n := range names {
		if strings.HasPrefix(n, "keys/") {
			persons++
			if n != "keys/person.ames.key" {
				t.Errorf("the backup holds %s", n)
			}
		}
	}
	if persons != 1 {
		t.Errorf("%d keys of persons in it: %v", persons, names)
	}
	to := filepath.Join(t.TempDir(), "again")
	h, err := home.Restore(bytes.NewReader(file), to)
	if err != nil {
		t.Fatal(err)
	}
	if lacks, err := h.LacksKeys(id); err != nil || !lacks {
		t.Errorf("keys are lacking: %v, %v", lacks, err)
	}
	if lacks, err := blue.LacksKeys(id); err != nil || lacks {
		t.Errorf("keys of the first are lacking: %v, %v", lacks, err)
	}
	if _, err := home.Restore(bytes.NewReader(file), to); err == nil {
		t.Error("a directory was restored over another")
	}
}

// A backup that was tampered with leaves nothing behind.
func TestHostileBackups(t *testing.T) {
	blue, red := newSide(t, "blue", nil), newSide(t, "red", nil)
	blue.open(t, agreed(t, blue, red))
	good, _ := backup(t, blue)
	extra := func(hd tar.Header, body string) []byte {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		hd.Size, hd.Mode = int64(len(body)), 0o600
		if err := w.WriteHeader(&hd); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		return append(b.Bytes(), good...)
	}
	for name, file := range map[string][]byte{
		"out of the directory": extra(tar.Header{Name: "../evil", Typeflag: tar.TypeReg}, "x"),
		"out of a folder":      extra(tar.Header{Name: "cards/../../evil.card", Typeflag: tar.TypeReg}, "x"),
		"absolute":             extra(tar.Header{Name: "/etc/evil.card", Typeflag: tar.TypeReg}, "x"),
		"a link":               extra(tar.Header{Name: "cards/a.card", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink}, ""),
		"a party key":          extra(tar.Header{Name: "keys/party.key", Typeflag: tar.TypeReg}, "x"),
		"settings twice":       extra(tar.Header{Name: "station.toml", Typeflag: tar.TypeReg}, "party = 'x'"),
		"no store":             extra(tar.Header{Name: "openline.db", Typeflag: tar.TypeReg}, "x"),
		"cut off":              good[:len(good)/2],
		"a bit of the store":   flip(good, 512+5000),
		"empty":                {},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := home.Restore(bytes.NewReader(file), filepath.Join(dir, "again")); err == nil {
				t.Error("it was restored")
			}
			list, err := os.ReadDir(dir)
			if err != nil || len(list) != 0 {
				t.Errorf("left behind: %v, %v", list, err)
			}
		})
	}
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}

func FuzzSettings(f *testing.F) {
	f.Add([]byte("party = 'blue.example'\ntitle = 'Blue'\nno_mark = true\n[line.harbour-f951de2e.dial]\n'red.example' = ['h:1']\n"))
	f.Add([]byte("party = 'blue.example'\nmark = '/m'\n"))
	f.Add([]byte("[line.x]\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := home.ParseSettings(b)
		if err != nil {
			return
		}
		text, err := s.Format()
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		again, err := home.ParseSettings(text)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, text)
		}
		if second, err := again.Format(); err != nil || !bytes.Equal(second, text) {
			t.Errorf("written twice it differs: %v\n%s\n%s", err, text, second)
		}
	})
}

// A person whose adding was interrupted is added with the key that is there.
func TestPersonIsTakenUp(t *testing.T) {
	blue := newSide(t, "blue", nil)
	first, err := blue.AddPerson("ames", blue.lock)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := blue.AddPerson("ames", blue.lock); !errors.Is(err, keys.ErrExists) {
		t.Errorf("added twice: %v", err)
	}
	if err := os.Remove(filepath.Join(blue.Dir, "people", "ames.pub")); err != nil {
		t.Fatal(err)
	}
	if again, err := blue.AddPerson("ames", blue.lock); err != nil || again != first {
		t.Errorf("the key is another: %v", err)
	}
}
