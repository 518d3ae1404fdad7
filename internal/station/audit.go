// SPDX-License-Identifier: Apache-2.0

package station

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"slices"

	"openline/line"
	"openline/line/counterpart"
	"openline/line/dossier"
	"openline/line/incident"
)

// Audit holds what is kept to be quick against what reading the logs through
// gives. It takes as long as that, and changes nothing.
func (s *Station) Audit() error {
	codes := slices.Sorted(maps.Keys(s.shelf.codes))
	if err := sameThings(s.shelf.things(codes...), s.fold.Things(codes...)); err != nil {
		return err
	}
	if err := sameTable(s, "counterparts", s.Counterparts, counterpart.Codes(), counterpart.Of); err != nil {
		return err
	}
	if err := sameTable(s, "dossiers", s.Dossiers, dossier.Codes(), dossier.Of); err != nil {
		return err
	}
	return sameTable(s, "incidents", s.Incidents, incident.Codes(), func(things iter.Seq2[*line.Thing, error]) ([]incident.Incident, error) {
		list, _, err := incident.Of(things)
		return list, err
	})
}

// sameThings finds the first thing that two ways of listing do not share.
func sameThings(kept, read iter.Seq2[*line.Thing, error]) error {
	next, stop := iter.Pull2(kept)
	defer stop()
	for t, err := range read {
		if err != nil {
			return err
		}
		k, err, ok := next()
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("record %d/%d opens a thing that is not listed", t.Name.Party, t.Name.Number)
		}
		if k.Name != t.Name {
			return fmt.Errorf("record %d/%d is listed where %d/%d is the next that opens a thing", k.Name.Party, k.Name.Number, t.Name.Party, t.Name.Number)
		}
		if k.Digest() != t.Digest() {
			return fmt.Errorf("the thing %d/%d is kept otherwise than its records say", t.Name.Party, t.Name.Number)
		}
	}
	if k, err, ok := next(); ok {
		if err != nil {
			return err
		}
		return fmt.Errorf("record %d/%d is listed and opens no thing", k.Name.Party, k.Name.Number)
	}
	return nil
}

func sameTable[T any](s *Station, what string, kept func() (T, error), codes []string, of func(iter.Seq2[*line.Thing, error]) (T, error)) error {
	a, err := kept()
	if err != nil {
		return err
	}
	b, err := of(s.fold.Things(codes...))
	if err != nil {
		return err
	}
	x, err := json.Marshal(a)
	if err != nil {
		return err
	}
	y, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if !bytes.Equal(x, y) {
		return fmt.Errorf("the table of %s differs from what the records give", what)
	}
	return nil
}
