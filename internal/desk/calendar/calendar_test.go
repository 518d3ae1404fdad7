// SPDX-License-Identifier: Apache-2.0

package calendar_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	goical "github.com/emersion/go-ical"

	"openline/internal/desk/calendar"
	"openline/internal/desk/ical"
	"openline/line"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/linetest"
	"openline/record"
)

type params = map[string]record.Value

func names(me record.PartyNo) calendar.Names {
	return calendar.Names{Line: "test-00000000", Me: me, Parties: map[record.PartyNo]string{1: "blue", 2: "red"}, Places: map[string]string{"blue/1": "the forum, hall 2"}}
}

func tables(t testing.TB, w *linetest.World) (dossier.Table, dialogue.Table) {
	t.Helper()
	f := w.Fold(t, w.Cut(), linetest.First)
	d, err := dossier.Of(f.Things(dossier.Codes()...))
	if err != nil {
		t.Fatal(err)
	}
	s, err := dialogue.Of(f.Things(dialogue.Codes()...), d.Dossiers)
	if err != nil {
		t.Fatal(err)
	}
	return d, s
}

func call(w *linetest.World) line.Entry {
	return offer(w, w.Window(3600, 7200), w.Window(90000, 93600))
}

// offer asks for a call in these windows.
func offer(w *linetest.World, windows ...record.Value) line.Entry {
	e := w.Say(0, linetest.Draft{Code: "CR01", To: []record.Address{{Party: 2, Post: "minister"}}, Params: params{"caller": w.Post(0, "first secretary"), "called": w.Post(1, "minister"),
		"subject": record.Text("encounters; at sea, 海上相遇"), "urgency": record.Text("ordinary"), "medium": record.Text("voice"), "windows": record.Array(windows...)}})
	w.Meet()
	return e
}

func events(t testing.TB, file []byte) (method string, out map[string]*goical.Component) {
	t.Helper()
	cal, err := ical.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	out = map[string]*goical.Component{}
	for _, e := range cal.Children {
		out[ical.Text(e, "UID")] = e
	}
	return ical.Text(cal.Component, "METHOD"), out
}

func whole(t testing.TB, w *linetest.World) map[string]*goical.Component {
	t.Helper()
	d, s := tables(t, w)
	file, err := calendar.Line(names(1), d, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	again, err := calendar.Line(names(1), d, s, nil)
	if err != nil || !bytes.Equal(file, again) {
		t.Fatal("the same changes something")
	}
	_, out := events(t, file)
	return out
}

func sequence(t testing.TB, e *goical.Component) int {
	t.Helper()
	n, err := e.Props.Get("SEQUENCE").Int()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Offered twice, proposed otherwise, accepted, called off: one event, updated
// in place, its sequence rising with each act.
func TestOneEventThroughout(t *testing.T) {
	w := linetest.New(t, 1, 2)
	e := call(w)
	last := -1
	expect := func(uid string, status goical.EventStatus, start int) {
		t.Helper()
		c := whole(t, w)[uid+"@test-00000000"]
		if c == nil {
			t.Fatalf("no event %s", uid)
		}
		at, err := c.Props.DateTime("DTSTART", time.UTC)
		if err != nil || at.Unix() != 1_700_000_000+int64(start) || ical.Text(c, "STATUS") != string(status) || sequence(t, c) <= last {
			t.Fatalf("%s: %v, %s, sequence %d after %d", uid, at, ical.Text(c, "STATUS"), sequence(t, c), last)
		}
	}
	expect("blue-1", goical.EventTentative, 3600)
	expect("blue-1.2", goical.EventTentative, 90000)
	last = 0
	begin := w.Now
	say := func(i int, code string, p params) {
		w.Now += 60
		w.Say(i, linetest.Draft{Code: code, About: e.Ref(), Re: []record.Ref{e.Ref()}, Params: p})
		w.Meet()
	}
	at := func(from, to int) record.Value {
		return record.Array(record.Uint(uint64(begin)+uint64(from)), record.Uint(uint64(begin)+uint64(to)))
	}
	say(1, "CR03", params{"window": at(100000, 103600)})
	expect("blue-1.proposed", goical.EventTentative, 100000)
	expect("blue-1", goical.EventTentative, 3600)
	last = 60
	say(1, "CR02", params{"window": at(90000, 93600)})
	expect("blue-1", goical.EventConfirmed, 90000)
	expect("blue-1.2", goical.EventCancelled, 90000)
	last = 120
	say(0, "MT03", params{"by": record.Text("organiser")})
	expect("blue-1", goical.EventCancelled, 90000)
	d, _ := tables(t, w)
	file, err := calendar.Invitation(names(2), d.Dossiers[0])
	if err != nil {
		t.Fatal(err)
	}
	if method, _ := events(t, file); method != "CANCEL" {
		t.Error(method)
	}
	if c := whole(t, w)["blue-1@test-00000000"]; ical.Text(c, "SUMMARY") != "Call: encounters; at sea, 海上相遇 (blue/1)" || c.Props.Get("ORGANIZER").Value != "mailto:first%20secretary@blue.invalid" {
		t.Errorf("%v", c.Props)
	}
}

// A meeting is confirmed on paper only once its agenda is; a forum is called
// off by its organisers; a review has its day; closed hours are shown.
func TestMeetingForumReview(t *testing.T) {
	w := linetest.New(t, 1, 2)
	m := w.Say(0, linetest.Draft{Code: "MT01", Params: params{"series": record.Text("talks"), "host": record.Text("us"), "place": record.Text("the forum"), "dates": record.Array(w.Window(86400, 172800))}})
	w.Say(0, linetest.Draft{Code: "FM01", Params: params{"forum": record.Text("the other forum"), "plan": record.Text("called_off"), "dates": w.Window(86400, 172800)}})
	w.Say(0, linetest.Draft{Code: "MT04", Params: params{"series": record.Text("talks"), "stage": record.Text("postponed"), "review": w.Hour(99)}})
	item := w.Say(0, linetest.Draft{Code: "MT02", About: m.Ref(), Re: []record.Ref{m.Ref()}, Params: params{"item": record.Text("x"), "stand": record.Text("proposed")}})
	w.Meet()
	w.Say(1, linetest.Draft{Code: "AF01", About: m.Ref(), Re: []record.Ref{m.Ref()}})
	status := func(prefix string) string {
		for uid, e := range whole(t, w) {
			if strings.HasPrefix(uid, prefix) {
				return ical.Text(e, "STATUS")
			}
		}
		return "not there"
	}
	if s := status("blue-1@"); s != "TENTATIVE" {
		t.Error(s)
	}
	w.Say(1, linetest.Draft{Code: "AF01", About: m.Ref(), Re: []record.Ref{item.Ref()}})
	if e := whole(t, w)["blue-1@test-00000000"]; ical.Text(e, "LOCATION") != "the forum, hall 2" {
		t.Error(ical.Text(e, "LOCATION"))
	}
	for prefix, want := range map[string]string{"blue-1@": "CONFIRMED", "forum1-": "CANCELLED", "review-": "TENTATIVE"} {
		if s := status(prefix); s != want {
			t.Errorf("%s: %s", prefix, s)
		}
	}
	file, err := calendar.Line(names(1), dossier.Table{}, dialogue.Table{}, []calendar.Closed{{Ref: "blue/2", Party: "blue", From: time.Unix(0, 0), To: time.Unix(3600, 0), Said: time.Unix(0, 0)}})
	if err != nil || !strings.Contains(string(file), "SUMMARY:Desk of blue closed (blue/2)\r\n") || !strings.Contains(string(file), "TRANSP:TRANSPARENT\r\n") {
		t.Errorf("%s, %v", file, err)
	}
	if _, err := calendar.Line(names(1), dossier.Table{}, dialogue.Table{}, nil); !errors.Is(err, calendar.ErrNothing) {
		t.Error(err)
	}
}

// A meeting confirmed with two dates offered: nobody said which, so neither
// is shown as fixed.
func TestMeetingOfSeveralDates(t *testing.T) {
	w := linetest.New(t, 1, 2)
	m := w.Say(0, linetest.Draft{Code: "MT01", Params: params{"series": record.Text("talks"), "host": record.Text("us"), "place": record.Text("the forum"), "dates": record.Array(w.Window(86400, 172800), w.Window(259200, 345600))}})
	w.Meet()
	reply := func(which, stat string) (string, []string) {
		t.Helper()
		d, _ := tables(t, w)
		list, notes, err := calendar.Read(names(2), answer(t, w, "METHOD:REQUEST", "METHOD:REPLY", "UID:blue-1", "UID:blue-1"+which, "NEEDS-ACTION", stat), d, time.UTC, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 1 {
			return list[0].Code, notes
		}
		return "", notes
	}
	for _, which := range []string{"", ".2"} {
		if code, notes := reply(which, "ACCEPTED"); code != "" || len(notes) != 1 || !strings.Contains(notes[0], "one of 2 windows; AF01") {
			t.Errorf("%s: %s, %v", which, code, notes)
		}
	}
	if code, notes := reply(".2", "TENTATIVE"); code != "PR01" {
		t.Errorf("%s, %v", code, notes)
	}
	w.Say(1, linetest.Draft{Code: "AF01", About: m.Ref(), Re: []record.Ref{m.Ref()}})
	w.Meet()
	all := whole(t, w)
	for _, uid := range []string{"blue-1@test-00000000", "blue-1.2@test-00000000"} {
		if e := all[uid]; e == nil || ical.Text(e, "STATUS") != "TENTATIVE" {
			t.Errorf("%s: %v", uid, e)
		}
	}
	d, _ := tables(t, w)
	list, notes, err := calendar.Read(names(2), answer(t, w, "METHOD:REQUEST", "METHOD:CANCEL", "UID:blue-1", "UID:blue-1.2"), d, time.UTC, nil)
	if err != nil || len(list) != 0 || len(notes) != 1 || !strings.Contains(notes[0], "one of 2 windows; MT03") {
		t.Errorf("%+v, %v, %v", list, notes, err)
	}
}

// answer changes an exported request as a calendar program does.
func answer(t testing.TB, w *linetest.World, change ...string) []byte {
	t.Helper()
	d, _ := tables(t, w)
	file, err := calendar.Invitation(names(2), d.Dossiers[0])
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(file), "END:VEVENT")
	return []byte(strings.NewReplacer(change...).Replace(first) + "END:VEVENT\r\nEND:VCALENDAR\r\n")
}

// What each answer of a calendar becomes, and that it becomes nothing else.
func TestRead(t *testing.T) {
	w, two := linetest.New(t, 1, 2), linetest.New(t, 1, 2)
	offer(w, w.Window(3600, 7200))
	call(two)
	d, _ := tables(t, w)
	of2, _ := tables(t, two)
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		me   record.PartyNo
		file []byte
		code string
		want map[string]string
		note string
	}{
		"accepted":                 {2, answer(t, w, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "ACCEPTED"), "CR02", map[string]string{"window": "2023-11-14T23:13:20Z..2023-11-15T00:13:20Z"}, ""},
		"tentative":                {2, answer(t, w, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "TENTATIVE"), "PR01", nil, ""},
		"declined":                 {2, answer(t, w, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "DECLINED", "CREATED:", "COMMENT:another week\r\nCREATED:"), "HD05", map[string]string{"reason": "12", "condition": "another week"}, ""},
		"countered":                {2, answer(t, w, "METHOD:REQUEST", "METHOD:COUNTER", "DTSTART:20231114T231320Z", "DTSTART:20240715T090000", "DTEND:20231115T001320Z", "DTEND:20240715T100000"), "CR03", map[string]string{"window": "2024-07-15T08:00:00Z..2024-07-15T09:00:00Z"}, ""},
		"moved":                    {2, answer(t, w, "DTSTART:20231114T231320Z", "DTSTART;TZID=Asia/Shanghai:20231114T231320"), "CR03", map[string]string{"window": "2023-11-14T15:13:20Z..2023-11-15T00:13:20Z"}, ""},
		"withdrawn":                {1, answer(t, w, "METHOD:REQUEST", "METHOD:CANCEL"), "WD01", nil, ""},
		"accepted, of two":         {2, answer(t, two, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "ACCEPTED"), "CR02", map[string]string{"window": "2023-11-14T23:13:20Z..2023-11-15T00:13:20Z"}, ""},
		"the first, of two":        {2, answer(t, two, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "DECLINED"), "", nil, "one of 2 windows; HD05"},
		"the second, of two":       {2, answer(t, two, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "DECLINED", "UID:blue-1", "UID:blue-1.2"), "", nil, "one of 2 windows; HD05"},
		"withdrawn, one of two":    {1, answer(t, two, "METHOD:REQUEST", "METHOD:CANCEL"), "", nil, "one of 2 windows; WD01"},
		"a proposed time declined": {2, answer(t, w, "METHOD:REQUEST", "METHOD:REPLY", "NEEDS-ACTION", "DECLINED", "UID:blue-1", "UID:blue-1.proposed"), "", nil, "proposed instead"},
		"no answer":                {2, answer(t, w, "METHOD:REQUEST", "METHOD:REPLY"), "", nil, "PARTSTAT"},
		"ours":                     {1, answer(t, w), "", nil, "blue/1 is ours"},
		"not accepted":             {2, answer(t, w, "METHOD:REQUEST", "METHOD:CANCEL"), "", nil, "is not accepted"},
		"published":                {2, answer(t, w, "METHOD:REQUEST", "METHOD:PUBLISH"), "", nil, "asks for nothing"},
		"of another":               {2, answer(t, w, "@test-00000000", "@other-00000000", "METHOD:REQUEST", "METHOD:REPLY"), "", nil, "no invitation of this line"},
		"new":                      {1, answer(t, w, "UID:blue-1", "UID:fresh"), "CR01", map[string]string{"caller": "blue:first secretary", "called": "red:minister", "medium": "voice", "urgency": "ordinary", "windows": "2023-11-14T23:13:20Z..2023-11-15T00:13:20Z", "subject": "Call: encounters; at sea, 海上相遇 (blue/1)"}, ""},
		"not by us":                {2, answer(t, w, "UID:blue-1", "UID:fresh"), "", nil, "no office of ours"},
		"whole day":                {2, answer(t, w, "METHOD:REQUEST", "METHOD:COUNTER", "DTSTART:20231114T231320Z", "DTSTART;VALUE=DATE:20231114", "DTEND:20231115T001320Z", "DTEND;VALUE=DATE:20231115"), "", nil, "by the hour"},
	} {
		table := d
		if strings.Contains(name, "of two") {
			table = of2
		}
		list, notes, err := calendar.Read(names(c.me), c.file, table, zone, time.LoadLocation)
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case c.code == "" && (len(list) != 0 || len(notes) != 1 || !strings.Contains(notes[0], c.note)):
			t.Errorf("%s: %+v, %v", name, list, notes)
		case c.code != "" && (len(list) != 1 || len(notes) != 0 || list[0].Code != c.code):
			t.Errorf("%s: %+v, %v", name, list, notes)
		case c.code != "":
			if c.code != "CR01" && list[0].Re != "blue/1" || len(list[0].Params) != len(c.want) {
				t.Errorf("%s: %+v", name, list[0])
			}
			for k, v := range c.want {
				if list[0].Params[k] != v {
					t.Errorf("%s: %s is %q", name, k, list[0].Params[k])
				}
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	w := linetest.New(f, 1, 2)
	call(w)
	d, _ := tables(f, w)
	for _, change := range []string{"REPLY", "COUNTER", "CANCEL", "REQUEST"} {
		f.Add(answer(f, w, "METHOD:REQUEST", "METHOD:"+change, "NEEDS-ACTION", "ACCEPTED"), uint16(2))
	}
	f.Fuzz(func(t *testing.T, b []byte, me uint16) {
		list, _, err := calendar.Read(names(record.PartyNo(me%3)), b, d, time.UTC, nil)
		for _, x := range list {
			if err != nil || x.Code == "" || x.Line("harbour") == "" {
				t.Fatalf("%+v, %v", x, err)
			}
		}
	})
}
