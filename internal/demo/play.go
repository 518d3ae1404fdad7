// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"openline/catalogue"
	"openline/catalogue/typed"
	"openline/identity"
	"openline/internal/alert"
	"openline/internal/host"
	"openline/internal/station"
	"openline/internal/store/sqlite"
	"openline/internal/story"
	"openline/record"
)

// Side is one station of the demonstration.
type Side struct {
	Short  string
	Dir    string
	Host   *host.Host
	Env    host.Env
	Store  *sqlite.DB
	Alerts *alert.Keeper
	Party  record.PartyNo
	Other  record.PartyNo

	test record.Ref // newest line test of the other side, not answered yet
}

// Player plays a story between two sides.
type Player struct {
	Story     *story.Story
	Line      identity.LineID
	Catalogue *catalogue.Catalogue
	Clock     *host.VirtualClock
	Sides     map[string]*Side
	Tell      *Teller
	// Sign has two persons of a side sign an act; nil: nothing is said that takes two.
	Sign func(short string, act identity.Act) (map[string][]byte, error)

	records map[string]record.Ref // of events, by id
}

// moment is something the player does at its hour.
type moment struct {
	at time.Time
	do func(context.Context) error
}

// Play goes through the whole story.
func (p *Player) Play(ctx context.Context) error {
	return p.play(ctx, func(time.Time, int) error { return nil })
}

// play goes through the story and tells after each moment that both rest.
func (p *Player) play(ctx context.Context, after func(at time.Time, i int) error) error {
	p.records = map[string]record.Ref{}
	if err := p.rest(ctx); err != nil {
		return err
	}
	if err := p.open(ctx); err != nil {
		return err
	}
	return p.through(ctx, p.moments(), p.Story.Ends, after)
}

// PlayOn plays events that follow the story, with the persons at both desks
// answering line tests meanwhile.
func (p *Player) PlayOn(ctx context.Context, events []story.Event, until time.Time) error {
	return p.through(ctx, p.during(events, p.Clock.Now().Wall, until), until, func(time.Time, int) error { return nil })
}

// through goes from moment to moment, and on to an hour.
func (p *Player) through(ctx context.Context, moments []moment, until time.Time, after func(at time.Time, i int) error) error {
	for i, m := range moments {
		if err := p.Clock.Advance(ctx, m.at, p.rest); err != nil {
			return fmt.Errorf("at %s: %w", m.at.Format(time.DateTime), err)
		}
		if err := m.do(ctx); err != nil {
			return fmt.Errorf("at %s: %w", m.at.Format(time.DateTime), err)
		}
		p.Tell.progress(i+1, len(moments), m.at)
		if err := p.rest(ctx); err != nil {
			return err
		}
		if err := after(m.at, i); err != nil {
			return err
		}
	}
	if err := p.Clock.Advance(ctx, until, p.rest); err != nil {
		return err
	}
	p.Tell.progressDone()
	return nil
}

// rest returns when both stations are connected and at rest: one that is not
// connected rests at once, and what is said then has not come to the other.
func (p *Player) rest(ctx context.Context) error {
	var hosts []*host.Host
	for _, party := range p.Story.Parties {
		hosts = append(hosts, p.Sides[party.Short].Host)
	}
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for {
		if err := host.Rest(ctx, hosts...); err != nil {
			return err
		}
		joined := true
		for _, h := range hosts {
			_, up, of, err := h.Health(ctx, p.Line)
			if err != nil {
				return err
			}
			joined = joined && up == of
		}
		if joined {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
		}
	}
}

// moments is everything that happens after the opening, in order.
func (p *Player) moments() []moment {
	out := p.during(p.Story.Events, p.Story.Begins, p.Story.Ends)
	for _, f := range p.Story.Facts {
		at := f.At()
		if at.After(p.Story.Ends) {
			at = p.Story.Ends
		}
		out = append(out, moment{at, func(context.Context) error { p.Tell.fact(f); return nil }})
	}
	return inOrder(out)
}

// during are events and the line tests answered in person between two hours.
func (p *Player) during(events []story.Event, from, to time.Time) []moment {
	var out []moment
	for _, e := range events {
		out = append(out, moment{e.At, func(ctx context.Context) error { return p.event(ctx, e) }})
	}
	for _, c := range p.Story.Clocks {
		for _, minute := range c.Answers {
			out = append(out, p.answers(p.Sides[c.Side], minute, from, to)...)
		}
	}
	return inOrder(out)
}

func inOrder(list []moment) []moment {
	slices.SortStableFunc(list, func(a, b moment) int { return a.at.Compare(b.at) })
	return list
}

// answers are the minutes of every day at which a duty officer answers the
// newest line test in person.
func (p *Player) answers(s *Side, minute string, from, to time.Time) []moment {
	at, err := time.Parse("15:04", minute)
	if err != nil {
		return []moment{{from, func(context.Context) error { return fmt.Errorf("the story: %w", err) }}}
	}
	var out []moment
	for day := from.Truncate(24 * time.Hour); ; day = day.Add(24 * time.Hour) {
		t := day.Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
		if t.After(to) {
			return out
		}
		if t.After(from) {
			out = append(out, moment{t, func(ctx context.Context) error { return p.answerTest(ctx, s) }})
		}
	}
}

// answerTest has the watch answer the newest test of the other side.
func (p *Player) answerTest(ctx context.Context, s *Side) error {
	ref, n, err := p.newestTest(s)
	if err != nil || ref == s.test {
		return err
	}
	s.test = ref
	_, err = p.say(ctx, s, station.Draft{Code: "LT02", Re: []record.Ref{ref}, Params: map[string]record.Value{
		"n": record.Uint(n), "quality": record.Text("legible"),
	}})
	return err
}

// newestTest finds the newest line test of the other side among its newest
// records.
func (p *Player) newestTest(s *Side) (record.Ref, uint64, error) {
	records, _, err := s.Host.Before(p.Line, nil, 24)
	if err != nil {
		return record.Ref{}, 0, err
	}
	for _, r := range slices.Backward(records) {
		if r.Log.Party == s.Other && r.Header != nil && r.Header.Code == "LT01" && r.Body != nil {
			n, _ := r.Body.Params["n"].AsUint()
			return r.Ref(), n, nil
		}
	}
	return s.test, 0, nil
}

// open has both sides declare their posts, hours and clocks.
func (p *Player) open(ctx context.Context) error {
	for _, party := range p.Story.Parties {
		s := p.Sides[party.Short]
		var drafts []station.Draft
		for _, c := range p.Story.Clocks {
			if c.Side == party.Short {
				d, err := p.draft(s, "CK01", []string{"hours=" + c.Hours, "clocks=" + c.Clocks, "zone=" + c.Zone,
					"valid_from=" + p.Story.Begins.Format(time.RFC3339)})
				if err != nil {
					return err
				}
				d.From = party.Posts[0].ID
				drafts = append(drafts, d)
			}
		}
		for _, post := range party.Posts {
			params := []string{"post=" + post.ID, "office=" + post.Office}
			if post.Rank != "" {
				params = append(params, "rank="+post.Rank)
			}
			d, err := p.draft(s, "PO01", params)
			if err != nil {
				return err
			}
			d.From = party.Posts[0].ID
			drafts = append(drafts, d)
		}
		if _, err := s.Host.Say(ctx, p.Line, station.Say{Drafts: drafts}); err != nil {
			return fmt.Errorf("%s declares its posts and hours: %w", party.Short, err)
		}
		p.Tell.opened(p.Story.Begins, party, len(party.Posts))
	}
	return p.rest(ctx)
}

// event says one event of the story and tells what became of it.
func (p *Player) event(ctx context.Context, e story.Event) error {
	s := p.Sides[e.Side]
	d, err := p.draft(s, e.Code, e.Params)
	if err != nil {
		return err
	}
	d.From, d.Text = e.From, e.Text
	if e.Text != "" {
		d.Language = p.language(e.Side)
		if e.Courtesy != "" {
			d.Translations = map[string]string{"en": e.Courtesy}
		}
	}
	if !e.Wished.IsZero() {
		d.Wished = record.Stamp(e.Wished.Unix())
	}
	if e.To != "" {
		d.To = []record.Address{{Party: s.Other, Post: e.To}}
	}
	if e.Re != "" {
		d.Re = []record.Ref{p.records[e.Re]}
	}
	say := p.say
	if e.Two {
		say = p.release
	}
	result, err := say(ctx, s, d)
	if err != nil {
		return err
	}
	if e.ID != "" {
		p.records[e.ID] = record.ByNumber(result.Party, result.Number)
	}
	if err := p.rest(ctx); err != nil {
		return err
	}
	return p.tellEvent(s, e, result)
}

func (p *Player) say(ctx context.Context, s *Side, d station.Draft) (station.Result, error) {
	results, err := s.Host.Say(ctx, p.Line, station.Say{Drafts: []station.Draft{d}})
	if err != nil {
		return station.Result{}, fmt.Errorf("%s says %s: %w", s.Short, d.Code, err)
	}
	return results[0], nil
}

// release says what takes two persons.
func (p *Player) release(ctx context.Context, s *Side, d station.Draft) (station.Result, error) {
	if p.Sign == nil {
		return station.Result{}, fmt.Errorf("%s takes two persons, and nobody is here to sign", d.Code)
	}
	d, act, err := s.Host.Prepare(ctx, p.Line, d)
	if err != nil {
		return station.Result{}, err
	}
	signed, err := p.Sign(s.Short, act)
	if err != nil {
		return station.Result{}, err
	}
	for _, name := range slices.Sorted(maps.Keys(signed)) {
		d.People = append(d.People, station.Signature{Person: name, Bytes: signed[name]})
	}
	return p.say(ctx, s, d)
}

// draft reads parameters as they are typed. "event:ID" is the name of the
// record of an event.
func (p *Player) draft(s *Side, code string, params []string) (station.Draft, error) {
	d := station.Draft{Code: code, Params: map[string]record.Value{}}
	phrase, ok := p.Catalogue.Phrase(code)
	if !ok {
		return d, fmt.Errorf("the story: phrase %s is not in the catalogue", code)
	}
	for _, text := range params {
		name, value, _ := strings.Cut(text, "=")
		decl, ok := phrase.Param(name)
		if !ok {
			return d, fmt.Errorf("the story: %s has no parameter %q", code, name)
		}
		if id, ok := strings.CutPrefix(value, "event:"); ok {
			value = record.FormatRef(p.records[id], s.Env.PartyName)
		}
		v, err := typed.Parse(decl, value, s.Env)
		if err != nil {
			return d, fmt.Errorf("the story: %s, %s: %w", code, name, err)
		}
		d.Params[name] = v
	}
	return d, nil
}

func (p *Player) language(short string) string {
	i := slices.IndexFunc(p.Story.Parties, func(q story.Party) bool { return q.Short == short })
	if i < 0 {
		return "en"
	}
	return cmp.Or(p.Story.Parties[i].Language, "en")
}

// tellEvent reads the record back from the station it was said to, with the
// receipt the sender holds for it.
func (p *Player) tellEvent(s *Side, e story.Event, result station.Result) error {
	ref := record.ByNumber(result.Party, result.Number)
	r, err := s.Host.Record(p.Line, ref)
	if err != nil {
		return err
	}
	receipts, err := s.Host.Receipts(p.Line, r.Located)
	if err != nil {
		return err
	}
	p.Tell.event(e, s.Env.PartyName(result.Party), r, s.Env.Render("en", r), receipts)
	return nil
}
