// SPDX-License-Identifier: Apache-2.0

package station

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"openline/catalogue"
	"openline/identity"
	"openline/internal/desk/mandate"
	"openline/internal/store"
	"openline/line"
	"openline/line/counterpart"
	"openline/record"
)

// factMandates holds what the watch may send alone as it stands, so that a
// start need not read the whole journal; the journal is the truth.
const factMandates = "mandates"

// SetMandates asks for a new table of mandates, or another alert state: one
// of the two. Two persons sign the act that [Station.MandateAct] gives. It is
// answered by [Noted], while the station does not sign as well.
type SetMandates struct {
	Token  string
	Table  []byte // as it is written; nil: the state changes
	State  string
	Cut    [32]byte // as MandateAct gave it
	People []Signature
}

func (SetMandates) event() {}

// ErrAlone is the answer to what the mandates in force do not let the watch
// send alone.
var ErrAlone = fmt.Errorf("the mandates do not let the watch send this alone: %w", ErrTwoPersons)

func (s *Station) resumeMandates(saved store.Saved) error {
	table := s.cfg.Mandates
	if table == nil {
		table = mandate.Default(true)
	}
	s.mandates = mandate.First(table)
	b, ok := saved.Facts[factMandates]
	if !ok {
		return nil
	}
	var err error
	if s.mandates, err = mandate.Decode(b); err != nil {
		return fmt.Errorf("what is stored of the mandates does not read: %w", err)
	}
	return nil
}

// Mandates is what holds: the table and the alert state.
func (s *Station) Mandates() mandate.Standing { return s.mandates }

// MandateAct is what two persons sign to set a table, or an alert state, in
// place of what holds.
func (s *Station) MandateAct(table []byte, state string) (identity.Act, error) {
	_, kind, digest, err := s.newMandates(table, state)
	return identity.Act{Party: s.cfg.Me, Line: s.line, Kind: kind, Header: digest, Cut: s.mandates.Digest()}, err
}

// newMandates is what would hold after a change.
func (s *Station) newMandates(table []byte, state string) (next mandate.Standing, kind string, digest [32]byte, err error) {
	if table == nil {
		next, err = s.mandates.In(state)
		return next, mandate.ActState, sha256.Sum256([]byte(state)), err
	}
	if state != "" {
		return next, "", digest, errors.New("change the table or the alert state, not both at once")
	}
	t, err := mandate.Parse(table)
	if err == nil {
		err = t.Fits(s.cfg.Catalogue(s.text.Version))
	}
	if err != nil {
		return next, mandate.ActTable, digest, err
	}
	next, err = s.mandates.With(t)
	return next, mandate.ActTable, t.Digest(), err
}

func (s *Station) setMandates(ev SetMandates) {
	next, act, digest, err := s.newMandates(ev.Table, ev.State)
	if err == nil {
		err = s.checkTwoPersons(identity.Act{Party: s.cfg.Me, Line: s.line, Kind: act, Header: digest, Cut: ev.Cut}, ev.People)
	}
	switch {
	case err != nil:
	case ev.Cut != s.mandates.Digest():
		err = fmt.Errorf("the mandates: %w", ErrChanged)
	case s.changing != nil:
		err = ErrTooMany
	}
	if err != nil {
		s.do(Noted{ev.Token, err})
		return
	}
	kind, text := mandate.KindTable, ev.Table
	if ev.Table == nil {
		kind, text = mandate.KindState, []byte(ev.State)
	}
	s.changing = &changing{token: ev.Token, next: next, entry: JournalEntry{
		Kind: kind, Act: act, Header: digest, Cut: ev.Cut, People: ev.People, Proof: [][]byte{text},
	}}
}

// changing is a change of the mandates on its way to the disk.
type changing struct {
	token string
	next  mandate.Standing
	entry JournalEntry
	taken bool // in the batch that is being saved
}

// gatherMandates writes a change. It holds from its save on.
func (s *Station) gatherMandates(g *saving) {
	c := s.changing
	if c == nil || c.taken {
		return
	}
	fact, err := c.next.Encode()
	if err != nil {
		s.changing = nil
		s.do(Noted{c.token, err})
		return
	}
	c.taken, c.entry.At = true, s.now.stamp()
	s.write(g, c.entry)
	g.fact(factMandates, fact)
	g.noted = append(g.noted, c.token)
	g.mandates = true
}

// settleMandates follows once a change is durable.
func (s *Station) settleMandates(g *saving) {
	if !g.mandates {
		return
	}
	before := s.mandates
	s.mandates, s.changing = s.changing.next, nil
	text := "the mandates were changed: " + s.mandates.Table.Name
	if before.State != s.mandates.State {
		text = fmt.Sprintf("the alert state is %s; it was %s", s.mandates.State, before.State)
	}
	s.do(Happened{Kind: "mandates", Text: text})
}

// Ruling is what sending a draft takes.
type Ruling struct {
	Two   bool   // a second person releases it
	Why   string // what asks for that; empty if nothing
	Under string // the mandates it was judged by
}

// Rule tells what sending a draft takes, as the mandates stand.
func (s *Station) Rule(d Draft) (Ruling, error) {
	p, err := s.prepare(d, true)
	if err != nil {
		return Ruling{}, err
	}
	return s.rule(p), nil
}

func (s *Station) rule(p *prepared) Ruling {
	r := Ruling{Under: s.mandates.Name()}
	switch {
	case p.phrase.Who == catalogue.TwoPersons:
		r.Two, r.Why = true, fmt.Sprintf("the catalogue gives %s to two persons", p.phrase.Code)
	case !s.mayAlone(p):
		r.Two = true
		r.Why = fmt.Sprintf("in alert state %s the mandates (%s) do not let the watch send this %s alone", s.mandates.State, s.mandates.Table.Name, p.phrase.Code)
	}
	return r
}

func (s *Station) mayAlone(p *prepared) bool {
	h, err := record.DecodeHeader(p.header)
	if err != nil {
		return false
	}
	return s.mandates.Alone(mandate.Question{Phrase: p.phrase, Precedence: h.Precedence, Holds: func(where string) bool {
		switch where {
		case mandate.WhereAsked:
			return s.askedOfWatch(h)
		case mandate.WherePair:
			return s.pairAgreed(p, h)
		}
		return false
	}})
}

// askedOfWatch reports whether every record that is answered was addressed to
// our watch.
func (s *Station) askedOfWatch(h *record.Header) bool {
	if len(h.Re) == 0 {
		return false
	}
	for _, re := range h.Re {
		e, ok, err := s.entryOf(re)
		if err != nil || !ok || e.Header == nil || !slices.Contains(e.Header.To, record.Address{Party: s.me, Post: watchPost}) {
			return false
		}
	}
	return true
}

// pairAgreed reports whether the office a draft names and the one that asked
// are agreed counterparts, for the subject of what was asked where it names
// one, else for any.
func (s *Station) pairAgreed(p *prepared, h *record.Header) bool {
	t, err := s.fold.Thing(p.about)
	if err != nil || t.Opening == nil || t.Opening.Header == nil {
		return false
	}
	b, err := record.DecodeBody(p.body)
	if err != nil {
		return false
	}
	named, asker := (&line.Act{Params: b.Params}).Post("office"), t.Opening.Post("caller")
	if asker == (line.Post{}) {
		asker = line.Post{Party: t.Name.Party, Post: t.Opening.Header.From}
	}
	subject := t.Opening.Text("subject")
	table, err := s.Counterparts()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(table.Pairs, func(q counterpart.Pair) bool {
		return q.State == counterpart.Agreed && slices.Contains(q.Posts[:], named) && slices.Contains(q.Posts[:], asker) &&
			(subject == "" || q.Subject == subject)
	})
}

// checkSender holds a draft to the mandates: what takes two persons is
// released by two, whoever else is named by a signature has made it.
func (s *Station) checkSender(p *prepared, d Draft) error {
	r := s.rule(p)
	p.under = s.mandates
	if signatures(d.People) >= 2 || p.phrase.Who == catalogue.TwoPersons {
		p.two, p.people = true, slices.DeleteFunc(slices.Clone(d.People), func(sig Signature) bool { return len(sig.Bytes) == 0 })
		d.People = p.people
		return s.checkRelease(p, d)
	}
	if r.Two {
		return fmt.Errorf("%s; name a second person (openline say … --as NAME --as NAME): %w", r.Why, ErrAlone)
	}
	return s.checkNamed(s.actOf(p, d.Cut), d.People)
}

func signatures(people []Signature) (n int) {
	for _, p := range people {
		if len(p.Bytes) > 0 {
			n++
		}
	}
	return n
}

// checkNamed checks who is named as having sent something alone. A name
// without a signature is the word of the desk they sit at.
func (s *Station) checkNamed(act identity.Act, people []Signature) error {
	for _, sig := range people {
		key, ok := s.cfg.People(sig.Person)
		if len(sig.Bytes) == 0 {
			if sig.Person == "" || len(sig.Person) > 64 {
				return errors.New("a person is named by 1 to 64 letters")
			}
			continue
		}
		if !ok {
			return fmt.Errorf("%.64q is not a person of this party", sig.Person)
		}
		if !key.VerifyAct(act, sig.Bytes) {
			return fmt.Errorf("the signature of %s is over something else", sig.Person)
		}
	}
	return nil
}

// stillAlone holds what waited once more to the mandates, where they may have
// changed since it was taken. They bind persons: what the station itself says
// stands for nobody's word.
func (s *Station) stillAlone(p *prepared) error {
	if p.machine {
		return nil
	}
	if p.under.Serial == s.mandates.Serial && p.under.State != "" {
		return nil
	}
	if r := s.rule(p); r.Two && !p.two {
		return fmt.Errorf("the mandates were changed meanwhile: %s: %w", r.Why, ErrAlone)
	}
	p.under = s.mandates
	return nil
}

// bound reports whether a release is bound to the state it was shown at.
// FLASH and the safety of life are not: they go, and the journal marks them.
func (p *prepared) bound() bool { return p.two && !p.flash && !p.phrase.AlwaysRuns }

// writeSender keeps in the journal who released a record, or who sent it
// alone, and under which mandates.
func (s *Station) writeSender(g *saving, p *prepared, at record.Stamp, r Result) {
	if p.machine || !p.two && len(p.people) == 0 && s.cfg.Mandates == nil {
		return
	}
	e := actEntry(at, s.actOf(p, p.cut), p.people, record.ByNumber(s.me, r.Number))
	if !p.two {
		e.Kind = mandate.KindAlone
	}
	under := p.under.Name()
	if r.Changed {
		under += " " + mandate.MarkChanged
	}
	e.Proof = [][]byte{[]byte(under)}
	s.write(g, e)
}
