// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// house is two running stations in one told time; blue's watch is called.
type house struct {
	t     *testing.T
	w     *hosttest.World
	clock *host.VirtualClock
	hosts map[string]*host.Host
	shelf *shelf.Shelf
	post  *office

	keeper *Keeper
	stop   func()
}

func newHouse(t *testing.T) *house {
	h := &house{t: t, w: hosttest.New(t, hosttest.Options{}, "blue", "red"), clock: host.NewVirtualClock(time.Date(2026, 5, 4, 3, 0, 0, 0, time.UTC)),
		hosts: map[string]*host.Host{}, post: newOffice(t)}
	for short, dial := range map[string][]string{"blue": nil, "red": {"blue"}} {
		h.run(short, dial...)
	}
	h.shelf = shelf.New(h.hosts["blue"])
	h.rest()
	for _, n := range []roster.Note{
		{Do: roster.DoPerson, Name: "anna", Console: true, Email: "anna@blue.example", Webhook: h.post.url + "/anna"},
		{Do: roster.DoPerson, Name: "ben", Email: "ben@blue.example"},
		{Do: roster.DoShift, Name: "anna", From: h.now().Add(-time.Hour), To: h.now().Add(24 * time.Hour), Deputies: []string{"ben"}},
	} {
		if _, err := h.shelf.Enter(t.Context(), h.w.Line(), n); err != nil {
			t.Fatal(err)
		}
	}
	h.keep()
	return h
}

func (h *house) now() time.Time { return h.clock.Now().Wall }

func (h *house) run(short string, dial ...string) {
	h.t.Helper()
	db := hosttest.Disk(h.t, h.t.TempDir())
	cfg := h.w.Config(short, host.StoreOf(db), dial...)
	cfg.Clock, cfg.PingEvery = h.clock, time.Hour
	x, err := host.New(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- x.Run(ctx) }()
	h.t.Cleanup(func() {
		stop()
		if err := errors.Join(<-done, db.Close()); err != nil {
			h.t.Errorf("%s: %v", short, err)
		}
	})
	h.hosts[short] = x
}

func (h *house) ways() Ways {
	return Ways{
		Line: true, Hook: Hook{[]string{h.post.script}, time.Minute},
		Mailer: Mailer{Host: "127.0.0.1", Port: h.post.smtp, From: "watch@blue.example", TLS: "none", Timeout: 10 * time.Second},
		Poster: Poster{Client: NewClient(), Secret: []byte("secret"), Topic: h.post.url + "/topic", Timeout: 10 * time.Second},
	}
}

// keep starts a keeper; one that runs is stopped first.
func (h *house) keep() {
	h.t.Helper()
	if h.stop != nil {
		h.stop()
	}
	k, err := New(Config{Host: h.hosts["blue"], Shelf: h.shelf, Plan: testPlan(), Ways: h.ways(), Clock: h.clock, Log: hosttest.Log(h.t, "blue")})
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	h.keeper, h.stop = k, sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
	h.t.Cleanup(h.stop)
}

func testPlan() Plan {
	p := DefaultPlan()
	m := time.Minute
	p.Rungs[record.Priority] = []Rung{{0, WayConsole, ""}, {m, WayHook, ""}, {3 * m, WayEmail, ""}, {3 * m, WayWebhook, ""}, {10 * m, WayEmail, CallDeputies}, {30 * m, WayLine, ""}}
	p.Again[record.Priority] = 15 * m
	return p
}

func (h *house) rest() {
	h.t.Helper()
	if err := host.Rest(h.t.Context(), h.hosts["blue"], h.hosts["red"]); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) pass(d time.Duration) {
	h.t.Helper()
	rest := func(ctx context.Context) error { return host.Rest(ctx, h.hosts["blue"], h.hosts["red"]) }
	if err := h.clock.Advance(h.t.Context(), h.now().Add(d), rest); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) say(short string, d station.Draft) record.Ref {
	h.t.Helper()
	res, err := h.hosts[short].Say(h.t.Context(), h.w.Line(), station.Say{Drafts: []station.Draft{d}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.rest()
	return record.ByNumber(h.w.Party(short).No, res[0].Number)
}

// request is a call that red asks for.
func (h *house) request() record.Ref {
	post := func(p uint64) record.Value { return record.Array(record.Uint(p), record.Text("minister")) }
	return h.say("red", station.Draft{Code: "CR01", From: "watch", Params: map[string]record.Value{
		"caller": post(2), "called": post(1), "subject": record.Text("a secret subject"), "urgency": record.Text("ordinary"), "medium": record.Text("voice"),
	}})
}

// until waits, news by news, for the journal to say something.
func (h *house) until(what string, holds func([]roster.Alarm) bool) []roster.Alarm {
	h.t.Helper()
	news, leave, err := h.hosts["blue"].Subscribe(h.w.Line(), 1024)
	if err != nil {
		h.t.Fatal(err)
	}
	defer leave()
	ctx, cancel := context.WithTimeout(h.t.Context(), 30*time.Second)
	defer cancel()
	for {
		list, _, err := h.shelf.Alarms(h.w.Line())
		if err != nil {
			h.t.Fatal(err)
		}
		if holds(list) {
			return list
		}
		select {
		case <-ctx.Done():
			h.t.Fatalf("%s does not come; the journal says %+v", what, list)
		case <-news:
		}
	}
}

func stepsOf(a roster.Alarm) (out []string) {
	for _, s := range a.Steps {
		out = append(out, strings.Join(strings.Fields(s.Way+" "+s.To+" "+s.Outcome), " "))
	}
	slices.Sort(out)
	return out
}

func tried(n int) func([]roster.Alarm) bool {
	return func(list []roster.Alarm) bool { return len(list) > 0 && len(list[len(list)-1].Steps) >= n }
}

// A request nobody takes up climbs rung by rung, by real servers, and is quiet
// once a person has it; acknowledged and left it rings once more, and a reply
// ends it.
func TestTheLadder(t *testing.T) {
	h := newHouse(t)
	ref := h.request()
	h.until("the alarm", func(l []roster.Alarm) bool { return len(l) == 1 && l[0].Record == "red/"+number(ref) })
	h.pass(time.Minute)
	h.until("the hook", tried(1))
	h.pass(2 * time.Minute)
	list := h.until("mail, webhook and ntfy", tried(4))
	if got := stepsOf(list[0]); !slices.Equal(got, []string{"e-mail anna sent", "hook sent", "ntfy sent", "webhook anna sent"}) {
		t.Errorf("%q", got)
	}
	h.pass(7 * time.Minute)
	list = h.until("the deputy", tried(5))
	if got := stepsOf(list[0]); !slices.Contains(got, "e-mail ben sent") {
		t.Errorf("%q", got)
	}
	h.post.check(t, ref)

	if err := h.keeper.TakeUp(t.Context(), h.w.Line(), ref, "anna"); err != nil {
		t.Fatal(err)
	}
	h.until("the acknowledgement", func(l []roster.Alarm) bool { return l[0].By == "anna" })
	h.pass(14 * time.Minute)
	if list = h.until("quiet", func([]roster.Alarm) bool { return true }); len(list) != 1 || len(list[0].Steps) != 5 {
		t.Errorf("it rings after it was taken up: %+v", list)
	}
	h.pass(2 * time.Minute)
	list = h.until("again", func(l []roster.Alarm) bool { return len(l) == 2 })
	if list[1].Code != CodeAgain || !strings.Contains(list[1].Text, "anna") {
		t.Errorf("%+v", list[1])
	}
	if up, err := h.keeper.Taken(h.w.Line()); err != nil || up[ref] {
		t.Errorf("it counts as taken up while it rings again: %v", err)
	}
	h.say("blue", station.Draft{Code: "HD03", From: "watch", Re: []record.Ref{ref}})
	h.until("the reply to end it", func(l []roster.Alarm) bool { return l[1].Acknowledged != nil })
}

func number(r record.Ref) string {
	return record.FormatRef(r, func(record.PartyNo) string { return "" })[1:]
}

// Where nobody comes, the other desk is told by the station itself, and that
// counts as no person's word.
func TestTheOtherDeskIsTold(t *testing.T) {
	h := newHouse(t)
	h.request()
	h.until("the alarm", func(l []roster.Alarm) bool { return len(l) == 1 })
	h.pass(31 * time.Minute)
	h.until("the line", func(l []roster.Alarm) bool { return slices.Contains(stepsOf(l[0]), "line sent") })
	h.rest()
	records, _, err := h.hosts["red"].Before(h.w.Line(), nil, 8)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(records, func(r host.Record) bool { return r.Header != nil && r.Header.Code == "LT03" })
	if i < 0 || records[i].Header.From != "station" {
		t.Fatalf("the other desk was not told: %+v", records)
	}
	v, err := h.hosts["red"].View(t.Context(), h.w.Line())
	if err != nil || v.Peers[0].State.Watch.Kind == "watch.person" {
		t.Errorf("the machine's word counts as a person's: %+v %v", v.Peers[0].State.Watch, err)
	}
	_, err = h.hosts["blue"].Say(t.Context(), h.w.Line(), station.Say{ByStation: true, Drafts: []station.Draft{{Code: "HD03", Re: []record.Ref{record.ByNumber(2, 1)}}}})
	if !errors.Is(err, station.ErrMachine) {
		t.Errorf("a station gives a person's answer: %v", err)
	}
}

// A keeper that starts anew goes on where the journal stops, and raises what
// came while none ran, once.
func TestTheKeeperStartsAnew(t *testing.T) {
	h := newHouse(t)
	h.request()
	h.until("the alarm", func(l []roster.Alarm) bool { return len(l) == 1 })
	h.pass(time.Minute)
	h.until("the hook", tried(1))
	h.stop()
	second := h.request()
	h.pass(2 * time.Minute)
	h.keep()
	h.until("the second", func(l []roster.Alarm) bool { return len(l) == 2 && len(l[0].Steps) >= 4 })
	h.pass(time.Minute)
	list := h.until("both", func(l []roster.Alarm) bool { return len(l) == 2 && len(l[1].Steps) >= 1 })
	if list[1].Record != "red/"+number(second) || len(slices.DeleteFunc(stepsOf(list[0]), func(s string) bool { return s != "hook sent" })) != 1 {
		t.Errorf("%+v", list)
	}
}

// What does not answer is written down as such and holds nothing up.
func TestAWayThatDoesNotAnswer(t *testing.T) {
	h := newHouse(t)
	h.post.broken.Store(true)
	h.request()
	h.until("the alarm", func(l []roster.Alarm) bool { return len(l) == 1 })
	h.pass(3 * time.Minute)
	list := h.until("every try", tried(4))
	for _, s := range list[0].Steps {
		if s.Way == "webhook" && !strings.Contains(s.Outcome, "503") || s.Way == "e-mail" && !strings.Contains(s.Outcome, "451") || s.Way == "hook" && !strings.Contains(s.Outcome, "lamp is broken") {
			t.Errorf("%+v", s)
		}
	}
}

// office is where mail, posts and the hook arrive.
type office struct {
	t      testing.TB
	url    string
	smtp   int
	script string
	out    string
	broken atomicBool

	mu    sync.Mutex
	mails []string // to and words
	posts []post
}

type post struct {
	path string
	head http.Header
	body []byte
}

func newOffice(t *testing.T) *office {
	o := &office{t: t, out: filepath.Join(t.TempDir(), "rung")}
	web := httptest.NewServer(o)
	t.Cleanup(web.Close)
	o.url = web.URL
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := smtp.NewServer(o)
	srv.Domain = "blue.example"
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-done); err != nil && !errors.Is(err, smtp.ErrServerClosed) {
			t.Error(err)
		}
	})
	o.smtp = l.Addr().(*net.TCPAddr).Port
	o.script = filepath.Join(t.TempDir(), "lamp")
	text := "#!/bin/sh\nif [ -e " + o.out + ".broken ]; then echo the lamp is broken >&2; exit 7; fi\necho \"$OPENLINE_PRECEDENCE $OPENLINE_RECORD $OPENLINE_SUBJECT\" >>" + o.out + "\n"
	if err := os.WriteFile(o.script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	o.broken.set = func() {
		if err := os.WriteFile(o.out+".broken", nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return o
}

type atomicBool struct {
	mu  sync.Mutex
	on  bool
	set func()
}

func (b *atomicBool) Store(on bool) { b.mu.Lock(); b.on = on; b.mu.Unlock(); b.set() }
func (b *atomicBool) Load() bool    { b.mu.Lock(); defer b.mu.Unlock(); return b.on }

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		o.t.Error(err)
	}
	if o.broken.Load() {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.posts = append(o.posts, post{r.URL.Path, r.Header, body})
}

func (o *office) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{o: o}, nil }

type session struct {
	o  *office
	to string
}

func (s *session) Reset()                               {}
func (s *session) Logout() error                        { return nil }
func (s *session) Mail(string, *smtp.MailOptions) error { return nil }
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.o.broken.Load() {
		return &smtp.SMTPError{Code: 451, Message: "come again"}
	}
	s.o.mu.Lock()
	defer s.o.mu.Unlock()
	s.o.mails = append(s.o.mails, s.to+"\n"+string(b))
	return nil
}

// check looks at what arrived: that something awaits, and no word of it.
func (o *office) check(t *testing.T, ref record.Ref) {
	t.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	rung, err := os.ReadFile(o.out)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(rung), "priority red/"+number(ref)+" priority: red awaits the watch of line dtl") {
		t.Errorf("the hook was told %q", rung)
	}
	if len(o.mails) != 2 || !strings.HasPrefix(o.mails[0], "anna@blue.example\n") || !strings.Contains(o.mails[0], "Auto-Submitted: auto-generated") {
		t.Errorf("%d mails: %q", len(o.mails), o.mails)
	}
	all := string(rung) + strings.Join(o.mails, "")
	for _, p := range o.posts {
		all += string(p.body)
		if p.path != "/anna" {
			continue
		}
		var c Call
		if err := json.Unmarshal(p.body, &c); err != nil || c.Record != "red/"+number(ref) || c.Person != "anna" {
			t.Errorf("%v %+v", err, c)
		}
		at, err := time.Parse(time.RFC3339, c.Raised.Format(time.RFC3339))
		if err != nil || at.IsZero() || !strings.HasPrefix(p.head.Get("Webhook-Signature"), "v1,") {
			t.Errorf("%v", p.head)
		}
	}
	if len(o.posts) != 2 {
		t.Errorf("%d posts: %+v", len(o.posts), o.posts)
	}
	if strings.Contains(all, "secret subject") {
		t.Errorf("what was said leaves the house by an alarm:\n%s", all)
	}
}
