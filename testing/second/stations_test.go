// SPDX-License-Identifier: Apache-2.0

package second_test

import (
	"context"
	"slices"
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

// stage is two stations over loopback TLS, on disks, in a virtual time, and
// the exporter of blue, who asks.
type stage struct {
	t     *testing.T
	w     *hosttest.World
	clock *host.VirtualClock
	hosts map[string]*host.Host
	blue  *exporting.Exporter
}

var persons = map[string]*secret.Person{"anna": secret.NewPerson([32]byte{1}), "ben": secret.NewPerson([32]byte{2})}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{t: t, w: hosttest.New(t, hosttest.Options{TimedHead: time.Hour, Tests: 6 * time.Hour}, "blue", "red"),
		clock: host.NewVirtualClock(time.Date(2021, 5, 20, 8, 41, 0, 0, time.UTC)), hosts: map[string]*host.Host{}}
	for short, other := range map[string]string{"blue": "red", "red": "blue"} {
		db := hosttest.Disk(t, t.TempDir())
		cfg := s.w.Config(short, host.StoreOf(db), other)
		cfg.Clock, cfg.PingEvery, cfg.PQEvery = s.clock, time.Hour, time.Hour
		cfg.Lines[0].People = func(name string) (identity.PersonKey, bool) {
			p, ok := persons[name]
			if !ok {
				return identity.PersonKey{}, false
			}
			return p.Public(), true
		}
		s.hosts[short] = s.run(cfg, db)
		if short == "blue" {
			s.blue = &exporting.Exporter{Host: s.hosts[short], Line: s.w.Line(), Me: s.w.Party(short).No, Store: db, Reader: db.Line(s.w.Line()),
				Bundles: [][]byte{s.w.Bundle}, Catalogues: []*catalogue.Catalogue{s.w.Catalogue}}
		}
	}
	s.rest()
	return s
}

// run starts a station and ends it with the test.
func (s *stage) run(cfg host.Config, db *sqlite.DB) *host.Host {
	s.t.Helper()
	h, err := host.New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	s.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
		if err := db.Close(); err != nil {
			s.t.Error(err)
		}
	})
	return h
}

func (s *stage) rest() {
	s.t.Helper()
	if err := host.Rest(s.t.Context(), s.hosts["blue"], s.hosts["red"]); err != nil {
		s.t.Fatal(err)
	}
}

// pass lets time go by at both.
func (s *stage) pass(d time.Duration) {
	s.t.Helper()
	rest := func(ctx context.Context) error { return host.Rest(ctx, s.hosts["blue"], s.hosts["red"]) }
	if err := s.clock.Advance(s.t.Context(), s.clock.Now().Wall.Add(d), rest); err != nil {
		s.t.Fatal(err)
	}
}

// say says one thing and waits until the other side has it.
func (s *stage) say(short string, d station.Draft) record.Ref {
	s.t.Helper()
	res, err := s.hosts[short].Say(s.t.Context(), s.w.Line(), station.Say{Drafts: []station.Draft{d}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.rest()
	return record.ByNumber(s.w.Party(short).No, res[0].Number)
}

// released is an act's signatures by both persons.
func (s *stage) released(about record.Ref) ([32]byte, []station.Signature) {
	s.t.Helper()
	act, err := s.blue.Act(s.t.Context(), about)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []station.Signature
	for _, name := range []string{"anna", "ben"} {
		out = append(out, station.Signature{Person: name, Bytes: persons[name].SignAct(act)})
	}
	return act.Cut, out
}

func (s *stage) noReply(request record.Ref) ([]byte, *extract.Report) {
	s.t.Helper()
	cut, people := s.released(request)
	b, r, err := s.blue.NoReply(s.t.Context(), request, s.w.Party("red").No, cut, people)
	if err != nil {
		s.t.Fatal(err)
	}
	return b, r
}

func (s *stage) choose(depth extract.Depth, records ...record.Ref) []byte {
	s.t.Helper()
	cut, people := s.released(record.Ref{})
	b, _, err := s.blue.Choose(s.t.Context(), s.w.Party("red").No, records, depth, cut, people)
	if err != nil {
		s.t.Fatal(err)
	}
	return b
}

func (s *stage) about(thing record.Ref) []byte {
	s.t.Helper()
	cut, people := s.released(thing)
	b, r, err := s.blue.About(s.t.Context(), s.w.Party("red").No, thing, cut, people)
	if err != nil || !r.Holds() {
		s.t.Fatal(err)
	}
	return b
}

// What two stations export is read alike by both, changed bytes included:
// the answer of no answer, its end, chosen records and the whole line.
func TestStations(t *testing.T) {
	node(t)
	if testing.Short() {
		t.Skip("runs two stations and signs their words; takes seconds")
	}
	s := newStage(t)
	post := record.Array(record.Uint(2), record.Text("principal"))
	own := record.Array(record.Uint(1), record.Text("principal"))
	request := s.say("blue", station.Draft{Code: "CR01", From: "watch", Language: "en", Params: map[string]record.Value{
		"caller": own, "called": post, "subject": record.Text("movements near the strait"), "urgency": record.Text("ordinary"), "medium": record.Text("voice"),
	}})
	s.pass(time.Minute)
	s.say("red", station.Draft{Code: "RC01", From: "watch", Language: "en", Re: []record.Ref{request}})
	s.say("red", station.Draft{Code: "TX01", From: "watch", Language: "en", Text: "The weather is fair."})
	s.pass(2 * time.Hour)

	silent, report := s.noReply(request)
	if !report.Holds() {
		t.Fatalf("step %d: %s", report.NoReply.Step, report.NoReply.Reason)
	}
	extracts := [][]byte{silent, s.choose(extract.Whole), s.choose(extract.LeafOnly), s.about(request)}
	for d := extract.LeafOnly; d <= extract.Whole; d++ {
		extracts = append(extracts, s.choose(d, request, record.ByNumber(2, 1)))
	}
	reply := s.say("red", station.Draft{Code: "HD03", From: "watch", Language: "en", Re: []record.Ref{request}})
	s.pass(time.Minute)
	answered, report := s.noReply(request)
	if report.Holds() || report.NoReply.Step != 12 {
		t.Fatalf("after %v: step %d", reply, report.NoReply.Step)
	}
	var list []question
	for _, b := range append(extracts, answered) {
		file := put(t, b)
		list = append(list, question{File: file, At: -1})
		for i := range 24 {
			at := (i*len(b) + 7*i) / 24
			list = append(list, question{File: file, At: at, Byte: b[at] ^ 1})
		}
	}
	agree(t, list)
	agree(t, repacked(t, silent))
}

// repacked changes bytes of every file that is signed or hashed, with digests
// to match: what is left is for the signatures, the tree and the layers.
// Signatures by ML-DSA-44 are left alone, since the second cannot read them
// on an older Node.js.
func repacked(t *testing.T, b []byte) (list []question) {
	t.Helper()
	files := unpack(t, b)
	for name, content := range files {
		for i := range 12 {
			at := i * len(content) / 12
			if i%2 == 1 && len(content) > 400 {
				at = i * 20
			}
			if pqLine(content, at) {
				continue
			}
			changed := slices.Clone(content)
			changed[at] ^= 1
			was := files[name]
			files[name] = changed
			list = append(list, question{File: put(t, pack(files)), At: -1})
			files[name] = was
		}
	}
	return list
}

// pqLine reports whether a byte lies in a line as long as a signature by
// ML-DSA-44.
func pqLine(b []byte, at int) bool {
	from, to := at, at
	for from > 0 && b[from-1] != '\n' {
		from--
	}
	for to < len(b) && b[to] != '\n' {
		to++
	}
	return b[from] == 0xe2 && to-from > 1000
}
