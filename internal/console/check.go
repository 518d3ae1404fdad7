// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"openline/extract"
	"openline/internal/desk/brief"
	"openline/internal/host"
	"openline/internal/host/briefing"
	"openline/internal/host/exporting"
	"openline/line/linestate"
	"openline/record"
)

// briefView is the brief as a page.
type briefView struct {
	Line, Slug    string
	B             *brief.Brief
	Title         [2]string
	Parts         []part
	Sources       []string
	At            string
	Ours, Theirs  party
	Three         [3]sentence
	WordsMissing  bool
	PositionsText string
}

type part struct {
	ID, Title string
	Lines     []noted
}

type noted struct {
	Text  string
	Notes []int
	More  int
}

// parts are the headings of the brief, as package brief orders them.
var parts = []struct {
	id string
	of []string
}{
	{"state", []string{"wire", "watch", "offices", "test"}}, {"owed", []string{"owed", "awaited"}}, {"contact", []string{"contact"}}, {"asked", []string{"asked"}},
	{"counterpart", []string{"counterpart"}}, {"ahead", []string{"ahead"}}, {"dialogue", []string{"dialogue"}}, {"incident", []string{"incident"}},
}

func (s *Server) brief(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	if s.cfg.Host == nil {
		return errNoHost
	}
	p := s.page(r, who, "brief", "title.brief")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	if len(n.view.Peers) == 0 {
		return fault(http.StatusNotFound, "fault.none")
	}
	words, err := brief.Language(p.Tag)
	missing := err != nil
	if missing {
		if words, err = brief.Language("en"); err != nil {
			return err
		}
	}
	contacts, err := s.cfg.Desk.Contacts(l.ID)
	if err != nil {
		return err
	}
	wish := briefing.Wish{Peer: n.view.Peers[0].No, Since: l.Since, Contacts: contacts}
	if at := r.URL.Query().Get("at"); at != "" {
		if wish.At, err = day(at); err != nil {
			return err
		}
	}
	titles := map[record.PartyNo]string{n.view.Me: n.party(n.view.Me).Title}
	for _, q := range n.view.Peers {
		titles[q.No] = n.party(q.No).Title
	}
	in, err := briefing.Gather(r.Context(), s.cfg.Host, l.ID, titles, wish)
	if err != nil {
		return err
	}
	in.Theirs.Posts = append(in.Theirs.Posts, l.Hosts...)
	three := n.words
	if missing {
		if three, err = linestate.Language("en"); err != nil {
			return err
		}
	}
	b := brief.Of(in, words, three)
	v := briefView{Line: string(l.ID), Slug: l.ID.Slug(), B: b, Ours: n.party(n.view.Me), Theirs: n.party(n.view.Peers[0].No), At: b.AsOf.Time.UTC().Format("2006-01-02 15:04Z"),
		WordsMissing: missing, Three: n.peer(n.view.Peers[0]).Three}
	v.compose(p, b)
	for _, name := range slices.Sorted(maps.Keys(b.AsOf.Positions)) {
		v.PositionsText += fmt.Sprintf(" %s/%d", name, b.AsOf.Positions[name])
	}
	p.X = v
	s.write(w, p, "brief")
	return nil
}

// maxNotes is how many sources one sentence shows on the page.
const maxNotes = 4

// compose puts the sentences under their headings and numbers what they rest
// on.
func (v *briefView) compose(p *page, b *brief.Brief) {
	for _, x := range parts {
		out := part{ID: x.id, Title: p.T("part." + x.id)}
		for _, s := range b.Sentences {
			if !slices.Contains(x.of, s.Part) {
				continue
			}
			line := noted{Text: s.Text}
			for i, src := range s.Sources {
				if i == maxNotes {
					line.More = len(s.Sources) - maxNotes
					break
				}
				at := slices.Index(v.Sources, src)
				if at < 0 {
					v.Sources, at = append(v.Sources, src), len(v.Sources)
				}
				line.Notes = append(line.Notes, at+1)
			}
			out.Lines = append(out.Lines, line)
		}
		if len(out.Lines) > 0 {
			v.Parts = append(v.Parts, out)
		}
	}
}

// parcels are extracts that were made and wait to be fetched.
type parcels struct {
	mu sync.Mutex
	by map[string]parcel
}

type parcel struct {
	zip    []byte
	report *extract.Report
	at     time.Time
}

const maxParcels = 8

func newParcels() *parcels { return &parcels{by: map[string]parcel{}} }

func (p *parcels) put(id string, x parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.by) >= maxParcels {
		oldest := ""
		for k, v := range p.by {
			if oldest == "" || v.at.Before(p.by[oldest].at) {
				oldest = k
			}
		}
		delete(p.by, oldest)
	}
	p.by[id] = x
}

func (p *parcels) get(id string) (parcel, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	x, ok := p.by[id]
	return x, ok
}

// checkView is the page on which the record is verified and taken out.
type checkView struct {
	Line, Slug string
	Logs       []logView
	Requests   []entry // of ours that await them, an extract can be about
	Can        bool    // export is offered here
	Verified   string
	Why        string
	Export     *draftView
	ID         string
	Report     string
	Passphrase bool
}

type logView struct {
	Party      party
	Generation uint32
	Base, Size uint64
	Root       string
	Receipt    record.Stamp
	ReceiptTo  string
	ReceiptPQ  record.Stamp
	TimedHead  record.Stamp
}

func (s *Server) checking(r *http.Request, who *seat) (*page, *snap, *checkView, error) {
	l, err := s.line(r)
	if err != nil {
		return nil, nil, nil, err
	}
	p := s.page(r, who, "check", "title.check")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return nil, nil, nil, err
	}
	v := &checkView{Line: string(l.ID), Slug: l.ID.Slug(), Can: l.Exporter != nil && s.cfg.Sign != nil, Passphrase: s.cfg.Demo == nil}
	own := logView{Party: n.party(n.view.Me), Generation: n.view.Own.Generation, Size: n.view.Own.Size, Root: hex.EncodeToString(n.view.Own.Root[:])}
	for _, q := range n.view.Peers {
		own.Receipt, own.ReceiptTo, own.ReceiptPQ = q.Receipt.At, n.env.PartyName(n.view.Me)+"/"+number(q.Receipt.Last), q.ReceiptPQ.At
		v.Logs = append(v.Logs, logView{Party: n.party(q.No), Generation: q.Generation, Size: q.Size, Root: hex.EncodeToString(q.Root[:]), TimedHead: q.TimedHead.At})
	}
	v.Logs = append([]logView{own}, v.Logs...)
	for _, a := range n.view.Awaiting {
		if a.Ours || a.Outcome.Ended() || a.Code == "LT01" || a.Ref != a.Thing {
			continue
		}
		rec, err := n.find(a.Thing)
		if err != nil {
			return nil, nil, nil, err
		}
		v.Requests = append(v.Requests, n.entry(rec))
	}
	p.X = v
	return p, n, v, nil
}

func (s *Server) check(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, _, v, err := s.checking(r, who)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	if id := q.Get("export"); id != "" {
		if k, ok := s.drafts.get(id); ok {
			people, err := s.unsigned(k)
			if err != nil {
				return err
			}
			v.Export = &draftView{kept: k, Digest: hex.EncodeToString(k.act.Header[:]), People: people}
		} else if x, ok := s.parcels.get(id); ok {
			v.ID, v.Report = id, x.report.Text()
		}
	}
	s.write(w, p, "check")
	return nil
}

// verify verifies all that is stored, now, and says what was found.
func (s *Server) verify(w http.ResponseWriter, r *http.Request, who *seat) error {
	if err := r.ParseForm(); err != nil {
		return err
	}
	r.SetPathValue("line", r.PostForm.Get("line"))
	if s.cfg.Verify == nil {
		return fault(http.StatusNotFound, "fault.none")
	}
	began := time.Now()
	err := s.cfg.Verify()
	p, _, v, e := s.checking(r, who)
	if e != nil {
		return e
	}
	p.Path = "/line/" + p.Here.ID + "/check"
	if err != nil {
		v.Why = err.Error()
	} else {
		v.Verified = p.T("check.holds", "Time", p.Now.UTC().Format("2006-01-02 15:04:05Z"), "Took", time.Since(began).Round(time.Millisecond).String())
	}
	s.write(w, p, "check")
	return nil
}

func (s *Server) exporter(l *lineDesk) (*exporting.Exporter, error) {
	if l.Exporter == nil {
		return nil, fault(http.StatusNotFound, "fault.none")
	}
	return l.Exporter()
}

// export begins an extract about a request: the act two persons sign.
func (s *Server) export(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	request, err := n.env.ParseRef(r.PostForm.Get("re"))
	if err != nil {
		return err
	}
	e, err := s.exporter(l)
	if err != nil {
		return err
	}
	act, err := e.Act(r.Context(), request)
	if err != nil {
		return err
	}
	id, err := s.drafts.keep(kept{line: l, act: act, By: who.Person, At: n.view.At, Request: n.env.RefName(request)})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/line/"+string(l.ID)+"/check?export="+id+"#export", http.StatusSeeOther)
	return nil
}

// exportSign takes a person's signature, and with the second makes the
// extract.
func (s *Server) exportSign(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	k, ok := s.drafts.get(r.PathValue("id"))
	if !ok || k.Request == "" || k.line != l {
		return fault(http.StatusNotFound, "fault.none")
	}
	person, sig, err := s.signature(r, who, k.act)
	if err != nil {
		return err
	}
	k, ready, err := s.drafts.sign(k.ID, person, sig)
	if err != nil {
		return err
	}
	back := "/line/" + string(l.ID) + "/check?export=" + k.ID + "#export"
	if !ready {
		http.Redirect(w, r, back, http.StatusSeeOther)
		return nil
	}
	s.drafts.drop(k.ID)
	request, err := n.env.ParseRef(k.Request)
	if err != nil {
		return err
	}
	e, err := s.exporter(l)
	if err != nil {
		return err
	}
	peer, err := n.answerer(request)
	if err != nil {
		return err
	}
	zip, report, err := e.NoReply(r.Context(), request, peer, k.act.Cut, k.people)
	if err != nil {
		return err
	}
	s.parcels.put(k.ID, parcel{zip, report, time.Now()})
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

func (n *snap) answerer(request record.Ref) (record.PartyNo, error) {
	for _, a := range n.view.Awaiting {
		if a.Ref == request {
			return a.Answerer, nil
		}
	}
	return 0, host.ErrNoRecord
}

func (s *Server) download(w http.ResponseWriter, r *http.Request, _ *seat) error {
	x, ok := s.parcels.get(r.PathValue("id"))
	if !ok {
		return fault(http.StatusNotFound, "fault.none")
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="no-reply.zip"`)
	_, err := w.Write(x.zip)
	return err
}
