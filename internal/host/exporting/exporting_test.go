// SPDX-License-Identifier: Apache-2.0

package exporting_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"openline/catalogue"
	"openline/extract"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/host"
	"openline/internal/host/exporting"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/internal/store/sqlite"
	"openline/record"
)

// desk is one party's running station over a store on disk.
type desk struct {
	*host.Host
	t  *testing.T
	w  *hosttest.World
	db *sqlite.DB

	cancel context.CancelFunc
	ended  chan error
}

// later is the machine's clock some time later, for both stations alike.
type later struct {
	host.Clock
	by *atomic.Int64 // nanoseconds
}

func (l later) Now() station.Now {
	n, by := l.Clock.Now(), time.Duration(l.by.Load())
	return station.Now{Wall: n.Wall.Add(by), Mono: n.Mono + by}
}

func (l later) Alarm() host.Alarm { return laterAlarm{l.Clock.Alarm(), l.by} }

type laterAlarm struct {
	host.Alarm
	by *atomic.Int64
}

func (l laterAlarm) Set(mono time.Duration) { l.Alarm.Set(mono - time.Duration(l.by.Load())) }

// people are the two who release an export.
var people = map[string]*secret.Person{"anna": secret.NewPerson([32]byte{1}), "ben": secret.NewPerson([32]byte{2})}

func open(t *testing.T, w *hosttest.World, by *atomic.Int64, short, dir string, dial ...string) *desk {
	t.Helper()
	db := hosttest.Disk(t, dir)
	cfg := w.Config(short, host.StoreOf(db), dial...)
	cfg.Log, cfg.Clock = hosttest.Log(t, short), later{host.SystemClock(), by}
	cfg.Lines[0].People = func(name string) (k identity.PersonKey, ok bool) {
		if p := people[name]; p != nil {
			return p.Public(), true
		}
		return k, false
	}
	h, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	d := &desk{Host: h, t: t, w: w, db: db, cancel: cancel, ended: make(chan error, 1)}
	go func() { d.ended <- h.Run(ctx) }()
	t.Cleanup(d.close)
	return d
}

func (d *desk) close() {
	if d.cancel == nil {
		return
	}
	d.cancel()
	d.cancel = nil
	if err := <-d.ended; err != nil {
		d.t.Errorf("run: %v", err)
	}
	if err := d.db.Close(); err != nil {
		d.t.Errorf("close: %v", err)
	}
}

// say says something and waits until the other side's receipt covers it.
func (d *desk) say(draft station.Draft) uint64 {
	d.t.Helper()
	d.wait("the other side", func(v station.View) bool { return len(v.Peers[0].Bearers) > 0 })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	res, err := d.Say(ctx, d.w.Line(), station.Say{Drafts: []station.Draft{draft}})
	if err != nil {
		d.t.Fatal(err)
	}
	d.wait("the receipt", func(v station.View) bool {
		return v.Peers[0].Receipt.Size > 0 && v.Peers[0].Receipt.Last >= res[0].Number
	})
	return res[0].Number
}

func (d *desk) wait(what string, holds func(station.View) bool) {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	news, leave, err := d.Subscribe(d.w.Line(), 1024)
	if err != nil {
		d.t.Fatal(err)
	}
	defer leave()
	for {
		v, err := d.View(ctx, d.w.Line())
		if err != nil {
			d.t.Fatalf("waiting for %s: %v", what, err)
		}
		if v.Hold == station.HoldNone && len(v.Peers) > 0 && holds(v) {
			return
		}
		select {
		case <-news:
		case <-ctx.Done():
			d.t.Fatalf("waited in vain for %s: %+v", what, v)
		}
	}
}

func (d *desk) exporter() *exporting.Exporter {
	return &exporting.Exporter{Host: d.Host, Line: d.w.Line(), Me: 1, Bundles: [][]byte{d.w.Bundle},
		Catalogues: []*catalogue.Catalogue{d.w.Catalogue}, Store: d.db, Reader: d.db.Line(d.w.Line())}
}

func (d *desk) signed(e *exporting.Exporter, request record.Ref) (cut [32]byte, list []station.Signature) {
	d.t.Helper()
	act, err := e.Act(d.t.Context(), request)
	if err != nil {
		d.t.Fatal(err)
	}
	for name, p := range people {
		list = append(list, station.Signature{Person: name, Bytes: p.SignAct(act)})
	}
	return act.Cut, list
}

// noReply exports a no-reply extract, has it verified with both parties'
// fingerprints as its reader would, and gives the step that does not let the
// sentence stand.
func (d *desk) noReply(request record.Ref) *extract.NoReply {
	d.t.Helper()
	e := d.exporter()
	cut, list := d.signed(e, request)
	zip, _, err := e.NoReply(d.t.Context(), request, 2, cut, list)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.verify(zip).NoReply
}

func (d *desk) verify(zip []byte) *extract.Report {
	d.t.Helper()
	o := extract.Options{Fingerprints: map[identity.Party]identity.Fingerprint{}}
	for _, p := range d.w.History.Newest().Parties {
		o.Fingerprints[p.Name] = p.Key.Fingerprint(p.Name)
	}
	r, err := extract.Verify(zip, o)
	if err != nil {
		d.t.Fatal(err)
	}
	if !r.Vouched() {
		d.t.Error("the keys are unvouched")
	}
	return r
}

func text(s string) station.Draft { return station.Draft{Code: "TX01", Text: s} }

func TestExtractsOfRealStations(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	at, by := t.TempDir(), new(atomic.Int64)
	blue, red := open(t, w, by, "blue", t.TempDir()), open(t, w, by, "red", at, "blue")
	post := func(p uint64) record.Value { return record.Array(record.Uint(p), record.Text("secretary")) }
	ask := station.Draft{Code: "CR01", From: "secretary", Params: map[string]record.Value{"caller": post(1), "called": post(2),
		"subject": record.Text("a call"), "urgency": record.Text("ordinary"), "medium": record.Text("voice")}}
	q := record.ByNumber(1, blue.say(ask))
	noise := red.say(text("Good morning."))

	if n := blue.noReply(q); n.Step != 0 || n.Sentence == "" {
		t.Fatalf("before a reply: step %d, %s", n.Step, n.Reason)
	}

	e := blue.exporter()
	for depth, whole := range map[extract.Depth]uint64{extract.LeafOnly: 0, extract.WithHeader: 0, extract.Whole: 1} {
		cut, list := blue.signed(e, record.Ref{})
		zip, _, err := e.Choose(t.Context(), 2, []record.Ref{q, record.ByNumber(2, noise)}, depth, cut, list)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range blue.verify(zip).Logs {
			if l.Whole != whole || l.Whole+l.Headers+l.Leaves != 1 {
				t.Errorf("chosen to the %s: %+v", depth, l)
			}
		}
	}
	cut, list := blue.signed(e, record.Ref{})
	zip, _, err := e.Choose(t.Context(), 2, nil, extract.Whole, cut, list)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range blue.verify(zip).Logs {
		if l.Whole != l.Size || l.Size == 0 {
			t.Errorf("the whole line: %+v", l)
		}
	}

	// Red opens a new generation, two seconds later: the first is receipted
	// anew, and the sentence stands over both.
	saved, err := red.db.Load(w.Line())
	if err != nil {
		t.Fatal(err)
	}
	size := saved.Row.Size
	red.close()
	w.Renew(t, w.Party("red"), 2, 1000, &identity.Held{Generation: 1, Size: size, Root: saved.Row.Root})
	by.Add(int64(2 * time.Second))
	red = open(t, w, by, "red", at, "blue")
	red.say(text("Good morning again."))
	n := blue.noReply(q)
	if n.Step != 0 || n.Sentence == "" || n.Records <= size {
		t.Fatalf("after a new generation: step %d, %s; %d records", n.Step, n.Reason, n.Records)
	}

	red.say(station.Draft{Code: "HD02", Re: []record.Ref{q}, Params: map[string]record.Value{"until": record.Uint(1_900_000_000)}})
	if n := blue.noReply(q); n.Step != 12 || n.Sentence != "" {
		t.Errorf("after a reply: step %d, %s, %q", n.Step, n.Reason, n.Sentence)
	}
}
