// SPDX-License-Identifier: Apache-2.0

package line

import (
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"openline/identity"
	"openline/record"
)

var write = flag.Bool("write", false, "write spec/vectors/line anew")

const vectorFile = "../spec/vectors/line/fold.json"

// vector is logs as they are held, and what both sides must read in them.
type vector struct {
	Name   string      `json:"name"`
	Why    string      `json:"why"`
	More   string      `json:"extension,omitempty"` // of the catalogue
	Logs   []vectorLog `json:"logs"`
	Things []vectorOf  `json:"things"` // by party and number
	Digest string      `json:"digest"` // of shared state
	Cuts   []vectorCut `json:"cuts,omitempty"`
}

type vectorLog struct {
	Party      record.PartyNo `json:"party"`
	Generation uint32         `json:"generation"`
	Base       uint64         `json:"base"`
	Holds      *[2]uint64     `json:"holds,omitempty"` // by its card: generation and size
	Entries    [][3]string    `json:"entries"`         // leaf, header, body
	Waiting    uint64         `json:"waiting,omitempty"`
	Lost       uint64         `json:"lost,omitempty"`
}

type vectorOf struct {
	Opening string `json:"opening"` // party/number
	State   string `json:"state"`   // bytes of spec/line.cddl
	Digest  string `json:"digest"`
}

type vectorCut struct {
	At     string `json:"at"` // the record whose cut it is
	Digest string `json:"digest"`
}

// scenes are the histories of the vectors.
var scenes = []struct {
	name, why string
	play      func(w *world)
}{
	{"worked-example", "the request and its hold of spec/line.md section 8", func(w *world) {
		w.clocks(1, "CR01", 14400, nil)
		w.meet(1, 0)
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.now += 600
		w.say(1, with(about(ask, "HD01"), until(w.now+3600)))
	}},
	{"answers-elsewhere", "a confirmed answer by another channel ends the thing", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		an := w.say(1, with(about(ask, "AN01"), map[string]record.Value{"channel": record.Text("mail"), "when": record.Uint(1)}))
		w.meet(1, 0)
		w.say(0, about(ask, "AN02", an))
	}},
	{"crossed", "a withdrawal and a reply neither of which knew of the other both stand", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(0, about(ask, "WD01"))
		w.say(1, decline(ask))
	}},
	{"no-word-replaces-no-hold", "received, no word yet takes no hold back", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(1, with(about(ask, "HD01"), until(w.now+3600)))
		w.say(1, about(ask, "HD03"))
	}},
	{"unsaid", "a reply sent in error is as if it had not been said, and what it replaced stands", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(1, with(about(ask, "HD01"), until(w.now+3600)))
		d := w.say(1, decline(ask))
		w.say(1, about(ask, "ER01", d))
	}},
	{"not-permitted", "a reply that is none of those permitted has no effect", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(1, about(ask, "WL01"))
	}},
	{"unseen", "a reference beyond what its author had seen is void", func(w *world) {
		ask := w.ask(0, 2)
		w.say(1, decline(ask))
	}},
	{"by-hash", "the same by leaf hash is good", func(w *world) {
		ask := w.ask(0, 2)
		r := record.ByHash(1, ask.Hash)
		d := decline(ask)
		d.about, d.re = r, []record.Ref{r}
		w.say(1, d)
	}},
	{"stray-re", "an act in re that is not about the thing is void, and alone answers nothing", func(w *world) {
		other, ask := w.ask(0, 2), w.ask(0, 2)
		w.meet(0, 1)
		d := decline(ask)
		d.re = []record.Ref{other.Ref()}
		w.say(1, d)
	}},
	{"false-root", "a wrong root orders nothing and blocks nothing", func(w *world) {
		ask := w.ask(0, 2)
		lie := decline(ask)
		lie.seen = func([]record.Seen) []record.Seen {
			return []record.Seen{{Party: 1, Generation: 1, Size: 1, Root: [32]byte{1}}}
		}
		w.say(1, lie)
		w.meet(0, 1)
		w.say(1, decline(ask))
	}},
	{"future", "who has seen what is not held waits, and all it wrote afterwards", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		lie := draft{seen: func(s []record.Seen) []record.Seen {
			s[0].Size, s[0].Root = 9, [32]byte{1}
			return s
		}}
		w.say(1, lie)
		w.say(1, decline(ask))
	}},
	{"lost", "a reply above the end of its generation is lost by its author", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.at[1].backup = clone(w.at[1].holds)
		w.say(1, decline(ask))
		w.meet(1, 0)
		w.restore(1)
		w.say(1, draft{})
	}},
	{"taken-back", "and folded again when its author takes it back", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.at[1].backup = clone(w.at[1].holds)
		lost := w.say(1, decline(ask))
		w.restore(1)
		w.say(1, draft{})
		w.say(1, draft{code: "KY02", from: machinePost, params: map[string]record.Value{"generation": record.Uint(1), "number": record.Uint(lost.Number)}})
	}},
	{"garbage", "a leaf that does not parse is an entry that says so", func(w *world) {
		w.append(w.at[0], record.Entry{Leaf: []byte{0xff}})
		w.say(0, draft{})
	}},
	{"aside", "a yes to what was asked inside leaves the request open", func(w *world) {
		ask := w.ask(0, 2)
		in := w.say(0, to(2, ended(ask)))
		w.meet(0, 1)
		w.say(1, about(ask, "AF01", in))
	}},
	{"in-kind", "what the other side says of the same answers it, and asks nothing", func(w *world) {
		ask := w.ask(0, 2)
		w.say(0, to(2, ended(ask)))
		w.meet(0, 1)
		w.say(1, to(1, ended(ask)))
	}},
	{"condition", "a condition asks the asker", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		w.say(1, condition(ask))
	}},
	{"reminded", "a reminder of a hold reminds of the request", func(w *world) {
		w.together = true
		ask := w.ask(0, 2)
		hold := w.say(1, with(about(ask, "HD01"), until(w.now+60)))
		d := decline(ask)
		d.re = []record.Ref{w.say(0, to(2, about(ask, "RM01", hold))).Ref()}
		w.say(1, d)
	}},
	{"ended-inside", "a withdrawal ends what was asked inside", func(w *world) {
		w.together = true
		ask := w.ask(0, 2)
		w.say(0, to(2, about(ask, "CP04")))
		w.say(1, to(1, understood(ask, ask)))
		w.say(0, about(ask, "WD01"))
	}},
	{"removed", "what is closed is removed, what awaits a word stays", func(w *world) {
		w.together = true
		closed := w.ask(0, 2)
		w.say(1, decline(closed))
		w.say(0, remove(closed, w.ask(0, 2)))
	}},
	{"other-generation", "a leaf that names another generation than its log's is malformed", func(w *world) {
		ask := w.ask(0, 2)
		w.meet(0, 1)
		d := decline(ask)
		d.raw = func(l *record.Leaf) { l.Generation = 2 }
		w.say(1, d)
	}},
}

// makeVector plays a history and writes down what this implementation reads.
func makeVector(t *testing.T, name, why string, w *world) vector {
	f := w.folded(t)
	v := vector{Name: name, Why: why}
	if w.catalogue != nil {
		v.More = "affairs"
	}
	for _, l := range w.order() {
		s := w.logs[l]
		c := f.chains[l]
		log := vectorLog{Party: l.Party, Generation: l.Generation, Base: s.base, Entries: [][3]string{}, Waiting: c.size - c.done, Lost: c.done - f.reach[l]}
		if s.previous != nil {
			log.Holds = &[2]uint64{uint64(s.previous.Generation), s.previous.Size}
		}
		for _, e := range s.raw {
			log.Entries = append(log.Entries, [3]string{hex.EncodeToString(e.Leaf), hex.EncodeToString(e.Header), hex.EncodeToString(e.Body)})
		}
		v.Logs = append(v.Logs, log)
	}
	v.Things, v.Digest = readThings(t, f), hexOf(f.Digest())
	for _, e := range w.said {
		if cut := f.CutOf(e); cut != nil {
			d, err := f.DigestAt(cut)
			if err != nil {
				t.Fatal(err)
			}
			v.Cuts = append(v.Cuts, vectorCut{refText(&Act{Ref: e.Ref()}), hexOf(d)})
		}
	}
	return v
}

func hexOf(d [32]byte) string { return hex.EncodeToString(d[:]) }

func readThings(t *testing.T, f *Fold) []vectorOf {
	out := []vectorOf{}
	for th, err := range f.Things() {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, vectorOf{refText(th.Opening), hex.EncodeToString(th.encode()), hexOf(th.Digest())})
	}
	return out
}

// TestVectors folds every history of spec/vectors/line from its bytes alone.
func TestVectors(t *testing.T) {
	if *write {
		var all []vector
		for _, s := range scenes {
			w := newWorld(t, 1, 2)
			if s.name == "removed" {
				withAffairs(t, w)
			}
			s.play(w)
			all = append(all, makeVector(t, s.name, s.why, w))
		}
		b, err := json.MarshalIndent(map[string]any{"about": "Histories between parties 1 and 2 under version 1 of an actual agreement, and their shared state.", "vectors": all}, "", " ")
		if err == nil {
			err = os.WriteFile(vectorFile, append(b, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Vectors []vector }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Vectors) != len(scenes) {
		t.Fatalf("%d vectors", len(doc.Vectors))
	}
	for _, v := range doc.Vectors {
		t.Run(v.Name, func(t *testing.T) { v.check(t) })
	}
}

func (v vector) check(t *testing.T) {
	w := v.world(t)
	f := w.folded(t)
	if got := hexOf(f.Digest()); got != v.Digest {
		t.Errorf("digest %s", got)
	}
	if got := readThings(t, f); !slices.Equal(got, v.Things) {
		t.Errorf("things %+v", got)
	}
	for _, l := range v.Logs {
		c := f.chains[Log{l.Party, l.Generation}]
		if c.size-c.done != l.Waiting || c.done-f.reach[c.log] != l.Lost {
			t.Errorf("log %v: %d wait, %d lost", c.log, c.size-c.done, c.done-f.reach[c.log])
		}
	}
	for _, c := range v.Cuts {
		var party record.PartyNo
		var number uint64
		if _, err := fmt.Sscanf(c.At, "%d/%d", &party, &number); err != nil {
			t.Fatal(err)
		}
		e, _, _ := w.Entry(record.ByNumber(party, number))
		if d, err := f.DigestAt(f.CutOf(e)); err != nil || hexOf(d) != c.Digest {
			t.Errorf("at %s: %x %v", c.At, d, err)
		}
	}
}

// world reads the logs of a vector.
func (v vector) world(t *testing.T) *world {
	w := newWorld(t, 1, 2)
	if v.More != "" {
		withAffairs(t, w)
	}
	for _, l := range v.Logs {
		st := &desk{me: l.Party, gen: l.Generation, holds: map[Log]uint64{}}
		var held *identity.Held
		if l.Holds != nil {
			from := w.logs[Log{l.Party, uint32(l.Holds[0])}]
			held = &identity.Held{Generation: uint32(l.Holds[0]), Size: l.Holds[1], Root: from.roots[l.Holds[1]]}
		}
		w.open(st.own(), l.Base, held)
		for _, e := range l.Entries {
			var raw [3][]byte
			for i := range raw {
				b, err := hex.DecodeString(e[i])
				if err != nil {
					t.Fatal(err)
				}
				raw[i] = b
			}
			entry := record.Entry{Leaf: raw[0], Header: raw[1], Body: raw[2]}
			if err := entry.Whole(record.Limits{}); err != nil {
				t.Fatal(err)
			}
			w.append(st, entry)
		}
	}
	return w
}

// TestWorkedExample: the bytes in spec/line.md section 8 are those of the
// vectors.
func TestWorkedExample(t *testing.T) {
	page, err := os.ReadFile("../spec/line.md")
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(vectorFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ Vectors []vector }
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatal(err)
	}
	v := doc.Vectors[0]
	for _, want := range []string{v.Digest, v.Things[0].Digest, v.Things[1].Digest} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%s is not on the page", want)
		}
	}
	var dump strings.Builder
	_, section, _ := strings.Cut(string(page), "## 8. Worked example")
	for line := range strings.Lines(section) {
		if bytes, ok := strings.CutPrefix(line, "    "); ok && !strings.HasPrefix(bytes, "digest") && !strings.HasPrefix(bytes, "that") {
			for _, field := range strings.Fields(bytes) {
				if strings.Contains(field, "…") {
					dump.WriteString(v.Things[0].State[12:76])
				} else if _, err := hex.DecodeString(field); err == nil {
					dump.WriteString(field)
				} else {
					break
				}
			}
		}
	}
	if dump.String() != v.Things[0].State {
		t.Errorf("the page has %s, the vector %s", dump.String(), v.Things[0].State)
	}
}
