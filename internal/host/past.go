// SPDX-License-Identifier: Apache-2.0

package host

import (
	"openline/identity"
	"openline/internal/host/asof"
	"openline/record"
)

// Past finds how a line stood at an hour, from what is stored. codes are the
// phrases whose matters are wanted; none: all. It does not trouble the
// station.
func (h *Host) Past(id identity.LineID, at record.Stamp, codes ...string) (*asof.Past, error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	saved, err := h.cfg.Store.Load(id)
	if err != nil {
		return nil, err
	}
	s := asof.Stored{Me: h.cfg.Me, Agreements: l.cfg.Agreements, Catalogue: l.cfg.Catalogue, Reader: l.read, Logs: saved.Logs}
	return s.At(at, codes...)
}
