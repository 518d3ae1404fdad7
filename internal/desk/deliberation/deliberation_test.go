// SPDX-License-Identifier: Apache-2.0

package deliberation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/deliberation"
)

func fold(t *testing.T, b *deliberation.Book, n deliberation.Note) {
	t.Helper()
	n.V = desk.Version
	raw, err := desk.Write(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Fold(desk.Entry{At: time.Unix(1_800_000_000, 0).UTC(), Kind: deliberation.Kind, Bytes: raw}); err != nil {
		t.Fatalf("%+v: %v", n, err)
	}
}

// Nothing is erased; what was handed out does not change; a note written
// twice counts once.
func TestADeliberation(t *testing.T) {
	b := &deliberation.Book{}
	for i, n := range []deliberation.Note{
		{Do: deliberation.DoOpen, Question: "With whom?", Options: []string{"the chairman"}},
		{Do: deliberation.DoOption, On: 1, Options: []string{"the minister"}},
		{Do: deliberation.DoPosition, On: 1, Option: 1, Who: "staff", Stance: deliberation.Favours},
		{Do: deliberation.DoPosition, On: 1, Option: 1, Who: "embassy", Stance: deliberation.OpposesStrongly, Attribution: "press"},
		{Do: deliberation.DoDecide, On: 1, Option: 1},
	} {
		n.Token = fmt.Sprint(i)
		fold(t, b, n)
	}
	before, err := b.Get(1)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		fold(t, b, deliberation.Note{Token: "again", Do: deliberation.DoPosition, On: 1, Option: 1, Who: "staff", Stance: deliberation.Opposes})
		fold(t, b, deliberation.Note{Token: "new", Do: deliberation.DoDecide, On: 1, Option: 2, Words: "after all"})
		fold(t, b, deliberation.Note{Token: "said", Do: deliberation.DoRecord, On: 1, Record: "blue/3", What: deliberation.Stated})
	}
	d, err := b.Get(1)
	if err != nil || len(d.Options) != 2 || d.Options[1].No != 2 || len(d.Positions) != 3 || len(d.Decisions) != 2 || d.Decided().Option != 2 || len(d.Records) != 1 {
		t.Errorf("%+v, %v", d, err)
	}
	if newest := d.Newest(1); len(newest) != 2 || newest[0].Who != "staff" || newest[0].Stance != deliberation.Opposes || newest[1].Who != "embassy" {
		t.Errorf("newest %+v", newest)
	}
	if len(before.Positions) != 2 || before.Decided().Option != 1 || len(before.Records) != 0 {
		t.Errorf("what was handed out has changed: %+v", before)
	}
	if _, err := b.Get(2); err == nil {
		t.Error("a second one was found")
	}
}

func TestNotesThatAreNotTaken(t *testing.T) {
	b := &deliberation.Book{}
	fold(t, b, deliberation.Note{Token: "o", Do: deliberation.DoOpen, Question: "Which?", Options: []string{"one"}})
	for want, n := range map[string]deliberation.Note{
		"the question is empty":  {Do: deliberation.DoOpen},
		"more than one line":     {Do: deliberation.DoOpen, Question: "a\nb"},
		"at most 64 options":     {Do: deliberation.DoOption, On: 1, Options: make([]string, 64)},
		"no such deliberation":   {Do: deliberation.DoDecide, On: 2, Words: "x"},
		"no option 2":            {Do: deliberation.DoDecide, On: 1, Option: 2},
		"no option 0":            {Do: deliberation.DoPosition, On: 1, Who: "x", Stance: deliberation.Favours},
		"no stance":              {Do: deliberation.DoPosition, On: 1, Option: 1, Who: "x", Stance: "dislikes"},
		"no attribution":         {Do: deliberation.DoPosition, On: 1, Option: 1, Who: "x", Stance: deliberation.Favours, Attribution: "rumour"},
		"no day or time":         {Do: deliberation.DoPosition, On: 1, Option: 1, Who: "x", Stance: deliberation.Favours, Said: "May"},
		"in words":               {Do: deliberation.DoDecide, On: 1},
		"no record's name":       {Do: deliberation.DoRecord, On: 1, Record: "../x", What: deliberation.Led},
		"what a record can be":   {Do: deliberation.DoRecord, On: 1, Record: "blue/1", What: "leaked"},
		"nothing a deliberation": {Do: "close", On: 1},
		"a control character":    {Do: deliberation.DoDecide, On: 1, Words: "\x1b[2J"},
		"bytes; at most":         {Do: deliberation.DoDecide, On: 1, Words: strings.Repeat("x", 1<<17)},
	} {
		n.V, n.Token = desk.Version, "x"
		if err := b.Check(n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func FuzzFold(f *testing.F) {
	f.Add(`{"v":1,"token":"a","do":"open","question":"?","options":["x"]}`)
	f.Fuzz(func(t *testing.T, s string) {
		b := &deliberation.Book{}
		if err := b.Fold(desk.Entry{Kind: deliberation.Kind, Bytes: []byte(s)}); err == nil && len(b.All()) != 1 {
			t.Errorf("%q is taken and opens nothing", s)
		}
	})
}
