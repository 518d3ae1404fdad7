// SPDX-License-Identifier: Apache-2.0

package brief

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"openline/internal/desk/contact"
	"openline/line"
	"openline/line/dossier"
	"openline/record"
)

// busy is a line of so many dossiers, from either side in turn, of which some
// came to something and some await a word.
func busy(n int) Input {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	short := map[record.PartyNo]string{1: "us", 2: "cn"}
	in := Input{Line: "dtl", Ours: us, Theirs: cn, At: at, Positions: map[string]uint64{"us": 50_000, "cn": 50_000}}
	r := &Rooms{Me: 1, Peer: 2, Post: func(p line.Post) string { return short[p.Party] + " " + p.Post },
		Ref: func(ref record.Ref) string {
			return record.FormatRef(ref, func(p record.PartyNo) string { return short[p] })
		}}
	begin := record.Stamp(at.Unix()) - record.Stamp(n)*3600
	for i := range n {
		asker, asked := record.PartyNo(1+i%2), record.PartyNo(2-i%2)
		opening := line.Said{Party: asker, Number: uint64(1 + 25*i), Code: "CR01", Time: begin + record.Stamp(i)*3600}
		reply := line.Said{Party: asked, Number: uint64(20 + 25*i), Time: opening.Time + 7200}
		side := dossier.Side{Party: asked, Office: line.Post{Party: asked, Post: "minister"}, State: dossier.State(line.Open.String()), Awaits: asked}
		q := Request{Record: r.of(opening), Code: "CR01", Ours: asker == 1, From: "minister", To: "minister", Subject: fmt.Sprintf("subject %d", i%40), Asked: stamp(opening.Time), Outcome: "open"}
		if q.Ours || i%3 > 0 {
			q.Receipt = stamp(opening.Time + 60)
		}
		d := dossier.Dossier{Opening: opening, Kind: "call", Subject: q.Subject, From: line.Post{Party: asker, Post: "minister"}}
		switch i % 6 {
		case 0:
			side.State, side.By, side.Awaits, side.Window = dossier.Accepted, reply, 0, line.Window{From: reply.Time + 9000, To: reply.Time + 12000}
		case 1:
			side.State, side.By, side.Until = dossier.State(line.Held.String()), reply, opening.Time+90_000
			q.Until, q.Due = stamp(side.Until), stamp(opening.Time+86_400)
		case 2:
			side.State, side.By, side.Awaits, side.Words = dossier.State(line.Declined.String()), reply, 0, "not in this month"
		case 3:
			d.Reminders = []line.Said{{Party: asker, Number: opening.Number + 3}, {Party: asker, Number: opening.Number + 9}}
			q.Due, q.NoReplyAt = stamp(opening.Time+86_400), stamp(opening.Time+90_000)
		case 4:
			side.State, side.By, side.Route = dossier.State(line.Redirected.String()), reply, []line.Post{{Party: asked, Post: "chairman"}}
			side.Crossed = []line.Said{reply}
		}
		if side.State != dossier.State(line.Open.String()) {
			q.Outcome = string(side.State)
		}
		d.Sides = []dossier.Side{side}
		r.Dossiers, in.Requests = append(r.Dossiers, d), append(in.Requests, q)
	}
	in.Rooms = r
	return in
}

// A sheet of a line on which much was said is as that of a quiet one: the
// newest rows, and how many more there are.
func TestASheetOfABusyLine(t *testing.T) {
	w, three := english(t)
	in := busy(400)
	for i := range 6 {
		in.Contacts = append(in.Contacts, contact.Contact{Kind: contact.KindInvitation, Level: "senior", Ours: us.Posts[0], Theirs: cn.Posts[0], Subject: "a visit", Outcome: contact.OutcomeUnanswered,
			Asked: contact.AskedOurs, Source: fmt.Sprintf("paper %d", i), Attribution: "press", ReportedBy: "a paper", Date: contact.Time{At: in.At.Truncate(24 * time.Hour), Day: true}})
	}
	b := Of(in, w, three)
	l := b.layout(w, us, cn)
	whole, cut := l.sheet(Form{Full: true}), l.sheet(Form{})
	rows := func(s sheet) *sheetTable {
		for _, p := range s.parts {
			if p.id == "asked" {
				return p.table
			}
		}
		t.Fatal("the page has no table of what was asked")
		return nil
	}
	all, some := rows(whole), rows(cut)
	if len(all.rows) != 401 || all.rows[400].same != 6 || all.left != "" {
		t.Errorf("%d rows, the newest %+v", len(all.rows), all.rows[len(all.rows)-1])
	}
	if len(some.rows) != mostRows["asked"] || some.left != w.say("more", args{"N": 401 - mostRows["asked"]}) {
		t.Errorf("%d rows, %q", len(some.rows), some.left)
	}
	for i, r := range some.rows {
		if of := all.rows[len(all.rows)-len(some.rows)+i]; fmt.Sprint(of.cells, of.same) != fmt.Sprint(r.cells, r.same) {
			t.Errorf("row %d of the sheet is %v, of the whole page %v", i, r.cells, of.cells)
		}
	}
}

// BenchmarkBusy is what a brief of 2,000 dossiers costs once what it is made
// from is there.
func BenchmarkBusy(b *testing.B) {
	w, three := english(b)
	in := busy(2000)
	page := Of(in, w, three)
	b.Run("of", func(b *testing.B) {
		for b.Loop() {
			page = Of(in, w, three)
		}
	})
	b.Run("sheet", func(b *testing.B) {
		for b.Loop() {
			_ = page.Text(w, us, cn, Form{})
		}
	})
	b.Run("whole", func(b *testing.B) {
		for b.Loop() {
			_ = page.Markdown(w, us, cn, Form{Full: true})
		}
	})
	b.Run("json", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(page); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("language", func(b *testing.B) {
		for b.Loop() {
			if _, err := Language("en"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
