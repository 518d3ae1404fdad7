// SPDX-License-Identifier: Apache-2.0

package station

import (
	"iter"
	"slices"

	"openline/agreement"
	"openline/line"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
	"openline/record"
)

// The tables of the affairs. What they give is shared and must not be changed.

// Counterparts are the pairs of posts as both sides see them.
func (s *Station) Counterparts() (counterpart.Table, error) {
	return tableOf(s.shelf, counterpart.Codes(), counterpart.Of)
}

// Dossiers are the invitations, with what came of them.
func (s *Station) Dossiers() (dossier.Table, error) {
	return tableOf(s.shelf, dossier.Codes(), dossier.Of)
}

// Dialogues are the series of meetings and the forums run by others.
func (s *Station) Dialogues() (dialogue.Table, error) {
	d, err := s.Dossiers()
	if err != nil {
		return dialogue.Table{}, err
	}
	return dialogue.Of(s.shelf.things(dialogue.Codes()...), d.Dossiers)
}

// Incidents are the incidents and dangers, by party and number.
func (s *Station) Incidents() ([]incident.Incident, error) {
	return tableOf(s.shelf, incident.Codes(), func(things iter.Seq2[*line.Thing, error]) ([]incident.Incident, error) {
		out, _, err := incident.Of(things)
		return out, err
	})
}

// Suspensions are the classes that were ever suspended.
func (s *Station) Suspensions() ([]suspension.Suspension, error) {
	return suspension.Of(s.shelf.things(suspension.Codes()...), NeverSuspended(s.cfg.Agreements))
}

// NeverSuspended gives the classes that a version of an agreement lets nobody
// suspend.
func NeverSuspended(h *agreement.History) func(version uint32) []string {
	return func(version uint32) []string {
		if a := h.Version(version); a != nil {
			return a.NeverSuspended
		}
		return nil
	}
}

// Affairs is all that a line holds at one hour: its matters, and what each
// room makes of its things.
type Affairs struct {
	Matters      []Matter
	Counterparts counterpart.Table
	Dossiers     dossier.Table
	Dialogues    dialogue.Table
	Incidents    []incident.Incident
	Suspensions  []suspension.Suspension
}

// Affairs gives everything at once. codes are the phrases whose matters are
// wanted.
func (s *Station) Affairs(now Now, codes ...string) (out Affairs, err error) {
	if out.Matters, err = s.Matters(now, codes...); err != nil {
		return out, err
	}
	if out.Counterparts, err = s.Counterparts(); err != nil {
		return out, err
	}
	if out.Dossiers, err = s.Dossiers(); err != nil {
		return out, err
	}
	if out.Dialogues, err = s.Dialogues(); err != nil {
		return out, err
	}
	if out.Incidents, err = s.Incidents(); err != nil {
		return out, err
	}
	out.Suspensions, err = s.Suspensions()
	return out, err
}

// AffairsOf reads any fold, as the signed times and the hour given show it to
// a party. What no room speaks of is let go at once.
func AffairsOf(f *line.Fold, signed line.Signed, me record.PartyNo, now record.Stamp, never func(version uint32) []string, codes ...string) (out Affairs, err error) {
	if out.Matters, err = MattersOf(f, signed, me, now, codes...); err != nil {
		return out, err
	}
	var kept []*line.Thing
	for t, err := range f.Things(slices.Concat(counterpart.Codes(), dossier.Codes(), dialogue.Codes(), incident.Codes(), suspension.Codes())...) {
		if err != nil {
			return out, err
		}
		kept = append(kept, t)
	}
	things := func(yield func(*line.Thing, error) bool) {
		for _, t := range kept {
			if !yield(t, nil) {
				return
			}
		}
	}
	if out.Counterparts, err = counterpart.Of(things); err != nil {
		return out, err
	}
	if out.Dossiers, err = dossier.Of(things); err != nil {
		return out, err
	}
	if out.Dialogues, err = dialogue.Of(things, out.Dossiers.Dossiers); err != nil {
		return out, err
	}
	if out.Incidents, _, err = incident.Of(things); err != nil {
		return out, err
	}
	out.Suspensions, err = suspension.Of(things, never)
	return out, err
}
