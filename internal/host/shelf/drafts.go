// SPDX-License-Identifier: Apache-2.0

package shelf

import (
	"context"
	"errors"

	"openline/identity"
	"openline/internal/desk"
	"openline/internal/desk/draft"
	"openline/internal/host"
	"openline/internal/station"
	"openline/record"
)

// Drafts gives the drafts of a line that are neither said nor dropped, by
// number.
func (s *Shelf) Drafts(id identity.LineID) ([]draft.Draft, error) {
	return look(s, id, func(l *shelved) ([]draft.Draft, error) { return l.drafts.Open(), nil })
}

// Ended gives the newest drafts that were said or dropped, and how many older
// ones are in the journal only.
func (s *Shelf) Ended(id identity.LineID) (list []draft.Draft, left int, err error) {
	list, err = look(s, id, func(l *shelved) ([]draft.Draft, error) {
		ended, n := l.drafts.Ended()
		left = n
		return ended, nil
	})
	return list, left, err
}

// Draft gives one draft by its number.
func (s *Shelf) Draft(id identity.LineID, no int) (draft.Draft, error) {
	return look(s, id, func(l *shelved) (draft.Draft, error) { return l.drafts.Get(no) })
}

// Write writes a note on a draft and gives it as it then stands; it returns
// when the note is durable. A note without token is given one.
func (s *Shelf) Write(ctx context.Context, id identity.LineID, n draft.Note) (draft.Draft, error) {
	n.V = desk.Version
	return note(s, ctx, id, &n.Token, draft.Kind, &n,
		func(l *shelved) error { return l.drafts.Check(n) },
		func(l *shelved) (draft.Draft, bool, error) { return taken(&l.drafts, n.Token) })
}

// Wording prepares something to be said and puts it as a note has it: the
// header and body that would be recorded, what it is about, and how far this
// station knew the logs meanwhile.
func (s *Shelf) Wording(ctx context.Context, id identity.LineID, d station.Draft, n draft.Note) (draft.Note, error) {
	knew, err := s.knows(id) // first: what comes between is shown as having come since
	if err != nil {
		return n, err
	}
	d, act, err := s.host.Prepare(ctx, id, d)
	if err != nil {
		return n, err
	}
	b := &record.Body{Salt: d.Salt, Params: d.Params, Text: d.Text, Translations: d.Translations, Attachments: d.Attachments}
	n.Body = b.Encode()
	h := &record.Header{Code: d.Code, Status: d.Status, Precedence: d.Precedence, From: d.From, To: d.To, Re: d.Re, Written: d.Written, Wished: d.Wished,
		Clocks: d.Clocks, Language: d.Language, Body: record.BodyDigest(n.Body)}
	n.Header = h.Encode()
	if record.HeaderDigest(n.Header) != act.Header {
		return n, errors.New("internal error: the draft is not what was prepared")
	}
	n.About, n.Cut, n.Knew = act.About, act.Cut[:], knew
	return n, nil
}

// knows is the number of the newest record of each party that is held.
func (s *Shelf) knows(id identity.LineID) (map[string]uint64, error) {
	env, err := s.host.Env(id)
	if err != nil {
		return nil, err
	}
	logs, err := s.host.Logs(id)
	out := map[string]uint64{}
	for _, l := range logs {
		if name := env.PartyName(l.Party); l.Size > 0 {
			out[name] = max(out[name], l.Last())
		}
	}
	return out, err
}

// Act is what persons sign of a version: the very header that would be
// recorded, and the state it was written at.
func (s *Shelf) Act(id identity.LineID, v *draft.Version) (identity.Act, error) {
	h, _, err := v.Decode()
	if err != nil {
		return identity.Act{}, err
	}
	return identity.Act{Party: s.host.Me(), Line: id, Kind: h.Code, Header: v.Digest, About: v.About, Cut: v.Cut}, nil
}

// Said is a version as the station is asked to say it, with what was signed.
func (s *Shelf) Said(id identity.LineID, v *draft.Version) (station.Draft, error) {
	h, b, err := v.Decode()
	if err != nil {
		return station.Draft{}, err
	}
	d := station.Draft{Code: h.Code, Status: h.Status, Precedence: h.Precedence, From: h.From, To: h.To, Re: h.Re, Written: h.Written, Wished: h.Wished,
		Clocks: h.Clocks, Language: h.Language, Params: b.Params, Text: b.Text, Translations: b.Translations, Attachments: b.Attachments, Salt: b.Salt, Cut: v.Cut}
	for _, p := range v.Signed {
		d.People = append(d.People, station.Signature{Person: p.Person, Bytes: p.Bytes})
	}
	if v.About != "" {
		env, err := s.host.Env(id)
		if err != nil {
			return d, err
		}
		d.About, err = env.ParseRef(v.About)
		return d, err
	}
	return d, nil
}

// Send puts the newest version of a draft on the line: it is marked as on its
// way, said, and marked as said, or given back with the reason. Where that
// ends in between it can be sent again: it is said once. by is who sends it.
func (s *Shelf) Send(ctx context.Context, id identity.LineID, no, version int, by string) (draft.Draft, error) {
	d, err := s.Draft(id, no)
	if err == nil && d.Sending == 0 {
		d, err = s.Write(ctx, id, draft.Note{Do: draft.DoSend, On: no, Version: version, By: by})
	}
	if err != nil {
		return d, err
	}
	if d.Sending != version {
		return d, draft.ErrMoved
	}
	v := d.Version(version)
	say, err := s.Said(id, v)
	if err != nil {
		return d, err
	}
	if len(say.People) == 0 && by != "" {
		say.People = []station.Signature{{Person: by}}
	}
	results, err := s.host.Say(ctx, id, station.Say{Token: d.Under, Drafts: []station.Draft{say}})
	// Whoever asked may go away; what became of it is written all the same.
	ctx = context.WithoutCancel(ctx)
	switch {
	case err != nil && settled(err):
		back, werr := s.Write(ctx, id, draft.Note{Do: draft.DoBack, On: no, Version: version, By: by, Words: err.Error()})
		if werr == nil {
			d = back
		}
		return d, errors.Join(err, werr)
	case err != nil:
		return d, err
	case len(results) != 1 || results[0].Number == 0:
		return d, nil // it waits in the queue
	}
	env, err := s.host.Env(id)
	if err != nil {
		return d, err
	}
	return s.Write(ctx, id, draft.Note{Do: draft.DoRelease, On: no, Version: version, By: by, Record: env.RefName(record.ByNumber(results[0].Party, results[0].Number))})
}

// settled reports whether an error says that nothing was recorded, and will
// not be by saying it again.
func settled(err error) bool {
	for _, open := range []error{station.ErrAgain, station.ErrTooMany, station.ErrQueueFull, host.ErrStopped, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, open) {
			return false
		}
	}
	return true
}
