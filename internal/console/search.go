// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"openline/internal/host"
	"openline/record"
)

// wanted is what a search looks for: every word of it, of a phrase, of a
// party, in a stretch of days.
type wanted struct {
	Words    string
	Code     string
	Party    string
	From, To string // days, as they were typed

	words    []string
	party    record.PartyNo
	from, to record.Stamp
}

// any reports whether something is looked for at all.
func (q wanted) any() bool {
	return q.Words != "" || q.Code != "" || q.Party != "" || q.From != "" || q.To != ""
}

func (n *snap) wanted(in url.Values) wanted {
	get := func(name string) string { return strings.TrimSpace(in.Get(name)) }
	q := wanted{Words: get("q"), Code: strings.ToUpper(get("code")), Party: get("party"), From: get("from"), To: get("to")}
	q.words = strings.Fields(strings.ToLower(q.Words))
	if no, ok := n.env.PartyNo(q.Party); ok {
		q.party = no
	} else {
		q.Party = ""
	}
	if t, err := time.Parse(time.DateOnly, q.From); err == nil && t.Unix() >= 0 {
		q.from = record.Stamp(t.Unix())
	} else {
		q.From = ""
	}
	if t, err := time.Parse(time.DateOnly, q.To); err == nil && t.Unix() >= 0 {
		q.to = record.Stamp(t.Add(24 * time.Hour).Unix())
	} else {
		q.To = ""
	}
	return q
}

// search looks through the records of a stretch of days, the newest first, by
// code and by what they say, in the reader's language and in the author's. It
// tells how many it looked through if it stopped before the beginning.
func (s *Server) search(n *snap, q wanted) ([]host.Record, int, error) {
	var place host.Place
	if q.to > 0 {
		var err error
		if place, err = s.cfg.Station.Since(n.ID, q.to); err != nil {
			return nil, 0, err
		}
	}
	var found []host.Record
	seen := 0
	for seen < searchDepth {
		list, first, err := s.cfg.Station.Before(n.ID, place, 500)
		if err != nil {
			return nil, 0, err
		}
		found = append(slices.DeleteFunc(slices.Clone(list), func(r host.Record) bool { return !n.hit(q, r) }), found...)
		seen += len(list)
		over := len(list) < 500 || q.from > 0 && list[0].Time() < q.from
		if over || len(found) >= searchFound {
			if over && len(found) <= searchFound {
				seen = 0
			}
			return found[max(0, len(found)-searchFound):], seen, nil
		}
		place = first
	}
	return found, seen, nil
}

// hit reports whether a record is what is looked for. Line tests are found by
// their code alone.
func (n *snap) hit(q wanted, r host.Record) bool {
	if r.Header == nil || r.Header.Code == "LT01" && q.Code != "LT01" && q.Words != "lt01" {
		return false
	}
	if q.party != 0 && r.Log.Party != q.party || q.Code != "" && !strings.HasPrefix(r.Header.Code, q.Code) || q.from > 0 && r.Time() < q.from || q.to > 0 && r.Time() >= q.to {
		return false
	}
	if len(q.words) == 0 {
		return true
	}
	text := strings.ToLower(r.Header.Code + " " + n.env.Render(n.lang, r))
	if r.Body != nil {
		text += " " + strings.ToLower(r.Body.Text)
	}
	return !slices.ContainsFunc(q.words, func(w string) bool { return !strings.Contains(text, w) })
}
