// SPDX-License-Identifier: Apache-2.0

package station

import (
	"iter"

	"openline/line"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
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
	return suspension.Of(s.shelf.things(suspension.Codes()...), func(version uint32) []string {
		if a := s.cfg.Agreements.Version(version); a != nil {
			return a.NeverSuspended
		}
		return nil
	})
}
