// SPDX-License-Identifier: Apache-2.0

package story

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"openline/catalogue"
)

func TestBothTellingsLoad(t *testing.T) {
	for _, neutral := range []bool{false, true} {
		s, err := Load(neutral)
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
	s, err := Load(false)
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
	s, err := Load(true)
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, p := range s.Parties {
		fmt.Fprintln(&all, p.Name, p.Short, p.Title, p.Posts)
	}
	for _, e := range s.Events {
		fmt.Fprintln(&all, e.Params, e.Tell)
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

// Every phrase the story uses is in the catalogue.
func TestPhrasesExist(t *testing.T) {
	s, err := Load(false)
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalogue.Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range s.Events {
		if _, ok := cat.Phrase(e.Code); !ok {
			t.Errorf("%s is not in the catalogue", e.Code)
		}
	}
}
