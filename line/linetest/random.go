// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"crypto/sha256"
	"math/rand/v2"
	"testing"

	"openline/catalogue"
	"openline/line"
	"openline/record"
)

// Random plays a history of so many parties that follows from its seed alone:
// turn numbers the parties otherwise, swap exchanges the first two places.
// Every phrase of the affairs is said, by anyone, about anything held, often
// with no right to: twice, to nothing, about what was not seen or belongs to
// another matter, without its parameters, dated in 1970 or 2100.
func Random(t testing.TB, seed uint64, parties, turn int, swap bool) *World {
	numbers := make([]record.PartyNo, parties)
	for i := range numbers {
		numbers[i] = record.PartyNo(1 + (i+turn)%parties)
	}
	w := New(t, numbers...)
	c, err := affairs()
	must(t, err)
	r := &random{World: w, rng: rand.New(rand.NewPCG(seed, 7)), swap: swap, phrases: c}
	for range 40 + r.n(80) {
		r.step()
	}
	return w
}

type random struct {
	*World
	rng  *rand.Rand
	swap bool
	said []spoken

	phrases *catalogue.Catalogue
}

type spoken struct {
	line.Entry
	thing int // index of its opening in said
}

func (r *random) n(n int) int { return r.rng.IntN(n) }

// place is that of a party in the story as it is told.
func (r *random) place() int { return r.seat(r.n(len(r.Numbers))) }

func (r *random) seat(i int) int {
	if r.swap && i < 2 {
		return 1 - i
	}
	return i
}

var (
	openings = []string{"CP01", "CP01", "SP01", "CR01", "CR01", "CR01", "MT01", "MT01", "SD01", "PO01", "MT04", "FM01", "ST01", "IN01", "IN01", "IN02", "IN03", "IN04", "IN05", "IN06", "DS01", "TX01", "RT01", "XX99"}
	replies  = []string{"CP01", "CP02", "CP03", "CP04", "SP01", "HD01", "HD02", "HD03", "HD04", "HD04", "HD05", "AN01", "AF01", "AF01", "AF02", "PR01", "PR02", "CR02", "CR02", "CR03", "RM01", "RQ01",
		"WD01", "ER01", "MT02", "MT02", "MT03", "MT04", "FM01", "CR05", "RO01", "SM01", "PO02", "ST02", "OW01", "OW02", "OW03", "IN02", "IN03", "IN06", "NT05", "RC01", "RC02", "RC03", "RC04", "RC05", "TX01", "AN02", "AN03", "TR01", "IN04", "CK01", "XX99"}
	posts = []string{"minister", "chairman", "watch"}
	names = []string{"defence", "the forum", "fisheries"}
)

func (r *random) step() {
	i := r.place()
	switch k := r.n(20); {
	case k < 2:
		r.Deliver(r.place(), i)
	case k < 5:
		r.Meet()
	case k < 6:
		r.Now += record.Stamp(r.n(90_000))
	case k < 9 || len(r.said) == 0:
		code := openings[r.n(len(openings))]
		e := r.Say(i, r.oddly(Draft{Code: code, From: posts[r.n(3)], Params: r.params(code, i), Text: "a note"}, 0))
		r.said = append(r.said, spoken{e, len(r.said)})
	default:
		to := max(0, len(r.said)-1-r.n(12))
		code, thing := r.reply(to), r.said[to].thing
		params := r.params(code, i)
		if !r.Holds(i, r.said[to].Entry) && r.n(8) > 0 {
			return
		}
		d := Draft{Code: code, From: posts[r.n(3)], About: r.said[thing].Ref(), Re: []record.Ref{r.said[to].Ref()}, Params: params, Text: "a note"}
		e := r.Say(i, r.oddly(d, to))
		r.said = append(r.said, spoken{e, thing})
	}
}

// oddly spoils a draft now and then.
func (r *random) oddly(d Draft, to int) Draft {
	switch r.n(24) {
	case 0:
		d.Dated = 1
	case 1:
		d.Dated = 4_102_444_800
	case 2:
		d.Params = nil
	case 3:
		d.Text = ""
	case 4:
		if len(d.Re) > 0 { // by its hash
			e := r.said[to]
			d.Re = []record.Ref{record.ByHash(e.Party, e.Hash)}
		}
	case 5:
		if len(d.Re) > 0 { // of another matter, or of none
			d.Re = []record.Ref{r.said[r.n(len(r.said))].Ref()}
		}
	case 6:
		d.Re = nil
	case 7:
		if len(d.Re) > 0 { // several
			d.Re = append(d.Re, r.said[r.n(len(r.said))].Ref())
		}
	case 8:
		d.To = []record.Address{{Party: r.Numbers[r.place()], Post: posts[r.n(3)]}}
	}
	return d
}

// reply is any phrase, or more often one of those that are permitted.
func (r *random) reply(to int) string {
	code, c := replies[r.n(len(replies))], r.n(3)
	if p, ok := r.phrases.Phrase(r.said[to].Header.Code); ok && len(p.Permits) > 0 && c > 0 {
		return p.Permits[r.n(len(p.Permits))]
	}
	return code
}

// params fills a phrase; now and then with another party's post as its own.
//
// Long: one case per phrase, each a line.
func (r *random) params(code string, i int) map[string]record.Value {
	own, other := r.Post(i, posts[r.n(2)]), r.Post(r.seat(r.n(len(r.Numbers))), posts[r.n(2)])
	name, text := record.Text(names[r.n(2)]), record.Text(names[r.n(3)])
	window, hour, pick := r.Window(r.n(200_000)-50_000, 300_000), r.Hour(r.n(200_000)-50_000), r.n(3)
	of := func(values ...string) record.Value { return record.Text(values[pick%len(values)]) }
	open, digest := r.n(2) == 0, sha256.Sum256([]byte(names[pick]))
	target := record.Array(record.Uint(uint64(r.Numbers[0])), record.Uint(1))
	if len(r.said) > 0 {
		e := r.said[r.said[r.n(len(r.said))].thing]
		target = record.Array(record.Uint(uint64(e.Party)), record.Uint(e.Number))
	}
	switch code {
	case "RT01":
		return map[string]record.Value{"records": record.Array(target)}
	case "CP01":
		return map[string]record.Value{"ours": own, "theirs": other, "subject": name, "grounds": text}
	case "CP03":
		return map[string]record.Value{"office": other, "grounds": text}
	case "SP01":
		return map[string]record.Value{"subject": name, "position": text}
	case "CR01":
		return map[string]record.Value{"caller": own, "called": other, "subject": name, "urgency": record.Text("ordinary"), "medium": of("voice", "video"), "windows": record.Array(window)}
	case "MT01":
		return map[string]record.Value{"series": name, "host": text, "place": text, "dates": record.Array(window)}
	case "SD01":
		return map[string]record.Value{"subject": name, "window": window}
	case "PO01":
		return map[string]record.Value{"post": of(posts...), "office": text}
	case "PO02":
		return map[string]record.Value{"post": text, "since": hour}
	case "MT02":
		return map[string]record.Value{"item": name, "stand": of("proposed", "agreed", "not_agreed", "withdrawn")}
	case "MT03":
		return map[string]record.Value{"by": of("ours", "host", "organiser"), "fallback": window}
	case "MT04":
		return map[string]record.Value{"series": name, "stage": of("resumed", "postponed", "suspended"), "review": hour}
	case "FM01":
		return map[string]record.Value{"forum": name, "plan": of("planned", "attending", "called_off")}
	case "ST01":
		return map[string]record.Value{"classes": record.Array(of("talks", "notice", "distress"), record.Text("text")), "from": hour, "review": hour}
	case "ST02":
		return map[string]record.Value{"classes": record.Array(of("talks", "notice", "text")), "from": hour}
	case "HD01", "HD02", "TR01":
		return map[string]record.Value{"until": hour}
	case "HD04":
		return map[string]record.Value{"office": own}
	case "HD05":
		return map[string]record.Value{"reason": record.Uint(uint64(1 + pick))}
	case "AN01":
		return map[string]record.Value{"channel": text, "when": hour}
	case "PR02":
		return map[string]record.Value{"condition": text}
	case "CR02":
		return map[string]record.Value{"window": window}
	case "CR03":
		return map[string]record.Value{"office": own, "window": window}
	case "CR05":
		return map[string]record.Value{"ended": hour, "points": text, "asked": of("ours", "yours", "unsaid"), "release": hour}
	case "RO01":
		p := map[string]record.Value{"digest": record.Bytes(digest[:]), "opens": hour}
		if open {
			p["readout"] = record.Text(names[pick])
		}
		return p
	case "SM01":
		return map[string]record.Value{"other": target}
	case "RC02":
		return map[string]record.Value{"office": own, "hour": hour}
	case "IN01":
		return map[string]record.Value{"place": r.position(pick), "hour": hour, "kind": name, "sure": text, "unsure": text}
	case "IN02":
		return map[string]record.Value{"place": r.position(pick), "description": text}
	case "IN03":
		return map[string]record.Value{"kind": of("accident", "fault", "unauthorised")}
	case "IN06":
		return map[string]record.Value{"place": r.position(pick), "hour": hour, "until": hour}
	case "IN04":
		return map[string]record.Value{"object": text, "request": of("keep_clear", "hold_fire"), "until": hour}
	case "IN05":
		return map[string]record.Value{"service": name, "hour": hour, "indicators": text}
	case "DS01":
		return map[string]record.Value{"position": r.position(pick), "kind": text, "help": of("asked", "offered")}
	case "RC03":
		return map[string]record.Value{"k": record.Uint(1), "n": record.Uint(uint64(1 + pick)), "hour": hour}
	case "RC04":
		return map[string]record.Value{"reading": text}
	case "RC05":
		return map[string]record.Value{"part": text}
	case "CK01":
		return map[string]record.Value{"hours": record.Array(), "clocks": record.Array(), "valid_from": hour}
	case "NT05":
		return map[string]record.Value{"state": of("corrected", "cancelled", "ended")}
	}
	return nil
}

func (r *random) position(n int) record.Value {
	return record.Array(record.Int(int64(n)*100_000), record.Int(-int64(n)*100_000))
}
