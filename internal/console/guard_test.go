// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// These tests walk the matrix as it is in data/routes: a route that is added
// is tried like the others without a word here.

// methods are all that a browser or a tool sends.
var methods = []string{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY"}

// paths are the paths of the matrix, each once.
func (d *desk) paths() (out []string) {
	for _, r := range d.matrix {
		if !slices.Contains(out, r.Path) {
			out = append(out, r.Path)
		}
	}
	return out
}

// rule finds what the matrix says of a method on a path. HEAD goes where GET
// goes.
func (d *desk) rule(method, path string) (rule, bool) {
	if method == "HEAD" {
		method = "GET"
	}
	for _, r := range d.matrix {
		if r.Method == method && r.Path == path {
			return r, true
		}
	}
	return rule{}, false
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// at fills a path of the matrix in: the line is there, the rest may not be.
func (d *desk) at(path string) string {
	path = strings.NewReplacer("{line}", string(d.world.Line()), "{party}", "blue", "{number}", "1", "{$}", "").Replace(path)
	return placeholder.ReplaceAllString(path, "none")
}

// fill sends what a route takes: an empty form, or empty JSON.
func fill(rule rule) func(*http.Request) {
	return func(r *http.Request) {
		if rule.Takes == "json" {
			r.Header.Set("Content-Type", "application/json")
		}
	}
}

func form(method string) url.Values {
	if method == "GET" || method == "HEAD" {
		return nil
	}
	return url.Values{}
}

// inline finds what the policy forbids: script or style in the page.
var inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=|javascript:|src="http|href="http`)

func TestEveryRoleOnEveryRoute(t *testing.T) {
	d := newDesk(t, nil)
	if len(d.matrix) < 40 {
		t.Fatalf("the matrix has %d routes", len(d.matrix))
	}
	seats := map[Role]*http.Cookie{}
	for _, path := range d.paths() {
		at := d.at(path)
		for _, method := range methods {
			rule, known := d.rule(method, path)
			for _, role := range append([]Role{""}, Roles()...) {
				var c *http.Cookie
				if role != "" {
					if c = seats[role]; c == nil || method == "POST" {
						c = d.sit(t, role)
						seats[role] = c
					}
				}
				a := d.ask(method, at, form(method), c, fill(rule))
				refused := a.Code == http.StatusForbidden && strings.Contains(a.Body.String(), "not for the role") || a.Code == http.StatusForbidden && method == "HEAD"
				switch {
				case a.Code >= 500:
					t.Errorf("%s %s as %q: %d %s", method, at, role, a.Code, a.Body)
				case !known && a.Code != http.StatusMethodNotAllowed && a.Code != http.StatusNotFound:
					t.Errorf("%s %s, which is in no rule, as %q: %d", method, at, role, a.Code)
				case !known:
				case rule.Open && refused:
					t.Errorf("%s %s is open, and turns %q away", method, at, role)
				case rule.Open:
				case role == "" && method == "POST" && a.Code != http.StatusUnauthorized:
					t.Errorf("%s %s without a seat: %d", method, at, a.Code)
				case role == "" && method != "POST" && (a.Code != http.StatusSeeOther || a.Header().Get("Location") != "/enter"):
					t.Errorf("%s %s without a seat: %d", method, at, a.Code)
				case role == "":
				case refused == rule.allows(role):
					t.Errorf("%s %s as %s: %d, turned away %v", method, at, role, a.Code, refused)
				case (a.Code == http.StatusUnauthorized) && !rule.Fresh:
					t.Errorf("%s %s as %s: who sits is not known", method, at, role)
				}
				if m := inline.FindString(a.Body.String()); m != "" {
					t.Errorf("%s %s as %s has %q", method, at, role, m)
				}
			}
		}
	}
}

// secured are the headers that stand on every answer whatever it is.
func secured(t *testing.T, what string, a *httptest.ResponseRecorder, tls bool) {
	t.Helper()
	h := a.Header()
	csp := h.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self'", "worker-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("%s: policy %q lacks %q", what, csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "http") || strings.Contains(csp, "*") {
		t.Errorf("%s: policy %q", what, csp)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin"} {
		if h.Get(name) != want {
			t.Errorf("%s: %s is %q", what, name, h.Get(name))
		}
	}
	if tls != (h.Get("Strict-Transport-Security") != "") {
		t.Errorf("%s: Strict-Transport-Security is %q", what, h.Get("Strict-Transport-Security"))
	}
	for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
		if h.Get(name) != "" {
			t.Errorf("%s: %s is %q", what, name, h.Get(name))
		}
	}
	if a.Body.Len() > 0 && h.Get("Content-Type") == "" {
		t.Errorf("%s says not what it is", what)
	}
	for _, c := range a.Result().Cookies() {
		if !c.HttpOnly || c.Path != "/" || c.Domain != "" || c.Secure != tls || tls && !strings.HasPrefix(c.Name, "__Host-") || c.SameSite != http.SameSiteStrictMode && !strings.HasSuffix(c.Name, "-issuer") {
			t.Errorf("%s: cookie %+v", what, c)
		}
	}
}

func TestHeadersStandOnEveryAnswer(t *testing.T) {
	for _, tls := range []bool{false, true} {
		d := newDeskWith(t, func(_ *desk, c *Config) {
			if c.Secure = tls; tls {
				c.Hosts = []string{"desk.blue.example:8443"}
			}
		})
		c := d.sit(t, Officer)
		for _, path := range append(d.paths(), "/assets/openline.css", "/assets/nothing", "/nothing", "/enter/../seat") {
			for _, method := range []string{"GET", "HEAD", "POST", "DELETE"} {
				rule, _ := d.rule(method, path)
				for _, who := range []*http.Cookie{nil, c} {
					if who != nil && method == "POST" && strings.HasSuffix(path, "leave") {
						who = d.sit(t, Officer)
					}
					at := d.at(path)
					a := d.ask(method, at, form(method), who, fill(rule))
					secured(t, method+" "+at, a, tls)
					if cache := a.Header().Get("Cache-Control"); cache != "no-store" && !strings.HasPrefix(path, "/assets/") {
						t.Errorf("%s %s may be kept: %q", method, at, cache)
					}
				}
			}
		}
		secured(t, "another name", d.ask("GET", "/watch", nil, c, func(r *http.Request) { r.Host = "evil.example" }), tls)
		secured(t, "a long address", d.ask("GET", "/watch?x="+strings.Repeat("x", maxTarget), nil, c, nil), tls)
	}
}

// posts calls back for every route that changes something, with a seat that
// may use it.
func (d *desk) posts(t *testing.T, do func(rule rule, at string, c *http.Cookie)) {
	t.Helper()
	n := 0
	for _, rule := range d.matrix {
		if rule.Method == "GET" {
			continue
		}
		role := Officer
		if !rule.allows(role) {
			role = rule.May[0]
		}
		n++
		do(rule, d.at(rule.Path), d.sit(t, role))
	}
	if n < 20 {
		t.Fatalf("%d routes change something: this test looks at nothing", n)
	}
}

// What another site sends is turned away on every route that changes
// something, whatever it is written in.
func TestFromElsewhere(t *testing.T) {
	d := newDesk(t, nil)
	elsewhere := map[string]func(*http.Request){
		"cross-site":   func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"same-site":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"other origin": func(r *http.Request) { r.Header.Set("Origin", "http://evil.example") },
		"no origin":    func(r *http.Request) { r.Header.Set("Origin", "null") },
		"other port":   func(r *http.Request) { r.Header.Set("Origin", "http://127.0.0.1:4712") },
	}
	d.posts(t, func(rule rule, at string, c *http.Cookie) {
		for what, change := range elsewhere {
			for _, kind := range []string{"", "application/json", "text/plain"} {
				a := d.ask(rule.Method, at, url.Values{"role": {"principal"}}, c, func(r *http.Request) {
					if fill(rule)(r); kind != "" {
						r.Header.Set("Content-Type", kind)
					}
					change(r)
				})
				if a.Code != http.StatusForbidden || !strings.Contains(a.Body.String(), "another site") {
					t.Errorf("%s %s, %s, %s: %d", rule.Method, at, what, kind, a.Code)
				}
			}
		}
		if d.ask("GET", "/seat", nil, c, nil).Code != http.StatusOK {
			t.Errorf("%s %s from elsewhere took the seat", rule.Method, at)
		}
	})
}

// A name that is not ours is another site's that points here.
func TestForgedHost(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	for _, path := range append(d.paths(), "/assets/openline.css") {
		for _, host := range []string{"evil.example", "127.0.0.1", "127.0.0.1:4712", "localhost:4711", "127.0.0.1:4711.evil.example", "127.0.0.1:4711:80", ""} {
			at := d.at(path)
			a := d.ask("GET", at, nil, c, func(r *http.Request) {
				r.Host = host
				r.Header.Set("X-Forwarded-Host", name)
				r.Header.Set("Forwarded", "host="+name)
			})
			if a.Code != http.StatusMisdirectedRequest {
				t.Errorf("%s under %q: %d", at, host, a.Code)
			}
		}
		// What says it was forwarded changes nothing of ours.
		a := d.ask("GET", d.at(path), nil, c, func(r *http.Request) { r.Header.Set("X-Forwarded-Host", "evil.example") })
		if strings.Contains(a.Body.String(), "evil.example") || strings.Contains(a.Header().Get("Location"), "evil.example") {
			t.Errorf("%s takes a forwarded name", path)
		}
	}
}

func TestLargeAndWrongBodies(t *testing.T) {
	d := newDesk(t, nil)
	d.posts(t, func(rule rule, at string, c *http.Cookie) {
		large := url.Values{"x": {strings.Repeat("x", maxForm)}}
		if a := d.ask(rule.Method, at, large, c, fill(rule)); a.Code != http.StatusRequestEntityTooLarge {
			t.Errorf("%s %s, large: %d", rule.Method, at, a.Code)
		}
		// One that does not say how large it is, is read so far.
		a := d.ask(rule.Method, at, large, c, func(r *http.Request) { fill(rule)(r); r.ContentLength = -1 })
		if a.Code >= 500 {
			t.Errorf("%s %s, large without a length: %d", rule.Method, at, a.Code)
		}
		if strings.HasSuffix(at, "leave") {
			c = d.sit(t, Officer) // it needed nothing of what was sent
		}
		for _, kind := range []string{"text/plain", "application/xml", "text/html", "application/octet-stream", "x", "application/json; charset=\x00"} {
			if a := d.ask(rule.Method, at, url.Values{"role": {"principal"}}, c, func(r *http.Request) { r.Header.Set("Content-Type", kind) }); a.Code != http.StatusUnsupportedMediaType {
				t.Errorf("%s %s as %q: %d", rule.Method, at, kind, a.Code)
			}
		}
		other := "application/json"
		if rule.Takes == "json" {
			other = "application/x-www-form-urlencoded"
		}
		if a := d.ask(rule.Method, at, url.Values{"role": {"principal"}}, c, func(r *http.Request) { r.Header.Set("Content-Type", other) }); a.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s %s as %q: %d", rule.Method, at, other, a.Code)
		}
	})
}

// Nothing makes one method another.
func TestMethodOverride(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	for _, path := range d.paths() {
		if _, ok := d.rule("POST", path); !ok {
			continue
		}
		if _, ok := d.rule("GET", path); ok {
			continue // it is a page as well
		}
		for _, with := range []string{"", "?_method=POST", "?method=POST"} {
			a := d.ask("GET", d.at(path)+with, nil, c, func(r *http.Request) {
				for _, h := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"} {
					r.Header.Set(h, "POST")
				}
			})
			if a.Code != http.StatusMethodNotAllowed && a.Code != http.StatusNotFound {
				t.Errorf("GET %s%s: %d", path, with, a.Code)
			}
		}
	}
}

var led = regexp.MustCompile(`(href|action|src|data-back)="[^"]*evil|value="(/\\|//|http|evil)`)

// A form names where to go back to: a place of ours, in one line.
func TestLedNowhereElse(t *testing.T) {
	d := newDesk(t, nil)
	for _, to := range []string{"//evil.example", "https://evil.example", `/\evil.example`, "evil", "", "javascript:alert(1)", "/x\r\nSet-Cookie: a=b", "/x\nY: z", "/\t/evil.example", "/" + strings.Repeat("x", 600)} {
		for _, path := range []string{"/language", "/role", "/again"} {
			a := d.ask("POST", path, url.Values{"language": {"en"}, "role": {"officer"}, "passphrase": {"anna"}, "back": {to}}, d.sit(t, Officer), nil)
			if a.Header().Get("Location") != "/watch" || a.Header().Get("Y") != "" {
				t.Errorf("%s back to %q led to %q", path, to, a.Header()["Location"])
			}
		}
		if a := d.ask("GET", "/again?back="+url.QueryEscape(to), nil, d.sit(t, Officer), nil); led.MatchString(a.Body.String()) {
			t.Errorf("/again shows the way to %q", to)
		}
	}
}

// No path leads out of what is served.
func TestPathsStayInside(t *testing.T) {
	d := newDesk(t, nil)
	c := d.sit(t, Officer)
	for _, up := range []string{"../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..\\", "..%5c", "....//", "%252e%252e%252f", "./../"} {
		for _, head := range []string{"/assets/", "/", "/line/", "/drafts/", "/line/" + string(d.world.Line()) + "/export/"} {
			for _, tail := range []string{"server.go", "data/routes/desk.toml", "etc/passwd", "go.mod"} {
				r := httptest.NewRequest("GET", "/", nil)
				r.Host = name
				u, err := url.Parse("http://" + name + head + strings.Repeat(up, 4) + tail)
				if err != nil {
					continue
				}
				r.URL = u
				r.AddCookie(c)
				w := httptest.NewRecorder()
				d.ServeHTTP(w, r)
				if w.Code == http.StatusOK || strings.Contains(w.Body.String(), "package console") {
					t.Errorf("%s: %d", u, w.Code)
				}
				if to := w.Header().Get("Location"); strings.HasPrefix(to, "//") || strings.Contains(to, "evil") {
					t.Errorf("%s leads to %q", u, to)
				}
			}
		}
	}
	if a := d.ask("GET", "/assets/", nil, c, nil); a.Code == http.StatusOK {
		t.Errorf("the folder of assets is listed: %s", a.Body)
	}
}
