// SPDX-License-Identifier: Apache-2.0

package nightlog_test

import (
	"strings"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/mandate"
	"openline/internal/desk/nightlog"
	"openline/internal/desk/roster"
)

// Words of others stay on their line and are no marks of the page; what is not
// known is not written as nothing.
func TestThePage(t *testing.T) {
	at := time.Date(2030, 1, 1, 3, 0, 0, 0, time.UTC)
	two := 2
	n := &nightlog.Night{Line: "harbour", Me: "blue", From: at, To: at.Add(time.Hour), Open: true, State: "calm", Awaits: &two,
		Records: []nightlog.Record{{At: at, Ref: "red/2", Code: "TX01", Text: "hello\n# a heading <img> \x1b[2J\u202e\u009b2J"}},
		Alarms:  []roster.Alarm{{At: at, Text: "it rings", Acknowledged: &at, By: "ann"}, {At: at, Text: "again"}},
		Acts:    []mandate.Acted{{At: at, Act: "RC01", Record: "blue/3", Alone: true, Under: "calm/standing/0"}, {At: at, Act: "IN03", Record: "blue/4", Persons: []desk.Person{{Name: "ann"}, {Name: "ben"}}, Changed: true}}}
	page := n.Markdown()
	for _, want := range []string{"# Night log of blue, line harbour\n", "; not handed over yet.", "2 matters await our reply", `came red/2 TX01: hello \# a heading \<img>`,
		"it rings · acknowledged 1 Jan 03:00Z by ann", "again · not acknowledged", "sent alone by nobody named (calm/standing/0)", "released by ann and ben · what it is about changed"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	if strings.ContainsAny(page, "\x1b\u202e\u009b") || strings.Contains(page, "\n# a heading") {
		t.Errorf("words of others steer the page:\n%q", page)
	}
	n.Awaits = nil
	if strings.Contains(n.Markdown(), "awaits our reply") {
		t.Error("what is not reckoned is written")
	}
	if text := n.Text(); strings.Contains(text, "##") || !strings.HasPrefix(text, "Night log of blue") {
		t.Errorf("text:\n%s", text)
	}
}

// Every language says the whole page, with what is put into it.
func TestEveryLanguage(t *testing.T) {
	at := time.Date(2030, 1, 1, 3, 0, 0, 0, time.UTC)
	for _, tag := range []string{"ar", "en", "es", "fr", "ja", "ko", "ru", "zh"} {
		w, err := nightlog.Language(tag)
		if err != nil {
			t.Fatal(err)
		}
		for awaits := range 3 {
			n := &nightlog.Night{Line: "harbour", Me: "blue", Exercise: true, From: at, To: at.Add(time.Hour), Open: awaits > 0, State: "calm", Awaits: &awaits, Left: 7,
				Tests:   []nightlog.Tests{{Party: "red", Sent: 41, Read: 12}},
				Changes: []mandate.Change{{At: at, State: "tension", Persons: []desk.Person{{Name: "ann"}, {Name: "ben"}}}, {At: at, Table: "mine", State: "calm"}},
				Alarms:  []roster.Alarm{{At: at, Text: "it rings", Acknowledged: &at, By: "cem"}, {At: at, Text: "again"}},
				Acts:    []mandate.Acted{{At: at, Act: "RC01", Alone: true, Changed: true}, {At: at, Act: "IN03", Persons: []desk.Person{{Name: "dan"}}}},
				Records: []nightlog.Record{{At: at, Ref: "red/2", Code: "TX01", Text: "hello"}, {At: at, Ref: "blue/9", Ours: true}}}
			if awaits == 0 {
				n.Acts, n.Alarms, n.Records = nil, nil, nil
			}
			page := n.In(w)
			if strings.Contains(page, "[") || strings.Contains(page, "{{") || strings.Contains(page, "<no value>") {
				t.Errorf("%s lacks words:\n%s", tag, page)
			}
			for _, want := range []string{"blue", "harbour", "41", "12", "tension", "ann", "ben", "mine", "7", "03:00Z"} {
				if !strings.Contains(page, want) {
					t.Errorf("%s does not say %s:\n%s", tag, want, page)
				}
			}
			if awaits == 2 && (!strings.Contains(page, "cem") || !strings.Contains(page, "dan")) {
				t.Errorf("%s leaves persons out:\n%s", tag, page)
			}
		}
	}
	if _, err := nightlog.Language("../en"); err == nil {
		t.Error("a language that is none has words")
	}
}
