// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// edit changes a draft in the form it was written in.
func (d *desk) edit(page, version, measures string, c *http.Cookie) *httptest.ResponseRecorder {
	id := strings.TrimPrefix(page, "/drafts/")
	return d.ask("POST", "/line/"+string(d.world.Line())+"/preview", url.Values{"code": {"IN03"}, "draft": {id}, "version": {version},
		"p.kind": {"accident"}, "p.measures": {measures}}, c, nil)
}

// digestOn is the digest that a page says is signed.
func (d *desk) digestOn(t *testing.T, page string, c *http.Cookie) string {
	t.Helper()
	m := digestField.FindStringSubmatch(d.ask("GET", page, nil, c, nil).Body.String())
	if m == nil {
		t.Fatalf("%s shows no digest", page)
	}
	return m[1]
}

// The first person changes the draft after the second has opened it: nothing
// is signed by what the second read, and they see every word that changed.
func TestAnEditAfterThePageWasOpened(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	page, one := d.draft(t, anna, "vessels stopped at once")
	if a := d.sign(page, one, "anna", anna); a.Code != http.StatusSeeOther {
		t.Fatalf("the first: %d", a.Code)
	}
	before := d.ours(t)
	if a := d.edit(page, "1", "vessels slowed at once", anna); a.Code != http.StatusSeeOther || a.Header().Get("Location") != page {
		t.Fatalf("the change: %d %s", a.Code, a.Body)
	}
	a := d.sign(page, one, "ben", ben)
	told := a.Body.String()
	if a.Code != http.StatusConflict || !strings.Contains(told, "Somebody changed this draft after you opened it.") {
		t.Fatalf("what ben read: %d %s", a.Code, told)
	}
	for _, want := range []string{"since anna signed version 1", "since version 1, which you had before you",
		`taken out </span>stopped</del>`, `put in </span>slowed</ins>`, `lang="en" dir="ltr"`, `class="changes"`} {
		if !strings.Contains(told, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	// anna's signature is over the first version only, and so is ben's digest.
	two := d.digestOn(t, page, ben)
	if two == one {
		t.Fatal("another wording has the same digest")
	}
	for what, a := range map[string]int{"the old digest on the new version": d.signVersion(page, "2", one, "ben", ben).Code, "the new digest on the old": d.signVersion(page, "1", two, "ben", ben).Code} {
		if a != http.StatusConflict {
			t.Errorf("%s: %d", what, a)
		}
	}
	if a := d.signVersion(page, "2", two, "ben", ben); a.Code != http.StatusSeeOther || a.Header().Get("Location") != page || d.ours(t) != before {
		t.Fatalf("one signature over it: %d, %d records", a.Code, d.ours(t)-before)
	}
	if a := d.signVersion(page, "2", two, "anna", anna); a.Code != http.StatusSeeOther || d.ours(t) != before+1 {
		t.Fatalf("two signatures over it: %d, %d records", a.Code, d.ours(t)-before)
	}
	r, err := d.blue.Record(d.world.Line(), record.ByNumber(1, before+1))
	if err != nil {
		t.Fatal(err)
	}
	if s, _ := r.Body.Params["measures"].AsText(); s != "vessels slowed at once" {
		t.Errorf("%q was said", s)
	}
}

// Two write on one draft at once: the one who comes later keeps their words on
// the page and is told; so is who drops it, or signs it.
func TestTwoWriteAtOnce(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	page, _ := d.draft(t, anna, "vessels stopped")
	form := d.ask("GET", page+"/edit", nil, ben, nil).Body.String()
	if !strings.Contains(form, "vessels stopped") || !strings.Contains(form, `name="version" value="1"`) {
		t.Fatalf("the form is not filled in: %s", form)
	}
	if a := d.edit(page, "1", "vessels anchored", anna); a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	a := d.edit(page, "1", "vessels under way", ben)
	if a.Code != http.StatusConflict || !strings.Contains(a.Body.String(), "vessels under way") || !strings.Contains(a.Body.String(), `name="version" value="2"`) {
		t.Errorf("the later one: %d %s", a.Code, a.Body)
	}
	if a := d.ask("POST", page+"/drop", url.Values{"version": {"1"}}, ben, nil); a.Code != http.StatusConflict {
		t.Errorf("dropped unread: %d", a.Code)
	}
	if a := d.edit(page, "2", "vessels under way", ben); a.Code != http.StatusSeeOther {
		t.Errorf("read and written anew: %d", a.Code)
	}
	if a := d.ask("POST", page+"/drop", url.Values{"version": {"3"}}, ben, nil); a.Code != http.StatusSeeOther {
		t.Errorf("dropped: %d", a.Code)
	}
	if a := d.edit(page, "3", "vessels adrift", anna); a.Code != http.StatusConflict || !strings.Contains(a.Body.String(), "Dropped by ben") {
		t.Errorf("written on what was dropped: %d", a.Code)
	}
	list := d.ask("GET", "/drafts", nil, anna, nil).Body.String()
	if !strings.Contains(list, "No draft is open.") || !strings.Contains(list, "Dropped by ben") {
		t.Errorf("the list: %s", list)
	}
}

// Two officers each have one signature over a version of their own and press
// at once: one version is released, once, and the other officer is told.
func TestTwoReleaseAtOnce(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	for round := range 6 {
		page, one := d.draft(t, anna, "vessels stopped")
		before := d.ours(t)
		if a := d.sign(page, one, "anna", anna); a.Code != http.StatusSeeOther {
			t.Fatalf("%d", a.Code)
		}
		var wg sync.WaitGroup
		codes := make([]int, 2)
		wg.Go(func() { codes[0] = d.sign(page, one, "ben", ben).Code })
		wg.Go(func() { codes[1] = d.edit(page, "1", "vessels under way", anna).Code })
		wg.Wait()
		slices.Sort(codes)
		if codes[0] != http.StatusSeeOther || codes[1] != http.StatusConflict {
			t.Errorf("round %d: %v", round, codes)
		}
		said := d.ours(t) - before
		body := d.ask("GET", page, nil, anna, nil).Body.String()
		if released := strings.Contains(body, "It was said, and is"); said > 1 || released != (said == 1) {
			t.Errorf("round %d: %d records, and the page says %v", round, said, released)
		}
	}
}

// What a draft is about moves on after it was written: nobody signs it over
// that, the page shows what came, and prepared anew it is another version.
func TestWhatCameSince(t *testing.T) {
	d := newDesk(t, nil)
	anna, ben := d.sit(t, Officer), d.sitAs(t, "ben", Officer)
	signs(t, t.Context(), d.blue, d.world)
	line := string(d.world.Line())
	ask := func(form url.Values) string {
		t.Helper()
		a := d.ask("POST", "/line/"+line+"/preview", form, anna, nil)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("not kept: %d %s", a.Code, a.Body)
		}
		return a.Header().Get("Location")
	}
	got, err := d.blue.Say(t.Context(), d.world.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "a matter"}}})
	if err != nil {
		t.Fatal(err)
	}
	opening := record.ByNumber(got[0].Party, got[0].Number)
	name := "blue/" + number(opening.Number)
	page := ask(url.Values{"code": {"ER01"}, "re": {name}, "keep": {"1"}})
	if _, err := d.blue.Say(t.Context(), d.world.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "more on the matter", Re: []record.Ref{opening}, About: opening}}}); err != nil {
		t.Fatal(err)
	}
	body := d.ask("GET", page, nil, ben, nil).Body.String()
	for _, want := range []string{"What this is about has changed since it was written.", "What came since", "more on the matter", `action="` + page + `/anew"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %q", want)
		}
	}
	if a := d.ask("POST", page+"/anew", url.Values{"version": {"1"}}, ben, nil); a.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	body = d.ask("GET", page, nil, ben, nil).Body.String()
	if strings.Contains(body, "more on the matter") || !strings.Contains(body, "No word changed") {
		t.Errorf("prepared anew: %s", body)
	}
}

// What one person may say is kept and said from its page, once.
func TestADraftOfOnePerson(t *testing.T) {
	d := newDesk(t, nil)
	anna := d.sit(t, Officer)
	signs(t, t.Context(), d.blue, d.world)
	a := d.ask("POST", "/line/"+string(d.world.Line())+"/preview", url.Values{"code": {"TX01"}, "text": {"a word"}, "language": {"en"}, "keep": {"1"}}, anna, nil)
	page := a.Header().Get("Location")
	if a.Code != http.StatusSeeOther || !strings.HasPrefix(page, "/drafts/") {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	before := d.ours(t)
	form := url.Values{"version": {"1"}, "digest": {d.digestOn(t, page, anna)}}
	for _, want := range []int{http.StatusSeeOther, http.StatusConflict} {
		if a := d.ask("POST", page+"/send", form, anna, nil); a.Code != want {
			t.Errorf("%d, want %d: %s", a.Code, want, a.Body)
		}
	}
	if d.ours(t) != before+1 {
		t.Errorf("%d records", d.ours(t)-before)
	}
}

// The console is started anew between the two signatures: the first one holds.
func TestARestartBetweenTheSignatures(t *testing.T) {
	d := newDesk(t, nil)
	anna := d.sit(t, Officer)
	page, one := d.draft(t, anna, "vessels stopped")
	if a := d.sign(page, one, "anna", anna); a.Code != http.StatusSeeOther {
		t.Fatalf("%d", a.Code)
	}
	cfg := d.cfg
	cfg.Desk = shelf.New(d.blue) // reads the journal anew
	again := *d
	var err error
	if again.Server, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	before := d.ours(t)
	ben := again.sitAs(t, "ben", Officer)
	if got := again.digestOn(t, page, ben); got != one {
		t.Fatalf("after the restart the page has %s, before it had %s", got, one)
	}
	if a := again.sign(page, one, "ben", ben); a.Code != http.StatusSeeOther || d.ours(t) != before+1 {
		t.Fatalf("the second: %d %s", a.Code, a.Body)
	}
}
