// SPDX-License-Identifier: Apache-2.0

package draft_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/draft"
	"openline/record"
)

// wording is a text as it would be recorded.
func wording(text string) draft.Note {
	b := &record.Body{Text: text}
	copy(b.Salt[:], text)
	body := b.Encode()
	h := &record.Header{Code: "TX01", Status: record.Actual, Precedence: record.Routine, From: "watch", Written: 1_800_000_000, Language: "en", Body: record.BodyDigest(body)}
	return draft.Note{Header: h.Encode(), Body: body, Knew: map[string]uint64{"blue": 3}, Typed: map[string]string{"text": text}}
}

type book struct {
	draft.Book
	n int
}

// do folds a note and gives the draft it is on.
func (b *book) do(t *testing.T, n draft.Note) (draft.Draft, error) {
	t.Helper()
	b.n++
	n.V, n.Token = desk.Version, fmt.Sprint(b.n)
	raw, err := desk.Write(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Fold(desk.Entry{At: time.Unix(1_800_000_000, 0).UTC(), Kind: draft.Kind, Bytes: raw}); err != nil {
		return draft.Draft{}, err
	}
	no, ok := b.Taken(n.Token)
	if !ok {
		t.Fatalf("%+v is not taken", n)
	}
	d, err := b.Get(no)
	return d, err
}

func (b *book) must(t *testing.T, n draft.Note) draft.Draft {
	t.Helper()
	d, err := b.do(t, n)
	if err != nil {
		t.Fatalf("%s: %v", n.Do, err)
	}
	return d
}

func write(text string) draft.Note {
	n := wording(text)
	n.Do, n.By = draft.DoWrite, "anna"
	return n
}

func change(d draft.Draft, text string) draft.Note {
	n := wording(text)
	n.Do, n.By, n.On, n.Version = draft.DoChange, "anna", d.No, d.Newest().No
	return n
}

func sign(d draft.Draft, who string) draft.Note {
	return draft.Note{Do: draft.DoSign, On: d.No, Version: d.Newest().No, Digest: d.Newest().Digest[:], Person: who, Signature: []byte(who)}
}

// A change leaves nothing signed, and says who had signed what.
func TestAChangeVoidsWhatWasSigned(t *testing.T) {
	b := &book{}
	d := b.must(t, write("vessels stopped"))
	before := b.must(t, sign(d, "anna"))
	if _, err := b.do(t, sign(before, "anna")); !errors.Is(err, draft.ErrSame) {
		t.Errorf("the same person twice: %v", err)
	}
	d = b.must(t, change(before, "vessels under way"))
	if len(d.Newest().Signed) != 0 || len(d.Void()) != 1 || d.Void()[0].Person != "anna" || d.Void()[0].Version != 1 {
		t.Errorf("signed %+v, void %+v", d.Newest().Signed, d.Void())
	}
	if len(before.Versions) != 1 || len(before.Newest().Signed) != 1 {
		t.Error("what was handed out has changed")
	}
	// Who read the first version is told, whatever they do.
	for what, n := range map[string]draft.Note{
		"signs": sign(before, "ben"), "changes": change(before, "vessels anchored"),
		"sends": {Do: draft.DoSend, On: d.No, Version: 1}, "drops": {Do: draft.DoDrop, On: d.No, Version: 1},
	} {
		if _, err := b.do(t, n); !errors.Is(err, draft.ErrMoved) {
			t.Errorf("who read another version %s: %v", what, err)
		}
	}
	// The number of the new version with the digest of the old one signs nothing.
	stale := sign(before, "ben")
	stale.Version = 2
	if _, err := b.do(t, stale); !errors.Is(err, draft.ErrMoved) {
		t.Errorf("another digest: %v", err)
	}
	if d = b.must(t, sign(d, "anna")); len(d.Void()) != 0 {
		t.Errorf("she signed again and is still said to have signed another: %+v", d.Void())
	}
	if _, err := b.do(t, change(d, "vessels stopped")); err == nil {
		t.Error("back to the very record that was signed before")
	}
}

// On its way nothing else happens to it; given back it is written anew.
func TestSending(t *testing.T) {
	b := &book{}
	d := b.must(t, write("one"))
	d = b.must(t, sign(d, "anna"))
	d = b.must(t, draft.Note{Do: draft.DoSend, On: d.No, Version: 1})
	if d.Sending != 1 || d.Under == "" {
		t.Fatalf("%+v", d)
	}
	for what, n := range map[string]draft.Note{"signs": sign(d, "ben"), "changes": change(d, "two"), "sends": {Do: draft.DoSend, On: 1, Version: 1}, "drops": {Do: draft.DoDrop, On: 1, Version: 1}} {
		if _, err := b.do(t, n); !errors.Is(err, draft.ErrSending) {
			t.Errorf("on its way, somebody %s: %v", what, err)
		}
	}
	d = b.must(t, draft.Note{Do: draft.DoBack, On: 1, Version: 1, Words: "it has changed"})
	for what, n := range map[string]draft.Note{"signs": sign(d, "ben"), "sends": {Do: draft.DoSend, On: 1, Version: 1}} {
		if _, err := b.do(t, n); !errors.Is(err, draft.ErrBack) {
			t.Errorf("given back, somebody %s: %v", what, err)
		}
	}
	d = b.must(t, change(d, "two"))
	if v := d.Void(); len(v) != 1 || v[0].Person != "anna" {
		t.Errorf("void: %+v", v)
	}
	b.must(t, draft.Note{Do: draft.DoSend, On: 1, Version: 2})
	d = b.must(t, draft.Note{Do: draft.DoRelease, On: 1, Version: 2, Record: "blue/7"})
	if d.Released == nil || d.Released.Record != "blue/7" || len(d.Versions) != 1 || len(b.Open()) != 0 {
		t.Errorf("%+v", d)
	}
	if _, err := b.do(t, draft.Note{Do: draft.DoDrop, On: 1, Version: 2}); !errors.Is(err, draft.ErrEnded) {
		t.Errorf("what was said is dropped: %v", err)
	}
	if list, left := b.Ended(); len(list) != 1 || left != 0 {
		t.Errorf("ended: %+v, %d", list, left)
	}
}

func TestDraftsAreBounded(t *testing.T) {
	b := &book{}
	for i := range draft.MaxOpen {
		b.must(t, write(fmt.Sprint("text ", i)))
	}
	if _, err := b.do(t, write("one more")); !errors.Is(err, draft.ErrFull) {
		t.Errorf("one more: %v", err)
	}
	for no := 1; no <= draft.MaxOpen; no++ {
		b.must(t, draft.Note{Do: draft.DoDrop, On: no, Version: 1})
		b.must(t, write(fmt.Sprint("again ", no)))
	}
	b.must(t, draft.Note{Do: draft.DoDrop, On: draft.MaxOpen + 1, Version: 1})
	if list, left := b.Ended(); len(list) != 200 || left != 1 {
		t.Errorf("%d are at hand, %d are not", len(list), left)
	}
	if _, err := b.Get(1); !errors.Is(err, draft.ErrNone) {
		t.Errorf("the oldest: %v", err)
	}
	d, err := b.Get(draft.MaxOpen + 2)
	for i := 0; err == nil && i < 100; i++ {
		d, err = b.do(t, change(d, fmt.Sprint("version ", i)))
	}
	if err == nil || len(d.Versions) != 0 {
		t.Errorf("changed without end: %v", err)
	}
}

func TestNotesThatAreNotTaken(t *testing.T) {
	b := &book{}
	d := b.must(t, write("one"))
	torn, other := write("two"), write("three")
	torn.Header = torn.Header[:len(torn.Header)-1]
	other.Body = write("four").Body
	for want, n := range map[string]draft.Note{
		"its header":           torn,
		"of another body":      other,
		"no such draft":        {Do: draft.DoDrop, On: 9, Version: 1},
		"nothing a draft does": {Do: "burn", On: 1, Version: 1},
		"not on its way":       {Do: draft.DoRelease, On: 1, Version: 1, Record: "blue/1"},
		"no signature":         {Do: draft.DoSign, On: 1, Version: 1, Person: "ben", Digest: d.Newest().Digest[:]},
		"who signs is empty":   {Do: draft.DoSign, On: 1, Version: 1, Digest: d.Newest().Digest[:], Signature: []byte("x")},
		"holds a control":      {Do: draft.DoDrop, On: 1, Version: 1, Words: "\x1b[2J"},
		"its body":             {Do: draft.DoWrite, Header: write("x").Header},
		"more than one line":   {Do: draft.DoSign, On: 1, Version: 1, Person: "ben\nanna", Digest: d.Newest().Digest[:], Signature: []byte("x")},
	} {
		if _, err := b.do(t, n); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
	if got, err := b.Get(1); err != nil || len(got.Versions) != 1 || len(got.Newest().Signed) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}

func marked(list []draft.Run) string {
	var out string
	for _, r := range list {
		out += []string{"%s", "[-%s]", "[+%s]"}[r.How]
		out = fmt.Sprintf(out, r.Text)
	}
	return out
}

func TestDiff(t *testing.T) {
	for _, x := range [][3]string{
		{"", "", ""},
		{"same", "same", "same"},
		{"vessels stopped", "vessels under way", "vessels [-stopped][+under way]"},
		{"at 10:40, two boats.", "at 10:45, two boats!", "at 10:[-40][+45], two boats[-.][+!]"},
		{"all new", "", "[-all new]"},
		{"", "came", "[+came]"},
		{"我方船只已停", "我方船只仍在航行", "我方船只[-已停][+仍在航行]"},
		{"توقفت السفن الآن", "توقفت السفينة الآن", "توقفت [-السفن][+السفينة] الآن"},
		{"a b c d", "a c d e", "a [-b ]c d[+ e]"},
	} {
		if got := marked(draft.Diff(x[0], x[1])); got != x[2] {
			t.Errorf("%q to %q: %q, want %q", x[0], x[1], got, x[2])
		}
	}
}

// What is left of a comparison is each of the two texts, whatever they are.
func FuzzDiff(f *testing.F) {
	f.Add("vessels stopped", "vessels under way")
	f.Add("a\u0301b", "\u0301")
	f.Add(strings.Repeat("a ", 2000), strings.Repeat("b ", 2000))
	f.Fuzz(func(t *testing.T, a, b string) {
		var before, after string
		for _, r := range draft.Diff(a, b) {
			if r.How != draft.Came {
				before += r.Text
			}
			if r.How != draft.Gone {
				after += r.Text
			}
		}
		if before != a || after != b {
			t.Errorf("%q to %q: %q to %q", a, b, before, after)
		}
	})
}

func FuzzFold(f *testing.F) {
	f.Add(`{"v":1,"token":"a","do":"write","header":"","body":""}`)
	raw, err := desk.Write(func() draft.Note { n := write("x"); n.V, n.Token = 1, "a"; return n }())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(raw))
	f.Fuzz(func(t *testing.T, s string) {
		b := &draft.Book{}
		if err := b.Fold(desk.Entry{Kind: draft.Kind, Bytes: []byte(s)}); err == nil && len(b.Open()) != 1 {
			t.Errorf("%q is taken and writes nothing", s)
		}
	})
}
