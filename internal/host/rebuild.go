// SPDX-License-Identifier: Apache-2.0

package host

import (
	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/tlog"
)

// Rebuild folds one line anew from what is stored, saves what is cached of
// it, and tells what was found. The station must not run; no key is needed.
func Rebuild(st Store, me identity.Party, lc Line) (station.Rebuilt, error) {
	id := lc.Agreements.Line()
	saved, err := st.Load(id)
	if err != nil {
		return station.Rebuilt{}, err
	}
	r, err := station.Rebuild(station.Config{
		Me: me, Agreements: lc.Agreements, Catalogue: lc.Catalogue, Card: lc.Card, OpenCard: identity.OpenStationCard, KeysOf: tlog.KeysOf,
		Reader: st.Reader(id), Salt: newSalt, Mark: lc.Mark != nil,
	}, saved, SystemClock().Now())
	if err != nil {
		return r, err
	}
	return r, st.Save(store.Batch{Line: id, Expect: saved.Row, Next: saved.Row, Snapshot: r.State})
}
