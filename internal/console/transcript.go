// SPDX-License-Identifier: Apache-2.0

package console

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"openline/catalogue"
	"openline/internal/host"
	"openline/internal/store"
	"openline/record"
)

// Bounds of the transcript.
const (
	pageRecords = 300  // one page, line tests included
	searchDepth = 5000 // how far back a search looks
	searchFound = 100
)

// transcriptView is the transcript page.
type transcriptView struct {
	Slug, ID  string
	Ours      party
	Rows      []row
	Older     string // where the page before begins; empty: at the beginning
	Wanted    wanted
	Parties   []option
	NotFound  bool
	Depth     int // searched so far back; 0: to the beginning
	Newest    bool
	Languages []string
	Marked    string
}

// row is a day, a record, or a run of line tests folded into one line.
type row struct {
	Day    string
	E      *entry
	Tests  int
	Person int // of the tests, those a person read
	Missed int
	From   record.Stamp
	To     record.Stamp
	Ladder *ladderOf
	Thread string // where the matter it is about stands whole
}

func (s *Server) transcript(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	p := s.page(r, who, "transcript", "title.line")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	q := n.wanted(r.URL.Query())
	v := transcriptView{Slug: l.ID.Slug(), ID: string(l.ID), Ours: n.party(n.view.Me), Wanted: q, Newest: !q.any()}
	for _, x := range l.Agreements.Newest().Parties {
		v.Parties = append(v.Parties, option{x.Short, x.Title, x.Short == q.Party})
	}
	if ref, ok := n.spoken(q.Words); ok {
		http.Redirect(w, r, recordPath(string(l.ID), n.env.PartyName(ref.Party), ref.Number), http.StatusSeeOther)
		return nil
	}
	var list []host.Record
	if q.any() {
		list, v.Depth, err = s.search(n, q)
		v.NotFound = len(list) == 0
	} else {
		var before host.Place
		if before, err = s.place(l, r.URL.Query().Get("before")); err != nil {
			return err
		}
		v.Newest = before == nil
		var first host.Place
		if list, first, err = s.cfg.Station.Before(l.ID, before, pageRecords); err == nil && len(list) == pageRecords {
			v.Older = writePlace(first)
		}
	}
	if err != nil {
		return err
	}
	v.Rows = n.rows(list)
	p.X = v
	s.write(w, p, "transcript")
	return nil
}

func recordPath(line, party string, number uint64) string {
	return "/line/" + url.PathEscape(line) + "/record/" + url.PathEscape(party) + "/" + strconv.FormatUint(number, 10)
}

// rows folds the line tests of each day into one line, unless one was missed.
func (n *snap) rows(list []host.Record) []row {
	receipted := map[record.PartyNo]uint64{}
	for _, p := range n.view.Peers {
		receipted[n.view.Me] = max(receipted[n.view.Me], p.Receipt.Last)
	}
	var out []row
	day := ""
	fold := -1
	for _, r := range list {
		at := instant(r.Time())
		if d := at.Format("2006-01-02"); d != day {
			day, fold = d, -1
			out = append(out, row{Day: d})
		}
		missed := r.Log.Party == n.view.Me && r.Number > receipted[n.view.Me] && receipted[n.view.Me] > 0
		if r.Header != nil && (r.Header.Code == "LT01" || r.Header.Code == "LT02") {
			if fold < 0 {
				out = append(out, row{From: r.Time()})
				fold = len(out) - 1
			}
			f := &out[fold]
			f.To = r.Time()
			if r.Header.Code == "LT02" {
				f.Person++
			} else {
				f.Tests++
				if missed {
					f.Missed++
				}
			}
			continue
		}
		e := n.entry(r)
		out = append(out, row{E: &e, Ladder: n.ladderOf(r, list), Thread: n.threadOf(r)})
	}
	return out
}

// spoken reads a record's name as it is typed (blue/412, blue 412) or said
// (blue four-one-two).
func (n *snap) spoken(q string) (record.Ref, bool) {
	fields := strings.FieldsFunc(strings.ToLower(q), func(r rune) bool { return r == '/' || r == ' ' || r == '-' })
	if len(fields) < 2 {
		return record.Ref{}, false
	}
	no, ok := n.env.PartyNo(fields[0])
	if !ok {
		return record.Ref{}, false
	}
	digits := ""
	said := map[string]string{"zero": "0", "one": "1", "two": "2", "three": "3", "tree": "3", "four": "4", "fower": "4", "five": "5", "fife": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "niner": "9"}
	for _, f := range fields[1:] {
		if d, ok := said[f]; ok {
			f = d
		}
		digits += f
	}
	number, err := strconv.ParseUint(digits, 10, 62)
	if err != nil || number == 0 {
		return record.Ref{}, false
	}
	return record.ByNumber(no, number), true
}

// place reads where a page of the transcript ends: "party.generation.index".
func (s *Server) place(l *lineDesk, text string) (host.Place, error) {
	if text == "" {
		return nil, nil
	}
	logs, err := s.cfg.Station.Logs(l.ID)
	if err != nil {
		return nil, err
	}
	out := host.Place{}
	for part := range strings.SplitSeq(text, "_") {
		var party, generation, index uint64
		if _, err := fmt.Sscanf(part, "%d.%d.%d", &party, &generation, &index); err != nil {
			return nil, fault(http.StatusBadRequest, "fault.form")
		}
		for _, log := range logs {
			if uint64(log.Party) == party && uint64(log.Generation) == generation {
				out[log.LogID] = index
			}
		}
	}
	if len(out) == 0 {
		return nil, fault(http.StatusBadRequest, "fault.form")
	}
	return out, nil
}

func writePlace(p host.Place) string {
	var parts []string
	for log, index := range p {
		parts = append(parts, fmt.Sprintf("%d.%d.%d", log.Party, log.Generation, index))
	}
	return strings.Join(parts, "_")
}

// recordView is the page of one record.
type recordView struct {
	E        entry
	Line     string
	Slug     string
	Rungs    []rung
	Thread   []saidView // all that was said to the matter it is about
	Matter   string     // where that stands as an affair
	PQ       record.Stamp
	Covers   uint64
	Params   []param
	Replies  []reply
	About    []entry
	LeafHash string
	Written  record.Stamp
	Wished   record.Stamp
	Agreed   uint32
	Tongues  []rendering
	Clock    string
	Path     string
	Texts    *textsView
	Export   bool // an extract about it can be taken out
	Files    []fileView
	There    []thereView
	Void     bool     // it does nothing in its matter
	Gone     bool     // its author has said another word since
	Why      string   // of that, as the station says it
	Off      []string // records that had suspended its class
}

type param struct{ Name, Kind, Value string }

type rendering struct {
	Lang, Name, Dir, Text string
	Draft                 bool
}

type reply struct {
	Code, Gloss string
	May         bool
	Two         bool
}

func (s *Server) record(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	p := s.page(r, who, "transcript", "title.record")
	n, err := s.snap(r.Context(), l, p.Words)
	if err != nil {
		return err
	}
	no, ok := n.env.PartyNo(r.PathValue("party"))
	number, err := strconv.ParseUint(r.PathValue("number"), 10, 62)
	if !ok || err != nil {
		return host.ErrNoRecord
	}
	rec, err := s.cfg.Station.Record(l.ID, record.ByNumber(no, number))
	if err != nil {
		return err
	}
	v := recordView{E: n.entry(rec), Line: string(l.ID), Slug: l.ID.Slug(), LeafHash: hex.EncodeToString(rec.Hash[:])}
	if rec.Leaf != nil {
		v.Agreed = rec.Leaf.Agreement
	}
	if err := n.receipts(&v, rec.Located); err != nil {
		return err
	}
	n.said(&v, rec, who)
	if err := n.attached(&v, rec); err != nil {
		return err
	}
	if v.Thread, err = n.recordThread(r.Context(), rec); err != nil {
		return err
	}
	if err := n.deed(r.Context(), &v, rec); err != nil {
		return err
	}
	v.Matter, v.Path = n.threadOf(rec), recordPath(v.Line, v.E.Party, v.E.No)
	if v.Texts, err = n.texts(rec, who); err != nil {
		return err
	}
	if ph, ok := n.cat.Phrase(v.E.Code); ok {
		v.Export = ph.Opens && l.Exporter != nil && s.cfg.Sign != nil
	}
	p.Title = v.E.Ref
	p.X = v
	s.write(w, p, "record")
	return nil
}

// receipts says who signed that they hold the record.
func (n *snap) receipts(v *recordView, at store.Located) error {
	list, err := n.s.cfg.Station.Receipts(n.ID, at)
	if err != nil {
		return err
	}
	for _, q := range list {
		v.Rungs = append(v.Rungs, rung{Name: n.party(q.By).Title, At: q.At})
		v.PQ, v.Covers = q.PQ, q.Size
	}
	return nil
}

// said shows what was said, in every language there is, and what may be said
// to it.
func (n *snap) said(v *recordView, rec host.Record, who *seat) {
	if rec.Header == nil || rec.Body == nil {
		return
	}
	v.Written, v.Wished = rec.Header.Written, rec.Header.Wished
	for _, tag := range n.cat.Languages() {
		lang, ok := n.cat.Language(tag)
		if !ok {
			continue
		}
		dir := "ltr"
		if lang.RightToLeft {
			dir = "rtl"
		}
		v.Tongues = append(v.Tongues, rendering{tag, lang.Name, dir, n.env.Render(tag, rec), lang.Draft})
	}
	phrase, ok := n.cat.Phrase(rec.Header.Code)
	if !ok {
		return
	}
	for _, q := range phrase.Params {
		if val, ok := rec.Body.Params[q.Name]; ok {
			v.Params = append(v.Params, param{n.label(q.Name), string(q.Kind), n.cat.FormatParam(n.lang, q, val, n.env)})
		}
	}
	if rec.Log.Party == n.view.Me {
		for _, code := range []string{"RQ01", "RM01", "WD01", "ER01"} {
			n.offer(v, code, who)
		}
		return
	}
	for _, code := range phrase.Permits {
		n.offer(v, code, who)
	}
	for _, code := range []string{"RC01", "RC04", "RC05", "TX01"} {
		n.offer(v, code, who)
	}
}

func (n *snap) offer(v *recordView, code string, who *seat) {
	for _, have := range v.Replies {
		if have.Code == code {
			return
		}
	}
	if p, ok := n.cat.Phrase(code); ok && p.Who != catalogue.Machine {
		may, two := n.takes(who.role, p, v.E.Ref)
		v.Replies = append(v.Replies, reply{code, n.cat.Gloss(n.lang, code), may, two})
	}
}

var errNoHost = errors.New("this console has no station to gather a brief from")

// day reads a day or an hour as it is typed.
func day(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02T15:04", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("write a day like 2021-05-21, or an hour like 2021-05-21T10:41Z")
}
