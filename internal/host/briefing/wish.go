// SPDX-License-Identifier: Apache-2.0

package briefing

import (
	"errors"
	"fmt"
	"time"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
)

// SinceHolder asks for what came since the newest holder of a post of ours
// took office.
const SinceHolder = "holder"

// ErrNoHolder is the answer where no post of ours names its holder.
var ErrNoHolder = errors.New("no post of ours names its holder on this line; declare it (PO01, holder= and since=), or give a date")

// ParseAt reads the hour of a brief: a bare day means its end, UTC.
func ParseAt(s string) (time.Time, error) {
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return d.Add(24*time.Hour - time.Second), nil
	}
	return parseHour(s, "the hour of a brief")
}

// ParseSince reads a bound: a bare day means its beginning, UTC.
func ParseSince(s string) (time.Time, error) {
	if d, err := time.Parse(time.DateOnly, s); err == nil {
		return d, nil
	}
	return parseHour(s, "since when")
}

func parseHour(s, what string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z", "2006-01-02 15:04Z"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("write %s as a day or a time in UTC, like 2021-05-21 or 2021-05-21T10:41Z, not %.40q", what, s)
}

// HolderSince finds since when the newest holder named in our posts (PO01)
// is in office, as it was known at an hour: the day given there, else the
// time of the record.
func HolderSince(h *host.Host, id identity.LineID, me station.View, posts []station.Post) (time.Time, error) {
	var newest time.Time
	for _, p := range posts {
		if p.Party != me.Me {
			continue
		}
		r, err := h.Record(id, p.Record)
		if err != nil {
			return newest, err
		}
		if r.Body == nil {
			continue
		}
		if holder, ok := r.Body.Params["holder"].AsText(); !ok || holder == "" {
			continue
		}
		at := when(r.Time())
		if since, ok := r.Body.Params["since"].AsInt(); ok {
			at = time.Unix(since, 0).UTC()
		}
		if at.After(newest) {
			newest = at
		}
	}
	if newest.IsZero() {
		return newest, ErrNoHolder
	}
	return newest, nil
}
