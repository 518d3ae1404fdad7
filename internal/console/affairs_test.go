// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openline/catalogue/typed"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// tell has a side say a phrase as it is typed, and gives the record's name
// once the other side holds it.
func (d *desk) tell(t *testing.T, side *host.Host, code, re string, params ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	line := d.world.Line()
	signs(t, ctx, side, d.world)
	env, err := side.Env(line)
	if err != nil {
		t.Fatal(err)
	}
	phrase, ok := env.Catalogue().Phrase(code)
	if !ok {
		t.Fatalf("no phrase %s", code)
	}
	draft := station.Draft{Code: code, Params: map[string]record.Value{}}
	for _, text := range params {
		name, value, _ := strings.Cut(text, "=")
		p, ok := phrase.Param(name)
		if !ok {
			t.Fatalf("%s has no parameter %s", code, name)
		}
		if draft.Params[name], err = typed.Parse(p, value, env); err != nil {
			t.Fatal(err)
		}
	}
	if re != "" {
		ref, err := env.ParseRef(re)
		if err != nil {
			t.Fatal(err)
		}
		draft.Re = []record.Ref{ref}
	}
	got, err := side.Say(ctx, line, station.Say{Drafts: []station.Draft{draft}})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	ref := record.ByNumber(got[0].Party, got[0].Number)
	r, err := side.Record(line, ref)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := side.WaitReceipts(ctx, line, r.Located); err != nil || len(list) != 1 {
		t.Fatalf("%s did not come: %v, %v", code, list, err)
	}
	return env.RefName(ref)
}

func (d *desk) read(t *testing.T, c *http.Cookie, path string) string {
	t.Helper()
	a := d.ask("GET", "/line/"+string(d.world.Line())+path, nil, c, nil)
	if a.Code != http.StatusOK {
		t.Fatalf("%s: %d %s", path, a.Code, a.Body)
	}
	return a.Body.String()
}

// The words of the other side stay words on the pages of the affairs too,
// wherever it may put them.
func TestHostileWordsInTheAffairs(t *testing.T) {
	d := newDesk(t, nil)
	const x = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	for _, post := range []string{"watch", "minister"} {
		d.tell(t, d.red, "PO01", "", "post="+post, "office="+x, "rank="+x, "hours="+x, "address="+x, "holder="+x)
	}
	d.tell(t, d.red, "CK01", "", "clocks=CR01 24h", "valid_from=2026-01-01", "zone="+x)
	d.tell(t, d.red, "CP01", "", "ours=red:minister", "theirs=blue:watch", "subject="+x, "grounds="+x)
	d.tell(t, d.red, "SP01", "", "subject="+x, "position="+x)
	call := d.tell(t, d.red, "CR01", "", "caller=red:minister", "called=blue:watch", "subject="+x, "urgency=ordinary", "medium=voice")
	meeting := d.tell(t, d.red, "MT01", "", "series="+x, "host="+x, "place="+x, "dates=2030-01-01..2030-01-02")
	d.tell(t, d.red, "MT02", meeting, "item="+x, "stand=proposed")
	d.tell(t, d.red, "FM01", "", "forum="+x, "plan=planned")
	d.tell(t, d.red, "MT04", "", "series="+x, "stage=postponed")
	incident := d.tell(t, d.red, "IN01", "", "place=89.9,180", "hour=2030-01-01", "kind="+x, "area="+x, "units="+x, "harm="+x, "sure="+x, "unsure="+x)
	d.tell(t, d.red, "NT03", "", "area=-90,0;90,180;0,-180", "window=2030-01-01..2030-01-02", "levels="+x)
	d.tell(t, d.red, "ST01", "", "classes=talks", "from=2026-01-01", "review=2030-01-01", "cause="+x)
	c := d.sit(t, Principal)
	tags := regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	bad := regexp.MustCompile(`(?i)^<(script>|img|iframe)|\sonerror=`)
	quoted := regexp.MustCompile(`"[^"<>]*"`)
	for _, path := range []string{"/dossiers", "/dossier/" + call, "/dossier/" + meeting, "/counterparts", "/dialogues", "/incidents", "/incident/" + incident, "/map", "/contacts",
		"/compose?code=CR01", "/record/" + call, ""} {
		page := d.read(t, c, path)
		if n := strings.Count(page, "alert(1)"); n == 0 && path != "/map" {
			t.Errorf("%s shows none of the words: this test looks at nothing", path)
		}
		for _, tag := range tags.FindAllString(page, -1) {
			if bad.MatchString(quoted.ReplaceAllString(tag, `""`)) {
				t.Errorf("%s has %q as markup", path, tag)
			}
		}
		if strings.Contains(page, "NaN") || strings.Contains(page, "Inf") && strings.Contains(path, "map") {
			t.Errorf("%s draws what is no number", path)
		}
	}
}

// A dossier offers who was asked what the phrase permits and who asked what is
// theirs; what is ended offers nothing.
func TestDossierOffersWhatMayBeSaid(t *testing.T) {
	d := newDesk(t, nil)
	for _, side := range []struct {
		h    *host.Host
		post string
	}{{d.blue, "desk"}, {d.red, "office"}} {
		d.tell(t, side.h, "PO01", "", "post="+side.post, "office=The "+side.post)
	}
	theirs := d.tell(t, d.red, "CR01", "", "caller=red:office", "called=blue:desk", "subject=a call", "urgency=ordinary", "medium=voice", "windows=2030-01-02T10:00Z..2030-01-02T11:00Z")
	ours := d.tell(t, d.blue, "CR01", "", "caller=blue:desk", "called=red:office", "subject=another", "urgency=ordinary", "medium=voice")
	c := d.sit(t, Officer)
	offers := func(page, code string) bool { return strings.Contains(page, `name="code" value="`+code+`"`) }
	page := d.read(t, c, "/dossier/"+theirs)
	for _, code := range []string{"CR02", "CR03", "HD01", "HD04", "HD05", "PR02", "TR01"} {
		if !offers(page, code) {
			t.Errorf("to an invitation of theirs %s is not offered", code)
		}
	}
	for _, code := range []string{"RM01", "WD01", "AF01", "OW01"} {
		if offers(page, code) {
			t.Errorf("to an invitation of theirs %s is offered", code)
		}
	}
	if !strings.Contains(page, `value="2030-01-02T10:00Z..2030-01-02T11:00Z"`) {
		t.Error("the window that was offered cannot be picked")
	}
	page = d.read(t, c, "/dossier/"+ours)
	if !offers(page, "RM01") || !offers(page, "WD01") || offers(page, "CR02") || offers(page, "HD05") {
		t.Error("to an invitation of ours other things are offered than to remind and to withdraw")
	}
	// One press reminds, and the same press twice reminds once.
	token := regexp.MustCompile(`name="code" value="RM01"><input type="hidden" name="re" value="[^"]*"><input type="hidden" name="token" value="([^"]+)"`).FindStringSubmatch(page)
	if token == nil {
		t.Fatal("the reminder has no token")
	}
	for range 2 {
		a := d.ask("POST", "/line/"+string(d.world.Line())+"/say", url.Values{"code": {"RM01"}, "re": {ours}, "token": {token[1]}}, c, nil)
		if a.Code != http.StatusSeeOther {
			t.Fatalf("reminding: %d %s", a.Code, a.Body)
		}
	}
	if n := strings.Count(d.read(t, c, "/dossier/"+ours), "RM01 ·"); n != 1 {
		t.Errorf("pressed twice it stands %d times", n)
	}
	d.tell(t, d.red, "WD01", theirs)
	if page = d.read(t, c, "/dossier/"+theirs); offers(page, "CR02") || !strings.Contains(page, "Ended by") {
		t.Error("what was withdrawn can be accepted")
	}
	// The watch may hold, and writes what others release.
	if page = d.read(t, d.sit(t, Watch), "/dossier/"+ours); !offers(page, "WD01") || !strings.Contains(page, "released by two") {
		t.Error("the watch is not told that others release what it writes")
	}
}

// A pair each side sees with another post is one entry, and drawn by two ties.
func TestOnePairSeenDifferently(t *testing.T) {
	d := newDesk(t, nil)
	d.tell(t, d.blue, "PO01", "", "post=secretary", "office=Secretary")
	d.tell(t, d.red, "PO01", "", "post=vice", "office=Vice Chairman")
	d.tell(t, d.red, "PO01", "", "post=minister", "office=Minister")
	cp := d.tell(t, d.blue, "CP01", "", "ours=blue:secretary", "theirs=red:vice", "subject=calls", "grounds=a visit")
	d.tell(t, d.red, "CP03", cp, "office=red:minister", "grounds=protocol")
	page := d.read(t, d.sit(t, Officer), "/counterparts")
	for _, want := range []string{"We state: Secretary – Vice Chairman", "They state: Secretary – Minister", "a visit", "protocol", "no equivalence implied"} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not said", want)
		}
	}
	if n := strings.Count(page, `id="pair-`); n != 1 {
		t.Errorf("there are %d entries", n)
	}
	if n := strings.Count(page, `class="tie by-`); n != 4 {
		t.Errorf("%d halves of ties are drawn", n)
	}
}

// A contact is logged into the journal, by the rules of an import; a file with
// faults takes in nothing and says where each is.
func TestContactsAreLoggedAndImported(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Watch)
	path := "/line/" + string(d.world.Line()) + "/contacts"
	form := url.Values{"ours": {"Policy Office"}, "theirs": {"Office for Cooperation"}, "level": {"working"}, "channel": {"telephone"}, "note": {"after the forum"}}
	if a := d.ask("POST", path, form, c, nil); a.Code != http.StatusSeeOther {
		t.Fatalf("logging: %d %s", a.Code, a.Body)
	}
	form.Set("level", "emperor")
	if a := d.ask("POST", path, form, c, nil); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), `value="Policy Office"`) {
		t.Errorf("a level there is none of: %d, and what was typed is gone", a.Code)
	}
	list, err := d.cfg.Desk.Contacts(d.world.Line())
	if err != nil || len(list) != 1 || list[0].Level != "working" || list[0].Note != "after the forum" || !strings.Contains(list[0].Source, "anna") {
		t.Fatalf("the journal has %v, %v", list, err)
	}
	if page := d.read(t, c, "/contacts"); !strings.Contains(page, "after the forum") {
		t.Error("what was logged is not shown")
	}
	head := "date,kind,level,ours,theirs,channel,outcome,source,attribution,note\n"
	a := d.upload(t, path+"/import", c, head+"2026-02-30,contact,watch,a,b,,held,x,official,\n,nothing,watch,a,b,,held,x,official,\n")
	page := a.Body.String()
	if a.Code != http.StatusUnprocessableEntity || !strings.Contains(page, `data-is="line">2<`) || !strings.Contains(page, `data-is="line">3<`) {
		t.Errorf("faults: %d", a.Code)
	}
	if a := d.upload(t, path+"/import", c, head+",meeting,senior,a,b,,held,x,press,one whose day is not known\n"); a.Code != http.StatusSeeOther {
		t.Fatalf("an import: %d %s", a.Code, a.Body)
	}
	if page := d.read(t, c, "/contacts"); !strings.Contains(page, "day not known") || !strings.Contains(page, "one whose day is not known") {
		t.Error("what has no day is not shown as such")
	}
	if a := d.ask("POST", path, form, d.sit(t, Auditor), nil); a.Code != http.StatusForbidden {
		t.Errorf("an auditor logs a contact: %d", a.Code)
	}
}

func (d *desk) upload(t *testing.T, path string, c *http.Cookie, file string) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	w, err := m.CreateFormFile("file", "contacts.csv")
	if err == nil {
		_, err = w.Write([]byte(file))
	}
	if err == nil {
		err = m.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", path, &body)
	r.Host = name
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.AddCookie(c)
	a := httptest.NewRecorder()
	d.ServeHTTP(a, r)
	return a
}

// The transcript is searched by words, code, party and days.
func TestSearchOfTheTranscript(t *testing.T) {
	d := newDesk(t, nil)
	mine := d.tell(t, d.blue, "HX01", "", "channel=telephone", "hour=2026-01-01", "description=a false call")
	yours := d.tell(t, d.red, "HX01", "", "channel=radio", "hour=2026-01-01", "description=a false word")
	c := d.sit(t, Watch)
	today := time.Now().UTC()
	for query, want := range map[string][2]bool{
		"q=false":                         {true, true},
		"q=false+telephone":               {true, false},
		"q=false&party=red":               {false, true},
		"code=HX":                         {true, true},
		"code=CR01":                       {false, false},
		"party=blue&code=hx01":            {true, false},
		"q=" + url.QueryEscape(`false "`): {false, false},
		"from=" + today.AddDate(0, 0, -1).Format(time.DateOnly): {true, true},
		"to=" + today.AddDate(0, 0, -1).Format(time.DateOnly):   {false, false},
	} {
		page := d.read(t, c, "?"+query)
		for i, ref := range []string{mine, yours} {
			if got := strings.Contains(page, `id="r-`+strings.ReplaceAll(ref, "/", "-")+`"`); got != want[i] {
				t.Errorf("?%s finds %s: %v", query, ref, got)
			}
		}
	}
	no := strings.TrimPrefix(mine, "blue/")
	spoken := map[string]string{"1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six", "7": "seven", "8": "eight", "9": "niner"}[no]
	for _, q := range []string{"blue " + spoken, mine} {
		if a := d.ask("GET", "/line/"+string(d.world.Line())+"?q="+url.QueryEscape(q), nil, c, nil); !strings.HasSuffix(a.Header().Get("Location"), "/record/blue/"+no) {
			t.Errorf("%q leads to %q", q, a.Header().Get("Location"))
		}
	}
}
