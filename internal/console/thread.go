// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"errors"
	"slices"

	"openline/internal/host"
	"openline/line"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/record"
)

// ladderOf is how far one record got, as far as a page of the transcript
// shows it: each rung a record of its own, none of them agreement.
type ladderOf struct {
	Station  bool // theirs holds it; of ours alone
	Ours     bool
	Watch    *entry
	Office   *entry
	Units    *entry
	Receipts bool // one of the three is there
}

// ladderOf finds the receipts of a record among the records of a page.
func (n *snap) ladderOf(r host.Record, page []host.Record) *ladderOf {
	if r.Header == nil {
		return nil
	}
	p, ok := n.cat.Phrase(r.Header.Code)
	if !ok || p.Class == "receipt" && !p.Asks() {
		return nil
	}
	l := ladderOf{Ours: r.Log.Party == n.view.Me}
	for _, q := range n.view.Peers {
		l.Station = l.Station || l.Ours && r.Log.Generation == n.view.Own.Generation && q.Receipt.Last >= r.Number || l.Ours && r.Log.Generation < n.view.Own.Generation
	}
	ref := r.Ref()
	for _, x := range page {
		if x.Header == nil || x.Log.Party == r.Log.Party || len(x.Header.Code) < 2 || x.Header.Code[:2] != "RC" || !slices.Contains(x.Header.Re, ref) {
			continue
		}
		e := n.entry(x)
		switch x.Header.Code {
		case "RC01":
			l.Watch = &e
		case "RC02":
			l.Office = &e
		case "RC03":
			l.Units = &e
		}
	}
	l.Receipts = l.Watch != nil || l.Office != nil || l.Units != nil
	return &l
}

// thing is the record that opened the matter a record is about.
func thing(r host.Record) record.Ref {
	if r.Leaf != nil && r.Leaf.About.Number > 0 {
		return r.Leaf.About
	}
	return r.Ref()
}

// threadOf is where the matter of a record stands whole: as a dossier, as an
// incident, or at the record that opened it; empty: it is that record.
func (n *snap) threadOf(r host.Record) string {
	ref := thing(r)
	opening, err := n.find(ref)
	if err != nil || opening.Header == nil {
		return ""
	}
	short := n.env.PartyName(ref.Party)
	switch code := opening.Header.Code; {
	case slices.Contains([]string{"CR01", "MT01", "SD01"}, code) && slices.Contains(dossier.Codes(), code):
		return dossierPath(string(n.ID), short, ref.Number)
	case slices.Contains(incident.Codes(), code):
		return incidentPath(string(n.ID), short, ref.Number)
	case ref == r.Ref():
		return ""
	}
	return recordPath(string(n.ID), short, ref.Number) + "#thread"
}

// recordThread is all that was said to the matter of a record.
func (n *snap) recordThread(ctx context.Context, r host.Record) ([]saidView, error) {
	if r.Leaf == nil || r.Header == nil {
		return nil, nil // it opens nothing and is about nothing
	}
	opening, err := n.find(thing(r))
	if errors.Is(err, host.ErrNoRecord) || err == nil && opening.Header == nil {
		return nil, nil // what it is about is not held here, or does not read
	}
	if err != nil {
		return nil, err
	}
	if p, ok := n.cat.Phrase(opening.Header.Code); !ok || p.Class == "test" {
		return nil, nil
	}
	t, err := n.s.cfg.Station.Thread(ctx, n.ID, opening.Ref())
	if errors.Is(err, line.ErrNoThing) {
		return nil, nil
	}
	return n.thread(t), err
}
