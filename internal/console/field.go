// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"openline/catalogue"
	"openline/record"
)

// field is one typed parameter as a page asks for it.
type field struct {
	Name, Label, Kind, Value, Hint string
	Optional                       bool
	Options                        []option
	Long                           bool
	From, To                       string      // of a window, as a browser edits an hour
	Windows                        [][2]string // of several, one empty at the end
	Zones                          []zone      // in which an hour is shown beside UTC
	Map                            string      // where a position is chosen on a map
}

// zone is the time zone a party declared.
type zone struct {
	party
	Zone string
}

// edited is how a browser edits an hour; every hour is UTC.
const edited = "2006-01-02T15:04"

// maxWindows is how many windows a page offers to fill in.
const maxWindows = 4

// field makes the field of a parameter, with what was typed so far.
func (n *snap) field(p catalogue.Param, value string) field {
	f := field{Name: p.Name, Label: n.label(p.Name), Kind: string(p.Kind), Optional: p.Optional, Value: value, Hint: n.hint(string(p.Kind)), Long: p.Kind == "text"}
	switch p.Kind {
	case "enum":
		for _, x := range p.Values {
			f.Options = append(f.Options, option{x, n.cat.FormatParam(n.lang, p, record.Text(x), n.env), x == value})
		}
	case "choices":
		of := catalogue.Param{Name: p.Name, Kind: "enum", Values: p.Values}
		for _, x := range p.Values {
			f.Options = append(f.Options, option{x, n.cat.FormatParam(n.lang, of, record.Text(x), n.env), slices.Contains(strings.Split(value, ";"), x)})
		}
	case "reason":
		for i := 1; i <= 12; i++ {
			x := number(uint64(i))
			f.Options = append(f.Options, option{x, x + " · " + n.cat.Reason(n.lang, i), x == value})
		}
	case "post":
		f.Options = n.offices(0, value)
	case "time":
		f.Zones = n.zones()
		if value == "" && !p.Optional {
			value = n.view.At.Add(24 * time.Hour).UTC().Truncate(time.Hour).Format(edited)
			if slices.Contains([]string{"hour", "ended", "since", "from"}, p.Name) {
				value = n.view.At.UTC().Truncate(time.Minute).Format(edited)
			}
		}
		f.Value = editable(value)
	case "window":
		f.Zones = n.zones()
		from, to, _ := strings.Cut(value, "..")
		f.From, f.To = editable(from), editable(to)
	case "windows":
		f.Zones = n.zones()
		for w := range strings.SplitSeq(value, ";") {
			from, to, _ := strings.Cut(w, "..")
			f.Windows = append(f.Windows, [2]string{editable(from), editable(to)})
		}
		for len(f.Windows) < 2 {
			f.Windows = append(f.Windows, [2]string{})
		}
		f.Windows = f.Windows[:min(len(f.Windows), maxWindows)]
	case "position", "area":
		f.Map = "/line/" + string(n.ID) + "/map"
	}
	return f
}

// label is what a parameter is called in the reader's language.
func (n *snap) label(name string) string {
	if id := "field." + name; n.s.words["en"].Has(id) {
		return n.T(id)
	}
	return strings.ReplaceAll(name, "_", " ")
}

// editable writes an hour as a browser edits it; what is no hour is empty.
func editable(s string) string {
	s = strings.TrimSpace(s)
	for _, layout := range []string{edited, edited + "Z07:00", time.RFC3339, catalogue.TimeFormat, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format(edited)
		}
	}
	return ""
}

// offices are the offices declared on the line, of one party or (0) of all.
func (n *snap) offices(of record.PartyNo, chosen string) (out []option) {
	for _, q := range n.posts {
		if of != 0 && q.Party != of {
			continue
		}
		val := n.env.PostName(record.Address{Party: q.Party, Post: q.ID})
		out = append(out, option{val, q.Office + " (" + n.env.PartyName(q.Party) + ")", val == chosen})
	}
	return out
}

// zones are the time zones the parties declared with their hours.
func (n *snap) zones() (out []zone) {
	parties := []record.PartyNo{n.view.Me}
	for _, p := range n.view.Peers {
		parties = append(parties, p.No)
	}
	for _, no := range parties {
		ref, ok := n.declared[no]
		if !ok {
			continue
		}
		r, err := n.find(ref)
		if err != nil || r.Body == nil {
			continue
		}
		if name, _ := r.Body.Params["zone"].AsText(); knownZone(name) {
			out = append(out, zone{n.party(no), name})
		}
	}
	return out
}

func knownZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

// formOf reads a draft from the fields of a page: p. as typed, t. an hour, w.
// the ends of windows, c. choices.
func formOf(in url.Values) draftForm {
	f := draftForm{Params: map[string]string{}}
	get := func(name string) string { return strings.TrimSpace(in.Get(name)) }
	f.Code, f.Re, f.From, f.To, f.Precedence = get("code"), get("re"), get("from"), get("to"), get("precedence")
	f.Text, f.Language, f.Courtesy, f.CourtesyLang = get("text"), get("language"), get("courtesy"), get("courtesy-language")
	f.Files = in["file"]
	f.Draft, f.Keep = get("draft"), get("keep") != ""
	f.Version, _ = strconv.Atoi(get("version")) // 0 is no version
	for name, values := range in {
		kind, p, _ := strings.Cut(name, ".")
		switch kind {
		case "p":
			f.Params[p] = get(name)
		case "t":
			if v := get(name); v != "" {
				f.Params[p] = utc(v)
			}
		case "c":
			f.Params[p] = strings.Join(values, ";")
		case "w":
			p, end, _ := strings.Cut(p, ".")
			if end != "from" {
				continue
			}
			if list := spans(values, in["w."+p+".to"]); len(list) > 0 {
				f.Params[p] = strings.Join(list, ";")
			}
		}
	}
	return f
}

// spans joins the ends of windows; a half that is missing is left for the
// reading of the draft to tell.
func spans(from, to []string) (out []string) {
	for i := range min(len(from), len(to), 2*maxWindows) {
		if a, b := strings.TrimSpace(from[i]), strings.TrimSpace(to[i]); a != "" || b != "" {
			out = append(out, utc(a)+".."+utc(b))
		}
	}
	return out
}

// utc marks an hour a browser edited as the UTC it is.
func utc(s string) string {
	if _, err := time.Parse(edited, s); err == nil {
		return s + "Z"
	}
	return s
}
