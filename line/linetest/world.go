// SPDX-License-Identifier: Apache-2.0

package linetest

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"openline/agreement"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/line"
	"openline/record"
	"openline/tlog"
)

// World is what several parties ever said, kept whole, and what each holds.
type World struct {
	Numbers []record.PartyNo // of each place
	Now     record.Stamp

	history *agreement.History
	logs    map[line.Log]*stored
	about   map[record.Ref][]line.Entry // by number and by hash
	places  map[[32]byte]line.Entry
	at      []desk
	salt    int
}

type stored struct {
	entries []line.Entry
	roots   [][32]byte
	tree    *tlog.Tree
}

type desk struct{ holds, listed map[line.Log]uint64 }

var affairs = sync.OnceValues(func() (*catalogue.Catalogue, error) {
	base, err := catalogue.Default()
	if err != nil {
		return nil, err
	}
	files, err := catalogue.AffairsFiles()
	if err != nil {
		return nil, err
	}
	return catalogue.Extend(base, files)
})

// Labels name the parties by their places.
var Labels = []string{"blue", "red", "green", "white"}

var histories sync.Map

// The agreement, but for its parties.
const (
	head = "openline = %d\nline = \"test\"\nversion = 1\nstanding = \"actual\"\nlanguages = [\"en\"]\ncatalogue = \"sha256:%x\"\nnotice_days = 90\nnever_suspended = [\"%s\"]\n"
	tail = "\n[tests]\nevery = \"1h\"\noffset = \"7m\"\nanswered = [\"09:30\"]\n\n[ceilings]\nrecord_bytes = 16384\nrecords_per_minute = 600\nattachment_bytes = 0\n" +
		"clock = \"168h\"\nclock_difference = \"5m\"\ntimed_head = \"10m\"\n"
)

func history(t testing.TB, numbers []record.PartyNo) *agreement.History {
	key := fmt.Sprint(numbers)
	if h, ok := histories.Load(key); ok {
		return h.(*agreement.History)
	}
	text := fmt.Sprintf(head, agreement.Format, [32]byte{}, strings.Join(agreement.Floor, `", "`))
	for _, no := range slices.Sorted(slices.Values(numbers)) {
		label := Labels[slices.Index(numbers, no)]
		key := secret.NewParty([64]byte{label[0]}).Public()
		text += fmt.Sprintf("\n[[party]]\nnumber = %d\nname = \"%s.example\"\nshort = %q\ntitle = %q\nfingerprint = %q\nkey = %q\n",
			no, label, label, label, key.Fingerprint(identity.Party(label+".example")), key)
	}
	text += tail
	for _, id := range agreement.RequiredClauses {
		text += fmt.Sprintf("\n[[clause]]\nid = %q\ntitle = %q\ntext = %q\n", id, id, "As agreed.")
	}
	a, err := agreement.Parse(text)
	must(t, err)
	h, err := agreement.NewHistory(a)
	must(t, err)
	histories.Store(key, h)
	return h
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// New makes a world of parties with these numbers; blue is the first.
func New(t testing.TB, numbers ...record.PartyNo) *World {
	w := &World{history: history(t, numbers), Numbers: numbers, logs: map[line.Log]*stored{}, about: map[record.Ref][]line.Entry{}, places: map[[32]byte]line.Entry{}, Now: 1_700_000_000}
	for _, no := range numbers {
		tree, err := tlog.OpenTree(0, nil)
		must(t, err)
		w.logs[line.Log{Party: no, Generation: 1}] = &stored{tree: tree, roots: [][32]byte{tlog.EmptyRoot()}}
		w.at = append(w.at, desk{map[line.Log]uint64{}, map[line.Log]uint64{}})
	}
	return w
}

// Draft is a record to be said. Addressed to nobody, it goes to the minister
// of every other party.
type Draft struct {
	Code   string
	To     []record.Address
	From   string // default: minister
	About  record.Ref
	Re     []record.Ref
	Params map[string]record.Value
	Text   string
	Dated  record.Stamp // if not now
}

// Say numbers a record by the party at a place.
func (w *World) Say(i int, d Draft) line.Entry {
	me := w.Numbers[i]
	l := line.Log{Party: me, Generation: 1}
	if d.From == "" {
		d.From = "minister"
	}
	if d.To == nil {
		for _, p := range w.Numbers {
			if p != me {
				d.To = append(d.To, record.Address{Party: p, Post: "minister"})
			}
		}
	}
	w.salt++
	salt := sha256.Sum256(fmt.Append(nil, w.salt))
	body := record.Body{Salt: [16]byte(salt[:16]), Params: d.Params, Text: d.Text}
	raw := body.Encode()
	h := record.Header{Code: d.Code, Status: record.Actual, Precedence: record.Routine, From: d.From, To: d.To, Re: d.Re, Written: w.Now, Language: "en", Body: record.BodyDigest(raw)}
	header := h.Encode()
	leaf := record.Leaf{Format: 1, Agreement: 1, Author: me, Generation: 1, Time: cmp.Or(d.Dated, w.Now), About: d.About, Seen: w.seen(i), Header: record.HeaderDigest(header)}
	rec := record.Entry{Leaf: leaf.Encode(), Header: header, Body: raw}
	s := w.logs[l]
	e := line.Entry{Party: me, Generation: 1, Number: uint64(len(s.entries)) + 1, Index: uint64(len(s.entries)), Hash: record.LeafHash(rec.Leaf), Decoded: rec.Decode()}
	s.entries, w.places[e.Hash] = append(s.entries, e), e
	s.tree.Append(e.Hash)
	s.roots = append(s.roots, s.tree.Root())
	w.at[i].holds[l] = uint64(len(s.entries))
	if e.Leaf != nil && !e.Leaf.About.IsZero() {
		w.about[e.Leaf.About] = append(w.about[e.Leaf.About], e)
	}
	return e
}

// seen lists what changed since the party's last leaf.
func (w *World) seen(i int) (out []record.Seen) {
	st := w.at[i]
	for _, l := range slices.SortedFunc(maps.Keys(st.holds), line.Log.Compare) {
		if n := st.holds[l]; l.Party != w.Numbers[i] && n > 0 && st.listed[l] != n {
			st.listed[l] = n
			out = append(out, record.Seen{Party: l.Party, Generation: 1, Size: n, Root: w.logs[l].roots[n]})
		}
	}
	return out
}

// Deliver brings the party at place j all that the one at place i said and
// holds.
func (w *World) Deliver(i, j int) {
	for l, n := range w.at[i].holds {
		w.at[j].holds[l] = max(w.at[j].holds[l], n)
	}
}

// Meet delivers both ways.
func (w *World) Meet() {
	for i := range w.Numbers {
		for j := range w.Numbers {
			w.Deliver(i, j)
			w.Deliver(j, i)
		}
	}
}

// Holds reports whether the party at a place holds a record.
func (w *World) Holds(i int, e line.Entry) bool { return w.at[i].holds[e.Log()] > e.Index }

// Entry, About and Root make the world the source of folds.

// Entry reads a record by its number.
func (w *World) Entry(r record.Ref) (line.Entry, bool, error) {
	if s := w.logs[line.Log{Party: r.Party, Generation: 1}]; s != nil && r.Number > 0 && r.Number <= uint64(len(s.entries)) {
		return s.entries[r.Number-1], true, nil
	}
	return line.Entry{}, false, nil
}

// About lists the records about a thing.
func (w *World) About(thing record.Ref) ([]line.Entry, error) {
	opening, ok, _ := w.Entry(thing)
	if thing.Number == 0 {
		opening, ok = w.places[thing.Hash]
	}
	if !ok {
		return w.about[thing], nil
	}
	return slices.Concat([]line.Entry{opening}, w.about[opening.Ref()], w.about[record.ByHash(opening.Party, opening.Hash)]), nil
}

// Root is the root of a log.
func (w *World) Root(p record.PartyNo, gen uint32, size uint64) ([32]byte, bool, error) {
	s := w.logs[line.Log{Party: p, Generation: gen}]
	if s == nil || size >= uint64(len(s.roots)) {
		return [32]byte{}, false, nil
	}
	return s.roots[size], true, nil
}

// Cut is everything said.
func (w *World) Cut() line.Cut {
	c := line.Cut{}
	for l, s := range w.logs {
		if len(s.entries) > 0 {
			c[l] = uint64(len(s.entries))
		}
	}
	return c
}

// Fold folds a cut; pick chooses among the logs that have more.
func (w *World) Fold(t testing.TB, cut line.Cut, pick func(n int) int) *line.Fold {
	t.Helper()
	f := w.New(t)
	w.Add(t, f, cut, pick)
	return f
}

// New is an empty fold of the line.
func (w *World) New(t testing.TB) *line.Fold {
	t.Helper()
	c, err := affairs()
	must(t, err)
	f := line.New(w.history, func(uint32) *catalogue.Catalogue { return c }, w)
	for _, l := range slices.SortedFunc(maps.Keys(w.logs), line.Log.Compare) {
		f.Generation(l.Party, l.Generation, 1, nil)
	}
	return f
}

// Add folds on up to a cut.
func (w *World) Add(t testing.TB, f *line.Fold, cut line.Cut, pick func(n int) int) {
	t.Helper()
	order := slices.SortedFunc(maps.Keys(w.logs), line.Log.Compare)
	for {
		var next []line.Entry
		for _, l := range order {
			if at := f.Position(l.Party, 1); at < cut[l] {
				next = append(next, w.logs[l].entries[at])
			}
		}
		if len(next) == 0 {
			return
		}
		must(t, f.Add(next[pick(len(next))]))
	}
}

// First is a pick.
func First(int) int { return 0 }

// Values of parameters.

// Post is a post's value.
func (w *World) Post(i int, post string) record.Value {
	return record.Array(record.Uint(uint64(w.Numbers[i])), record.Text(post))
}

// Window is a window's value, in seconds from now.
func (w *World) Window(from, to int) record.Value {
	return record.Array(record.Uint(uint64(int(w.Now)+from)), record.Uint(uint64(int(w.Now)+to)))
}

// Hour is the value of an hour so many seconds from now.
func (w *World) Hour(in int) record.Value { return record.Uint(uint64(int(w.Now) + in)) }
