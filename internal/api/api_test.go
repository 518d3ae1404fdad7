// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"openline/internal/api"
	"openline/internal/host"
	"openline/internal/host/hosttest"
)

// serve runs a party's station with its socket.
func serve(t *testing.T, w *hosttest.World, short string, dial ...string) *api.Client {
	t.Helper()
	dir := t.TempDir()
	db := hosttest.Disk(t, dir)
	cfg := w.Config(short, host.StoreOf(db), dial...)
	h, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, api.SocketFile)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 2)
	go func() { ended <- h.Run(ctx) }()
	go func() {
		ended <- api.New(api.Config{Host: h, Store: db, Version: "test", Demo: true}).Serve(ctx, path)
	}()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-ended, <-ended, db.Close()); err != nil {
			t.Error(err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the socket was left: %v", err)
		}
	})
	c := api.NewClient(path)
	for {
		if _, err := c.Health(t.Context()); err == nil {
			break
		} else if !errors.Is(err, api.ErrNotRunning) {
			t.Fatal(err)
		}
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("socket: %v, %v", st, err)
	}
	return c
}

func pair(t *testing.T) (w *hosttest.World, blue, red *api.Client) {
	t.Helper()
	w = hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue, red = serve(t, w, "blue"), serve(t, w, "red", "blue")
	for _, c := range []*api.Client{blue, red} {
		for {
			h, err := c.Health(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if h.OK {
				break
			}
		}
	}
	return w, blue, red
}

func TestSayAndRead(t *testing.T) {
	_, blue, red := pair(t)
	ctx := t.Context()
	said, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{{Code: "TX01", Text: "Good morning."}}, Wait: 20})
	if err != nil {
		t.Fatal(err)
	}
	rec := said.Records[0]
	if len(rec.Receipts) != 1 || rec.Receipts[0].By != "red" {
		t.Fatalf("receipts %+v", rec.Receipts)
	}
	again, err := blue.Say(ctx, "dtl", api.Say{Token: said.Token, Drafts: []api.Draft{{Code: "TX01", Text: "Good morning."}}})
	if err != nil || again.Records[0].Ref != rec.Ref {
		t.Fatalf("again: %+v, %v", again, err)
	}
	for name, c := range map[string]*api.Client{"blue": blue, "red": red} {
		r, err := c.Record(ctx, "dtl", rec.Ref, "en")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if r.Text != "Good morning." || r.Leaf != rec.Leaf || !strings.Contains(r.Rendering, "Good morning.") {
			t.Errorf("%s reads %+v", name, r)
		}
	}
}

// What was asked, and what is asked inside it, awaits one side at a time, and
// both stations say so alike.
func TestAskAndAnswer(t *testing.T) {
	_, blue, red := pair(t)
	ctx := t.Context()
	wished := time.Now().Add(time.Hour).Truncate(time.Second)
	say := func(c *api.Client, d api.Draft) api.SaidRecord {
		t.Helper()
		said, err := c.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{d}, Wait: 20})
		if err != nil {
			t.Fatal(err)
		}
		return said.Records[0]
	}
	expect := func(who string, want string) {
		t.Helper()
		for name, c := range map[string]*api.Client{"blue": blue, "red": red} {
			waits, err := c.Awaiting(ctx, "dtl")
			if err != nil || len(waits) != 1 || waits[0].Ours != (name == who) || strings.Join([]string{waits[0].Code, waits[0].About, waits[0].Outcome}, " ") != want {
				t.Fatalf("%s: awaiting %+v, %v; not %s of %s", name, waits, err, want, who)
			}
		}
	}
	call := say(blue, api.Draft{Code: "CR01", To: []string{"red:minister"}, Wished: &wished,
		Params: map[string]any{"caller": "blue:minister", "called": "red:minister", "subject": "weather", "urgency": "ordinary", "medium": "voice"}})
	expect("red", "CR01  open")
	condition := say(red, api.Draft{Code: "PR02", Re: []string{call.Ref}, Params: map[string]any{"condition": "an interpreter"}})
	expect("blue", "PR02 "+call.Ref+" open")
	say(blue, api.Draft{Code: "AF02", Re: []string{condition.Ref}})
	expect("red", "CR01  on condition")
	stray := say(red, api.Draft{Code: "WL01", Re: []string{call.Ref}})
	got, err := blue.Record(ctx, "dtl", stray.Ref, "en")
	if err != nil || got.Effect == nil || got.Effect.Standing != "none" || got.Effect.Why != "what it answers does not ask for WL01" || got.Effect.Thing != call.Ref {
		t.Fatalf("%+v, %v", got.Effect, err)
	}
}

func TestTranscript(t *testing.T) {
	_, blue, red := pair(t)
	ctx := t.Context()
	const each = 12
	for i := range each {
		for _, c := range []*api.Client{blue, red} {
			if _, err := c.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{{Code: "TX01", Text: strings.Repeat("x", i+1)}}, Wait: 20}); err != nil {
				t.Fatal(err)
			}
		}
	}
	whole, err := blue.Records(ctx, "dtl", api.PageQuery{Max: 1000})
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Records) < 2*each {
		t.Fatalf("%d records", len(whole.Records))
	}
	var names []string
	for _, r := range whole.Records {
		names = append(names, r.Ref)
	}
	// Backwards by pages.
	var back []string
	q := api.PageQuery{Max: 5}
	for {
		p, err := blue.Records(ctx, "dtl", q)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Records) == 0 {
			break
		}
		var part []string
		for _, r := range p.Records {
			part = append(part, r.Ref)
		}
		back = append(part, back...)
		q.Before = p.Before
	}
	if len(back) != len(names) {
		t.Errorf("backwards %v\nwhole %v", back, names)
	}
	// Forwards by pages, from the beginning of time.
	var forth []string
	q = api.PageQuery{Max: 5, Since: time.Unix(1, 0)}
	for {
		p, err := blue.Records(ctx, "dtl", q)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Records) == 0 {
			break
		}
		for _, r := range p.Records {
			forth = append(forth, r.Ref)
		}
		q = api.PageQuery{Max: 5, After: p.After}
	}
	if strings.Join(forth, " ") != strings.Join(names, " ") {
		t.Errorf("forwards %v\nwhole    %v", forth, names)
	}
}

func TestEvents(t *testing.T) {
	_, blue, _ := pair(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	said := make(chan error, 1)
	started := make(chan struct{})
	go func() {
		<-started
		// The stream may not be open yet: say until it is.
		for ctx.Err() == nil {
			if _, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{{Code: "TX01", Text: "x"}}, Wait: 1}); err != nil {
				break
			}
		}
		said <- nil
	}()
	close(started)
	kinds := map[string]bool{}
	err := blue.Events(ctx, "dtl", func(e api.Event) bool {
		kinds[e.Kind] = true
		return !kinds["record"] || !kinds["receipt"]
	})
	if err != nil {
		t.Error(err)
	}
	cancel()
	<-said
}

func TestFaultsSayWhatToDo(t *testing.T) {
	_, blue, _ := pair(t)
	ctx := t.Context()
	say := func(d api.Draft) error {
		_, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{d}})
		return err
	}
	_, noLine := blue.LineStatus(ctx, "nowhere", "en")
	_, noRecord := blue.Record(ctx, "dtl", "blue/99", "en")
	_, noParty := blue.Record(ctx, "dtl", "green/1", "en")
	_, noLang := blue.LineStatus(ctx, "dtl", "tlh")
	_, noPlace := blue.Records(ctx, "dtl", api.PageQuery{After: "x"})
	_, empty := blue.Say(ctx, "dtl", api.Say{})
	for name, c := range map[string]struct {
		err    error
		status int
		words  string
	}{
		"no line":        {noLine, 404, "dtl-"},
		"no record":      {noRecord, 404, "blue/99"},
		"no party":       {noParty, 422, "green"},
		"no language":    {noLang, 422, "tlh"},
		"no place":       {noPlace, 422, "place"},
		"nothing":        {empty, 422, "drafts"},
		"no phrase":      {say(api.Draft{Code: "ZZ99"}), 422, "ZZ99"},
		"no parameter":   {say(api.Draft{Code: "TX01", Text: "x", Params: map[string]any{"colour": "red"}}), 422, "colour"},
		"machine's word": {say(api.Draft{Code: "LT01"}), 403, "station"},
		"no office":      {say(api.Draft{Code: "TX01", Text: "x", To: []string{"green:watch"}}), 422, "green:watch"},
		"clock is right": {blue.ConfirmClock(ctx, "dtl", []api.PersonSigned{{"ames", []byte("x")}, {"baker", []byte("y")}}), 409, "not in doubt"},
		"one person":     {blue.ConfirmClock(ctx, "dtl", []api.PersonSigned{{"ames", []byte("x")}}), 422, "people"},
		"relative":       {blue.Backup(ctx, "here"), 422, "absolute"},
		"object":         {say(api.Draft{Code: "TX01", Text: "x", Params: map[string]any{"subject": map[string]any{}}}), 422, ""},
	} {
		var p *api.Problem
		if !errors.As(c.err, &p) || p.Status != c.status || !strings.Contains(p.Detail, c.words) {
			t.Errorf("%s: %#v", name, c.err)
		}
	}
}

func TestStore(t *testing.T) {
	_, blue, _ := pair(t)
	ctx := t.Context()
	if err := blue.VerifyStore(ctx); err != nil {
		t.Error(err)
	}
	to := filepath.Join(t.TempDir(), "copy.db")
	if err := blue.Backup(ctx, to); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(to); err != nil {
		t.Error(err)
	}
	var p *api.Problem
	if err := blue.Backup(ctx, to); !errors.As(err, &p) || p.Status != 409 {
		t.Errorf("a backup over a backup: %v", err)
	}
}

func TestCutAndRestore(t *testing.T) {
	_, blue, red := pair(t)
	ctx := t.Context()
	if err := red.Cut(ctx, "dtl", "blue"); err != nil {
		t.Fatal(err)
	}
	said, err := blue.Say(ctx, "dtl", api.Say{Drafts: []api.Draft{{Code: "TX01", Text: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := red.Restore(ctx, "dtl", "blue"); err != nil {
		t.Fatal(err)
	}
	again, err := blue.Say(ctx, "dtl", api.Say{Token: said.Token, Drafts: []api.Draft{{Code: "TX01", Text: "x"}}, Wait: 20})
	if err != nil || len(again.Records[0].Receipts) != 1 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestNotRunning(t *testing.T) {
	_, err := api.NewClient(filepath.Join(t.TempDir(), api.SocketFile)).Status(t.Context(), "en")
	if !errors.Is(err, api.ErrNotRunning) {
		t.Error(err)
	}
}

func TestOpenAPI(t *testing.T) {
	doc, err := api.OpenAPI("test")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"openapi": "3.1.0"`, `"/v1/lines/{line}/say"`, `"/v1/lines/{line}/events"`, `"/v1/store/verify"`} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the document lacks %s", want)
		}
	}
}

// TestReference holds docs/reference/api.md to the routes there are.
func TestReference(t *testing.T) {
	doc, err := api.OpenAPI("test")
	if err != nil {
		t.Fatal(err)
	}
	var openapi struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(doc, &openapi); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/reference/api.md")
	if err != nil {
		t.Fatal(err)
	}
	for path := range openapi.Paths {
		last := path[strings.LastIndexByte(path, '/')+1:]
		if !strings.Contains(path, "/bearers/") && !strings.Contains(string(page), last) {
			t.Errorf("docs/reference/api.md does not tell of %s", path)
		}
	}
}
