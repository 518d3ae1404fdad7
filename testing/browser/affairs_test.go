// SPDX-License-Identifier: Apache-2.0

package browser_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"openline/catalogue/typed"
	"openline/internal/console"
	"openline/internal/desk/contact"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// stage is two stations whose line has a little of every affair, with a
// console each.
type stage struct {
	world *hosttest.World
	sides map[string]*host.Host
	names map[string]string // of records, by what the test calls them
}

// The pages of the affairs in Chromium: each at several widths, dark and
// light, in three languages, by axe, and what is done on them.
func TestThePagesOfTheAffairs(t *testing.T) {
	if testing.Short() {
		t.Skip("drives a browser for most of a minute")
	}
	needBrowser(t)
	st := newStage(t)
	st.tell(t)
	args := []string{"affairs.mjs", st.serve(t, "blue"), st.serve(t, "red"), string(st.world.Line())}
	if dir := os.Getenv("OPENLINE_SHOTS"); dir != "" {
		args = append(args, dir)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	out, err := exec.CommandContext(ctx, "node", args...).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

func newStage(t *testing.T) *stage {
	t.Helper()
	w := hosttest.New(t, hosttest.Options{Languages: []string{"en", "zh", "ar"}}, "blue", "red")
	st := &stage{world: w, sides: map[string]*host.Host{}, names: map[string]string{}}
	for short, dial := range map[string][]string{"blue": nil, "red": {"blue"}} {
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
		st.sides[short] = h
	}
	return st
}

// serve runs a side's console as a demonstration's and gives its address.
func (st *stage) serve(t *testing.T, short string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := st.sides[short]
	shelf := shelf.New(h)
	list, err := contact.Parse([]byte(contacts[short]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shelf.Import(t.Context(), st.world.Line(), list); err != nil {
		t.Fatal(err)
	}
	s, err := console.New(console.Config{
		Station: h, Host: h, Hosts: []string{l.Addr().String()}, Now: time.Now, Version: "test", Demo: &console.Demo{Person: "anna"},
		Lines:  []console.Line{{ID: st.world.Line(), Agreements: st.world.History}},
		People: func() ([]string, error) { return []string{"anna", "ben"}, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{Handler: s, ReadHeaderTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}

// say says one phrase and waits until the other side holds it. re and id are
// what the test calls records.
func (st *stage) say(t *testing.T, ctx context.Context, side, id, code, re string, params ...string) {
	t.Helper()
	h, line := st.sides[side], st.world.Line()
	env, err := h.Env(line)
	if err != nil {
		t.Fatal(err)
	}
	phrase, ok := st.world.Catalogue.Phrase(code)
	if !ok {
		t.Fatalf("no phrase %s", code)
	}
	d := station.Draft{Code: code, Params: map[string]record.Value{}}
	for _, text := range params {
		name, value, _ := strings.Cut(text, "=")
		if name == "text" {
			d.Text, d.Language = value, "en"
			continue
		}
		if name == "from*" {
			d.From = value
			continue
		}
		p, ok := phrase.Param(name)
		if !ok {
			t.Fatalf("%s has no parameter %s", code, name)
		}
		if d.Params[name], err = typed.Parse(p, value, env); err != nil {
			t.Fatal(err)
		}
	}
	if re != "" {
		ref, err := env.ParseRef(st.names[re])
		if err != nil {
			t.Fatalf("%s %s: %v", code, re, err)
		}
		d.Re = []record.Ref{ref}
	}
	got, err := h.Say(ctx, line, station.Say{Drafts: []station.Draft{d}})
	if err != nil {
		t.Fatalf("%s says %s: %v", side, code, err)
	}
	ref := record.ByNumber(got[0].Party, got[0].Number)
	st.names[id] = env.RefName(ref)
	r, err := h.Record(line, ref)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := h.WaitReceipts(ctx, line, r.Located); err != nil || len(list) != 1 {
		t.Fatalf("%s of %s did not come: %v, %v", code, side, list, err)
	}
}
