// SPDX-License-Identifier: Apache-2.0

package line

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
	drafts "openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/record"
	"openline/tlog"
)

// world is what several parties ever said, kept whole, and what each holds.
type world struct {
	history *agreement.History
	numbers []record.PartyNo // of each place
	logs    map[Log]*stored
	about   map[record.Ref][]Entry // by number and by hash
	places  map[[32]byte]Entry
	at      []*desk
	now     record.Stamp
	salt    int
	asks    []Entry
	said    []Entry // all of them, in the order said

	catalogue *catalogue.Catalogue      // if not that of the first release
	gone      map[record.Ref]record.Ref // records whose content is removed from storage, and by which RT01

	together, apart bool // whoever speaks has heard all; apart: not any more
}

type stored struct {
	base     uint64
	previous *identity.Held
	entries  []Entry
	roots    [][32]byte
	tree     *tlog.Tree
	raw      []record.Entry
}

// desk is one party's station: how much it holds of each log, and what its
// leaves of this generation have said of it.
type desk struct {
	me     record.PartyNo
	gen    uint32
	holds  map[Log]uint64
	listed map[Log]uint64
	backup map[Log]uint64
}

func (d *desk) own() Log { return Log{d.me, d.gen} }

var testCatalogue = sync.OnceValues(catalogue.Default)

func phrases(t testing.TB) func(uint32) *catalogue.Catalogue {
	c, err := testCatalogue()
	if err != nil {
		t.Fatal(err)
	}
	return func(uint32) *catalogue.Catalogue { return c }
}

var labels = []string{"blue", "red", "green", "white"}

var agreements = map[string]*agreement.History{}

// testHistory is an agreement between parties with these numbers, the first
// being blue.
func testHistory(t testing.TB, numbers []record.PartyNo) *agreement.History {
	key := fmt.Sprint(numbers)
	if h := agreements[key]; h != nil {
		return h
	}
	o := drafts.Options{Slug: "test", Languages: []string{"en"}}
	order := make([]int, len(numbers))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(numbers[a]) - int(numbers[b]) })
	for _, i := range order {
		secret := secret.NewParty([64]byte{byte(i + 1)})
		name, err := identity.ParseParty(labels[i] + ".example")
		if err != nil {
			t.Fatal(err)
		}
		o.Parties = append(o.Parties, agreement.Party{Number: numbers[i], Name: name, Short: labels[i], Title: labels[i], Key: secret.Public()})
	}
	text, err := drafts.Text(o)
	if err != nil {
		t.Fatal(err)
	}
	a, err := agreement.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	h, err := agreement.NewHistory(a)
	if err != nil {
		t.Fatal(err)
	}
	agreements[key] = h
	return h
}

func newWorld(t testing.TB, numbers ...record.PartyNo) *world {
	w := &world{history: testHistory(t, numbers), numbers: numbers, logs: map[Log]*stored{}, about: map[record.Ref][]Entry{},
		places: map[[32]byte]Entry{}, now: 1_700_000_000}
	for _, no := range numbers {
		w.open(Log{no, 1}, 1, nil)
		w.at = append(w.at, &desk{me: no, gen: 1, holds: map[Log]uint64{}, listed: map[Log]uint64{}, backup: map[Log]uint64{}})
	}
	return w
}

func (w *world) open(l Log, base uint64, previous *identity.Held) {
	tree, err := tlog.OpenTree(0, nil)
	if err != nil {
		panic(err)
	}
	w.logs[l] = &stored{base: base, previous: previous, tree: tree, roots: [][32]byte{tlog.EmptyRoot()}}
}

func (w *world) label(p record.PartyNo) string { return labels[slices.Index(w.numbers, p)] }

// draft is a record to be said; the zero value is a note.
type draft struct {
	code   string
	to     []record.PartyNo
	from   string
	about  record.Ref
	re     []record.Ref
	params map[string]record.Value
	text   string
	level  record.Precedence
	clocks record.Ref
	seen   func([]record.Seen) []record.Seen // a lie
	time   record.Stamp                      // a lie, if not 0
	raw    func(*record.Leaf)

	wished, written record.Stamp
}

// say numbers a record by the party at a place.
func (w *world) say(i int, d draft) Entry {
	st := w.at[i]
	if w.together && !w.apart {
		for j := range w.at {
			w.meet(j, i)
		}
	}
	l := st.own()
	if d.code == "" {
		d.code, d.text = "TX01", "a note"
	}
	if d.from == "" {
		d.from = "minister"
	}
	if d.level == 0 {
		d.level = record.Routine
	}
	w.salt++
	body := record.Body{Salt: [16]byte(sha256Of(w.salt)), Params: d.params, Text: d.text}
	raw := body.Encode()
	h := record.Header{Code: d.code, Status: record.Actual, Precedence: d.level, From: d.from, Re: d.re, Written: cmp.Or(d.written, w.now), Wished: d.wished, Clocks: d.clocks,
		Language: "en", Body: record.BodyDigest(raw)}
	for _, p := range d.to {
		h.To = append(h.To, record.Address{Party: p, Post: "minister"})
	}
	header := h.Encode()
	leaf := record.Leaf{Format: 1, Agreement: 1, Author: l.Party, Generation: l.Generation, Time: w.now, About: d.about, Seen: w.seen(st),
		Header: record.HeaderDigest(header)}
	if d.seen != nil {
		leaf.Seen = d.seen(leaf.Seen)
		slices.SortFunc(leaf.Seen, record.Seen.Compare)
	}
	if d.time != 0 {
		leaf.Time = d.time
	}
	if d.raw != nil {
		d.raw(&leaf)
	}
	return w.append(st, record.Entry{Leaf: leaf.Encode(), Header: header, Body: raw})
}

func sha256Of(n int) []byte {
	h := sha256.Sum256(fmt.Append(nil, n))
	return h[:16]
}

// seen lists what changed since the station's last leaf.
func (w *world) seen(st *desk) (out []record.Seen) {
	for _, l := range slices.SortedFunc(maps.Keys(st.holds), Log.Compare) {
		n := st.holds[l]
		if l.Party == st.me || n == 0 || st.listed[l] == n {
			continue
		}
		st.listed[l] = n
		out = append(out, record.Seen{Party: l.Party, Generation: l.Generation, Size: n, Root: w.logs[l].roots[n]})
	}
	return out
}

func (w *world) append(st *desk, raw record.Entry) Entry {
	s := w.logs[st.own()]
	e := Entry{Party: st.me, Generation: st.gen, Index: uint64(len(s.entries)), Hash: record.LeafHash(raw.Leaf), Decoded: raw.Decode()}
	e.Number = s.base + e.Index
	s.entries, s.raw = append(s.entries, e), append(s.raw, raw)
	s.tree.Append(e.Hash)
	s.roots = append(s.roots, s.tree.Root())
	st.holds[st.own()] = uint64(len(s.entries))
	w.places[e.Hash] = e
	w.said = append(w.said, e)
	if e.Leaf != nil && !e.Leaf.About.IsZero() {
		w.about[e.Leaf.About] = append(w.about[e.Leaf.About], e)
	}
	return e
}

// deliver brings party j up to a size of a log; 0: all of it.
func (w *world) deliver(j int, l Log, size uint64) {
	if s := w.logs[l]; s != nil {
		if size == 0 || size > uint64(len(s.entries)) {
			size = uint64(len(s.entries))
		}
		w.at[j].holds[l] = max(w.at[j].holds[l], size)
	}
}

// meet brings j all that i holds.
func (w *world) meet(i, j int) {
	for l, n := range w.at[i].holds {
		w.deliver(j, l, n)
	}
}

// restore opens a new generation from the party's backup.
func (w *world) restore(i int) Log {
	st := w.at[i]
	held := st.backup[st.own()]
	from := w.logs[st.own()]
	w.at[i] = &desk{me: st.me, gen: st.gen + 1, holds: maps.Clone(st.backup), listed: map[Log]uint64{}, backup: map[Log]uint64{}}
	l := w.at[i].own()
	w.open(l, from.base+uint64(len(from.entries))+7, &identity.Held{Generation: st.gen, Size: held, Root: from.roots[held]})
	w.at[i].backup = maps.Clone(w.at[i].holds)
	return l
}

func (w *world) ask(i int, to ...record.PartyNo) Entry {
	p := map[string]record.Value{
		"caller": record.Array(record.Uint(uint64(w.at[i].me)), record.Text("minister")), "called": record.Array(record.Uint(uint64(to[0])), record.Text("minister")),
		"subject": record.Text("a call"), "urgency": record.Text("ordinary"), "medium": record.Text("voice"),
	}
	e := w.say(i, draft{code: "CR01", to: to, params: p, level: record.Priority})
	w.asks = append(w.asks, e)
	return e
}

func (w *world) clocks(i int, code string, secs uint64, more map[string]record.Value) Entry {
	p := map[string]record.Value{
		"clocks":     record.Array(record.Array(record.Text(code), record.Uint(0), record.Uint(secs))),
		"valid_from": record.Uint(0),
	}
	maps.Copy(p, more)
	return w.say(i, draft{code: "CK01", params: p})
}

func until(t record.Stamp) map[string]record.Value {
	return map[string]record.Value{"until": record.Uint(uint64(t))}
}

// Source: everything ever said.

func (w *world) Entry(r record.Ref) (Entry, bool, error) {
	var best Entry
	ok := false
	for l, s := range w.logs {
		if l.Party == r.Party && s.base <= r.Number && r.Number-s.base < uint64(len(s.entries)) {
			best, ok = s.entries[r.Number-s.base], true
		}
	}
	return w.held(best), ok, nil
}

func (w *world) About(thing record.Ref) (out []Entry, err error) {
	var opening Entry
	ok := false
	if thing.Number == 0 {
		opening, ok = w.places[thing.Hash]
	} else {
		opening, ok, _ = w.Entry(thing)
	}
	if !ok {
		return w.about[thing], nil
	}
	out = append(out, opening)
	out = append(out, w.about[opening.Ref()]...)
	out = append(out, w.about[record.ByHash(opening.Party, opening.Hash)]...)
	for i := range out {
		out[i] = w.held(out[i])
	}
	return out, nil
}

// held is a record as it is stored: its content may be removed.
func (w *world) held(e Entry) Entry {
	if by := w.gone[e.Ref()]; !by.IsZero() {
		e.Removed, e.Header, e.Body = by, nil, nil
	}
	return e
}

// Range gives at most seven entries at once.
func (w *world) Range(l Log, from uint64, max int) ([]Entry, error) {
	s := w.logs[l]
	if s == nil || from >= uint64(len(s.entries)) {
		return nil, nil
	}
	out := slices.Clone(s.entries[from:min(from+uint64(min(max, 7)), uint64(len(s.entries)))])
	for i := range out {
		out[i] = w.held(out[i])
	}
	return out, nil
}

func (w *world) Root(p record.PartyNo, gen uint32, size uint64) ([32]byte, bool, error) {
	s := w.logs[Log{p, gen}]
	if s == nil || size >= uint64(len(s.roots)) {
		return [32]byte{}, false, nil
	}
	return s.roots[size], true, nil
}

// fold is a new fold that has been told every card.
func (w *world) fold(t testing.TB) *Fold {
	all := phrases(t)
	if w.catalogue != nil {
		all = func(uint32) *catalogue.Catalogue { return w.catalogue }
	}
	f := New(w.history, all, w)
	for _, l := range w.order() {
		f.Generation(l.Party, l.Generation, w.logs[l].base, w.logs[l].previous)
		f.chains[l].spacing = 4 // what is kept to be quick decides nothing
	}
	return f
}

func (w *world) order() []Log { return slices.SortedFunc(maps.Keys(w.logs), Log.Compare) }

// cut is everything said.
func (w *world) cut() Cut {
	c := Cut{}
	for l, s := range w.logs {
		if len(s.entries) > 0 {
			c[l] = uint64(len(s.entries))
		}
	}
	return c
}

// add folds a cut in an order: pick chooses among the logs that have more.
func (w *world) add(t testing.TB, f *Fold, cut Cut, pick func(n int) int) {
	t.Helper()
	for {
		var next []Entry
		for _, l := range w.order() {
			if at := f.Position(l.Party, l.Generation); at < cut[l] {
				next = append(next, w.logs[l].entries[at])
			}
		}
		if len(next) == 0 {
			return
		}
		if err := f.Add(w.held(next[pick(len(next))])); err != nil {
			t.Fatal(err)
		}
	}
}

func first(int) int { return 0 }

func (w *world) folded(t testing.TB) *Fold {
	f := w.fold(t)
	w.add(t, f, w.cut(), first)
	return f
}

func sidesOf(t *Thing) (out []Side) {
	for _, a := range t.Asked {
		out = append(out, a.Sides...)
	}
	return out
}

// page writes shared state with the parties by name, so that it can be
// compared across numberings; swap renames them.
func (w *world) page(t testing.TB, f *Fold, swap map[string]string) string {
	t.Helper()
	name := func(p record.PartyNo) string {
		if p == 0 {
			return "-"
		}
		if n := swap[w.label(p)]; n != "" {
			return n
		}
		return w.label(p)
	}
	ref := func(a *Act) string {
		if a == nil {
			return "-"
		}
		return fmt.Sprintf("%s.%d/%d", name(a.Ref.Party), a.Generation, a.Index)
	}
	refs := func(list []*Act) string {
		var out []string
		for _, a := range list {
			out = append(out, ref(a))
		}
		slices.Sort(out)
		return strings.Join(out, " ")
	}
	var lines []string
	for thing, err := range f.Things() {
		if err != nil {
			t.Fatal(err)
		}
		head := ref(thing.Opening) + ": "
		lines = append(lines, fmt.Sprint(head, thing.Opening.Code, " ended ", ref(thing.Ended), " crossed ", thing.Crossed, " outcome ", thing.Outcome))
		for _, s := range sidesOf(thing) {
			clocks := "cap"
			if s.Clocks.Number > 0 {
				e, _, _ := w.Entry(s.Clocks)
				clocks = fmt.Sprintf("%s.%d/%d", name(e.Party), e.Generation, e.Index)
			}
			lines = append(lines, fmt.Sprint(head, "side ", ref(s.of), " ", name(s.Party), " ", s.Outcome, " by ", ref(s.By), " until ", s.Until, " crossed ", s.Crossed,
				" clocks ", clocks, " replies ", refs(s.Replies), " holds ", refs(s.Holds), " awaits ", name(s.Awaits), " watch ", s.Ladder.Watch.Number))
		}
		for _, a := range thing.Acts {
			lines = append(lines, fmt.Sprint(head, "act ", ref(a), " ", a.Code, " ", thing.Standing(a), " answers ", refs(thing.Answers(a)), " replies to ", refs(thing.RepliesTo(a)), " ", thing.Why(a)))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
