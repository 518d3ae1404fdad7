// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"time"

	"openline/identity"
	"openline/internal/station"
	"openline/line/availability"
)

// Availability is how a line was kept on the days from one to before another.
func (h *Host) Availability(ctx context.Context, id identity.LineID, from, to time.Time) (availability.Table, error) {
	return ofLine(ctx, h, id, func(s *station.Station) (availability.Table, error) { return s.Availability(from, to) })
}
