// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"openline/record"
)

//go:embed templates
var templateFiles embed.FS

// pages are the templates: layout.html around each other file.
type pages struct{ by map[string]*template.Template }

func readPages() (*pages, error) {
	names, err := fs.Glob(templateFiles, "templates/*.html")
	if err != nil {
		return nil, err
	}
	p := &pages{map[string]*template.Template{}}
	for _, name := range names {
		base := strings.TrimSuffix(path.Base(name), ".html")
		if base == "layout" || strings.HasPrefix(base, "parts") {
			continue
		}
		t := template.New("layout.html").Funcs(template.FuncMap{"in": slices.Contains[[]string], "arr": func(x ...any) []any { return x }, "add": func(a, b int) int { return a + b }})
		if p.by[base], err = t.ParseFS(templateFiles, "templates/layout.html", "templates/parts*.html", name); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// page is what the layout shows around every page.
type page struct {
	*Words
	Title    string
	At       string // the page, for the way around
	Path     string
	Who      *seat
	Roles    []Role
	Tongues  []*Words
	Here     lineName // the line the ways lead to; the first one otherwise
	Lines    []lineName
	Party    string
	Full     string
	Now      time.Time  // of the station
	Walls    []wallHour // the same hour here and there, where zones are declared
	Demo     *Demo
	Version  string
	Status   int
	Fault    string
	FaultWhy string
	Alarms   []alarm
	deaf     error // what rings could not be read
	Calls    []calling
	X        any
}

type lineName struct{ ID, Slug string }

// May reports whether who looks may use a route, by its name in the matrix.
func (p *page) May(roles ...string) bool {
	return p.Who != nil && slices.Contains(roles, string(p.Who.role))
}

// Role is what who looks sits at the desk as.
func (p *page) Role() Role {
	if p.Who == nil {
		return ""
	}
	return p.Who.role
}

// Framed reports whether the page stands in a frame beside another.
func (p *page) Framed() bool { return p.Who != nil && p.Who.framed }

// Unix is the station's time for the page's countdowns.
func (p *page) Unix() int64 { return p.Now.UnixMilli() }

// Z writes an hour as everywhere: unmistakable, and UTC. An hour of today
// stands without its day.
func (p *page) Z(at any) string {
	t := instant(at)
	switch now := p.Now.UTC(); {
	case t.IsZero():
		return p.T("unknown")
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04Z")
	case t.Year() == now.Year():
		return t.Format("01-02 15:04Z")
	}
	return t.Format("2006-01-02 15:04Z")
}

// Full is an hour with its day and second.
func (p *page) ZFull(at any) string {
	if t := instant(at); !t.IsZero() {
		return t.Format("2006-01-02 15:04:05Z")
	}
	return p.T("unknown")
}

// ISO is an hour for a machine.
func (p *page) ISO(at any) string { return instant(at).Format(time.RFC3339) }

func instant(at any) time.Time {
	switch t := at.(type) {
	case time.Time:
		return t.UTC()
	case *time.Time:
		if t != nil {
			return t.UTC()
		}
	case record.Stamp:
		if t != 0 {
			return time.Unix(int64(t), 0).UTC()
		}
	}
	return time.Time{}
}

func (s *Server) page(r *http.Request, who *seat, at, title string) *page {
	p := s.around(r, who, at, title)
	if who == nil || len(s.lines) == 0 {
		return p
	}
	if m, err := s.lines[0].moment(r.Context(), s); err == nil {
		p.Now = m.view.At
	}
	p.Walls = s.wallClocks(r.Context(), p.Here.ID, p.Now)
	s.ringAll(r.Context(), p)
	return p
}

// around is a page without the station's hour, which whoever shows a line has.
func (s *Server) around(r *http.Request, who *seat, at, title string) *page {
	lang := s.language(r)
	if who != nil && s.words[who.lang] != nil {
		lang = who.lang
	}
	p := &page{
		Words: s.words[lang], At: at, Path: r.URL.RequestURI(), Who: who, Demo: s.cfg.Demo, Version: s.cfg.Version, Roles: Roles(), Now: s.cfg.Now(),
	}
	p.Title = p.T(title)
	for _, l := range languages {
		if w, ok := s.words[l.tag]; ok {
			p.Tongues = append(p.Tongues, w)
		}
	}
	if who == nil {
		return p
	}
	for _, l := range s.lines {
		p.Lines = append(p.Lines, lineName{string(l.ID), l.ID.Slug()})
	}
	if len(s.lines) == 0 {
		return p
	}
	p.Here = p.Lines[0]
	if id := r.PathValue("line"); id != "" {
		for _, l := range p.Lines {
			if l.ID == id || l.Slug == id {
				p.Here = l
			}
		}
	}
	if us, ok := s.lines[0].Agreements.Newest().ByName(s.cfg.Station.Me()); ok {
		p.Party, p.Full = us.Title, string(us.Name)
	}
	return p
}

// show writes a page.
func (s *Server) show(w http.ResponseWriter, r *http.Request, who *seat, name string, status int, title string, x any) {
	p := s.page(r, who, name, title)
	p.Status, p.X = status, x
	s.write(w, p, name)
}

func (s *Server) write(w http.ResponseWriter, p *page, name string) {
	if p.deaf != nil { // a page that cannot say what rings looks as if nothing did
		http.Error(w, fmt.Sprintf("what awaits the watch cannot be read: %v", p.deaf), http.StatusServiceUnavailable)
		return
	}
	var out bytes.Buffer
	s.deliver(w, p, &out, s.pages.by[name].Execute(&out, p))
}

// deliver sends a page that was written.
func (s *Server) deliver(w http.ResponseWriter, p *page, out *bytes.Buffer, err error) {
	if err != nil {
		http.Error(w, fmt.Sprintf("internal error: the page cannot be written: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if p.Status == 0 {
		p.Status = http.StatusOK
	}
	w.WriteHeader(p.Status)
	// Who asked may be gone by now; nobody is left to tell.
	_, _ = w.Write(out.Bytes())
}

// fault says what is wrong, in words.
func (s *Server) fault(w http.ResponseWriter, r *http.Request, who *seat, err error) {
	status, key := statusOf(err)
	if r.Header.Get("Content-Type") == "application/json" {
		w.Header().Set("Content-Type", "application/json")
		if answerJSON(w, status, map[string]string{"fault": s.page(r, who, "fault", "title.fault").T(key), "again": againFor(err)}) == nil {
			return
		}
	}
	if errors.Is(err, errAgain) && who != nil {
		if s.showAgain(w, r, who, status, pageOf(r)) == nil {
			return
		}
	}
	p := s.page(r, who, "fault", "title.fault")
	p.Status, p.Fault = status, p.T(key)
	if status == http.StatusUnprocessableEntity {
		p.FaultWhy = err.Error()
	}
	s.write(w, p, "fault")
}
