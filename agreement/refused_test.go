// SPDX-License-Identifier: Apache-2.0

package agreement_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	. "openline/agreement"
	drafts "openline/agreement/draft"
)

type refusal struct {
	Name    string `json:"name"`
	Find    string `json:"find"`
	Replace string `json:"replace"`
	Says    string `json:"says"`
}

func (r refusal) apply(t testing.TB, text string) string {
	t.Helper()
	if !strings.Contains(text, r.Find) {
		t.Fatalf("%s: %q is not in the text", r.Name, r.Find)
	}
	return strings.Replace(text, r.Find, r.Replace, 1)
}

// Every refusal, word for word: the line and field are what a person looks
// for in the text.
func TestRefusedVectors(t *testing.T) {
	base, err := os.ReadFile(vectors + "draft.toml")
	if err != nil {
		t.Fatal(err)
	}
	var v struct {
		About   string    `json:"about"`
		Refused []refusal `json:"refused"`
	}
	readJSON(t, "refused.json", &v)
	for i, r := range v.Refused {
		a, err := Parse(r.apply(t, string(base)))
		if err == nil || a != nil {
			t.Errorf("%s is accepted", r.Name)
			continue
		}
		if e := new(Error); !errors.As(err, &e) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %T %v", r.Name, err, err)
		}
		if !*update && err.Error() != r.Says {
			t.Errorf("%s: %v\nwant %s", r.Name, err, r.Says)
		}
		v.Refused[i].Says = err.Error()
	}
	writeJSON(t, "refused.json", v)
}

func TestRefusesTooFewAndTooManyParties(t *testing.T) {
	o := blueAndRed()
	o.Parties = o.Parties[:1]
	if _, err := drafts.Text(o); err == nil || err.Error() != "agreement, party: an agreement has 2 to 60 parties, this one 1" {
		t.Errorf("one party: %v", err)
	}
	o.Parties = sixty()
	o.Parties = append(o.Parties, partyOf(200, "late.example", "Late"))
	if _, err := drafts.Text(o); err == nil || err.Error() != "agreement, party: an agreement has 2 to 60 parties, this one 61" {
		t.Errorf("sixty-one parties: %v", err)
	}
	o.Parties = sixty()[:2]
	o.Parties[1].Key = o.Parties[0].Key
	if _, err := drafts.Text(o); err == nil || !strings.HasSuffix(err.Error(), "party.key: is the key of p00.example") {
		t.Errorf("two parties of one key: %v", err)
	}
}

func TestRefusesLargeAndForeignText(t *testing.T) {
	text := draft(t, blueAndRed())
	if _, err := Parse(text + strings.Repeat("#\n", MaxText/2)); err == nil || !strings.HasSuffix(err.Error(), "at most 262144 are allowed") {
		t.Errorf("a large text: %v", err)
	}
	if _, err := Parse(text + "# \xff\n"); err == nil || err.Error() != "agreement: the text is not UTF-8" {
		t.Errorf("not UTF-8: %v", err)
	}
	if _, err := Parse(""); err == nil || err.Error() != "agreement: the text does not end with a line feed" {
		t.Errorf("no text: %v", err)
	}
}

// The line in a message is the line in the text, whatever stands above it.
func TestLineOfAFault(t *testing.T) {
	text := draft(t, blueAndRed())
	clause := "[[clause]]\nid = \"extra\"\ntitle = \"Extra\"\ntext = \"\"\"\n[ceilings]\nclock = \"x\"\n\"\"\"\n\n"
	text = strings.Replace(text, "[ceilings]\n", clause+"[ceilings]\n", 1)
	text = strings.Replace(text, `timed_head = "10m"`, `timed_head = "10y"`, 1)
	_, err := Parse(text)
	want := 1 + strings.Count(text[:strings.Index(text, "timed_head")], "\n")
	if err == nil || err.Error() != fmt.Sprintf(`agreement line %d, ceilings.timed_head: "10y" is not a length of time like 10m or 48h`, want) {
		t.Errorf("%v; it stands on line %d", err, want)
	}
}

func sixty() []Party {
	var out []Party
	for i := range MaxParties {
		out = append(out, partyOf(i, fmt.Sprintf("p%02d.example", i), fmt.Sprintf("Party %d", i)))
		out[i].Short = fmt.Sprintf("p%02d", i)
	}
	return out
}
