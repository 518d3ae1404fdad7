// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openline/internal/desk/deliberation"
	"openline/internal/desk/roster"
	"openline/internal/station"
	"openline/record"
)

// post sends a form about the line and gives where it leads.
func (d *desk) post(t *testing.T, c *http.Cookie, path string, form url.Values, want int) string {
	t.Helper()
	a := d.ask("POST", "/line/"+string(d.world.Line())+path, form, c, nil)
	if a.Code != want {
		t.Fatalf("%s %v: %d %.600s", path, form, a.Code, a.Body)
	}
	if want == http.StatusSeeOther {
		return a.Header().Get("Location")
	}
	return a.Body.String()
}

// A question is opened, argued and decided in this house; nothing of it goes
// into a log, and stating it on the line is a draft like any other.
func TestADeliberationIsKeptHere(t *testing.T) {
	d := newDesk(t, nil)
	ref := d.tell(t, d.blue, "PO01", "", "post=secretary", "office=Secretary")
	c, view := d.sit(t, Officer), d.own(t)
	d.post(t, c, "/deliberations", url.Values{"do": {"open"}, "question": {"With <b>whom</b>?"}, "subject": {"calls"}, "options": {"the chairman\r\nthe minister"}}, 303)
	for _, f := range []url.Values{
		{"do": {"position"}, "on": {"1"}, "option": {"1"}, "who": {"staff"}, "stance": {string(deliberation.FavoursStrongly)}, "arguments": {"he commands"}, "attribution": {"press"}, "source": {"a paper"}},
		{"do": {"position"}, "on": {"1"}, "option": {"1"}, "who": {"embassy"}, "stance": {string(deliberation.Opposes)}},
		{"do": {"position"}, "on": {"1"}, "option": {"1"}, "who": {"embassy"}, "stance": {string(deliberation.Undecided)}},
		{"do": {"record"}, "on": {"1"}, "record": {ref}, "what": {"led to"}},
		{"do": {"decide"}, "on": {"1"}, "option": {"2"}, "words": {"after all"}},
	} {
		d.post(t, c, "/deliberations", f, 303)
	}
	page := d.read(t, c, "/deliberation/1")
	for _, want := range []string{"With &lt;b&gt;whom&lt;/b&gt;?", "Nothing of this page leaves it", "favours strongly", "he commands", "press", "not attributed", "later changed", "Decided:", "after all", ">" + ref + "</a>", "p.position=the", "p.subject=calls"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Index(page, "favours strongly</td>") > strings.Index(page, "undecided</td>") && strings.Contains(page, "undecided</td>") {
		t.Error("the positions are out of order")
	}
	if list := d.read(t, d.sit(t, Auditor), "/deliberations"); !strings.Contains(list, "the minister") || strings.Contains(list, "Open it") {
		t.Error("the auditor does not read it, or can write")
	}
	// What is no note is not taken, and what was written stays.
	page = d.post(t, c, "/deliberations", url.Values{"do": {"position"}, "on": {"1"}, "option": {"9"}, "who": {"the cabinet"}, "stance": {"favours"}}, 422)
	if !strings.Contains(page, "no option 9") || !strings.Contains(page, `value="the cabinet"`) {
		t.Error("why it was not taken, or what was written, is not there")
	}
	d.post(t, d.sit(t, Protocol), "/deliberations", url.Values{"do": {"decide"}, "on": {"1"}, "option": {"1"}}, 403)
	d.post(t, c, "/deliberations", url.Values{"do": {"record"}, "on": {"1"}, "record": {"red/77"}, "what": {"led to"}}, 404)
	if a := d.ask("GET", "/line/"+string(d.world.Line())+"/deliberation/7", nil, c, nil); a.Code != http.StatusNotFound {
		t.Errorf("a question that is none: %d", a.Code)
	}
	if now := d.own(t); now != view {
		t.Errorf("our log has grown from %d to %d", view, now)
	}
}

// own is how many records of ours there are.
func (d *desk) own(t *testing.T) uint64 {
	t.Helper()
	v, err := d.blue.View(t.Context(), d.world.Line())
	if err != nil {
		t.Fatal(err)
	}
	return v.Own.Size
}

// The house says who keeps the watch and how each is reached, and the watch is
// handed over with words; the night log has them.
func TestTheWatchOfTheHouse(t *testing.T) {
	d := newDesk(t, nil)
	c, op := d.sit(t, Watch), d.sit(t, Operator)
	if page := d.read(t, c, "/house"); !strings.Contains(page, "No hand-over is entered") || !strings.Contains(page, "No shift is entered") {
		t.Error("what is not entered is not said")
	}
	d.post(t, op, "/roster", url.Values{"do": {"person"}, "name": {"ben"}, "phone": {"+1 555 0100"}, "email": {"ben@blue.example"}, "console": {"1"}}, 303)
	d.post(t, op, "/roster", url.Values{"do": {"shift"}, "name": {"ben"}, "from": {d.now.UTC().Add(-3600e9).Format(edited)}, "to": {d.now.UTC().Add(3600e9).Format(edited)}, "deputies": {"cem, dan"}}, 303)
	d.post(t, c, "/handover", url.Values{"giver": {"ben"}, "taker": {"anna"}, "words": {"two await <them>"}}, 303)
	page := d.read(t, c, "/house")
	for _, want := range []string{"anna has the watch", "a hand-over is due", "555 0100", "cem, dan", "deputy", "two await &lt;them&gt;", "No alarm is entered"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if page := d.post(t, op, "/roster", url.Values{"do": {"shift"}, "name": {"ben"}, "from": {"2030-01-02T10:00"}, "to": {"2030-01-01T10:00"}}, 422); !strings.Contains(page, "an end after it") {
		t.Error("it is not said why a shift was not taken")
	}
	d.post(t, op, "/roster", url.Values{"do": {roster.DoAlarm}, "text": {"false"}}, 400)
	if page := d.read(t, c, "/night?from="+d.now.UTC().Add(-3600e9).Format(edited)); !strings.Contains(page, "two await &lt;them&gt;") || !strings.Contains(page, "ben → anna") {
		t.Errorf("the night log lacks the hand-over: %s", page)
	}
	a := d.ask("GET", "/line/"+string(d.world.Line())+"/night?from=2030-01-02&to=2030-01-01", nil, c, nil)
	if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "stretch") {
		t.Errorf("a stretch that is none: %d", a.Code)
	}
}

var digestOf = regexp.MustCompile(`name="digest" value="([0-9a-f]{64})"`)

// The alert state changes by two persons who read what holds and what they
// sign; then the watch writes what two release, and the buttons say so.
func TestMandatesChangeByTwo(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben, watch := d.sitAs(t, "anna", Officer), d.sitAs(t, "ben", Officer), d.sit(t, Watch)
	ref := d.tell(t, d.red, "PO01", "", "post=vice", "office=Vice Chairman")
	strict := "version = 1\nname = \"strict\"\nstates = [\"calm\", \"grave\"]\n[[alone]]\nstates = [\"calm\"]\nwho = \"one person\"\n"
	for _, f := range []url.Values{{"table": {strict}}, {"state": {"grave"}}} {
		at := d.post(t, anna, "/mandates", f, 303)
		a := d.ask("GET", at, nil, anna, nil)
		m := digestOf.FindStringSubmatch(a.Body.String())
		if m == nil || !strings.Contains(a.Body.String(), "What holds now") {
			t.Fatalf("%s: %d %s", at, a.Code, a.Body)
		}
		sign := func(c *http.Cookie, person string) int {
			return d.ask("POST", at+"/sign", url.Values{"version": {"1"}, "digest": {m[1]}, "passphrase": {person}}, c, nil).Code
		}
		if code := sign(watch, "anna"); code != http.StatusForbidden {
			t.Errorf("a watch seat signs it: %d", code)
		}
		if a, b, c := sign(anna, "anna"), sign(anna, "anna"), sign(ben, "ben"); a != 303 || b != 409 || c != 303 {
			t.Fatalf("signing: %d, once more %d, the second %d", a, b, c)
		}
	}
	page := d.read(t, watch, "/house")
	if !strings.Contains(page, "Alert state <b>grave</b>") || !strings.Contains(page, "anna, ben") || !strings.Contains(page, "strict") {
		t.Errorf("what holds is not said: %s", page)
	}
	if page := d.read(t, watch, "/record/"+ref); !strings.Contains(page, "released by two") {
		t.Error("the record's replies do not say that two release them")
	}
	// The watch writes; what it sends waits for those who release it.
	before := d.own(t)
	at := d.post(t, watch, "/say", url.Values{"code": {"RC01"}, "re": {ref}}, 303)
	if !strings.HasPrefix(at, "/drafts/") || d.own(t) != before {
		t.Fatalf("it led to %s, and our log has %d records, before %d", at, d.own(t), before)
	}
	m := digestOf.FindStringSubmatch(d.ask("GET", at, nil, anna, nil).Body.String())
	if page := d.ask("GET", at, nil, watch, nil).Body.String(); digestOf.MatchString(page) || !strings.Contains(page, "waits for two persons") {
		t.Error("the watch is offered to sign, or not told who does")
	}
	for person, c := range map[string]*http.Cookie{"anna": anna, "ben": ben} {
		if a := d.ask("POST", at+"/sign", url.Values{"version": {"1"}, "digest": {m[1]}, "passphrase": {person}}, c, nil); a.Code != 303 {
			t.Fatalf("%s releases it: %d %s", person, a.Code, a.Body)
		}
	}
	if d.own(t) != before+1 {
		t.Errorf("our log has %d records, before %d", d.own(t), before)
	}
	if page := d.post(t, anna, "/mandates", url.Values{"state": {"nowhere"}}, 422); !strings.Contains(page, "alert states") {
		t.Error("it is not said why a state was not taken")
	}
}

// machine drafts the way a service does.
type machine struct{ asked []string }

func (m *machine) Name() string { return "a service" }

func (m *machine) Draft(_ context.Context, text, source, target string) (string, error) {
	m.asked = append(m.asked, source+" "+target+" "+text)
	return "drafted: " + text, nil
}

// The words of the other side wait for a working text and a second reader; a
// machine's draft is marked; a reading is asked about before anyone acts, and
// until they answer the page says so.
func TestTheTranslationDesk(t *testing.T) {
	m := &machine{}
	d := newDeskWith(t, func(_ *desk, c *Config) { c.Drafter = m })
	signs(t, t.Context(), d.red, d.world)
	got, err := d.red.Say(t.Context(), d.world.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "我们<b>愿意</b>谈", Language: "zh"}}})
	if err != nil {
		t.Fatal(err)
	}
	rec, err := d.red.Record(d.world.Line(), record.ByNumber(got[0].Party, got[0].Number))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.red.WaitReceipts(t.Context(), d.world.Line(), rec.Located); err != nil {
		t.Fatal(err)
	}
	ref := "red/" + number(got[0].Number)
	lin, anna := d.sitAs(t, "ben", Translator), d.sitAs(t, "anna", Officer)
	if page := d.read(t, lin, "/translations"); !strings.Contains(page, "我们&lt;b&gt;愿意&lt;/b&gt;谈") || !strings.Contains(page, "No working text yet") {
		t.Fatalf("the queue lacks it: %s", page)
	}
	d.post(t, lin, "/record/"+ref+"/text", url.Values{"do": {"draft"}, "lang": {"en"}}, 303)
	if page := d.read(t, lin, "/record/"+ref); !strings.Contains(page, "drafted by a machine (a service)") || len(m.asked) != 1 || m.asked[0] != "zh en 我们<b>愿意</b>谈" {
		t.Errorf("the draft is not marked, or asked %q", m.asked)
	}
	d.post(t, lin, "/record/"+ref+"/text", url.Values{"do": {"text"}, "lang": {"en"}, "text": {"We are willing to talk"}}, 303)
	d.post(t, lin, "/record/"+ref+"/text", url.Values{"do": {"second"}, "of": {"2"}}, 422)
	if page := d.read(t, anna, "/translations"); !strings.Contains(page, "Waits for a second reader") {
		t.Error("the queue does not say that a second reader is wanted")
	}
	d.post(t, anna, "/record/"+ref+"/text", url.Values{"do": {"second"}, "of": {"2"}}, 303)
	page := d.read(t, anna, "/record/"+ref)
	for _, want := range []string{"We are willing to talk", "read a second time by anna", "earlier", `name="p.reading" value="We are willing to talk"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the record does not say %q", want)
		}
	}
	if page := d.read(t, lin, "/translations"); !strings.Contains(page, "Nothing waits") || !strings.Contains(page, "Read by two: 1") {
		t.Error("it waits still")
	}
	d.post(t, anna, "/say", url.Values{"code": {"RC04"}, "re": {ref}, "p.reading": {"We are willing to talk"}}, 303)
	if page := d.read(t, anna, "/record/"+ref); !strings.Contains(page, "Act on no reading of it yet") {
		t.Error("it is not said that they have not answered")
	}
	d.post(t, d.sit(t, Watch), "/record/red/99999/text", url.Values{"do": {"text"}, "lang": {"en"}, "text": {"x"}}, 404)
}

// The sheets of the kit are there for what there is, and for nothing else.
func TestPaper(t *testing.T) {
	d := newDesk(t, nil)
	d.tell(t, d.blue, "PO01", "", "post=secretary", "office=Secretary")
	d.tell(t, d.red, "PO01", "", "post=vice", "office=Vice Chairman")
	ref := d.tell(t, d.blue, "CR01", "", "caller=blue:secretary", "called=red:vice", "subject=calls", "urgency=ordinary", "medium=voice", "windows=2030-01-02T10:00Z..2030-01-02T11:00Z")
	c, line := d.sit(t, Officer), "/line/"+string(d.world.Line())
	if page := d.read(t, c, "/paper"); !strings.Contains(page, "No call is accepted") || !strings.Contains(page, "/paper/letter/"+ref) {
		t.Error("the kit lists a call that is none, or lacks the letter")
	}
	page := d.read(t, c, "/paper/letter/"+ref)
	for _, want := range []string{"Secretary", "Vice Chairman", "This letter repeats record " + ref, "names itself first"} {
		if !strings.Contains(page, want) {
			t.Errorf("the letter does not say %q", want)
		}
	}
	if a := d.ask("GET", line+"/paper/call/"+ref, nil, c, nil); a.Code != http.StatusNotFound {
		t.Errorf("a call sheet for a call nobody accepted: %d", a.Code)
	}
	d.tell(t, d.red, "CR02", ref, "window=2030-01-02T10:00Z..2030-01-02T11:00Z")
	page = d.read(t, c, "/paper/call/"+ref)
	for _, want := range []string{"2030-01-02 10:00", "No words were said on the line", "Our points", "What both will say"} {
		if !strings.Contains(page, want) {
			t.Errorf("the call sheet does not say %q", want)
		}
	}
	if page := d.read(t, c, "/paper/card"); !strings.Contains(page, "red:vice") || !strings.Contains(page, "To read aloud") || strings.Count(page, "rec words") != 2 {
		t.Error("the card lacks the other desk's posts, words or fingerprint")
	}
	if page := d.read(t, c, "/availability"); !strings.Contains(page, "How the line was kept") {
		t.Error("no page of how the line was kept")
	}
}
