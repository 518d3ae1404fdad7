// SPDX-License-Identifier: Apache-2.0

package story

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"openline/catalogue"
)

func TestBothTellingsLoad(t *testing.T) {
	for _, neutral := range []bool{false, true} {
		s, err := Load("affair", neutral)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(s.Contacts("blue", nil)); n != 62 {
			t.Errorf("%d contacts", n)
		}
		asked := 0
		for _, e := range s.Events {
			if e.Invitation > 0 {
				asked++
			}
		}
		if asked != 3 {
			t.Errorf("%d invitations", asked)
		}
	}
}

// What one side asked, the other was asked.
func TestContactsAreMirrored(t *testing.T) {
	s, err := Load("affair", false)
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := s.Contacts("blue", map[string]string{"first": "blue/9"}), s.Contacts("red", map[string]string{"first": "blue/9"})
	linked := 0
	for i := range ours {
		if ours[i].Ours != theirs[i].Theirs || ours[i].Theirs != theirs[i].Ours || ours[i].Date != theirs[i].Date || ours[i].Asked == "ours" && theirs[i].Asked != "theirs" {
			t.Errorf("%+v is not the mirror of %+v", theirs[i], ours[i])
		}
		if ours[i].Record == "blue/9" {
			linked++
		}
	}
	if linked != 1 {
		t.Errorf("%d rows tell of the first invitation", linked)
	}
}

// With neutral names nothing of the public record is left but its shape.
func TestNeutralNamesNobody(t *testing.T) {
	s, err := Load("affair", true)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range s.Parties {
		fmt.Fprintln(&all, p.Name, p.Short, p.Title, p.Posts)
	}
	for _, e := range slices.Concat(s.Events, s.WayOut.Events) {
		fmt.Fprintln(&all, e.Params, e.Tell, e.Text)
	}
	fmt.Fprintln(&all, s.WayOut.Title, s.WayOut.Says)
	for _, d := range s.Deliberations {
		for _, p := range d.Positions {
			fmt.Fprintln(&all, d.Question, d.Options, p.Who, p.Source)
		}
	}
	fmt.Fprintln(&all, s.Facts, s.Clocks)
	for _, c := range s.Contacts("blue", nil) {
		fmt.Fprintln(&all, c)
	}
	if m := regexp.MustCompile(`(?i)china|chinese|beijing|taiwan|singapore|alaska|pentagon|\bUS\b|U\.S\.|PLA\b|DDG|reuters|state department|\[S\d`).FindString(strings.ReplaceAll(all.String(), "Neutral", "")); m != "" {
		for _, l := range strings.Split(all.String(), "\n") {
			if strings.Contains(l, m) {
				t.Errorf("%q is left in: %.300s", m, l)
				break
			}
		}
	}
}

// Every phrase a story uses is in the catalogue, and every read-out has the
// digest that was laid down for it.
func TestPhrasesExist(t *testing.T) {
	base, err := catalogue.Default()
	if err != nil {
		t.Fatal(err)
	}
	affairs, err := catalogue.AffairsFiles()
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalogue.Extend(base, affairs)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range Names() {
		s, err := Load(name, false)
		if err != nil {
			t.Fatal(err)
		}
		events := s.Events
		if s.WayOut != nil {
			events = slices.Concat(events, s.WayOut.Events)
		}
		for _, e := range events {
			if _, ok := cat.Phrase(e.Code); !ok {
				t.Errorf("%s: %s is not in the catalogue", name, e.Code)
			}
			if text, opened := param(e, "readout"); opened {
				if digest, _ := param(e, "digest"); digest != fmt.Sprintf("%x", sha256.Sum256([]byte(text))) {
					t.Errorf("%s: the read-out of %s has another digest", name, e.At)
				}
			}
		}
	}
}

func param(e Event, name string) (string, bool) {
	for _, p := range e.Params {
		if v, ok := strings.CutPrefix(p, name+"="); ok {
			return v, true
		}
	}
	return "", false
}

// A story that is not there is named with those that are.
func TestNoSuchStory(t *testing.T) {
	if _, err := Load("nothing", false); err == nil || !strings.Contains(err.Error(), "affair, sea") {
		t.Errorf("%v", err)
	}
}
