// SPDX-License-Identifier: Apache-2.0

package station

import (
	"time"

	"openline/line/availability"
)

// Availability is how the line was kept on the days from one to before
// another, by the records as they stand here.
func (s *Station) Availability(from, to time.Time) (availability.Table, error) {
	return availability.Of(s.fold, s.fold.Cut(), from, to, func(version uint32) availability.Terms {
		if a := s.cfg.Agreements.Version(version); a != nil {
			return availability.Terms{Every: a.Tests.Every, Offset: a.Tests.Offset, Answered: a.Tests.Answered}
		}
		return availability.Terms{}
	})
}
