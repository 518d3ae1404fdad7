// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"encoding/hex"
	"net/http"
	"sync"
	"time"

	"openline/extract"
	"openline/internal/host"
	"openline/internal/host/exporting"
	"openline/record"
)

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
	id, err := s.drafts.keep(kept{line: l, act: act, By: who.Person, At: n.view.At, Request: n.env.RefName(request), About: r.PostForm.Get("about") != ""})
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
	zip, report, err := n.extract(r.Context(), e, k, request)
	if err != nil {
		return err
	}
	s.parcels.put(k.ID, parcel{zip, report, time.Now()})
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// extract makes what two persons have signed for.
func (n *snap) extract(ctx context.Context, e *exporting.Exporter, k kept, request record.Ref) ([]byte, *extract.Report, error) {
	if !k.About {
		peer, err := n.answerer(request)
		if err != nil {
			return nil, nil, err
		}
		return e.NoReply(ctx, request, peer, k.act.Cut, k.people)
	}
	peer := request.Party
	if peer == n.view.Me {
		if len(n.view.Peers) == 0 {
			return nil, nil, host.ErrNoRecord
		}
		peer = n.view.Peers[0].No
	}
	return e.About(ctx, peer, request, k.act.Cut, k.people)
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
	h.Set("Content-Disposition", `attachment; filename="extract.zip"`)
	_, err := w.Write(x.zip)
	return err
}
