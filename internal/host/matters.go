// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"

	"openline/identity"
	"openline/internal/station"
)

// Matters gives the things on a line that were opened by any of the phrases,
// ended or not.
func (h *Host) Matters(ctx context.Context, id identity.LineID, codes ...string) (out []station.Matter, err error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	if e := l.ask(ctx, func() { out, err = l.st.Matters(l.clock.Now(), codes...) }); e != nil {
		return nil, e
	}
	return out, err
}

// Posts lists the offices declared on a line.
func (h *Host) Posts(ctx context.Context, id identity.LineID) (out []station.Post, err error) {
	l, err := h.line(id)
	if err != nil {
		return nil, err
	}
	return out, l.ask(ctx, func() { out = l.st.Posts() })
}
