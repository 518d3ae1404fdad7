// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"

	"openline/catalogue"
	"openline/internal/station"
	"openline/line"
	"openline/line/linestate"
	"openline/record"
)

// lineWatch is one line on the watch page.
type lineWatch struct {
	ID, Slug string
	Exercise bool
	Hold     string
	Waiting  int
	Held     string // the records held here
	Peers    []peerWatch
	Owe      []due
	Await    []due
	// OweLeft and AwaitLeft are how many more there are.
	OweLeft, AwaitLeft int
	Asking             int // how many of what we await can be asked about
	Tests              tests
}

type peerWatch struct {
	party
	Three     [3]sentence
	Trouble   string
	Histories bool
	Bearers   []station.BearerView
	Unheld    uint64 // records of theirs that are known to be and have not come
	Pending   uint64 // records of ours they have signed no receipt for
	Receipt   record.Stamp
	TestAt    record.Stamp
}

// sentence is one of the three.
type sentence struct {
	Layer, Kind, Mark, Word, Text, Detail, Note string
	Reasons                                     []string
}

// due is something that awaits a reply, from us or from them.
type due struct {
	Locals []wallHour // its hour here and there
	entry
	Matter  string // where it stands whole
	Line    string
	Due     record.Stamp
	Held    bool
	Past    bool
	Clock   string
	Wished  record.Stamp
	Outcome string
	By      string // office that is asked
	Rungs   []rung
	Asked   *entry // how does this stand?
	Digits  []digit
	Chosen  bool
	Replied string
	First   record.Stamp // asked at
}

// rung is one step of the receipt ladder; At 0: not said.
type rung struct {
	Name, Ref string
	At        record.Stamp
	K, N      uint64
}

type tests struct {
	Ours, Theirs uint64
	Unreceipted  uint64
	LastTheirs   record.Stamp
	LastPerson   record.Stamp
	Ticks        []tick
	Every        string
}

// tick is one newest test of ours, receipted or not.
type tick struct {
	Ref      string
	X        int
	Answered bool
}

func (s *Server) home(w http.ResponseWriter, r *http.Request, _ *seat) error {
	http.Redirect(w, r, "/watch", http.StatusSeeOther)
	return nil
}

func (s *Server) watch(w http.ResponseWriter, r *http.Request, who *seat) error {
	p := s.around(r, who, "watch", "title.watch")
	var out bytes.Buffer
	written, err := s.writeWatch(r.Context(), p, who.role, &out)
	if err != nil {
		return err
	}
	s.deliver(w, p, &out, written)
	return nil
}

// writeWatch writes the page in turn: many consoles read it anew at the same
// event, and each takes a megabyte while it is written. Who reads it slowly
// holds nobody up.
func (s *Server) writeWatch(ctx context.Context, p *page, role Role, out *bytes.Buffer) (written, err error) {
	select {
	case s.turns <- struct{}{}:
		defer func() { <-s.turns }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var lines []lineWatch
	for i, l := range s.lines {
		n, err := s.snap(ctx, l, p.Words)
		if err != nil {
			return nil, err
		}
		lw, err := n.watch(role)
		if err != nil {
			return nil, err
		}
		lines = append(lines, lw)
		if i == 0 { // the hour of what the page shows
			p.Now = n.view.At
		}
		if p.Here.ID == string(l.ID) {
			p.Walls = locals(n.zones(), n.view.At)
		}
		if err := p.ring(n); err != nil {
			return nil, err
		}
	}
	p.X = lines
	return s.pages.by["watch"].Execute(out, p), nil
}

// newestTest is the time of a party's newest line test among the newest
// records: a station that has just started has heard none itself.
func (n *snap) newestTest(party record.PartyNo) record.Stamp {
	for _, r := range slices.Backward(n.recent) {
		if r.Log.Party == party && r.Header != nil && r.Header.Code == "LT01" {
			return r.Time()
		}
	}
	return 0
}

func (n *snap) watch(role Role) (lineWatch, error) {
	v := n.view
	out := lineWatch{ID: string(n.ID), Slug: n.ID.Slug(), Exercise: v.Standing == record.Exercise, Hold: string(v.Hold), Waiting: v.Waiting}
	held := []string{n.env.PartyName(v.Me) + "/" + number(v.Own.Last)}
	for _, p := range v.Peers {
		out.Peers = append(out.Peers, n.peer(p))
		held = append(held, p.Short+"/"+number(p.Last))
	}
	out.Held = strings.Join(held, ", ")
	owe, await := n.waits()
	var err error
	if out.Owe, out.OweLeft, err = n.dues(owe, role); err != nil {
		return out, err
	}
	if out.Await, out.AwaitLeft, err = n.dues(await, role); err != nil {
		return out, err
	}
	zones := n.zones()
	placeHours(zones, out.Owe)
	placeHours(zones, out.Await)
	if len(out.Owe) > 0 && out.Owe[0].Asked != nil {
		out.Owe[0].Chosen = true
	}
	for _, w := range await {
		if !w.asked {
			out.Asking++
		}
	}
	out.Tests = n.tests()
	return out, nil
}

// marks are the shapes beside the three sentences.
var marks = map[linestate.Kind]string{
	linestate.WireCarried: "wire", linestate.WireUnsigned: "wire", linestate.WireUnknown: "wire", linestate.WireCut: "cut", linestate.WireNever: "cut",
	linestate.WireHistories: "barred", linestate.WatchPerson: "person", linestate.WatchMachine: "machine", linestate.WatchNobody: "machine",
	linestate.WatchClosed: "closed", linestate.WatchShut: "closed", linestate.WatchUnknown: "empty",
	linestate.OfficesQuiet: "written", linestate.OfficesAwait: "written", linestate.OfficesAwaitThem: "empty", linestate.OfficesAwaitUs: "written",
	linestate.OfficesNoReply: "empty", linestate.OfficesNever: "empty",
}

func (n *snap) peer(p station.PeerView) peerWatch {
	out := peerWatch{party: n.party(p.No), Trouble: p.Trouble, Histories: p.Forked, Bearers: p.Bearers}
	if p.Pending > p.Size {
		out.Unheld = p.Pending - p.Size
	}
	if n.view.Own.Last > p.Receipt.Last {
		out.Pending = n.view.Own.Last - p.Receipt.Last
	}
	out.Receipt = p.Receipt.At
	if out.TestAt = n.newestTest(p.No); !p.TestAt.IsZero() {
		out.TestAt = record.Stamp(max(0, p.TestAt.Unix()))
	}
	plain := n.words.Plain(p.State, record.Stamp(max(0, n.view.At.Unix())))
	for i, st := range []linestate.Sentence{p.State.Wire, p.State.Watch, p.State.Offices} {
		layer := []string{"wire", "watch", "offices"}[i]
		x := sentence{Layer: layer, Kind: string(st.Kind), Mark: marks[st.Kind], Text: plain[i], Word: n.T("state." + string(st.Kind))}
		if said := n.words.Say(st); said != plain[i] && !strings.HasPrefix(said, plain[i]) {
			x.Detail = said
		} else if rest, ok := strings.CutPrefix(said, plain[i]); ok {
			x.Detail = strings.TrimSpace(rest)
		}
		if st.Kind == linestate.WireCut {
			x.Note = n.T("note.cut")
		}
		if st.Kind == linestate.OfficesNoReply || st.Kind == linestate.OfficesNever {
			head, rest := split(n.words.Say(st))
			if x.Detail = rest; st.Kind == linestate.OfficesNever {
				x.Text = head
			}
		}
		for _, r := range st.Reasons {
			x.Reasons = append(x.Reasons, n.words.SayReason(r))
		}
		out.Three[i] = x
	}
	return out
}

// split keeps what is counted out of the sentence that says how it stands.
func split(said string) (head, rest string) {
	for _, stop := range []string{". ", "。"} {
		if head, rest, ok := strings.Cut(said, stop); ok {
			return head + strings.TrimSpace(stop), strings.TrimSpace(rest)
		}
	}
	return said, ""
}

func (n *snap) due(a station.AwaitView, role Role) (due, error) {
	r, err := n.find(a.Ref)
	if err != nil {
		return due{}, err
	}
	d := due{
		entry: n.entry(r), Matter: n.threadOf(r), Line: string(n.ID), Wished: a.Wished, Clock: n.words.SayClock(a.Clock, a.Ours), Outcome: a.Outcome.String(), First: a.Asked,
		Held: a.Outcome == line.Held || a.Clock.Held, Past: a.Clock.State == line.Past || a.Clock.State == line.Unsigned || a.Clock.State == line.RecordsMissing,
	}
	if n.T("outcome."+a.Outcome.String()) != "[outcome."+a.Outcome.String()+"]" {
		d.Outcome = n.T("outcome." + a.Outcome.String())
	}
	d.Due = dueOf(a)
	if r.Header != nil {
		for _, to := range r.Header.To {
			if to.Party == a.Answerer {
				d.By = n.env.OfficeName(to)
			}
		}
	}
	if d.Rungs, err = n.rungs(a, r.Located.Number); err != nil {
		return d, err
	}
	re := a.Ref
	var phrase catalogue.Phrase
	if r.Header != nil {
		phrase, _ = n.cat.Phrase(r.Header.Code)
	}
	if q, ok := n.question(a); ok {
		e := q
		d.Asked = &e
		if a.Ours {
			if ref, err := n.env.ParseRef(e.Ref); err == nil {
				re = ref
			}
			phrase, _ = n.cat.Phrase(e.Code)
		}
	}
	if a.Ours {
		d.Digits = n.digits(phrase, re, r, role)
	}
	return d, nil
}

// rungs are how far the receipt of a request got: each its own record, none
// of them agreement.
func (n *snap) rungs(a station.AwaitView, _ uint64) ([]rung, error) {
	r, err := n.find(a.Ref)
	if err != nil {
		return nil, err
	}
	who := "theirs"
	if a.Ours {
		who = "ours"
	}
	station := rung{Name: n.T("rung.station." + who)}
	receipts, err := n.s.cfg.Station.Receipts(n.ID, r.Located)
	if err != nil {
		return nil, err
	}
	for _, q := range receipts {
		if q.By == a.Answerer {
			station.At = q.At
		}
	}
	if a.Ours && station.At == 0 {
		station.At = a.Clock.Started.At
	}
	out := []rung{station}
	for _, x := range []struct {
		name string
		ref  record.Ref
	}{{"watch", a.Ladder.Watch}, {"office", a.Ladder.Office}, {"units", a.Ladder.Units}} {
		g := rung{Name: n.T("rung." + x.name + "." + who)}
		if !x.ref.IsZero() {
			g.Ref = n.env.RefName(x.ref)
			if at, err := n.find(x.ref); err == nil {
				g.At = at.Time()
			}
		}
		if x.name == "units" {
			if x.ref.IsZero() {
				continue
			}
			g.K, g.N = a.Ladder.K, a.Ladder.N
		}
		out = append(out, g)
	}
	return out, nil
}

func (n *snap) tests() tests {
	t := tests{Ours: n.view.Own.Tests}
	for _, p := range n.view.Peers {
		t.Theirs = max(t.Theirs, p.TestsHeard)
		for _, r := range n.recent {
			if r.Header == nil {
				continue
			}
			switch {
			case r.Header.Code == "LT02" && r.Log.Party == p.No:
				t.LastPerson = max(t.LastPerson, r.Time())
			case r.Header.Code == "LT01" && r.Log.Party == p.No:
				t.LastTheirs = max(t.LastTheirs, r.Time())
			case r.Header.Code == "LT01" && r.Log.Party == n.view.Me:
				ok := r.Number <= p.Receipt.Last
				if !ok {
					t.Unreceipted++
				}
				t.Ticks = append(t.Ticks, tick{n.env.RefName(r.Ref()), 0, ok})
			}
		}
		break // the ticks are of one peer; the counts of a line of many stand with each
	}
	t.Ticks = t.Ticks[max(0, len(t.Ticks)-24):]
	for i := range t.Ticks {
		t.Ticks[i].X = 5 + 10*i
	}
	t.Every = n.Agreements.Newest().Tests.Every.String()
	return t
}
