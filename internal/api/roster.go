// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"openline/identity"
	"openline/internal/desk/nightlog"
	"openline/internal/desk/roster"
	"openline/internal/host/briefing"
	"openline/internal/host/shelf"
)

// Roster is who keeps the watch, how each is reached, and the shifts to come.
type Roster struct {
	Watch   roster.Watch    `json:"watch"`
	Persons []roster.Person `json:"persons"`
	Shifts  []roster.Shift  `json:"shifts" doc:"That end after the hour"`
}

// NewReach says how a person is reached; it replaces what was entered before.
type NewReach struct {
	By      string `json:"by,omitempty" maxLength:"64"`
	Name    string `json:"name" minLength:"1" maxLength:"32"`
	Console bool   `json:"console,omitempty"`
	Email   string `json:"email,omitempty" maxLength:"400"`
	Webhook string `json:"webhook,omitempty" maxLength:"400"`
	Phone   string `json:"phone,omitempty" maxLength:"400"`
	Words   string `json:"words,omitempty" maxLength:"16384"`
	Gone    bool   `json:"gone,omitempty" doc:"They are no longer reached"`
}

// NewShift enters a shift, or drops one.
type NewShift struct {
	By       string    `json:"by,omitempty" maxLength:"64"`
	From     time.Time `json:"from,omitzero"`
	To       time.Time `json:"to,omitzero"`
	On       string    `json:"on,omitempty" maxLength:"32"`
	Deputies []string  `json:"deputies,omitempty" maxItems:"16"`
	Words    string    `json:"words,omitempty" maxLength:"16384"`
	Drop     int       `json:"drop,omitempty" minimum:"0" doc:"Number of the shift that is dropped; then nothing else is given"`
}

// NewHandover gives the watch from one person to another.
type NewHandover struct {
	Token string `json:"token,omitempty" maxLength:"64" doc:"Repeated with the same token it is entered once"`
	By    string `json:"by,omitempty" maxLength:"64"`
	From  string `json:"from,omitempty" maxLength:"32"`
	To    string `json:"to" minLength:"1" maxLength:"32"`
	Words string `json:"words,omitempty" maxLength:"16384"`
}

// NewAlarm enters an alarm of the watch.
type NewAlarm struct {
	Token  string `json:"token,omitempty" maxLength:"64" doc:"Repeated with the same token it is entered once"`
	Code   string `json:"code,omitempty" maxLength:"64"`
	Party  string `json:"party,omitempty" maxLength:"80"`
	Record string `json:"record,omitempty" maxLength:"100"`
	Text   string `json:"text" minLength:"1" maxLength:"400"`
}

// NewStep notes an attempt to reach a person, or, with acknowledged, that one
// has acknowledged.
type NewStep struct {
	Token        string `json:"token,omitempty" maxLength:"64"`
	By           string `json:"by,omitempty" maxLength:"64" doc:"Who acknowledges"`
	Way          string `json:"way,omitempty" maxLength:"64"`
	To           string `json:"to,omitempty" maxLength:"64"`
	Outcome      string `json:"outcome,omitempty" maxLength:"400"`
	Acknowledged bool   `json:"acknowledged,omitempty"`
	Words        string `json:"words,omitempty" maxLength:"16384"`
}

// Entered is the number of what was entered.
type Entered struct {
	No int `json:"no" doc:"Of the shift, the hand-over or the alarm; 0: it has none"`
}

// Alarms is the newest alarms of the watch.
type Alarms struct {
	Alarms []roster.Alarm `json:"alarms" doc:"Oldest first"`
	Left   int            `json:"left" doc:"Older ones, which are in the journal only"`
}

// NightQuery asks for a stretch of the watch; by default from the newest
// hand-over until now.
type NightQuery struct {
	From     string `query:"from" maxLength:"40" doc:"A day or a time, UTC"`
	To       string `query:"to" maxLength:"40"`
	Handover int    `query:"handover" minimum:"0" doc:"The stretch that ended with this hand-over"`
	Lang     string `query:"lang" maxLength:"35"`
	Form     string `query:"form" enum:"text,markdown" doc:"Of the page; default: text"`
}

// NightPage is a night log as data and as a page.
type NightPage struct {
	Night json.RawMessage `json:"night" doc:"spec/desk.md section 5"`
	Page  string          `json:"page"`
}

func (s *Server) rosterRoutes() {
	huma.Register(s.api, get("roster", "/v1/lines/{line}/roster", "Who keeps the watch, and whom to call in which order"), func(_ context.Context, in *struct {
		OneLine
		At string `query:"at" maxLength:"40" doc:"A day or a time, UTC; default: now"`
	}) (*body[Roster], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.roster(id, in.At))
	})
	entering(s, "enter-reach", "/roster/persons", "Enter how a person is reached", func(b NewReach) roster.Note {
		n := roster.Note{Do: roster.DoPerson, By: b.By, Name: b.Name, Console: b.Console, Email: b.Email, Webhook: b.Webhook, Phone: b.Phone, Words: b.Words}
		if b.Gone {
			n = roster.Note{Do: roster.DoGone, By: b.By, Name: b.Name}
		}
		return n
	})
	entering(s, "enter-shift", "/roster/shifts", "Enter a shift of the watch, or drop one", func(b NewShift) roster.Note {
		if b.Drop > 0 {
			return roster.Note{Do: roster.DoDrop, By: b.By, Of: b.Drop}
		}
		return roster.Note{Do: roster.DoShift, By: b.By, Name: b.On, From: b.From, To: b.To, Deputies: b.Deputies, Words: b.Words}
	})
	huma.Register(s.api, get("handovers", "/v1/lines/{line}/handovers", "The hand-overs of the watch, oldest first"), func(_ context.Context, in *OneLine) (*body[[]roster.Handover], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, err := s.desk.Handovers(id)
		return answer(append([]roster.Handover{}, list...), err)
	})
	entering(s, "hand-over", "/handovers", "Hand the watch over", func(b NewHandover) roster.Note {
		return roster.Note{Do: roster.DoHandover, Token: b.Token, By: b.By, Giver: b.From, Taker: b.To, Words: b.Words}
	})
	s.alarmRoutes()
	huma.Register(s.api, get("nightlog", "/v1/lines/{line}/nightlog", "Everything between two hand-overs"), func(ctx context.Context, in *struct {
		OneLine
		NightQuery
	}) (*body[NightPage], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		return answer(s.night(ctx, id, in.NightQuery))
	})
}

func (s *Server) alarmRoutes() {
	huma.Register(s.api, get("alarms", "/v1/lines/{line}/alarms", "The newest alarms of the watch, and what was done about them"), func(_ context.Context, in *OneLine) (*body[Alarms], error) {
		id, err := s.line(in.Line)
		if err != nil {
			return nil, problem(err)
		}
		list, left, err := s.desk.Alarms(id)
		return answer(Alarms{append([]roster.Alarm{}, list...), left}, err)
	})
	entering(s, "enter-alarm", "/alarms", "Enter an alarm of the watch", func(b NewAlarm) roster.Note {
		return roster.Note{Do: roster.DoAlarm, Token: b.Token, Code: b.Code, Party: b.Party, Record: b.Record, Text: b.Text}
	})
	step := post("alarm-step", "/v1/lines/{line}/alarms/{no}", "Note an attempt to reach a person about an alarm, or that one acknowledged it")
	huma.Register(s.api, step, func(ctx context.Context, in *struct {
		OneLine
		No   int `path:"no" minimum:"1"`
		Body NewStep
	}) (*body[Entered], error) {
		b := in.Body
		n := roster.Note{Do: roster.DoStep, Token: b.Token, By: b.By, Of: in.No, Way: b.Way, Name: b.To, Outcome: b.Outcome}
		if b.Acknowledged {
			n = roster.Note{Do: roster.DoAcknowledged, Token: b.Token, By: b.By, Of: in.No, Words: b.Words}
		}
		return s.enter(ctx, in.Line, n)
	})
}

// entering is a route that enters a note on the roster or the watch.
func entering[T any](s *Server, name, path, summary string, note func(T) roster.Note) {
	huma.Register(s.api, post(name, "/v1/lines/{line}"+path, summary), func(ctx context.Context, in *struct {
		OneLine
		Body T
	}) (*body[Entered], error) {
		return s.enter(ctx, in.Line, note(in.Body))
	})
}

func (s *Server) enter(ctx context.Context, line string, n roster.Note) (*body[Entered], error) {
	id, err := s.line(line)
	if err != nil {
		return nil, problem(err)
	}
	no, err := s.desk.Enter(ctx, id, n)
	return answer(Entered{no}, err)
}

func (s *Server) roster(id identity.LineID, at string) (Roster, error) {
	hour := time.Now().UTC().Truncate(time.Second)
	if at != "" {
		var err error
		if hour, err = briefing.ParseSince(at); err != nil {
			return Roster{}, err
		}
	}
	r, err := s.desk.Roster(id, hour)
	return Roster{r.Watch, append([]roster.Person{}, r.Persons...), r.Shifts}, err
}

func (s *Server) night(ctx context.Context, id identity.LineID, q NightQuery) (out NightPage, err error) {
	w := shelf.Stretch{Handover: q.Handover, Lang: q.Lang}
	if q.From != "" {
		if w.From, err = briefing.ParseSince(q.From); err != nil {
			return out, err
		}
	}
	if q.To != "" {
		if w.To, err = briefing.ParseAt(q.To); err != nil {
			return out, err
		}
	}
	n, err := s.desk.Night(ctx, id, w)
	if err != nil {
		return out, err
	}
	words, err := nightlog.Language(cmp.Or(q.Lang, "en"))
	if err != nil { // records may be rendered in more languages
		if words, err = nightlog.Language("en"); err != nil {
			return out, err
		}
	}
	if out.Page = n.TextIn(words); q.Form == "markdown" {
		out.Page = n.In(words)
	}
	out.Night, err = json.Marshal(n)
	return out, err
}

// Roster reads who keeps the watch at an hour; empty: now.
func (c *Client) Roster(ctx context.Context, line, at string) (out Roster, err error) {
	return out, c.get(ctx, linePath(line)+"/roster", queryOf(map[string]string{"at": at}), &out)
}

// EnterReach enters how a person is reached.
func (c *Client) EnterReach(ctx context.Context, line string, n NewReach) error {
	return c.post(ctx, linePath(line)+"/roster/persons", n, nil)
}

// EnterShift enters a shift, or drops one.
func (c *Client) EnterShift(ctx context.Context, line string, n NewShift) (out Entered, err error) {
	return out, c.post(ctx, linePath(line)+"/roster/shifts", n, &out)
}

// Handovers lists the hand-overs of the watch.
func (c *Client) Handovers(ctx context.Context, line string) (out []roster.Handover, err error) {
	return out, c.get(ctx, linePath(line)+"/handovers", nil, &out)
}

// HandOver hands the watch over.
func (c *Client) HandOver(ctx context.Context, line string, n NewHandover) (out Entered, err error) {
	return out, c.post(ctx, linePath(line)+"/handovers", n, &out)
}

// Alarms lists the newest alarms of the watch.
func (c *Client) Alarms(ctx context.Context, line string) (out Alarms, err error) {
	return out, c.get(ctx, linePath(line)+"/alarms", nil, &out)
}

// EnterAlarm enters an alarm.
func (c *Client) EnterAlarm(ctx context.Context, line string, n NewAlarm) (out Entered, err error) {
	return out, c.post(ctx, linePath(line)+"/alarms", n, &out)
}

// AlarmStep notes what was done about an alarm.
func (c *Client) AlarmStep(ctx context.Context, line string, no int, n NewStep) error {
	return c.post(ctx, fmt.Sprintf("%s/alarms/%d", linePath(line), no), n, nil)
}

// NightLog reads the log of a stretch of the watch.
func (c *Client) NightLog(ctx context.Context, line string, q NightQuery) (out NightPage, err error) {
	v := queryOf(map[string]string{"from": q.From, "to": q.To, "lang": q.Lang, "form": q.Form})
	if q.Handover > 0 {
		v.Set("handover", strconv.Itoa(q.Handover))
	}
	return out, c.get(ctx, linePath(line)+"/nightlog", v, &out)
}

func queryOf(of map[string]string) url.Values {
	v := url.Values{}
	for name, s := range of {
		if s != "" {
			v.Set(name, s)
		}
	}
	return v
}
