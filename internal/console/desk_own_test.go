// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openline/internal/desk/deliberation"
	"openline/internal/desk/roster"
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
			return d.ask("POST", at+"/sign", url.Values{"digest": {m[1]}, "passphrase": {person}}, c, nil).Code
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
		if a := d.ask("POST", at+"/sign", url.Values{"digest": {m[1]}, "passphrase": {person}}, c, nil); a.Code != 303 {
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
