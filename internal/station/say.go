// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"
	"slices"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/store"
	"openline/line"
	"openline/record"
)

// Errors a person can act on.
var (
	ErrTwoPersons = errors.New("this needs two persons of this party")
	ErrChanged    = errors.New("what this is about has changed since it was released; look again")
	ErrTooMany    = errors.New("too much is waiting to be recorded; try again in a moment")
	ErrQueueFull  = errors.New("this station does not sign now and its queue is full")
	ErrMachine    = errors.New("only the station itself says this")
)

type say struct {
	token  string
	drafts []*prepared
	stored bool  // it lies in the stored queue
	broken error // why it can no longer be said
}

func (sy *say) size() int {
	n := 0
	for _, p := range sy.drafts {
		n += len(p.header) + len(p.body)
	}
	return n
}

func (sy *say) flash() bool {
	return slices.ContainsFunc(sy.drafts, func(p *prepared) bool { return p.flash })
}

// prepared is a draft whose header and body are written; only its place in
// the log is open.
type prepared struct {
	phrase  catalogue.Phrase
	about   record.Ref
	header  []byte
	body    []byte
	digest  [32]byte // of the header
	asks    bool
	flash   bool
	version uint32 // of the agreement it was written under
	adopts  uint32 // the version it adopts; 0: none

	cut    [32]byte // what two persons were shown
	people []Signature

	files   []record.Attachment
	two     bool             // two persons released it
	machine bool             // the station itself says it
	under   mandate.Standing // the mandates it was taken under
}

func (s *Station) say(ev Say) {
	if s.saidBefore(ev.Token) {
		return
	}
	sy, err := s.prepareSay(ev)
	switch {
	case err != nil:
	case s.waitingCount()+len(sy.drafts) > maxWaiting, s.size+sy.size() > maxWaitingBytes:
		err = ErrTooMany
	case s.hold != HoldNone && s.queued+len(sy.drafts) > maxQueue:
		err = ErrQueueFull
	}
	if err != nil {
		s.do(Told{Token: ev.Token, Err: err})
		return
	}
	s.wait(sy)
}

// saidBefore answers an asker that asks again: with what was recorded, with
// the same silence as before while it is on its way to the disk, or with its
// place in the queue.
func (s *Station) saidBefore(token string) bool {
	if token == "" {
		return false
	}
	if sy, ok := s.tokens[token]; ok {
		if sy.stored {
			s.do(Told{Token: token, Results: make([]Result, len(sy.drafts))})
		}
		return true
	}
	t, ok, err := s.cfg.Reader.Token(token)
	if err != nil {
		s.do(Told{Token: token, Err: fmt.Errorf("not known whether it was recorded; %w: %w", ErrAgain, err)})
		return true
	}
	if ok {
		s.do(Told{Token: token, Results: s.resultsOf(t)})
	}
	return ok
}

func (s *Station) prepareSay(ev Say) (*say, error) {
	if len(ev.Drafts) == 0 {
		return nil, errors.New("nothing is said")
	}
	sy := &say{token: ev.Token}
	for i, d := range ev.Drafts {
		p, err := s.prepareOne(d, ev.ByStation)
		if err != nil {
			if len(ev.Drafts) > 1 {
				err = fmt.Errorf("draft %d: %w", i+1, err)
			}
			return nil, err
		}
		sy.drafts = append(sy.drafts, p)
	}
	return sy, nil
}

// codeDesk is the one thing a station says of its desk by itself.
const codeDesk = "LT03"

func (s *Station) prepareOne(d Draft, byStation bool) (*prepared, error) {
	switch {
	case byStation && d.Code == codeDesk && d.From == "":
		d.From = machinePost
	case byStation || d.From == machinePost:
		return nil, ErrMachine
	}
	return s.prepare(d, false)
}

// wait puts a say where the next batch finds it.
func (s *Station) wait(sy *say) {
	s.waiting = append(s.waiting, sy)
	s.size += sy.size()
	if sy.token != "" {
		s.tokens[sy.token] = sy
	}
}

// dropWaiting takes says out of what waits.
func (s *Station) dropWaiting(drop func(*say) bool) {
	s.waiting = slices.DeleteFunc(s.waiting, func(sy *say) bool {
		if !drop(sy) {
			return false
		}
		s.size -= sy.size()
		delete(s.tokens, sy.token)
		return true
	})
}

func (s *Station) waitingCount() int {
	n := 0
	for _, w := range s.waiting {
		n += len(w.drafts)
	}
	return n
}

// Prepare writes header and body of a draft without saying it. It gives the
// draft with what was left open filled in, and the act two persons sign.
func (s *Station) Prepare(d Draft) (Draft, identity.Act, error) {
	if d.Written == 0 {
		d.Written = s.now.stamp()
	}
	p, err := s.prepare(d, true)
	if err != nil {
		return d, identity.Act{}, err
	}
	d.Cut = s.cutOf(p.about)
	if h, err := record.DecodeHeader(p.header); err == nil { // as it would be recorded, whatever holds later
		d.Status, d.Precedence, d.From, d.To, d.Clocks, d.Language = h.Status, h.Precedence, h.From, h.To, h.Clocks, h.Language
	}
	return d, s.actOf(p, d.Cut), nil
}

func (s *Station) actOf(p *prepared, cut [32]byte) identity.Act {
	return identity.Act{Party: s.cfg.Me, Line: s.line, Kind: p.phrase.Code, Header: p.digest, About: s.refName(p.about), Cut: cut}
}

// cutOf is the digest of a thing's state as it stands here: what two persons
// were shown when they released something about it.
func (s *Station) cutOf(about record.Ref) [32]byte {
	if about == (record.Ref{}) {
		return [32]byte{}
	}
	t, err := s.fold.Thing(about)
	if err != nil {
		return [32]byte{}
	}
	return t.Digest()
}

// prepare writes a draft. What adopts a version is written under that one.
func (s *Station) prepare(d Draft, dry bool) (*prepared, error) {
	text, err := s.textOf(d)
	if err != nil {
		return nil, err
	}
	cat := s.cfg.Catalogue(text.Version)
	phrase, ok := cat.Phrase(d.Code)
	if !ok {
		return nil, fmt.Errorf("phrase %s is not in this line's catalogue", d.Code)
	}
	if phrase.Who == catalogue.Machine && d.From != machinePost {
		return nil, ErrMachine
	}
	about, err := s.aboutOf(phrase, d)
	if err != nil {
		return nil, err
	}
	h, b := s.compose(phrase, d, about)
	if err := cat.Check(h, b); err != nil {
		return nil, err
	}
	if err := s.checkFiles(text, d.Attachments); err != nil {
		return nil, err
	}
	p := &prepared{files: d.Attachments, phrase: phrase, about: about, asks: phrase.Asks(), flash: h.Precedence == record.Flash, version: text.Version,
		cut: d.Cut, people: d.People, machine: d.From == machinePost}
	if text != s.text {
		p.adopts = text.Version
	}
	p.body = b.Encode()
	if _, err := record.DecodeBody(p.body); len(p.files) > 0 && err != nil {
		return nil, err // more attachments, or longer names, than a record holds
	}
	if len(p.body) > text.Ceilings.Record {
		return nil, fmt.Errorf("the record has %d bytes, this line allows %d", len(p.body), text.Ceilings.Record)
	}
	h.Body = record.BodyDigest(p.body)
	p.header = h.Encode()
	p.digest = record.HeaderDigest(p.header)
	if dry || p.machine {
		return p, nil
	}
	return p, s.checkSender(p, d)
}

func (s *Station) compose(phrase catalogue.Phrase, d Draft, about record.Ref) (*record.Header, *record.Body) {
	h := &record.Header{
		Code: d.Code, Status: d.Status, Precedence: d.Precedence, From: d.From, To: d.To, Re: d.Re,
		Written: d.Written, Wished: d.Wished, Clocks: d.Clocks, Language: d.Language,
	}
	if s.text.Standing == record.Exercise {
		h.Status = record.Exercise
	} else if h.Status == 0 {
		h.Status = record.Actual
	}
	if h.Precedence == 0 {
		h.Precedence = phrase.Precedence
	}
	if h.From == "" {
		h.From = watchPost
	}
	if len(h.To) == 0 {
		for _, p := range s.peers {
			h.To = append(h.To, record.Address{Party: p.no, Post: watchPost})
		}
	}
	if h.Written == 0 {
		h.Written = s.now.stamp()
	}
	if h.Language == "" {
		h.Language = s.text.Languages[0]
	}
	if h.Clocks == (record.Ref{}) && phrase.Asks() && len(h.To) > 0 {
		h.Clocks, _ = s.fold.Declaration(h.To[0].Party)
	}
	return h, &record.Body{Salt: d.Salt, Params: d.Params, Text: d.Text, Translations: d.Translations, Attachments: d.Attachments}
}

// The posts a station itself knows: the watch, and the machine that speaks
// for nobody.
const (
	watchPost   = "watch"
	machinePost = "station"
)

// aboutOf finds the thing a draft is about: given, or that of the first
// record it answers, or none when it opens one.
func (s *Station) aboutOf(phrase catalogue.Phrase, d Draft) (record.Ref, error) {
	about := d.About
	if about == (record.Ref{}) && len(d.Re) > 0 && phrase.About {
		if thing, ok := s.aheadThing(d.Re[0]); ok {
			return thing, nil
		}
		e, ok, err := s.entryOf(d.Re[0])
		if err != nil {
			return about, err
		}
		if !ok {
			return about, fmt.Errorf("%s is not a record this station holds", s.refName(d.Re[0]))
		}
		about = line.ThingOf(e)
	}
	if about == (record.Ref{}) && !phrase.Opens {
		return about, fmt.Errorf("%s answers a record: name it (ref=party/number)", phrase.Code)
	}
	if about != (record.Ref{}) && !phrase.About {
		return about, fmt.Errorf("%s opens a matter of its own and is about no other record", phrase.Code)
	}
	return about, nil
}

// entryOf reads one record by its number.
func (s *Station) entryOf(ref record.Ref) (line.Entry, bool, error) {
	loc, ok := s.locate(ref)
	if !ok {
		return line.Entry{}, false, nil
	}
	return s.entryAt(loc)
}

func (s *Station) entryAt(loc store.Located) (line.Entry, bool, error) {
	es, err := s.cfg.Reader.Entries(loc.Log, loc.Index, 1, 1<<30)
	if err != nil || len(es) == 0 {
		return line.Entry{}, false, err
	}
	base, _ := s.fold.Base(loc.Log.Party, loc.Log.Generation)
	e, err := EntryOf(s.cfg.Reader, loc.Log, base, loc.Index, es[0])
	return e, err == nil, err
}

// locate turns a reference into a place in a log: "a number belongs to the
// generation with the largest base not above it".
func (s *Station) locate(ref record.Ref) (store.Located, bool) {
	if ref.Number == 0 {
		at, ok, err := s.cfg.Reader.Find(ref.Party, ref.Hash)
		return at, ok && err == nil
	}
	gen, base, ok := s.fold.GenerationOf(ref.Party, ref.Number)
	if !ok {
		return store.Located{}, false
	}
	return store.Located{Log: store.LogID{Party: ref.Party, Generation: gen}, Index: ref.Number - base, Number: ref.Number}, true
}

func (s *Station) refName(r record.Ref) string {
	if r == (record.Ref{}) {
		return ""
	}
	return record.FormatRef(r, func(n record.PartyNo) string {
		if p, ok := s.text.Party(n); ok {
			return p.Short
		}
		return fmt.Sprint(n)
	})
}

func (s *Station) resultsOf(t store.Token) []Result {
	out := make([]Result, 0, t.Count)
	entries, err := s.cfg.Reader.Entries(t.Log, t.From, t.Count, 1<<30)
	if err != nil {
		return nil
	}
	base, _ := s.fold.Base(t.Log.Party, t.Log.Generation)
	for i, e := range entries {
		r := Result{Party: t.Log.Party, Generation: t.Log.Generation, Number: base + t.From + uint64(i), Leaf: record.LeafHash(e.Leaf)}
		if l, err := record.DecodeLeaf(e.Leaf); err == nil {
			r.Time = l.Time
		}
		out = append(out, r)
	}
	return out
}
