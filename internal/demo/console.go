// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"openline/identity"
	"openline/internal/boot"
	"openline/internal/console"
	"openline/internal/host/exporting"
	"openline/line/linestate"
	"openline/record"
)

//go:embed page
var pageFiles embed.FS

// Consoles are the consoles of both stations and the page that shows them
// side by side. All listen on loopback.
type Consoles struct {
	URL  string
	side map[string]string // origin of each side's console
	srv  []*http.Server
	done chan error
}

// Consoles serves both consoles and the page around them.
func (st *Stage) Consoles(ctx context.Context, r *Running, o boot.Options, on *onward) (*Consoles, error) {
	c := &Consoles{side: map[string]string{}, done: make(chan error, len(st.Story.Parties)+1)}
	page, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c.URL = "http://" + page.Addr().String()
	servers := map[net.Listener]http.Handler{}
	for _, p := range st.Story.Parties {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, page.Close())
		}
		cfg, err := st.console(r.Sides[p.Short], o, l.Addr().String(), c.URL)
		if err != nil {
			return nil, errors.Join(err, page.Close(), l.Close())
		}
		h, err := console.New(cfg)
		if err != nil {
			return nil, errors.Join(err, page.Close(), l.Close())
		}
		servers[l], c.side[p.Short] = h, "http://"+l.Addr().String()
	}
	around, err := st.around(r, c, on)
	if err != nil {
		return nil, errors.Join(err, page.Close())
	}
	servers[page] = around
	for l, h := range servers {
		srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10,
			BaseContext: func(net.Listener) context.Context { return ctx }}
		c.srv = append(c.srv, srv)
		go func() {
			err := srv.Serve(l)
			if errors.Is(err, http.ErrServerClosed) {
				err = nil
			}
			c.done <- err
		}()
	}
	return c, nil
}

// Close ends all three.
func (c *Consoles) Close() error {
	var errs []error
	for _, s := range c.srv {
		errs = append(errs, s.Close())
	}
	for range c.srv {
		errs = append(errs, <-c.done)
	}
	c.srv = nil
	return errors.Join(errs...)
}

// console configures the console of one side.
func (st *Stage) console(s *Side, o boot.Options, addr, frame string) (console.Config, error) {
	h := st.homes[s.Short]
	l, err := h.Line(st.Line)
	if err != nil {
		return console.Config{}, err
	}
	var hosts []string
	for _, p := range st.Story.Hosts {
		hosts = append(hosts, p.Office)
	}
	return console.Config{
		Station: s.Host, Host: s.Host, Hosts: []string{addr}, Frame: frame, Now: time.Now, Version: o.Version,
		Lines: []console.Line{{
			ID: st.Line, Agreements: l.Agreements, Hosts: hosts, Since: st.Story.Begins.Truncate(24 * time.Hour),
			Exporter: func() (*exporting.Exporter, error) { return st.exporter(s) },
		}},
		People: h.People, Verify: s.Store.Verify, Alarms: s.Alerts,
		Sign: func(person, _ string, act identity.Act) ([]byte, error) {
			secret, err := h.Keys().Person(person, st.secret)
			if err != nil {
				return nil, err
			}
			return secret.SignAct(act), nil
		},
		Demo: &console.Demo{Story: frame, Person: Persons[0]},
	}, nil
}

// around is the page with both consoles and the wire between them.
func (st *Stage) around(r *Running, c *Consoles, on *onward) (http.Handler, error) {
	t, err := template.ParseFS(pageFiles, "page/demo.html")
	if err != nil {
		return nil, err
	}
	a := &stagePage{stage: st, run: r, consoles: c, template: t, on: on}
	if a.words, err = linestate.Language("en"); err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", a.show)
	mux.HandleFunc("POST /cut", a.wire((*Side).cut))
	mux.HandleFunc("POST /restore", a.wire((*Side).restore))
	mux.HandleFunc("POST /next", a.next)
	mux.HandleFunc("GET /live", a.live)
	mux.Handle("GET /assets/", http.StripPrefix("/assets/", console.Assets()))
	mux.HandleFunc("GET /demo.css", a.file("page/demo.css", "text/css; charset=utf-8"))
	mux.HandleFunc("GET /demo.js", a.file("page/demo.js", "text/javascript; charset=utf-8"))
	host := strings.TrimPrefix(c.URL, "http://")
	csp := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src " +
		strings.Join(slices.Sorted(maps.Values(c.side)), " ")
	checked := http.NewCrossOriginProtection().Handler(mux)
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		hd := w.Header()
		hd.Set("Content-Security-Policy", csp)
		hd.Set("X-Content-Type-Options", "nosniff")
		hd.Set("Referrer-Policy", "no-referrer")
		hd.Set("Cache-Control", "no-store")
		if q.Host != host {
			http.Error(w, "this page does not answer to that name", http.StatusMisdirectedRequest)
			return
		}
		q.Body = http.MaxBytesReader(w, q.Body, 4<<10)
		checked.ServeHTTP(w, q)
	}), nil
}

// stagePage is the page of the demonstration.
type stagePage struct {
	stage    *Stage
	run      *Running
	consoles *Consoles
	template *template.Template
	on       *onward
	words    *linestate.Words
}

// frame is one console on the page.
type frame struct {
	Short, Title, Colour, URL string
}

type stageView struct {
	Heading string
	Asks    string
	Sides   []frame
	Cut     bool
	Bearers int
	Line    string
	Brief   string
	Check   string
	Now     string
	Wire    []string
	Facts   []stageFact
	Ends    string
	Chapter *stageChapter // nil: the story has one chapter
}

// stageChapter is the second chapter as far as it has been told.
type stageChapter struct {
	Title, Says string
	Told        []stageStep
	Now         *stageStep // the newest; nil: none yet
	Of          int
}

type stageStep struct{ At, Side, Colour, Text string }

type stageFact struct{ Day, Text, Source, Label string }

func (a *stagePage) view(ctx context.Context) (stageView, error) {
	v := stageView{Heading: a.stage.Story.Heading, Asks: a.stage.Story.Asks, Line: string(a.stage.Line), Ends: a.stage.Story.Ends.Format("2 January 2006, 15:04Z")}
	for i, p := range a.stage.Story.Parties {
		v.Sides = append(v.Sides, frame{p.Short, p.Title, []string{"blue", "red"}[i%2], a.consoles.side[p.Short]})
	}
	first := a.run.Sides[a.stage.Story.Parties[0].Short]
	state, err := first.Host.View(ctx, a.stage.Line)
	if err != nil {
		return v, err
	}
	v.Now = state.At.UTC().Format("15:04:05Z")
	for _, p := range state.Peers {
		v.Bearers = len(p.Bearers)
		v.Cut = p.State.Wire.Kind == linestate.WireCut || p.State.Wire.Kind == linestate.WireNever
		v.Wire = append(v.Wire, a.words.Say(p.State.Wire))
	}
	v.Brief = v.Sides[0].URL + "/line/" + v.Line + "/brief"
	v.Check = v.Sides[0].URL + "/line/" + v.Line + "/check"
	for _, f := range a.stage.Story.Facts {
		v.Facts = append(v.Facts, stageFact{f.Learned.AsTime(time.UTC).Format("2 January 2006"), f.Text, f.Source, f.Label})
	}
	v.Chapter = a.chapter()
	return v, nil
}

func (a *stagePage) chapter() *stageChapter {
	next := a.stage.Story.WayOut
	if next == nil {
		return nil
	}
	c := &stageChapter{Title: next.Title, Says: next.Says, Of: len(next.Events)}
	for _, e := range next.Events[:a.on.told()] {
		colour := "blue"
		if e.Side == a.stage.Story.Parties[1].Short {
			colour = "red"
		}
		c.Told = append(c.Told, stageStep{e.At.Format("2 January 15:04Z"), e.Side, colour, e.Tell})
	}
	if n := len(c.Told); n > 0 {
		c.Now = &c.Told[n-1]
	}
	return c
}

// next plays the next event of the second chapter.
func (a *stagePage) next(w http.ResponseWriter, r *http.Request) {
	v, err := a.view(r.Context())
	if err == nil {
		err = a.on.play(r.Context(), v.Cut)
	}
	if err != nil {
		status := http.StatusServiceUnavailable
		if errors.Is(err, errCutNow) || errors.Is(err, errToldOut) {
			status = http.StatusConflict
		}
		http.Error(w, err.Error(), status)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (a *stagePage) show(w http.ResponseWriter, r *http.Request) {
	v, err := a.view(r.Context())
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	var out bytes.Buffer
	if err := a.template.Execute(&out, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	// Who asked may be gone by now; nobody is left to tell.
	_, _ = w.Write(out.Bytes())
}

func (a *stagePage) file(name, kind string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", kind)
		http.ServeFileFS(w, r, pageFiles, name)
	}
}

// wire pulls or plugs the cable at the first station.
func (a *stagePage) wire(do func(*Side, context.Context, *Stage) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := do(a.run.Sides[a.stage.Story.Parties[0].Short], r.Context(), a.stage); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}

func (s *Side) cut(ctx context.Context, st *Stage) error {
	return s.Host.Cut(ctx, st.Line, st.Fullname(s.Other))
}

func (s *Side) restore(ctx context.Context, st *Stage) error {
	return s.Host.Restore(ctx, st.Line, st.Fullname(s.Other))
}

// Fullname is a party's name by its number.
func (st *Stage) Fullname(no record.PartyNo) identity.Party {
	return identity.Party(st.Story.Parties[no-1].Name)
}

// live tells the page when the wire changes, and what passed over it.
func (a *stagePage) live(w http.ResponseWriter, r *http.Request) {
	flush, ok := w.(http.Flusher)
	first := a.run.Sides[a.stage.Story.Parties[0].Short]
	news, leave, err := first.Host.Subscribe(a.stage.Line, 256)
	if !ok || err != nil {
		http.Error(w, "no news can be told here", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	beat := time.NewTicker(3 * time.Second)
	defer beat.Stop()
	for {
		v, err := a.view(r.Context())
		if err != nil {
			return
		}
		state := "up"
		if v.Cut {
			state = "cut"
		}
		if _, err := fmt.Fprintf(w, "event: wire\ndata: %s %d %s\n\n", state, v.Bearers, strings.Join(v.Wire, " ")); err != nil {
			return
		}
		flush.Flush()
		for waiting := true; waiting; {
			select {
			case <-r.Context().Done():
				return
			case <-beat.C:
				waiting = false
			case n, ok := <-news:
				if !ok {
					return
				}
				if n.Kind == "record" && n.Number > 0 {
					ref := first.Env.RefName(record.ByNumber(n.Party, n.Number))
					if _, err := fmt.Fprintf(w, "event: passed\ndata: %s %s %s\n\n", ref, n.Code, first.Env.Gloss(n.Code)); err != nil {
						return
					}
					flush.Flush()
					continue
				}
				waiting = n.Kind != "wire"
			}
		}
	}
}
