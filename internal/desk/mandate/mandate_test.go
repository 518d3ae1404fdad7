// SPDX-License-Identifier: Apache-2.0

package mandate_test

import (
	"strings"
	"testing"

	"openline/catalogue"
	"openline/internal/desk/mandate"
	"openline/record"
)

// The table of an actual line gives the watch what the catalogue gives it,
// and no table gives it what takes two.
func TestShippedTables(t *testing.T) {
	cat, err := catalogue.Default()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range mandate.Shipped() {
		table, err := mandate.Parse([]byte(text))
		if err != nil || table.Name != name || table.Fits(cat) != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, state := range table.States {
			s := mandate.Standing{Table: table, State: state}
			for _, code := range cat.Codes() {
				p, _ := cat.Phrase(code)
				alone := s.Alone(mandate.Question{Phrase: p, Precedence: p.Precedence, Holds: func(string) bool { return true }})
				want := p.Who == catalogue.Watch && !(code == "GW01" && state != "calm")
				if name == "practice" {
					want = p.Who == catalogue.Watch || p.Who == catalogue.Officer || p.Who == catalogue.Principal
				}
				if alone != want {
					t.Errorf("%s in %s: the watch sends %s (%s) alone: %v", name, state, code, p.Who, alone)
				}
				if s.Alone(mandate.Question{Phrase: p}) && strings.Contains("HD04 AF01 AF02 WL01 WL02", code) && name == "standing" {
					t.Errorf("%s goes alone where its condition does not hold", code)
				}
			}
		}
	}
}

// Each part of a rule restricts it.
func TestRules(t *testing.T) {
	table, err := mandate.Parse([]byte("version = 1\nname = \"n\"\nstates = [\"a\", \"b\"]\n[[alone]]\nstates = [\"b\"]\nclasses = [\"receipt\"]\ncodes = [\"TX01\"]\nexcept = [\"RC02\"]\nup_to = \"priority\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		state, code, class string
		precedence         record.Precedence
		alone              bool
	}{
		{"b", "RC01", "receipt", record.Routine, true}, {"a", "RC01", "receipt", record.Routine, false}, {"b", "RC02", "receipt", record.Routine, false},
		{"b", "TX01", "text", record.Priority, true}, {"b", "TX01", "text", record.Immediate, false}, {"b", "TX01", "text", record.Flash, false}, {"b", "ER01", "text", record.Routine, false},
	} {
		p := catalogue.Phrase{Code: c.code, Class: c.class, Who: catalogue.Watch}
		if got := (mandate.Standing{Table: table, State: c.state}).Alone(mandate.Question{Phrase: p, Precedence: c.precedence}); got != c.alone {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestTablesThatAreNotTaken(t *testing.T) {
	head := "version = 1\nname = \"n\"\nstates = [\"calm\"]\n"
	for text, want := range map[string]string{
		"":                                    "version",
		"version = 2\nname = \"n\"\n":         "version = 2",
		"version = 1\nname = \"n\"\n":         "alert states",
		head + "[[alone]]\n":                  "say what it gives",
		head + "[[alone]]\nwho = \"all\"\n":   "who =",
		head + "[[alone]]\nwhere = \"x\"\n":   "say what it gives",
		head + "other = 1\n":                  "line 4",
		head + "[[alone]]\ncodes = [\"x\"]\n": "no phrase's code",
		head + "[[alone]]\nwho = \"watch\"\nstates = [\"storm\"]\n":  "not among the alert states",
		head + "[[alone]]\nwho = \"watch\"\nup_to = \"high\"\n":      "up_to",
		"version = 1\nname = \"n\"\nstates = [\"calm\", \"calm\"]\n": "stands twice",
		head + "# \x1b[2J\n":                              "control",
		head + "#" + strings.Repeat("x", mandate.MaxText): "at most",
	} {
		if _, err := mandate.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v", text, err)
		}
	}
	s := mandate.First(mandate.Default(false))
	b, err := s.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if back, err := mandate.Decode(b); err != nil || back.Digest() != s.Digest() {
		t.Errorf("%v", err)
	}
	for i := range b {
		if _, err := mandate.Decode(b[:i]); err == nil {
			t.Errorf("read when cut at %d", i)
		}
	}
}

func FuzzTable(f *testing.F) {
	for _, text := range mandate.Shipped() {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if table, err := mandate.Parse(b); err == nil {
			mandate.First(table).Alone(mandate.Question{Phrase: catalogue.Phrase{Code: "RC01", Class: "receipt", Who: catalogue.Watch}})
		}
	})
}
