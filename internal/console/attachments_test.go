// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/record"
)

const ceiling = 1 << 20

func attachDesk(t *testing.T) (*desk, *http.Cookie) {
	t.Helper()
	d := newDeskOn(t, hosttest.Options{Attachments: ceiling}, func(*desk, *Config) {})
	signs(t, t.Context(), d.blue, d.world)
	signs(t, t.Context(), d.red, d.world)
	return d, d.sit(t, Officer)
}

type upload struct {
	name, kind string
	b          []byte
}

// send posts a form with files, as a browser does.
func (d *desk) send(t *testing.T, c *http.Cookie, fields url.Values, files ...upload) *httptest.ResponseRecorder {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for k, list := range fields {
		for _, v := range list {
			w.WriteField(k, v)
		}
	}
	for _, f := range files {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="attach"; filename=%q`, f.name)}}
		if f.kind != "" {
			h.Set("Content-Type", f.kind)
		}
		part, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		part.Write(f.b)
	}
	w.Close()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/line/"+string(d.world.Line())+"/attach", &body)
	r.Host = d.cfg.Hosts[0]
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.AddCookie(c)
	a := httptest.NewRecorder()
	d.ServeHTTP(a, r)
	return a
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 9, 7))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var checkbox = regexp.MustCompile(`name="file" value="([0-9a-f]{64})" checked`)

func TestComposeWithFiles(t *testing.T) {
	d, c := attachDesk(t)
	form := url.Values{"code": {"TX01"}, "text": {"see what is attached"}, "language": {"en"}}
	page := []byte("<script>alert(1)</script>")
	a := d.send(t, c, form, upload{"page.txt", "text/plain", page}, upload{"p.png", "image/png", append(picture(t), "GPS 38.87 N"...)}, upload{"m.pdf", "application/pdf", []byte("%PDF-1.7 x")})
	digests := checkbox.FindAllStringSubmatch(a.Body.String(), -1)
	if a.Code != http.StatusOK || len(digests) != 3 || !strings.Contains(a.Body.String(), "see what is attached") {
		t.Fatalf("%d, %d files\n%s", a.Code, len(digests), a.Body)
	}
	for _, m := range digests {
		form.Add("file", m[1])
	}
	line := "/line/" + string(d.world.Line())
	if a = d.ask("POST", line+"/preview", form, c, nil); a.Code != http.StatusOK || strings.Count(a.Body.String(), `type="hidden" name="file"`) != 3 || !strings.Contains(a.Body.String(), "page.txt") {
		t.Fatalf("preview %d\n%s", a.Code, a.Body)
	}
	if a = d.ask("POST", line+"/say", form, c, nil); a.Code != http.StatusSeeOther {
		t.Fatalf("say %d\n%s", a.Code, a.Body)
	}
	ref := record.ByNumber(d.world.Party("blue").No, 2)
	d.complete(t, ref)
	at := line + "/record/blue/2"
	a = d.ask("GET", at, nil, c, nil)
	for _, want := range []string{"page.txt", "p.png", "m.pdf", "complete here", "Desk of red: complete there"} {
		if !strings.Contains(a.Body.String(), want) {
			t.Errorf("the record's page does not say %q", want)
		}
	}
	// A page that came as text is text.
	a = d.ask("GET", at+"/attachment/1", nil, c, nil)
	if strings.Contains(a.Body.String(), "<script>alert") || !strings.Contains(a.Body.String(), "&lt;script&gt;alert(1)") {
		t.Errorf("text is not shown as text\n%s", a.Body)
	}
	a = d.ask("GET", at+"/attachment/2/image", nil, c, nil)
	h := a.Header()
	if a.Code != http.StatusOK || h.Get("Content-Type") != "image/png" || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || h.Get("X-Content-Type-Options") != "nosniff" || bytes.Contains(a.Body.Bytes(), []byte("GPS")) {
		t.Errorf("image %d %v", a.Code, h)
	}
	for _, n := range []string{"1", "2", "3"} {
		a = d.ask("GET", at+"/attachment/"+n+"/file", nil, c, nil)
		h = a.Header()
		if a.Code != http.StatusOK || h.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") || h.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
			t.Errorf("file %s: %d %v", n, a.Code, h)
		}
	}
	if a = d.ask("GET", at+"/attachment/3", nil, c, nil); strings.Contains(a.Body.String(), "<img") || !strings.Contains(a.Body.String(), "A PDF is not opened here") {
		t.Errorf("the PDF is shown\n%s", a.Body)
	}
	for _, n := range []string{"3/image", "1/image"} {
		if a = d.ask("GET", at+"/attachment/"+n, nil, c, nil); a.Code != http.StatusUnsupportedMediaType {
			t.Errorf("%s: %d", n, a.Code)
		}
	}
	for _, n := range []string{"0", "4", "-1", "x", "99999999999999999999"} {
		if a = d.ask("GET", at+"/attachment/"+n, nil, c, nil); a.Code != http.StatusNotFound {
			t.Errorf("attachment %s: %d", n, a.Code)
		}
	}
}

// complete waits for the word that a record's files are complete at the
// other side of its author.
func (d *desk) complete(t *testing.T, ref record.Ref) {
	t.Helper()
	news, leave, err := d.blue.Subscribe(d.world.Line(), 256)
	if err != nil {
		t.Fatal(err)
	}
	defer leave()
	for {
		if r, err := d.blue.Record(d.world.Line(), ref); err == nil {
			if said, err := d.blue.CompleteAt(d.world.Line(), r); err != nil || len(said) > 0 {
				return
			}
		}
		select {
		case <-news:
		case <-t.Context().Done():
			t.Fatal("the other side never says that it is complete")
		}
	}
}

func TestFilesTurnedAway(t *testing.T) {
	d, c := attachDesk(t)
	form := url.Values{"code": {"TX01"}, "text": {"kept words"}}
	bomb := picture(t)
	copy(bomb[16:], binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 50_000), 50_000))
	for name, f := range map[string]upload{
		"a page":              {"x.html", "text/html", []byte("<p>")},
		"a page as picture":   {"x.png", "image/png", []byte("<p>")},
		"another declaration": {"x.png", "image/jpeg", picture(t)},
		"a picture as text":   {"x.txt", "text/plain", picture(t)},
		"a drawing":           {"x.svg", "image/svg+xml", []byte("<svg/>")},
		"a bomb":              {"x.png", "image/png", bomb},
		"control characters":  {"x.txt", "text/plain", []byte("a\x1b[2J")},
		"above the ceiling":   {"x.txt", "text/plain", bytes.Repeat([]byte("x"), ceiling+1)},
	} {
		a := d.send(t, c, form, f)
		if a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "is not attached") || !strings.Contains(a.Body.String(), "kept words") || checkbox.MatchString(a.Body.String()) {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := d.send(t, c, form, upload{"x.txt", "", bytes.Repeat([]byte("x"), ceiling+maxForm)}); a.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("oversized: %d", a.Code)
	}
	var many []upload
	for i := range maxFiles + 1 {
		many = append(many, upload{"x.txt", "", fmt.Appendf(nil, "%d", i)})
	}
	if a := d.send(t, c, form, many...); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "At most 16 files") {
		t.Errorf("too many: %d", a.Code)
	}
	// A form names only what was taken in here.
	line := "/line/" + string(d.world.Line())
	for _, digest := range []string{strings.Repeat("ab", 32), "x", "../../etc/passwd"} {
		form.Set("file", digest)
		if a := d.ask("POST", line+"/say", form, c, nil); a.Code != http.StatusUnprocessableEntity {
			t.Errorf("file %q: %d", digest, a.Code)
		}
	}
	if a := d.send(t, d.sitAs(t, "ben", Auditor), form); a.Code != http.StatusForbidden {
		t.Errorf("an auditor attaches: %d", a.Code)
	}
	none := newDesk(t, nil)
	if a := none.send(t, none.sit(t, Officer), form, upload{"x.txt", "", []byte("x")}); a.Code != http.StatusUnprocessableEntity {
		t.Errorf("on a line without: %d", a.Code)
	}
}

// What comes from the other side is looked at here again: a station that does
// not do as ours does sends what it likes.
func TestHostileFiles(t *testing.T) {
	d, c := attachDesk(t)
	files := []struct {
		kind string
		b    []byte
	}{
		{"text/plain", []byte("a\x1b]0;x\x07")}, {"image/png", []byte("<svg onload=alert(1)>")}, {"image/jpeg", picture(t)}, {"text/plain", []byte("<img src=x onerror=alert(1)>")},
	}
	var list []record.Attachment
	for i, f := range files {
		digest, err := d.red.Attach(t.Context(), d.world.Line(), f.b)
		if err != nil || digest != sha256.Sum256(f.b) {
			t.Fatal(err)
		}
		list = append(list, record.Attachment{Digest: digest, Size: uint64(len(f.b)), Type: f.kind, Name: fmt.Sprintf("../%d<b>.html", i)})
	}
	said, err := d.red.Say(t.Context(), d.world.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "look", Attachments: list}}})
	if err != nil {
		t.Fatal(err)
	}
	ref := record.ByNumber(said[0].Party, said[0].Number)
	d.complete(t, ref)
	at := fmt.Sprintf("/line/%s/record/red/%d", d.world.Line(), ref.Number)
	if a := d.ask("GET", at, nil, c, nil); strings.Contains(a.Body.String(), "<b>.html") {
		t.Error("a name is not escaped")
	}
	for n, want := range map[int]string{1: "cannot be shown safely", 2: "cannot be shown safely", 3: "cannot be shown safely", 4: "&lt;img src=x onerror=alert(1)&gt;"} {
		a := d.ask("GET", fmt.Sprintf("%s/attachment/%d", at, n), nil, c, nil)
		if !strings.Contains(a.Body.String(), want) || strings.Contains(a.Body.String(), "<svg onload") || strings.Contains(a.Body.String(), "<img src=x") || strings.Contains(a.Body.String(), "\x1b]") {
			t.Errorf("attachment %d: %d\n%s", n, a.Code, a.Body)
		}
		if a = d.ask("GET", fmt.Sprintf("%s/attachment/%d/file", at, n), nil, c, nil); strings.Contains(a.Header().Get("Content-Disposition"), "..") || strings.HasSuffix(a.Header().Get("Content-Disposition"), ".html") {
			t.Errorf("kept as %s", a.Header().Get("Content-Disposition"))
		}
	}
}
