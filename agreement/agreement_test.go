// SPDX-License-Identifier: Apache-2.0

package agreement_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	. "openline/agreement"
	drafts "openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/record"
)

const vectors = "../spec/vectors/agreement/"

// update writes the vectors anew. Read the difference before it is
// committed.
var update = flag.Bool("update", false, "write the vectors anew")

// secretOf is the party key whose seed is 64 bytes counting up from n.
func secretOf(n int) *secret.Party {
	var seed [64]byte
	for i := range seed {
		seed[i] = byte(n + i)
	}
	return secret.NewParty(seed)
}

func partyOf(n int, name, title string) Party {
	return Party{Name: identity.Party(name), Short: identity.Party(name).Short(), Title: title, Key: secretOf(n).Public()}
}

func blueAndRed() drafts.Options {
	return drafts.Options{Slug: "dtl", Parties: []Party{partyOf(0, "blue.example", "Ministry of Blue"), partyOf(64, "red.example", "Ministry of Red")},
		Languages: []string{"en", "zh"}, Catalogue: [32]byte{0x1f}}
}

func draft(t testing.TB, o drafts.Options) string {
	t.Helper()
	text, err := drafts.Text(o)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func parse(t testing.TB, text string) *Agreement {
	t.Helper()
	a, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func sign(t testing.TB, text, name string, n int) []byte {
	t.Helper()
	b, err := drafts.Sign(text, identity.Party(name), secretOf(n))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func join(t testing.TB, notes ...[]byte) []byte {
	t.Helper()
	b, err := Join(notes...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func readJSON(t testing.TB, file string, into any) {
	t.Helper()
	b, err := os.ReadFile(vectors + file)
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

func writeJSON(t testing.TB, file string, v any) {
	t.Helper()
	if !*update {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(vectors+file, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// golden compares with a file of the vectors.
func golden(t testing.TB, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(vectors+file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(vectors + file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// The draft of the vectors, its two signatures and its line id: signatures
// are deterministic, so another implementation makes the same bytes.
func TestSignedVector(t *testing.T) {
	text := draft(t, blueAndRed())
	golden(t, "draft.toml", text)
	bundle := join(t, sign(t, text, "blue.example", 0), sign(t, text, "red.example", 64))
	golden(t, "signed.note", string(bundle))
	a, err := Open(bundle)
	if err != nil {
		t.Fatal(err)
	}
	if d := a.Digest(); string(a.Line) != fmt.Sprintf("dtl-%x", d[:4]) || a.Text() != text {
		t.Errorf("line %s, digest %x", a.Line, d)
	}
	golden(t, "print-for-red.txt", drafts.Print(a, 2))
}

func TestParse(t *testing.T) {
	a := parse(t, draft(t, blueAndRed()))
	switch {
	case a.Version != 1 || a.Standing != record.Actual || len(a.Parties) != 2 || a.NoticeDays != 90:
		t.Errorf("%+v", a)
	case a.Ceilings != Ceilings{Record: 16384, RecordsPerMinute: 600, Clock: 168 * time.Hour, ClockDifference: 5 * time.Minute, TimedHead: 10 * time.Minute}:
		t.Errorf("ceilings %+v", a.Ceilings)
	case a.Tests.Every != time.Hour || a.Tests.Offset != 7*time.Minute || len(a.Tests.Answered) != 2:
		t.Errorf("tests %+v", a.Tests)
	}
	if p, ok := a.ByShort("red"); !ok || p.Number != 2 {
		t.Error("red is not found by its short name")
	}
	if p, ok := a.ByShort("red.example"); !ok || p.Number != 2 {
		t.Error("red is not found by its full name")
	}
	if _, ok := a.ByName("green.example"); ok {
		t.Error("a stranger is found")
	}
	if _, ok := a.Party(3); ok {
		t.Error("a third party is found")
	}
}

// Who reads sees its own party first, in every copy.
func TestPrintNamesTheReaderFirst(t *testing.T) {
	a := parse(t, draft(t, blueAndRed()))
	for _, p := range a.Parties {
		text := drafts.Print(a, p.Number)
		other := a.Parties[2-p.Number]
		if strings.Index(text, p.Title) > strings.Index(text, other.Title) || !strings.Contains(text, other.Title) {
			t.Errorf("the copy of %s:\n%s", p.Name, text)
		}
	}
	o := blueAndRed()
	o.Exercise = true
	if text := drafts.Print(parse(t, draft(t, o)), 1); !strings.Contains(text, "EXERCISE, for good") {
		t.Errorf("an exercise is not named as one:\n%s", text)
	}
}

func amendment(t testing.TB, v1 *Agreement, change func(string) string) *Agreement {
	t.Helper()
	return parse(t, change(draft(t, drafts.Options{Amends: v1})))
}

func TestAmends(t *testing.T) {
	o := blueAndRed()
	o.PerMinute, o.TimedHead, o.Answered = 1200, time.Minute, []string{"06:00"}
	v1 := parse(t, draft(t, o))
	v2 := amendment(t, v1, func(s string) string { return s })
	if err := v2.Amends(v1); err != nil {
		t.Fatal(err)
	}
	if v2.Version != 2 || v2.Line != v1.Line || v2.Previous != v1.Digest() || len(drafts.Changes(v1, v2)) != 0 {
		t.Errorf("a draft of a next version keeps all but its number: %v", drafts.Changes(v1, v2))
	}
	h, err := NewHistory(v1, v2)
	if err != nil || h.Version(1) != v1 || h.Version(2) != v2 || h.Version(3) != nil || h.Version(0) != nil || h.Newest() != v2 || h.Line() != v1.Line || len(h.All()) != 2 {
		t.Errorf("history %+v, %v", h, err)
	}
}

func TestAmendsRefuses(t *testing.T) {
	v1 := parse(t, draft(t, blueAndRed()))
	replace := func(old, now string) func(string) string {
		return func(s string) string { return strings.Replace(s, old, now, 1) }
	}
	green := partyOf(32, "blue.example", "Ministry of Blue")
	for _, tc := range []struct {
		name   string
		change func(string) string
		says   string
	}{
		{"a version left out", replace("version = 2", "version = 3"), "agreement line 5, version: is 3, the next version is 2"},
		{"another line", replace(string(v1.Line), "dtl-00000000"), "agreement line 4, line: is dtl-00000000, an amendment keeps " + string(v1.Line)},
		{"another text before", replace("previous = \"sha256:", "previous = \"sha256:0000\" # "), "agreement line 6, previous: write \"sha256:\" and 64 lower-case hex digits"},
		{"another standing", replace(`"actual"`, `"exercise"`), "agreement line 7, standing: is exercise, it was actual; no amendment changes it"},
		{"a party gone", func(s string) string {
			return strings.NewReplacer(`number = 2`, `number = 3`).Replace(s)
		}, "agreement, party: red.example (number 2) is gone; parties are permanent"},
		{"another short name", replace(`short = "red"`, `short = "crimson"`), "agreement line 24, party.short: party 2 is red.example with another short; numbers, names and party keys are permanent"},
		{"another key", func(s string) string {
			return strings.NewReplacer(v1.Parties[0].Key.String(), green.Key.String(), v1.Parties[0].Key.Fingerprint("blue.example").String(), green.Key.Fingerprint("blue.example").String()).Replace(s)
		}, "agreement line 19, party.key: party 1 is blue.example with another key; numbers, names and party keys are permanent"},
	} {
		text := tc.change(draft(t, drafts.Options{Amends: v1}))
		v2, err := Parse(text)
		if err == nil {
			err = v2.Amends(v1)
		}
		if err == nil || err.Error() != tc.says {
			t.Errorf("%s: %v\nwant %s", tc.name, err, tc.says)
		}
		if e := new(Error); !errors.As(err, &e) {
			t.Errorf("%s: the error is of type %T", tc.name, err)
		}
	}
	other := blueAndRed()
	other.Slug = "other"
	w1 := parse(t, draft(t, other))
	w2 := amendment(t, w1, func(s string) string { return s })
	if _, err := NewHistory(v1, w2); err == nil {
		t.Error("a version of another line is taken into the history")
	}
	if _, err := NewHistory(w2); err == nil || err.Error() != "agreement, version: the first version is 1, not 2" {
		t.Errorf("a history that begins with version 2: %v", err)
	}
}

func TestChanges(t *testing.T) {
	v1 := parse(t, draft(t, blueAndRed()))
	v2 := amendment(t, v1, func(s string) string {
		s = strings.NewReplacer(`notice_days = 90`, `notice_days = 180`, `"en", "zh"`, `"en", "zh", "fr"`, `clock = "168h"`, `clock = "72h"`, `["09:30", "15:30"]`, `[]`,
			`"Ministry of Red"`, `"Ministry of Defence of Red"`, `Any party may end`, `Each party may end`).Replace(s)
		green := partyOf(128, "green.example", "Ministry of Green")
		s = strings.Replace(s, "\n[tests]", fmt.Sprintf("\n[[party]]\nnumber = 3\nname = %q\nshort = \"green\"\ntitle = %q\nfingerprint = %q\nkey = %q\n\n[tests]", green.Name, green.Title, green.Key.Fingerprint(green.Name), green.Key), 1)
		return s + "\n[[clause]]\nid = \"visits\"\ntitle = \"Visits\"\ntext = \"Both sides may visit.\"\n"
	})
	if err := v2.Amends(v1); err != nil {
		t.Fatal(err)
	}
	golden(t, "changes.txt", strings.Join(drafts.Changes(v1, v2), "\n")+"\n")
	v3 := amendment(t, v2, func(s string) string {
		i := strings.Index(s, "\n[[clause]]\nid = \"visits\"")
		return s[:i]
	})
	if got := drafts.Changes(v2, v3); len(got) != 1 || got[0] != "clause visits (Visits) is gone: Both sides may visit." {
		t.Errorf("%q", got)
	}
}

func TestTimesOfTests(t *testing.T) {
	a := parse(t, draft(t, blueAndRed()))
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, tc := range []struct{ after, test string }{
		{"2021-05-21T00:00:00Z", "2021-05-21T00:07:00Z"},
		{"2021-05-21T00:07:00Z", "2021-05-21T01:07:00Z"},
		{"2021-05-21T09:30:00Z", "2021-05-21T10:07:00Z"},
		{"2021-05-21T23:59:59Z", "2021-05-22T00:07:00Z"},
		{"2021-05-21T23:30:00-02:00", "2021-05-22T02:07:00Z"},
	} {
		if got := a.TestAfter(at(tc.after)); !got.Equal(at(tc.test)) {
			t.Errorf("test after %s: %s", tc.after, got)
		}
	}
	if got := fmt.Sprint(hours(a.Tests.Answered)); got != "[09:30 15:30]" {
		t.Errorf("a person answers at %s", got)
	}
	o := blueAndRed()
	o.Answered = []string{}
	if got := parse(t, draft(t, o)).Tests.Answered; len(got) != 0 {
		t.Errorf("no set hours: %s", got)
	}
}

// hours writes hours of the day as the text does.
func hours(at []time.Duration) []string {
	out := make([]string, len(at))
	for i, d := range at {
		out[i] = fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
	}
	return out
}

func TestOpenCatalogue(t *testing.T) {
	base, err := catalogue.Default()
	if err != nil {
		t.Fatal(err)
	}
	o := blueAndRed()
	o.Catalogue = base.Digest()
	a := parse(t, draft(t, o))
	c, err := a.OpenCatalogue(base, nil)
	if err != nil || c.Digest() != base.Digest() {
		t.Fatal(err)
	}
	files, err := catalogue.AffairsFiles()
	if err != nil {
		t.Fatal(err)
	}
	extended, err := catalogue.Extend(base, files)
	if err != nil {
		t.Fatal(err)
	}
	o.Catalogue, o.Extensions = extended.Digest(), nil
	for name := range files {
		o.Extensions = append(o.Extensions, name)
	}
	b := parse(t, draft(t, o))
	if c, err := b.OpenCatalogue(base, files); err != nil || c.Digest() != extended.Digest() {
		t.Fatal(err)
	}
	if _, err := a.OpenCatalogue(base, files); err == nil || err.Error() != fmt.Sprintf("the agreement names 0 catalogue extension files, %d are at hand", len(files)) {
		t.Errorf("files nobody agreed on: %v", err)
	}
	if _, err := b.OpenCatalogue(base, nil); err == nil || !strings.HasSuffix(err.Error(), ", which is not at hand") {
		t.Errorf("files that are missing: %v", err)
	}
	o.Extensions, o.Catalogue = nil, [32]byte{1}
	if _, err := parse(t, draft(t, o)).OpenCatalogue(base, nil); err == nil || !strings.Contains(err.Error(), "the agreement names sha256:0100") {
		t.Errorf("another digest: %v", err)
	}
	o.Catalogue, o.Languages = base.Digest(), []string{"de"}
	if _, err := parse(t, draft(t, o)).OpenCatalogue(base, nil); err == nil || err.Error() != "the agreement names the language de, in which the catalogue does not render" {
		t.Errorf("another language: %v", err)
	}
}
