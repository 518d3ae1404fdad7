// SPDX-License-Identifier: Apache-2.0

package boot_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/agreement/draft"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/boot"
	"openline/internal/home"
	"openline/internal/keys"
	"openline/internal/station"
	"openline/internal/store"
	"openline/internal/store/mark"
	"openline/internal/store/sqlite"
)

// party is one party with its directory, with a line open.
type party struct {
	*home.Home
	lock   keys.Lock
	secret *secret.Party
	line   identity.LineID
}

var now = time.Unix(1_800_000_000, 0)

// parties makes two parties with one line between them, marks kept.
func parties(t *testing.T) (blue, red *party) {
	t.Helper()
	dir := t.TempDir()
	list := make([]*party, 2)
	for i, name := range []string{"blue", "red"} {
		lock, _, err := keys.NewUnattended()
		if err != nil {
			t.Fatal(err)
		}
		h, err := home.Create(filepath.Join(dir, name), home.Settings{
			Party: name + ".example", Title: name, Language: "en", Mark: filepath.Join(dir, "marks"),
		}, lock)
		if err != nil {
			t.Fatal(err)
		}
		secret, err := h.Keys().Party(lock)
		if err != nil {
			t.Fatal(err)
		}
		for _, person := range []string{"ames", "baker"} {
			if _, err := h.AddPerson(person, lock); err != nil {
				t.Fatal(err)
			}
		}
		list[i] = &party{Home: h, lock: lock, secret: secret}
	}
	for i, p := range list {
		note, _, err := list[1-i].Card()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.ImportCard(note); err != nil {
			t.Fatal(err)
		}
	}
	agree(t, list)
	return list[0], list[1]
}

func agree(t *testing.T, list []*party) {
	t.Helper()
	of, err := list[0].Parties()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := home.DefaultCatalogue(nil)
	if err != nil {
		t.Fatal(err)
	}
	text, err := draft.Text(draft.Options{Slug: "harbour", Exercise: true, Parties: of, Languages: []string{"en"}, Catalogue: cat.Digest()})
	if err != nil {
		t.Fatal(err)
	}
	file := []byte(text)
	for _, p := range list {
		if file, _, err = p.SignAgreement(file, p.secret); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range list {
		if p.line, err = p.OpenLine(file, cat, p.secret, p.lock, nil, uint64(now.Unix())); err != nil {
			t.Fatal(err)
		}
	}
}

// renewal is a new generation by two persons who agree to everything.
func (p *party) renewal(people ...string) boot.Renewal {
	return boot.Renewal{
		Line: p.line, Now: now, Party: p.secret, Lock: p.lock, People: people,
		Sign: func(person string, act identity.Act) ([]byte, error) {
			s, err := p.Keys().Person(person, p.lock)
			if err != nil {
				return nil, err
			}
			return s.SignAct(act), nil
		},
	}
}

// journal reads what two persons have released.
func (p *party) journal(t *testing.T) (out []station.JournalEntry) {
	t.Helper()
	db, err := sqlite.Open(p.Database())
	if err != nil {
		t.Fatal(err)
	}
	list, err := db.Line(p.line).Journal(0, 100)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for _, b := range list {
		e, err := station.DecodeJournalEntry(b)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func TestRenewKeepsBothSignatures(t *testing.T) {
	blue, _ := parties(t)
	got, err := boot.Renew(blue.Home, blue.renewal("ames", "baker"))
	if err != nil {
		t.Fatal(err)
	}
	if got.Generation != 2 || got.Base != 1 {
		t.Errorf("generation %d from %d", got.Generation, got.Base)
	}
	entries := blue.journal(t)
	if len(entries) != 1 || len(entries[0].People) != 2 || entries[0].Act != "new generation" {
		t.Fatalf("journal: %+v", entries)
	}
	act := identity.Act{Line: blue.line, Party: blue.Party(), Kind: entries[0].Act, Header: entries[0].Header, Cut: entries[0].Cut}
	for _, s := range entries[0].People {
		key, ok := blue.Person(s.Person)
		if !ok || !key.VerifyAct(act, s.Bytes) {
			t.Errorf("the signature of %s in the journal does not verify", s.Person)
		}
	}
	s, err := boot.Start(blue.Home, blue.lock, boot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestRenewTakesTwoPersons(t *testing.T) {
	blue, _ := parties(t)
	other := blue.renewal("ames", "baker")
	other.Sign = func(string, identity.Act) ([]byte, error) { return make([]byte, 64), nil }
	for name, r := range map[string]boot.Renewal{
		"nobody": blue.renewal(), "one": blue.renewal("ames"), "one twice": blue.renewal("ames", "ames"),
		"a stranger": blue.renewal("ames", "carver"), "signatures over something else": other,
	} {
		if _, err := boot.Renew(blue.Home, r); err == nil {
			t.Errorf("%s: a generation was opened", name)
		}
	}
	if l, err := blue.Line(blue.line); err != nil || l.Generation != 1 {
		t.Errorf("generation %d, %v", l.Generation, err)
	}
	if n := len(blue.journal(t)); n != 0 {
		t.Errorf("%d entries in the journal", n)
	}
}

// A disk that is older than its mark goes on after what the mark knows.
func TestRenewGoesOnAfterTheMark(t *testing.T) {
	blue, _ := parties(t)
	m, err := mark.Open(blue.MarkPath(blue.line, 1))
	if err != nil {
		t.Fatal(err)
	}
	err = m.Write(mark.Mark{Line: blue.line, Row: store.Row{Generation: 1, Size: 40, LastSigned: 5}})
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	r := blue.renewal("ames", "baker")
	r.Base = 40
	if _, err := boot.Renew(blue.Home, r); err == nil || !strings.Contains(err.Error(), "numbers up to 40 were used") {
		t.Errorf("a base within what the mark knows: %v", err)
	}
	got, err := boot.Renew(blue.Home, blue.renewal("ames", "baker"))
	if err != nil || got.Base != 41 {
		t.Errorf("base %d, %v", got.Base, err)
	}
}

// A restored store leaves room for what it cannot know of.
func TestRestoredLeavesRoom(t *testing.T) {
	blue, _ := parties(t)
	db, err := sqlite.Open(blue.Database())
	if err != nil {
		t.Fatal(err)
	}
	// As if it had signed last an hour ago.
	err = db.Save(store.Batch{Line: blue.line, Next: store.Row{LastSigned: 1_800_000_000 - 3600}})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	r := blue.renewal("ames", "baker")
	r.Restored = true
	got, err := boot.Renew(blue.Home, r)
	if err != nil {
		t.Fatal(err)
	}
	// 61 minutes of 600 records each, a thousand for FLASH, up to the next thousand.
	if got.Base != 38_001 || got.Generation != 63 {
		t.Errorf("generation %d from %d", got.Generation, got.Base)
	}
}

func TestRenewWhileItRuns(t *testing.T) {
	blue, _ := parties(t)
	s, err := boot.Start(blue.Home, blue.lock, boot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := boot.Renew(blue.Home, blue.renewal("ames", "baker")); err == nil || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("got %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// A start that fails half way gives back what it took.
func TestFailedStartHoldsNothing(t *testing.T) {
	blue, _ := parties(t)
	wrong, _, err := keys.NewUnattended()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := boot.Start(blue.Home, wrong, boot.Options{}); !errors.Is(err, keys.ErrWrongPassphrase) {
		t.Errorf("got %v", err)
	}
	s, err := boot.Start(blue.Home, blue.lock, boot.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
