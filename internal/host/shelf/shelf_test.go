// SPDX-License-Identifier: Apache-2.0

package shelf_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/desk/contact"
	"openline/internal/desk/deliberation"
	"openline/internal/desk/draft"
	"openline/internal/desk/roster"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/host/shelf"
	"openline/internal/station"
	"openline/record"
)

// canary stands in every entry of the journal.
const canary = "kept-at-home"

// tap keeps every frame a station sends, before anything encrypts it.
type tap struct {
	mu   sync.Mutex
	sent bytes.Buffer
}

func (t *tap) around(b host.Bearer) host.Bearer { return tapped{b, t} }

type tapped struct {
	host.Bearer
	t *tap
}

func (b tapped) WriteFrames(frames [][]byte) error {
	b.t.mu.Lock()
	for _, f := range frames {
		b.t.sent.Write(f)
	}
	b.t.mu.Unlock()
	return b.Bearer.WriteFrames(frames)
}

func (t *tap) has(s string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return bytes.Contains(t.sent.Bytes(), []byte(s))
}

func person(name string) *secret.Person { return secret.NewPerson(sha256.Sum256([]byte(name))) }

func signed(act identity.Act, names ...string) (out []station.Signature) {
	for _, n := range names {
		out = append(out, station.Signature{Person: n, Bytes: person(n).SignAct(act)})
	}
	return out
}

// desk is one party's running station with its tap.
type desk struct {
	*host.Host
	tap *tap
}

func start(t *testing.T, w *hosttest.World, short, dir string, dial ...string) (d *desk, stop func()) {
	t.Helper()
	db := hosttest.Disk(t, dir)
	cfg := w.Config(short, host.StoreOf(db), dial...)
	cfg.Lines[0].People = func(name string) (identity.PersonKey, bool) {
		return person(name).Public(), strings.HasPrefix(name, "ann-") || strings.HasPrefix(name, "ben-")
	}
	d = &desk{tap: &tap{}}
	cfg.Around, cfg.Log = d.tap.around, hosttest.Log(t, short)
	h, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	d.Host = h
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			if err := errors.Join(<-ended, db.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(stop)
	return d, stop
}

// fill writes every kind of entry, each with the canary in it.
func fill(t *testing.T, d *desk, s *shelf.Shelf, line identity.LineID) {
	t.Helper()
	ctx := t.Context()
	do := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	list, err := contact.Parse([]byte("date,kind,level,ours,theirs,channel,outcome,source,attribution,note\n,contact,watch," + canary + "," + canary + "," + canary + ",held," + canary + ",official," + canary + "\n"))
	do("contacts", err)
	_, err = s.Import(ctx, line, list)
	do("import", err)
	for _, n := range []deliberation.Note{
		{Do: deliberation.DoOpen, By: canary, Question: canary, Subject: canary, Options: []string{canary}},
		{Do: deliberation.DoPosition, On: 1, Option: 1, Who: canary, Stance: deliberation.Opposes, Arguments: canary, Source: canary},
		{Do: deliberation.DoDecide, On: 1, Option: 1, Words: canary},
	} {
		_, err = s.Deliberate(ctx, line, n)
		do(n.Do, err)
	}
	at := time.Now().UTC()
	for _, n := range []roster.Note{
		{Do: roster.DoPerson, Name: canary, Email: canary + "@blue.example", Webhook: "https://" + canary + ".example/", Phone: canary, Words: canary},
		{Do: roster.DoShift, Name: canary, From: at, To: at.Add(time.Hour), Deputies: []string{canary}, Words: canary},
		{Do: roster.DoHandover, Giver: canary, Taker: canary, Words: canary},
		{Do: roster.DoAlarm, Text: canary, Code: canary},
		{Do: roster.DoStep, Of: 1, Way: canary, Name: canary, Outcome: canary},
		{Do: roster.DoAcknowledged, Of: 1, By: canary, Words: canary},
	} {
		_, err = s.Enter(ctx, line, n)
		do(n.Do, err)
	}
	do("a note of no room", d.Note(ctx, line, "drafts", []byte(canary)))
	drafts(t, s, line)
	table := fmt.Appendf(nil, "version = 1\nname = %q\nstates = [\"calm\", %q]\n[[alone]]\nwho = \"one person\"\n", canary, canary)
	for _, ev := range []station.SetMandates{{Table: table}, {State: canary}} {
		act, err := d.MandateAct(ctx, line, ev.Table, ev.State)
		do("mandates", err)
		ev.Cut, ev.People = act.Cut, signed(act, "ann-"+canary, "ben-"+canary)
		do("mandates", d.SetMandates(ctx, line, ev))
	}
}

// drafts writes one draft, changes it, has it signed, and drops another.
func drafts(t *testing.T, s *shelf.Shelf, line identity.LineID) {
	t.Helper()
	for i, n := range []draft.Note{
		{Do: draft.DoWrite, By: canary, Typed: map[string]string{"text": canary}},
		{Do: draft.DoChange, By: canary, On: 1, Version: 1},
		{Do: draft.DoSign, On: 1, Version: 2, Person: canary, Signature: []byte(canary)},
		{Do: draft.DoWrite, By: canary},
		{Do: draft.DoDrop, On: 2, Version: 1, Words: canary},
	} {
		var err error
		switch n.Do {
		case draft.DoWrite, draft.DoChange:
			n, err = s.Wording(t.Context(), line, station.Draft{Code: "TX01", Text: fmt.Sprint(canary, i)}, n)
		case draft.DoSign:
			var d draft.Draft
			d, err = s.Draft(line, 1)
			n.Digest = d.Newest().Digest[:]
		}
		if err == nil {
			_, err = s.Write(t.Context(), line, n)
		}
		if err != nil {
			t.Fatalf("%s: %v", n.Do, err)
		}
	}
}

// say says something the other side is to read, in the name of a person and
// released by two.
func say(t *testing.T, d *desk, line identity.LineID, words string) {
	t.Helper()
	for {
		hold, up, _, err := d.Health(t.Context(), line)
		if err != nil {
			t.Fatal(err)
		}
		if hold == station.HoldNone && up > 0 {
			break
		}
	}
	named := station.Draft{Code: "TX01", Text: words, People: []station.Signature{{Person: canary}}}
	two, act, err := d.Prepare(t.Context(), line, station.Draft{Code: "TX01", Text: words + " by two"})
	if err != nil {
		t.Fatal(err)
	}
	two.People = signed(act, "ann-"+canary, "ben-"+canary)
	got, err := d.Say(t.Context(), line, station.Say{Drafts: []station.Draft{named, two}})
	if err != nil {
		t.Fatal(err)
	}
	r, err := d.Record(line, record.ByNumber(got[1].Party, got[1].Number))
	if err != nil {
		t.Fatal(err)
	}
	if list, err := d.WaitReceipts(t.Context(), line, r.Located); err != nil || len(list) != 1 {
		t.Fatalf("receipts: %v, %v", list, err)
	}
}

// Nothing of any kind of entry is in any frame that leaves; what is said is.
// A shelf made anew after a restart holds the same.
func TestNothingOfTheJournalLeaves(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	red, _ := start(t, w, "red", t.TempDir())
	dir := t.TempDir()
	blue, stop := start(t, w, "blue", dir, "red")
	s := shelf.New(blue.Host)
	say(t, blue, w.Line(), "said before")
	fill(t, blue, s, w.Line())
	say(t, blue, w.Line(), "said after")
	if err := blue.Cut(t.Context(), w.Line(), "red.example"); err != nil {
		t.Fatal(err)
	}
	if err := blue.Restore(t.Context(), w.Line(), "red.example"); err != nil {
		t.Fatal(err)
	}
	say(t, blue, w.Line(), "said once more")
	before := page(t, s, w.Line())
	stop()
	first := blue.tap
	again, _ := start(t, w, "blue", dir, "red")
	say(t, again, w.Line(), "said at last")
	for _, side := range []*tap{first, again.tap, red.tap} {
		for _, secret := range []string{canary, "alert state", "mandates"} {
			if side.has(secret) {
				t.Errorf("%q left a station", secret)
			}
		}
	}
	if !first.has("said before") || !first.has("said once more by two") || !again.tap.has("said at last") {
		t.Error("what was said is not found either: the search sees nothing")
	}
	if after := page(t, shelf.New(again.Host), w.Line()); !strings.HasPrefix(after, before) {
		t.Errorf("a shelf made anew holds\n%s\nand before it was\n%s", after, before)
	}
}

// page is all a shelf holds, as text; acts come last.
func page(t *testing.T, s *shelf.Shelf, line identity.LineID) string {
	t.Helper()
	c, err1 := s.Contacts(line)
	d, err2 := s.Deliberations(line)
	r, err3 := s.Handovers(line)
	a, left, err4 := s.Alarms(line)
	m, err5 := s.Mandates(line)
	open, err6 := s.Drafts(line)
	ended, more, err7 := s.Ended(line)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7); err != nil {
		t.Fatal(err)
	}
	if len(c) != 1 || len(d) != 1 || len(d[0].Decisions) != 1 || len(r) != 1 || len(a) != 1 || a[0].By != canary || len(m.Changes) != 2 {
		t.Errorf("the shelf holds %d contacts, %+v, %+v, %+v, %+v", len(c), d, r, a, m.Changes)
	}
	if len(open) != 1 || len(open[0].Versions) != 2 || len(open[0].Newest().Signed) != 1 || len(ended) != 1 || more != 0 {
		t.Errorf("the shelf holds the drafts %+v and %+v", open, ended)
	}
	b := fmt.Sprintf("%+v %+v %+v %d %+v %+v %+v", c, d, r, left, m.Changes, open, ended[0].Versions)
	for _, x := range m.Acted {
		b += fmt.Sprintf("\n%+v", x)
	}
	return b
}

// A note under a token that was taken changes nothing; one that breaks a rule
// is not written.
func TestNotesAreCheckedAndCountOnce(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	blue, _ := start(t, w, "blue", t.TempDir())
	s := shelf.New(blue.Host)
	ask := deliberation.Note{Token: "one", Do: deliberation.DoOpen, Question: "Which?"}
	for range 2 {
		if d, err := s.Deliberate(t.Context(), w.Line(), ask); err != nil || d.No != 1 {
			t.Fatalf("%+v, %v", d, err)
		}
	}
	if _, err := s.Deliberate(t.Context(), w.Line(), deliberation.Note{Do: deliberation.DoDecide, On: 2, Words: "x"}); !errors.Is(err, deliberation.ErrNone) {
		t.Errorf("a decision on nothing: %v", err)
	}
	if _, err := s.Enter(t.Context(), w.Line(), roster.Note{Do: roster.DoHandover, Taker: "Nobody at all"}); err == nil {
		t.Error("a name that is none was taken")
	}
	entries, err := blue.Journal(w.Line(), 0, 10)
	if err != nil || len(entries) != 1 {
		t.Errorf("%d entries, %v", len(entries), err)
	}
	// Another process, or an earlier version, may have written it twice.
	if err := blue.Note(t.Context(), w.Line(), deliberation.Kind, entries[0].Note()); err != nil {
		t.Fatal(err)
	}
	if list, err := s.Deliberations(w.Line()); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	// What does not read is an error, never passed over.
	if err := blue.Note(t.Context(), w.Line(), deliberation.Kind, []byte(`{"v":2,"token":"x","do":"open","question":"?"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Contacts(w.Line()); err == nil || !strings.Contains(err.Error(), "does not read") {
		t.Errorf("read past it: %v", err)
	}
}
