// SPDX-License-Identifier: Apache-2.0

package host

import (
	"fmt"

	"openline/catalogue"
	"openline/identity"
	"openline/record"
)

// Env names parties and posts of a line, for renderings.
type Env struct{ l *line }

// Env gives the names of a line.
func (h *Host) Env(id identity.LineID) (Env, error) {
	l, err := h.line(id)
	return Env{l}, err
}

// PartyName is how a party's records are named.
func (e Env) PartyName(no record.PartyNo) string {
	if p, ok := e.l.cfg.Agreements.Newest().Party(no); ok {
		return p.Short
	}
	return fmt.Sprintf("party %d", no)
}

// Titles are the names of the parties as the agreement writes them out.
func (e Env) Titles() map[record.PartyNo]string {
	out := map[record.PartyNo]string{}
	for _, p := range e.l.cfg.Agreements.Newest().Parties {
		out[p.Number] = p.Title
	}
	return out
}

// PostName names an office.
func (e Env) PostName(a record.Address) string { return e.PartyName(a.Party) + ":" + a.Post }

// OfficeName names an office as its party declared it on the line (PO01),
// with the party behind it; one that was not declared by its address.
func (e Env) OfficeName(a record.Address) string {
	if list := e.l.offices.Load(); list != nil {
		if office, ok := (*list)[a]; ok {
			return office + " (" + e.PartyName(a.Party) + ")"
		}
	}
	return e.PostName(a)
}

// rendering names offices as people know them.
type rendering struct{ Env }

func (r rendering) PostName(a record.Address) string { return r.OfficeName(a) }

// noteOffices learns the offices declared on the line.
func (l *line) noteOffices() {
	list := map[record.Address]string{}
	for _, p := range l.st.Posts() {
		list[record.Address{Party: p.Party, Post: p.ID}] = p.Office
	}
	l.offices.Store(&list)
}

// PartyNo finds a party by its short or full name.
func (e Env) PartyNo(name string) (record.PartyNo, bool) {
	p, ok := e.l.cfg.Agreements.Newest().ByShort(name)
	return p.Number, ok
}

// Render gives a record in a language, by the catalogue of its own agreement
// version. One that does not fit says so.
func (e Env) Render(lang string, r Record) string {
	switch {
	case !r.RemovedBy.IsZero():
		return e.removedHere(lang, r)
	case r.Header == nil || r.Body == nil:
		return fmt.Sprintf("(not readable: %v)", r.Fault)
	default:
		cat := e.l.cfg.Catalogue(r.Leaf.Agreement)
		if cat == nil {
			return fmt.Sprintf("(no catalogue of agreement version %d is here)", r.Leaf.Agreement)
		}
		text, err := cat.Render(lang, r.Header, r.Body, rendering{e})
		if err != nil {
			return fmt.Sprintf("(%v)", err)
		}
		return text
	}
}

// RefName writes a record's name as it is read and typed: blue/412.
func (e Env) RefName(r record.Ref) string { return record.FormatRef(r, e.PartyName) }

// ParseRef reads a record's name.
func (e Env) ParseRef(s string) (record.Ref, error) { return record.ParseRef(s, e.PartyNo) }

// Catalogue is the newest version's.
func (e Env) Catalogue() *catalogue.Catalogue {
	return e.l.cfg.Catalogue(e.l.cfg.Agreements.Newest().Version)
}

// Version is the newest version of the agreement.
func (e Env) Version() uint32 { return e.l.cfg.Agreements.Newest().Version }

// Gloss says in a few words what a phrase is for; empty if it is unknown.
func (e Env) Gloss(code string) string {
	if p, ok := e.Catalogue().Phrase(code); ok {
		return p.Gloss
	}
	return ""
}

// Params gives a record's parameters in a language, and its phrase's marker.
func (e Env) Params(lang string, r Record) (marker string, params map[string]string) {
	cat := e.l.cfg.Catalogue(r.Leaf.Agreement)
	if cat == nil {
		return "", nil
	}
	phrase, ok := cat.Phrase(r.Header.Code)
	if !ok {
		return "", nil
	}
	params = map[string]string{}
	for _, p := range phrase.Params {
		if v, ok := r.Body.Params[p.Name]; ok {
			params[p.Name] = cat.FormatParam(lang, p, v, e)
		}
	}
	return phrase.Marker, params
}

// Me is this party's own number.
func (e Env) Me() record.PartyNo { return e.l.me }

// FullName is the name of a party given by its short or full one; a name
// that is not on the line stays as it is.
func (e Env) FullName(name string) identity.Party {
	if p, ok := e.l.cfg.Agreements.Newest().ByShort(name); ok {
		return p.Name
	}
	return identity.Party(name)
}
