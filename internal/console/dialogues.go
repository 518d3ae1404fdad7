// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"slices"
	"strconv"

	"openline/line/dialogue"
	"openline/record"
)

// dialoguesView is the page of series of meetings, forums and suspensions.
type dialoguesView struct {
	Line        string
	Series      []seriesView
	Forums      []forumView
	Suspensions []suspensionView
	SeriesMoves moves
	ForumMoves  moves
	ClassMoves  moves
}

type seriesView struct {
	ID, Name string
	Stage    string
	Review   record.Stamp
	Words    []saidView
	Crossed  bool
	Meetings []meetingView
	Next     []party // whose word is awaited
	Moves    moves
}

type meetingView struct {
	Opening  saidView
	Link     string
	Windows  []windowView
	State    string
	Held     []saidView
	With     *saidView
	Fallback *windowView
	Next     []party
	Moves    moves
}

type forumView struct {
	Name    string
	Plan    string
	Dates   []windowView
	Words   []saidView
	Crossed bool
	Moves   moves
}

type suspensionView struct {
	party
	Class        string
	From, Review record.Stamp
	Cause        string
	By           saidView
	Resumed      *saidView
	Until        record.Stamp
	Holds        bool
	Void         string
	Moves        moves
}

// maxSeries is how many series, forums and suspensions one page lists each.
const maxSeries = 100

func (s *Server) dialogues(w http.ResponseWriter, r *http.Request, who *seat) error {
	p, n, err := s.onLine(r, who, "dialogues", "title.dialogues")
	if err != nil {
		return err
	}
	t, err := s.cfg.Station.Dialogues(r.Context(), n.ID)
	if err != nil {
		return err
	}
	v := dialoguesView{Line: string(n.ID)}
	now := record.Stamp(max(0, n.view.At.Unix()))
	for i, x := range t.Series[:min(len(t.Series), maxSeries)] {
		v.Series = append(v.Series, n.series(x, now, i, who))
	}
	for i, f := range t.Forums[:min(len(t.Forums), maxSeries)] {
		v.Forums = append(v.Forums, n.forum(f, i, who))
	}
	if err := n.suspensions(r, &v, now, who); err != nil {
		return err
	}
	v.SeriesMoves.add(n.move(who, "MT01", "", nil))
	v.SeriesMoves.add(n.move(who, "MT04", "", nil, "series", "stage", "review"))
	v.ForumMoves.add(n.move(who, "FM01", "", nil, "forum", "plan", "dates"))
	v.ClassMoves.add(n.move(who, "ST01", "", nil, "classes", "from", "review", "cause"))
	p.X = v
	s.write(w, p, "dialogues")
	return nil
}

func (n *snap) series(x dialogue.Series, now record.Stamp, i int, who *seat) seriesView {
	v := seriesView{ID: "series-" + strconv.Itoa(i+1), Name: x.Name, Stage: n.T("stage." + noKey.ReplaceAllString(x.Stage, "-")), Review: x.Review, Words: n.sayings(x.Words...), Crossed: x.Crossed}
	for _, m := range slices.Backward(x.Meetings) {
		y := n.meeting(m, now, who)
		v.Meetings = append(v.Meetings, y)
		for _, q := range y.Next {
			if !slices.Contains(v.Next, q) {
				v.Next = append(v.Next, q)
			}
		}
	}
	stages := []string{"resumed", "postponed", "suspended"}
	for _, stage := range stages {
		if stage == x.Stage || stage == "resumed" && x.Stage == "running" {
			continue
		}
		ask := []string{"review"}
		m, ok := n.move(who, "MT04", "", map[string]string{"series": x.Name, "stage": stage}, ask...)
		m.ID, m.Name = m.ID+"-"+strconv.Itoa(i)+"-"+stage, n.T("move.series."+stage)
		v.Moves.add(m, ok)
	}
	m, ok := n.move(who, "MT01", "", map[string]string{"series": x.Name})
	m.ID += "-" + strconv.Itoa(i)
	v.Moves.add(m, ok)
	return v
}

func (n *snap) meeting(m dialogue.Meeting, now record.Stamp, who *seat) meetingView {
	v := meetingView{Opening: n.saying(m.Opening), Windows: windows(m.Windows), Held: n.sayings(m.Held...), With: first(n.sayings(m.With))}
	v.Link = dossierPath(string(n.ID), v.Opening.Party, m.Opening.Number)
	if m.Fallback.From > 0 {
		v.Fallback = &windowView{m.Fallback.From, m.Fallback.To}
	}
	for _, q := range m.Moves {
		v.Next = append(v.Next, n.party(q))
	}
	at := m.At(now)
	v.State = at
	if id := "meeting." + noKey.ReplaceAllString(at, "-"); n.s.words["en"].Has(id) {
		v.State = n.T(id)
	} else if id := "dossier.is." + noKey.ReplaceAllString(at, "-"); n.s.words["en"].Has(id) {
		v.State = n.T(id)
	}
	if at == "due" || at == string(m.State) && len(m.Held) == 0 {
		v.Moves.add(n.move(who, "MT03", v.Opening.Ref, nil, "by", "fallback", "cause"))
	}
	return v
}

func (n *snap) forum(f dialogue.Forum, i int, who *seat) forumView {
	v := forumView{Name: f.Name, Plan: n.T("plan." + noKey.ReplaceAllString(f.Plan, "-")), Dates: windows(f.Dates), Words: n.sayings(f.Words...), Crossed: f.Crossed}
	for _, plan := range []string{"planned", "attending", "called_off"} {
		if plan == f.Plan {
			continue
		}
		m, ok := n.move(who, "FM01", "", map[string]string{"forum": f.Name, "plan": plan}, "dates")
		m.ID, m.Name = m.ID+"-"+strconv.Itoa(i)+"-"+plan, n.T("move.forum."+plan)
		v.Moves.add(m, ok)
	}
	return v
}

func (n *snap) suspensions(r *http.Request, v *dialoguesView, now record.Stamp, who *seat) error {
	list, err := n.s.cfg.Station.Suspensions(r.Context(), n.ID)
	if err != nil {
		return err
	}
	for _, x := range slices.Backward(list) {
		if len(v.Suspensions) == maxSeries {
			break
		}
		y := suspensionView{party: n.party(x.By.Party), Class: x.Class, From: x.From, Review: x.Review, Cause: x.Cause, By: n.saying(x.By),
			Resumed: first(n.sayings(x.Resumed)), Until: x.Until, Holds: x.Holds(now), Void: x.Void}
		if id := "class." + noKey.ReplaceAllString(x.Class, "-"); n.s.words["en"].Has(id) {
			y.Class = n.T(id)
		}
		if x.By.Party == n.view.Me && y.Resumed == nil && x.Void == "" {
			m, ok := n.move(who, "ST02", y.By.Ref, map[string]string{"classes": x.Class}, "from")
			m.ID += "-" + noKey.ReplaceAllString(x.Class, "-")
			y.Moves.add(m, ok)
		}
		v.Suspensions = append(v.Suspensions, y)
	}
	slices.SortStableFunc(v.Suspensions, func(a, b suspensionView) int { return holding(b) - holding(a) })
	return nil
}

func holding(s suspensionView) int {
	if s.Holds {
		return 1
	}
	return 0
}
