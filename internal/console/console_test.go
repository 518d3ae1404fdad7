// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/record"
)

const name = "127.0.0.1:4711"

// desk is a console over a real station with another one at the far end.
type desk struct {
	*Server
	blue, red *host.Host
	world     *hosttest.World
	links     LinkDir
	now       time.Time
}

func newDesk(t *testing.T, demo *Demo) *desk {
	t.Helper()
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	d := &desk{world: w, links: LinkDir(t.TempDir()), now: time.Now()}
	d.blue, d.red = runHost(t, w, "blue"), runHost(t, w, "red", "blue")
	var err error
	d.Server, err = New(Config{
		Station: d.blue, Host: d.blue, Hosts: []string{name}, Now: func() time.Time { return d.now }, Links: d.links, Demo: demo,
		Lines:  []Line{{ID: w.Line(), Agreements: w.History}},
		People: func() ([]string, error) { return []string{"anna", "ben"}, nil },
		Verify: func() error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func runHost(t *testing.T, w *hosttest.World, short string, dial ...string) *host.Host {
	t.Helper()
	db := hosttest.Disk(t, t.TempDir())
	h, err := host.New(w.Config(short, host.StoreOf(db), dial...))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		err := <-done
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		if err = errors.Join(err, db.Close()); err != nil {
			t.Error(err)
		}
	})
	return h
}

// sit enters by a one-time link and gives the cookie.
func (d *desk) sit(t *testing.T, role Role) *http.Cookie {
	t.Helper()
	token, err := d.links.Make(Entry{"anna", role}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil)
	if a.Code != http.StatusSeeOther || len(a.Result().Cookies()) != 1 {
		t.Fatalf("entering as %s: %d %s", role, a.Code, a.Body)
	}
	return a.Result().Cookies()[0]
}

func (d *desk) ask(method, path string, form url.Values, c *http.Cookie, change func(*http.Request)) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	// A live page ends with its request.
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	if path == "/live" {
		cancel()
	}
	r := httptest.NewRequestWithContext(ctx, method, path, body)
	r.Host = name
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c != nil {
		r.AddCookie(c)
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func TestHeadersStandOnEveryAnswer(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	for _, path := range []string{"/enter", "/watch", "/assets/openline.css", "/nothing", "/station"} {
		h := d.ask("GET", path, nil, c, nil).Header()
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: policy %q lacks %q", path, csp, want)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") {
			t.Errorf("%s: policy %q", path, csp)
		}
		for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin"} {
			if h.Get(name) != want {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	if c.HttpOnly != true || c.SameSite != http.SameSiteStrictMode || c.Path != "/" {
		t.Errorf("cookie %+v", c)
	}
}

// inline finds what the policy forbids: script or style in the page.
var inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=|javascript:|src="http|href="http`)

func TestEveryRoleOnEveryRoute(t *testing.T) {
	d := newDesk(t, nil)
	line := string(d.world.Line())
	if len(d.matrix) < 20 {
		t.Fatalf("the matrix has %d routes", len(d.matrix))
	}
	for _, rule := range d.matrix {
		path := strings.NewReplacer("{line}", line, "{party}", "blue", "{number}", "1", "{id}", "none", "{$}", "").Replace(rule.Path)
		if a := d.ask(rule.Method, path, form(rule.Method), nil, nil); a.Code != http.StatusUnauthorized && a.Header().Get("Location") != "/enter" {
			t.Errorf("%s %s without a seat: %d", rule.Method, path, a.Code)
		}
		for _, role := range Roles() {
			a := d.ask(rule.Method, path, form(rule.Method), d.sit(t, role), nil)
			refused := a.Code == http.StatusForbidden && strings.Contains(a.Body.String(), "not for the role")
			if refused == rule.allows(role) {
				t.Errorf("%s %s as %s: %d, refused %v", rule.Method, path, role, a.Code, refused)
			}
			if a.Code >= 500 {
				t.Errorf("%s %s as %s: %d", rule.Method, path, role, a.Code)
			}
			if m := inline.FindString(a.Body.String()); m != "" {
				t.Errorf("%s %s as %s has %q", rule.Method, path, role, m)
			}
		}
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH"} {
			known := false
			for _, other := range d.matrix {
				known = known || other.Path == rule.Path && other.Method == method
			}
			if known {
				continue
			}
			if a := d.ask(method, path, form(method), d.sit(t, Principal), nil); a.Code < 400 {
				t.Errorf("%s %s, which is in no rule: %d", method, path, a.Code)
			}
		}
	}
}

func form(method string) url.Values {
	if method == "GET" {
		return nil
	}
	return url.Values{}
}

func TestFromElsewhere(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	path := "/line/" + string(d.world.Line()) + "/ask"
	for name, change := range map[string]func(*http.Request){
		"cross-site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"other origin": func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
	} {
		if a := d.ask("POST", path, url.Values{}, c, change); a.Code != http.StatusForbidden {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := d.ask("GET", "/watch", nil, c, func(r *http.Request) { r.Host = "evil.example" }); a.Code != http.StatusMisdirectedRequest {
		t.Errorf("another name: %d", a.Code)
	}
	if a := d.ask("POST", path, url.Values{"x": {strings.Repeat("x", maxForm)}}, c, nil); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a large form: %d", a.Code)
	}
	for _, to := range []string{"//evil.example", "https://evil.example", `/\evil.example`} {
		if a := d.ask("POST", "/language", url.Values{"language": {"en"}, "back": {to}}, c, nil); a.Header().Get("Location") != "/watch" {
			t.Errorf("back to %q led to %q", to, a.Header().Get("Location"))
		}
	}
}

func TestSeatsEnd(t *testing.T) {
	d := newDesk(t, nil)
	in := func(c *http.Cookie) bool { return d.ask("GET", "/watch", nil, c, nil).Code == http.StatusOK }
	token, err := d.links.Make(Entry{"anna", Watch}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	c := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil).Result().Cookies()[0]
	if a := d.ask("POST", "/enter", url.Values{"link": {token}}, nil, nil); a.Code != http.StatusForbidden {
		t.Errorf("a link taken twice: %d", a.Code)
	}
	if !in(c) {
		t.Fatal("the seat is not there")
	}
	// What an attacker put into the browser before is no seat, and does not
	// become one.
	fixed := &http.Cookie{Name: c.Name, Value: "chosen-by-another"}
	if in(fixed) {
		t.Error("a cookie of no seat enters")
	}
	d.ask("POST", "/leave", url.Values{}, c, nil)
	if in(c) {
		t.Error("the seat goes on after it was left")
	}
	c = d.sit(t, Watch)
	if d.now = d.now.Add(seatIdle + time.Second); in(c) {
		t.Error("an idle seat goes on")
	}
	late, err := d.links.Make(Entry{"anna", Watch}, d.now)
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.Add(LinkLasts + time.Second)
	if a := d.ask("POST", "/enter", url.Values{"link": {late}}, nil, nil); a.Code != http.StatusForbidden {
		t.Errorf("a link of yesterday: %d", a.Code)
	}
	for range paceTries {
		d.ask("POST", "/enter", url.Values{"link": {"guess"}}, nil, nil)
	}
	if a := d.ask("POST", "/enter", url.Values{"link": {"guess"}}, nil, nil); a.Code != http.StatusTooManyRequests {
		t.Errorf("guessing on: %d", a.Code)
	}
}

// hostile is what a counterpart may write wherever it chooses the words.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `'><svg onload=alert(1)>`, `</title><script>alert(1)</script>`,
	`{{.Who}}`, `javascript:alert(1)`, `<a href="javascript:alert(1)">x</a>`, `--><style>*{display:none}</style><!--`, `" autofocus onfocus=alert(1) x="`,
	`</textarea><script>alert(1)</script>`, "\u202e<script>alert(1)</script>", `&lt;script&gt;`, `<iframe srcdoc="<script>alert(1)</script>">`,
}

// The words of the other side stay words, on every page that shows them:
// free text, its language and translations, offices, names.
func TestHostileWordsStayWords(t *testing.T) {
	d := newDesk(t, nil)
	line := d.world.Line()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	signs(t, ctx, d.red, d.world)
	var drafts []station.Draft
	for _, x := range hostile {
		drafts = append(drafts,
			station.Draft{Code: "TX01", Text: x, Language: "en", Translations: map[string]string{"zh": x}},
			station.Draft{Code: "PO01", Params: map[string]record.Value{"post": record.Text("watch"), "office": record.Text(x), "rank": record.Text(x)}},
			station.Draft{Code: "HX01", Params: map[string]record.Value{"channel": record.Text(x), "hour": record.Uint(1), "description": record.Text(x)}},
		)
	}
	results, err := d.red.Say(ctx, line, station.Say{Drafts: drafts})
	if err != nil {
		t.Fatal(err)
	}
	last, err := d.red.Record(line, record.ByNumber(results[len(results)-1].Party, results[len(results)-1].Number))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.red.WaitReceipts(ctx, line, last.Located); err != nil || len(got) != 1 {
		t.Fatalf("the records did not come: %v, %v", got, err)
	}
	paths := []string{"/watch", "/line/" + string(line), "/line/" + string(line) + "/compose?code=CR01", "/line/" + string(line) + "/brief", "/line/" + string(line) + "/check", "/station"}
	for _, r := range results {
		p := recordPath(string(line), "red", r.Number)
		paths = append(paths, p, "/line/"+string(line)+"/compose?code=TX01&re=red/"+number(r.Number))
	}
	for _, x := range hostile {
		paths = append(paths, "/line/"+string(line)+"?q="+url.QueryEscape(x), "/line/"+string(line)+"/compose?q="+url.QueryEscape(x), "/line/"+string(line)+"/compose?code="+url.QueryEscape(x))
	}
	c := d.sit(t, Officer)
	tags := regexp.MustCompile(`<[a-zA-Z!/][^>]*>`)
	bad := regexp.MustCompile(`(?i)^<(script>|img|iframe|style|svg on|textarea [^>]*on)|srcdoc|\son[a-z]+=|=javascript|<!--`)
	quoted := regexp.MustCompile(`"[^"<>]*"`)
	link := regexp.MustCompile(`(?i)(href|src|action)="(javascript|data|//|http)`)
	shown := 0
	for _, path := range paths {
		a := d.ask("GET", path, nil, c, nil)
		if a.Code >= 500 {
			t.Errorf("%s: %d %s", path, a.Code, a.Body)
		}
		page := a.Body.String()
		shown += strings.Count(page, "alert(1)")
		for _, tag := range tags.FindAllString(page, -1) {
			if bad.MatchString(quoted.ReplaceAllString(tag, `""`)) || link.MatchString(tag) {
				t.Errorf("%s has %q as markup", path, tag)
			}
		}
	}
	if shown < len(hostile) {
		t.Errorf("the words are shown only %d times: this test looks at nothing", shown)
	}
}

// signs waits until a station signs: before it has met the other one it does
// not know whether its copy is the newest.
func signs(t *testing.T, ctx context.Context, h *host.Host, w *hosttest.World) {
	t.Helper()
	news, leave, err := h.Subscribe(w.Line(), 64)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for {
		v, err := h.View(ctx, w.Line())
		if err != nil {
			t.Fatal(err)
		}
		if v.Hold == station.HoldNone {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			t.Fatalf("the station does not sign: %s", v.Hold)
		}
	}
}

func TestADemonstrationStaysAtHome(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	h := runHost(t, w, "blue")
	for _, cfg := range []Config{
		{Station: h, Now: time.Now, Hosts: []string{"192.0.2.1:80"}, Demo: &Demo{}},
		{Station: h, Now: time.Now, Hosts: []string{"desk.example:80"}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("served beyond loopback: %v", cfg.Hosts)
		}
	}
}
