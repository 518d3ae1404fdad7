// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openline/internal/desk"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// still is a keeper that does not run, to be asked step by step.
func (h *house) still() *watch {
	h.t.Helper()
	h.stop()
	k, err := New(Config{Host: h.hosts["blue"], Shelf: h.shelf, Plan: testPlan(), Ways: h.ways(), Clock: h.clock, Log: hosttest.Log(h.t, "blue")})
	if err != nil {
		h.t.Fatal(err)
	}
	return k.lines[h.w.Line()]
}

// What was acknowledged and left is raised once more, also where the station
// was stopped in between; what a reply has ended is not.
func TestLeftOverAStart(t *testing.T) {
	h := newHouse(t)
	left, answered := h.request(), h.request()
	h.until("both", func(l []roster.Alarm) bool { return len(l) == 2 })
	for _, ref := range []record.Ref{left, answered} {
		if err := h.keeper.TakeUp(t.Context(), h.w.Line(), ref, "anna"); err != nil {
			t.Fatal(err)
		}
	}
	h.say("blue", station.Draft{Code: "HD03", From: "watch", Re: []record.Ref{answered}})
	for range 2 { // the second start finds that it was raised once more
		h.keep()
		h.pass(16 * time.Minute)
		list := h.until("again", func(l []roster.Alarm) bool { return len(l) == 3 })
		if list[2].Code != CodeAgain || list[2].Record != "red/"+number(left) {
			t.Errorf("%+v", list[2])
		}
	}
}

// Rungs that are under way while the record is read anew are not tried twice.
func TestReadAnewRingsOnce(t *testing.T) {
	h := newHouse(t)
	h.request()
	h.until("the alarm", func(l []roster.Alarm) bool { return len(l) == 1 })
	w := h.still()
	if err := w.resume(); err != nil {
		t.Fatal(err)
	}
	w.ringing[1].tried = 2 // the hook, which has not ended
	if err := w.resume(); err != nil || w.ringing[1].tried != 2 {
		t.Errorf("rung %d is next, %v", w.ringing[1].tried, err)
	}
}

// Where news were lost, what came since is looked at however old it is by its
// own hour: after an outage much comes at once.
func TestWhatCameAtOnceAfterAnOutage(t *testing.T) {
	h := newHouse(t)
	w := h.still()
	if err := w.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.request()
	h.pass(oldest + time.Hour)
	if err := w.catchUp(t.Context()); err != nil {
		t.Fatal(err)
	}
	if list, _, err := h.shelf.Alarms(h.w.Line()); err != nil || !slices.ContainsFunc(list, func(a roster.Alarm) bool { return a.Code == "CR01" }) {
		t.Errorf("%+v %v", list, err)
	}
}

// What one party says much of keeps out neither what is more urgent nor the
// station's own word.
func TestManyKeepOutNothing(t *testing.T) {
	h := newHouse(t)
	w := h.still()
	for i := range maxRinging {
		w.ringing[1000+i] = &ringing{alarm: roster.Alarm{No: 1000 + i, Party: "red"}, prec: record.Routine}
	}
	n := roster.Note{Do: roster.DoAlarm, Party: "red", Text: "one more"}
	for _, c := range []struct {
		party string
		prec  record.Precedence
		want  int
	}{{"red", record.Routine, 0}, {"red", record.Flash, 1}, {"", record.Routine, 2}} {
		n.Party = c.party
		if err := w.raise(t.Context(), n, c.prec); err != nil {
			t.Fatal(err)
		}
		if got := len(w.ringing) - maxRinging; got != c.want {
			t.Errorf("%q %v: %d ring beside", c.party, c.prec, got)
		}
	}
}

// Where one line cannot be kept, the keeper ends and says so, though another
// could be.
func TestALineThatCannotBeKept(t *testing.T) {
	h := newHouse(t)
	w := h.still()
	w.k.lines["nowhere"] = &watch{k: w.k, id: "nowhere", ringing: map[int]*ringing{}}
	if err := w.k.Run(t.Context()); err == nil {
		t.Error("it ended without a word")
	}
}

// full is a store whose disk may be full.
type full struct {
	host.Store
	now atomic.Bool
}

func (f *full) Save(b store.Batch) error {
	if f.now.Load() {
		return store.ErrFull
	}
	return f.Store.Save(b)
}

// A disk that is full is told of by an alarm, which rings though the journal
// does not take it; it is written once there is room.
func TestAFullDiskRings(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits until the journal is given up, twice")
	}
	h := newHouse(t)
	h.stop()
	db := hosttest.Disk(t, t.TempDir())
	disk := &full{Store: host.StoreOf(db)}
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	cfg := w.Config("blue", disk)
	cfg.Clock, cfg.PingEvery = h.clock, time.Hour
	x, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var ran sync.WaitGroup
	ran.Go(func() {
		if err := x.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	k, err := New(Config{Host: x, Shelf: shelf.New(x), Plan: testPlan(), Ways: h.ways(), Clock: h.clock, Log: hosttest.Log(t, "blue")})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		cancel()
		ran.Wait()
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	if _, err := k.cfg.Shelf.Enter(ctx, w.Line(), roster.Note{Do: roster.DoPerson, Name: "anna"}); err != nil {
		t.Fatal(err)
	}
	disk.now.Store(true)
	s := k.lines[w.Line()]
	if err := s.raise(ctx, roster.Note{Do: roster.DoAlarm, Text: "nothing is recorded"}, record.Immediate); err != nil {
		t.Fatal(err)
	}
	if len(s.ringing) != 1 || s.ringing[-1] == nil {
		t.Fatalf("%d ring", len(s.ringing))
	}
	rest := func(context.Context) error { return nil } // a station that waits for its disk is not at rest
	for i := range 10 {
		if err := h.clock.Advance(ctx, h.now().Add(time.Minute), rest); err != nil {
			t.Fatal(err)
		}
		if _, err := s.climb(ctx); err != nil {
			t.Fatal(err)
		}
		if s.ringing[-1] == nil {
			break
		}
		if i == 0 && s.ringing[-1].tried < 2 {
			t.Error("it does not ring")
		}
		disk.now.Store(false)
	}
	k.tries.Wait()
	list, _, err := k.cfg.Shelf.Alarms(w.Line())
	if err != nil || len(list) != 1 || list[0].Text != "nothing is recorded" || s.ringing[1] == nil || s.ringing[1].tried < 2 {
		t.Errorf("%+v %v, rings %+v", list, err, s.ringing)
	}
}

// Whatever a way answers, and however long a gloss, the journal takes it.
func TestShortIsTaken(t *testing.T) {
	for _, s := range []string{strings.Repeat("界", 500), "answered 500 \u202eok", "a\nb\tc\x00\x7f", "\xff\xfe", strings.Repeat("x", 5000)} {
		if err := desk.Line("it", "-"+short(s), 400); err != nil {
			t.Errorf("%.20q: %v", s, err)
		}
	}
}

// Every browser of a person is called, whichever answers first, and one that
// is no more keeps nobody out.
func TestEveryBrowserIsCalled(t *testing.T) {
	var mu sync.Mutex
	var called []string
	maker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		mu.Lock()
		called = append(called, r.URL.Path)
		mu.Unlock()
		if r.URL.Path == "/gone" {
			w.WriteHeader(http.StatusGone)
			return
		}
		w.WriteHeader(http.StatusCreated)
	}))
	defer maker.Close()
	subs, err := OpenSubscriptions(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/desk", "/gone", "/phone"} {
		if err := subs.Add("anna", newBrowser(t, maker.URL+path).subscription()); err != nil {
			t.Fatal(err)
		}
	}
	p := Pusher{Subs: subs, Contact: "mailto:watch@blue.example", Client: NewClient(), Timeout: 10 * time.Second}
	if err := p.Push(t.Context(), Call{Person: "anna", Precedence: "flash"}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(called)
	if !slices.Equal(called, []string{"/desk", "/gone", "/phone"}) || len(subs.Of("anna")) != 2 {
		t.Errorf("called %v, %d are left", called, len(subs.Of("anna")))
	}
	// As a station is set up, a browser leads nobody inside.
	p.Client = outside()
	if err := p.Push(t.Context(), Call{Person: "anna", Precedence: "flash"}); err == nil || !strings.Contains(err.Error(), "inner address") || len(called) != 3 {
		t.Errorf("%v, called %v", err, called)
	}
}

func TestInnerAddresses(t *testing.T) {
	for _, a := range []string{"127.0.0.1:443", "10.0.0.5:443", "172.16.9.9:443", "192.168.1.1:443", "169.254.169.254:80", "0.0.0.0:443", "100.64.1.1:443", "224.0.0.1:443",
		"[::1]:443", "[fe80::1]:443", "[fd00::1]:443", "[::ffff:10.0.0.5]:443", "[64:ff9b::a00:5]:443", "[::]:443", "nonsense", ""} {
		if err := notInside("tcp", a, nil); err == nil {
			t.Errorf("%s is called", a)
		}
	}
	for _, a := range []string{"203.0.114.7:443", "[2a00:1450::1]:443"} {
		if err := notInside("tcp", a, nil); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}
