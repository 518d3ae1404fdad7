// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openline/internal/desk/contact"
	"openline/record"
)

// contactsView is the page of what this party knows of contacts: a timeline,
// what contradicts itself, the list, and the forms that add to it.
type contactsView struct {
	Line     string
	Span     spanView
	Timeline timeline
	Undated  []happening
	Apart    []accounts
	List     []happening // newest first, as a table
	More     int
	Ours     []option
	Theirs   []option
	Levels   []option
	Kinds    []option
	Outcomes []option
	Asked    []option
	Form     url.Values
	Why      string
	Faults   contact.Faults
	FaultsN  int
	Added    string
	Log      bool // the form is what the page was opened for
	Today    string
}

// happening is one thing that happened, from the line or from elsewhere.
type happening struct {
	At      contact.Time
	End     record.Stamp // what came of it; 0: nothing known
	Row     string       // of the timeline
	Kind    string
	Level   string
	Who     string
	Channel string
	Came    string
	Subject string
	Source  string
	Word    string // attribution, in words
	Quote   string
	Note    string
	Record  *saidView
	Link    string
	Colour  string
	Open    bool // nothing is known to have come
	Context bool // between posts that are none of the line
}

// accounts are several accounts of one event that differ.
type accounts struct {
	When string
	Who  string
	Each []happening
}

// maxHappenings is how many the table lists.
const maxHappenings = 250

func (s *Server) contacts(w http.ResponseWriter, r *http.Request, who *seat) error {
	return s.contactsPage(w, r, who, func(*contactsView) int { return http.StatusOK })
}

// contactsPage shows the page; tell adds what became of a form.
func (s *Server) contactsPage(w http.ResponseWriter, r *http.Request, who *seat, tell func(*contactsView) int) error {
	p, n, err := s.onLine(r, who, "contacts", "title.contacts")
	if err != nil {
		return err
	}
	if s.cfg.Desk == nil {
		return errNoHost
	}
	known, err := s.cfg.Desk.Contacts(n.ID)
	if err != nil {
		return err
	}
	v := contactsView{Line: string(n.ID), Form: url.Values{}, Added: r.URL.Query().Get("added"), Log: r.URL.Query().Get("log") != "", Today: n.view.At.UTC().Format(time.DateOnly)}
	if _, err := strconv.Atoi(v.Added); err != nil {
		v.Added = ""
	}
	all := n.fromElsewhere(known)
	if all, err = n.fromTheLine(r, all); err != nil {
		return err
	}
	v.Span = readSpan(r.URL.Query(), n.view.At, all, n.Since)
	v.Apart = n.apart(known)
	for _, h := range all {
		if !h.At.Known() {
			v.Undated = append(v.Undated, h)
		}
	}
	dated := slices.DeleteFunc(all, func(h happening) bool { return !h.At.Known() || !v.Span.has(h) })
	slices.SortStableFunc(dated, func(a, b happening) int { return b.At.At.Compare(a.At.At) })
	v.Timeline = n.timeline(v.Span, dated, p.Dir == "rtl")
	v.List, v.More = dated[:min(len(dated), maxHappenings)], max(0, len(dated)-maxHappenings)
	n.choices(&v)
	p.Status = tell(&v)
	v.choose()
	p.X = v
	s.write(w, p, "contacts")
	return nil
}

// choices are what the form offers.
func (n *snap) choices(v *contactsView) {
	for _, q := range n.posts {
		o := option{q.Office, q.Office, false}
		if q.Party == n.view.Me {
			v.Ours = append(v.Ours, o)
		} else {
			v.Theirs = append(v.Theirs, o)
		}
	}
	sets := func(prefix string, list ...string) (out []option) {
		for _, x := range list {
			out = append(out, option{x, n.T(prefix + x), false})
		}
		return out
	}
	v.Levels = sets("level.", contact.Levels...)
	v.Kinds = sets("kind.", contact.KindContact, contact.KindMeeting, contact.KindVisit, contact.KindInvitation, contact.KindStatement, contact.KindIncident)
	v.Outcomes = sets("outcome.of.", contact.OutcomeHeld, contact.OutcomeDelivered, contact.OutcomeUnanswered, contact.OutcomeDeclined, contact.OutcomeRedirected, contact.OutcomeCancelled,
		contact.OutcomeAnswered, contact.OutcomeUnknown)
	v.Asked = sets("asked.", contact.AskedUnknown, contact.AskedOurs, contact.AskedTheirs)
}

// choose keeps what was chosen in a form that is shown anew.
func (v *contactsView) choose() {
	for name, list := range map[string][]option{"ours": v.Ours, "theirs": v.Theirs, "level": v.Levels, "kind": v.Kinds, "outcome": v.Outcomes, "asked": v.Asked} {
		for i := range list {
			list[i].Chosen = list[i].Value == v.Form.Get(name)
		}
	}
}

// fromElsewhere reads the contacts of the journal.
func (n *snap) fromElsewhere(known []contact.Contact) []happening {
	ours, theirs := map[string]bool{}, map[string]bool{}
	for _, q := range n.posts {
		if q.Party == n.view.Me {
			ours[strings.ToLower(q.Office)] = true
		} else {
			theirs[strings.ToLower(q.Office)] = true
		}
	}
	none := func(of map[string]bool, post string) bool { return len(of) > 0 && !of[strings.ToLower(post)] }
	var out []happening
	for _, c := range known {
		h := n.account(c)
		h.Context = none(ours, c.Ours) || none(theirs, c.Theirs)
		out = append(out, h)
	}
	return out
}

// account writes one row of the journal.
func (n *snap) account(c contact.Contact) happening {
	h := happening{At: c.Date, Row: cmp.Or(c.Level, contact.LevelWatch), Kind: n.T("kind." + c.Kind), Level: n.T("level." + c.Level), Channel: c.Channel, Subject: c.Subject,
		Came: n.T("outcome.of." + c.Outcome), Source: c.Source, Word: n.T("attribution." + c.Attribution), Quote: c.Quote, Note: c.Note,
		Who: n.T("contact.who", "Ours", cmp.Or(c.Ours, n.T("unknown")), "Theirs", cmp.Or(c.Theirs, n.T("unknown")))}
	switch c.Kind {
	case contact.KindInvitation:
		h.Row, h.Open = "invitation", c.Outcome == contact.OutcomeUnanswered || c.Outcome == contact.OutcomeUnknown || c.Outcome == contact.OutcomeDelivered
	case contact.KindIncident:
		h.Row = "incident"
	case contact.KindTest:
		h.Row = "test"
	}
	switch c.Asked {
	case contact.AskedOurs:
		h.Colour = n.party(n.view.Me).Colour
	case contact.AskedTheirs:
		for _, q := range n.view.Peers {
			h.Colour = n.party(q.No).Colour
		}
	}
	if c.ReportedBy != "" {
		h.Word += ", " + c.ReportedBy
	}
	return h
}

// apart finds the events of which there are accounts that differ on what came
// or on who asked.
func (n *snap) apart(known []contact.Contact) (out []accounts) {
	type event struct{ date, kind, ours, theirs string }
	by := map[event][]contact.Contact{}
	var order []event
	for _, c := range known {
		e := event{c.Date.String(), c.Kind, c.Ours, c.Theirs}
		if !c.Date.Known() {
			continue
		}
		if by[e] == nil {
			order = append(order, e)
		}
		by[e] = append(by[e], c)
	}
	slices.SortStableFunc(order, func(a, b event) int { return strings.Compare(b.date, a.date) })
	for _, e := range order {
		list := by[e]
		differs := slices.ContainsFunc(list, func(c contact.Contact) bool {
			known := c.Outcome != contact.OutcomeUnknown && list[0].Outcome != contact.OutcomeUnknown
			asked := c.Asked != contact.AskedUnknown && list[0].Asked != contact.AskedUnknown && c.Asked != "" && list[0].Asked != ""
			return known && c.Outcome != list[0].Outcome || asked && c.Asked != list[0].Asked
		})
		if !differs || len(out) == 50 {
			continue
		}
		a := accounts{When: e.date, Who: n.account(list[0]).Who}
		for _, c := range list[:min(len(list), 6)] {
			a.Each = append(a.Each, n.account(c))
		}
		out = append(out, a)
	}
	return out
}

// logContact writes one contact into the journal: who, level, channel, a
// word.
func (s *Server) logContact(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, n, err := s.act(r, who)
	if err != nil {
		return err
	}
	if s.cfg.Desk == nil {
		return errNoHost
	}
	get := func(name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }
	now := n.view.At.UTC()
	c := contact.Contact{
		Kind: cmp.Or(get("kind"), contact.KindContact), Level: get("level"), Ours: get("ours"), Theirs: get("theirs"), Channel: get("channel"),
		Outcome: cmp.Or(get("outcome"), contact.OutcomeHeld), Source: n.T("contact.source", "Person", who.Person), Attribution: "official", Note: get("note"),
		Asked: cmp.Or(get("asked"), contact.AskedUnknown), Learned: contact.Time{At: now.Truncate(time.Second)},
	}
	when := cmp.Or(utc(get("date")), now.Format("2006-01-02T15:04:05Z"))
	if t, err := time.Parse(edited+"Z", when); err == nil {
		when = t.Format(time.RFC3339)
	}
	if get("undated") != "" {
		when = ""
	}
	at, ok := contact.ParseTime(when)
	c.Date = at
	// What is logged keeps the contract of an import: it is read by the same
	// rules before it is kept.
	list, err := contact.Parse(contact.FormatCSV([]contact.Contact{c}))
	if !ok {
		err = errors.New(n.T("contact.when"))
	}
	if err == nil {
		if _, err = s.cfg.Desk.Import(r.Context(), l.ID, list); err == nil {
			http.Redirect(w, r, back(r, "/line/"+string(l.ID)+"/contacts?added=1"), http.StatusSeeOther)
			return nil
		}
		return err
	}
	var faults contact.Faults
	why := err.Error()
	if errors.As(err, &faults) {
		why = faults[0].Field + ": " + faults[0].Msg
	}
	return s.contactsPage(w, r, who, func(v *contactsView) int {
		v.Form, v.Why, v.Log = r.PostForm, why, true
		return http.StatusUnprocessableEntity
	})
}

// importContacts takes a file of contacts, all or none of it.
func (s *Server) importContacts(w http.ResponseWriter, r *http.Request, who *seat) error {
	l, err := s.line(r)
	if err != nil {
		return err
	}
	if s.cfg.Desk == nil {
		return errNoHost
	}
	b, err := uploaded(r)
	if err != nil {
		return err
	}
	list, err := contact.Parse(b)
	var faults contact.Faults
	if errors.As(err, &faults) {
		return s.contactsPage(w, r, who, func(v *contactsView) int {
			v.Faults, v.FaultsN = faults[:min(len(faults), 50)], len(faults)
			return http.StatusUnprocessableEntity
		})
	}
	if err != nil {
		return err
	}
	added, err := s.cfg.Desk.Import(r.Context(), l.ID, list)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/line/"+string(l.ID)+"/contacts?added="+strconv.Itoa(added), http.StatusSeeOther)
	return nil
}

// uploaded reads the file of a form, or what was pasted beside it.
func uploaded(r *http.Request) ([]byte, error) {
	if err := r.ParseMultipartForm(maxForm); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return nil, err
	}
	f, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return []byte(r.FormValue("rows")), nil
	}
	if err != nil {
		return nil, err
	}
	b, err := io.ReadAll(f)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(b)) == 0 {
		b = []byte(r.FormValue("rows"))
	}
	return b, nil
}
