// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"iter"
	"maps"
	"slices"

	"openline/line"
	"openline/line/counterpart"
	"openline/line/dialogue"
	"openline/line/dossier"
	"openline/line/incident"
	"openline/line/suspension"
	"openline/record"
)

// shelf finds the things that a phrase opened without reading the logs
// through: it follows every change the fold makes. It decides nothing: what
// it gives is what [line.Fold.Things] gives, in the same order.
type shelf struct {
	fold   *line.Fold
	codes  map[string]bool                        // phrases it keeps; no others
	opened map[string]map[record.PartyNo][]uint64 // numbers of opening records, ascending
	held   map[record.Ref]kept                    // those read last that found room
	acts   int                                    // of the things held
	turns  map[string]uint64                      // changes since the start
	tables map[string]table

	cold   []record.Ref // what is still to be read back after the start
	warmed bool         // that list was made
}

// kept is a thing in memory; acts is what it was counted as.
type kept struct {
	thing *line.Thing
	acts  int
}

// table is what a room made of its things, and when.
type table struct {
	turn  uint64
	value any
}

// maxHeldActs bounds the acts of the things held; at some 1.5 kB each. What
// finds no room is read back each time.
const maxHeldActs = 24_000

func newShelf(f *line.Fold, codes map[string]bool) *shelf {
	h := &shelf{fold: f, codes: codes, opened: map[string]map[record.PartyNo][]uint64{}, held: map[record.Ref]kept{},
		turns: map[string]uint64{}, tables: map[string]table{}}
	f.Watch(h)
	return h
}

// notices tell of places and hours.
var notices = []string{"DS02", "NT01", "NT02", "NT03", "NT04"}

// shelved are the phrases whose things are found at once: those the tables of
// the affairs are made of, the notices a map shows, and all that ask, save line
// tests, of which there are too many.
func (s *Station) shelved() map[string]bool {
	codes := map[string]bool{}
	for _, list := range [][]string{counterpart.Codes(), dossier.Codes(), dialogue.Codes(), incident.Codes(), suspension.Codes(), notices} {
		for _, code := range list {
			codes[code] = true
		}
	}
	for _, a := range s.cfg.Agreements.All() {
		cat := s.cfg.Catalogue(a.Version)
		if cat == nil {
			continue
		}
		for _, code := range cat.Codes() {
			if p, ok := cat.Phrase(code); ok && p.Asks() && code != codeLineTest {
				codes[code] = true
			}
		}
	}
	return codes
}

// count is how many things any of the phrases opened.
func (h *shelf) count(codes []string) (n int) {
	for _, code := range codes {
		for _, numbers := range h.opened[code] {
			n += len(numbers)
		}
	}
	return n
}

// Changed implements [line.Watcher].
func (h *shelf) Changed(name record.Ref, before string, after *line.Thing) {
	now := ""
	if after != nil {
		now = after.Opening.Code
	}
	h.drop(name)
	if before != now && h.codes[before] {
		h.turns[before]++
		h.remove(before, name)
	}
	if h.codes[now] {
		h.turns[now]++
		if before != now {
			h.insert(now, name)
		}
	}
	if after != nil {
		h.Loaded(after)
	}
}

// Loaded implements [line.Watcher]: what the tables need is kept, and what
// awaits a reply.
func (h *shelf) Loaded(t *line.Thing) {
	if h.codes[t.Opening.Code] || t.Open() {
		h.drop(t.Name)
		h.hold(t)
	}
}

// Kept implements [line.Watcher].
func (h *shelf) Kept(name record.Ref) *line.Thing { return h.held[name].thing }

func (h *shelf) insert(code string, name record.Ref) {
	of := h.opened[code]
	if of == nil {
		of = map[record.PartyNo][]uint64{}
		h.opened[code] = of
	}
	if i, found := slices.BinarySearch(of[name.Party], name.Number); !found {
		of[name.Party] = slices.Insert(of[name.Party], i, name.Number)
	}
}

func (h *shelf) remove(code string, name record.Ref) {
	list := h.opened[code][name.Party]
	if i, found := slices.BinarySearch(list, name.Number); found {
		h.opened[code][name.Party] = slices.Delete(list, i, i+1)
		if len(list) == 1 {
			delete(h.opened[code], name.Party) // as if it had never been there: what is cached has one spelling
		}
	}
}

func (h *shelf) hold(t *line.Thing) {
	if h.acts+len(t.Acts) <= maxHeldActs {
		h.held[t.Name] = kept{t, len(t.Acts)}
		h.acts += len(t.Acts)
	}
}

func (h *shelf) drop(name record.Ref) {
	if k, ok := h.held[name]; ok {
		h.acts -= k.acts
		delete(h.held, name)
	}
}

// Warm reads back at most so many things of those the tables are made of, and
// tells whether more are left. Without it they are read when first asked for.
func (s *Station) Warm(most int) (more bool) {
	h := s.shelf
	if !h.warmed {
		h.cold, h.warmed = h.names(slices.Sorted(maps.Keys(h.codes))), true
	}
	for ; most > 0 && len(h.cold) > 0 && h.acts < maxHeldActs; most-- {
		name := h.cold[len(h.cold)-1] // the newest first
		h.cold = h.cold[:len(h.cold)-1]
		if _, err := s.fold.Thing(name); err != nil {
			s.log("debug", "a matter is read back when it is asked for: %v", err)
		}
	}
	if len(h.cold) == 0 || h.acts >= maxHeldActs {
		h.cold = nil
		return false
	}
	return true
}

// things are [line.Fold.Things] of some phrases.
func (h *shelf) things(codes ...string) iter.Seq2[*line.Thing, error] {
	if len(codes) == 0 || slices.ContainsFunc(codes, func(c string) bool { return !h.codes[c] }) {
		return h.fold.Things(codes...)
	}
	return func(yield func(*line.Thing, error) bool) {
		for _, name := range h.names(codes) {
			t, err := h.fold.Thing(name)
			if !yield(t, err) || err != nil {
				return
			}
		}
	}
}

// names are those of the things that some phrases opened, by party and number.
func (h *shelf) names(codes []string) []record.Ref {
	of := map[record.PartyNo][]uint64{}
	for _, code := range slices.Compact(slices.Sorted(slices.Values(codes))) {
		for p, list := range h.opened[code] {
			of[p] = append(of[p], list...)
		}
	}
	var out []record.Ref
	for _, p := range slices.Sorted(maps.Keys(of)) {
		slices.Sort(of[p])
		for _, n := range of[p] {
			out = append(out, record.ByNumber(p, n))
		}
	}
	return out
}

// tableOf gives what a room makes of the things of some phrases. It is made
// anew only when one of them has changed, and is shared: nobody changes it.
func tableOf[T any](h *shelf, codes []string, of func(iter.Seq2[*line.Thing, error]) (T, error)) (T, error) {
	turn, name := uint64(1), ""
	for _, code := range codes {
		turn += h.turns[code]
		name += code
	}
	if t := h.tables[name]; t.turn == turn {
		if v, ok := t.value.(T); ok {
			return v, nil
		}
	}
	v, err := of(h.things(codes...))
	if err == nil {
		h.tables[name] = table{turn, v}
	}
	return v, err
}

// write gives what was opened, for the cache on disk.
func (h *shelf) write(w *record.Writer) {
	w.Array(len(h.codes))
	for _, code := range slices.Sorted(maps.Keys(h.codes)) {
		of := h.opened[code]
		w.Array(1 + len(of))
		w.Text(code)
		for _, p := range slices.Sorted(maps.Keys(of)) {
			w.Array(1 + len(of[p]))
			w.Uint(uint64(p))
			last := uint64(0)
			for _, n := range of[p] {
				w.Uint(n - last) // few bytes each
				last = n
			}
		}
	}
}

func (h *shelf) bytes() []byte {
	w := record.NewWriter()
	h.write(w)
	return w.Finish()
}

var errShelf = errors.New("it lists other phrases than are followed now")

// Bounds of what is read back; the store is our own.
const (
	maxShelved = 1 << 10
	maxOpened  = 1 << 30
)

// read takes up what write gave. On an error the shelf is to be thrown away.
func (h *shelf) read(r *record.Reader) error {
	n, err := r.ArrayLen(maxShelved)
	if err != nil {
		return err
	}
	if n != len(h.codes) {
		return errShelf
	}
	for range n {
		if err := h.readCode(r); err != nil {
			return err
		}
	}
	return nil
}

func (h *shelf) readCode(r *record.Reader) error {
	n, err := r.ArrayLen(1 << 16)
	if err != nil {
		return err
	}
	code, err := r.Text(16)
	if err != nil {
		return err
	}
	if !h.codes[code] || n == 0 || h.opened[code] != nil {
		return errShelf
	}
	of := map[record.PartyNo][]uint64{}
	h.opened[code] = of
	for range n - 1 {
		k, err := r.ArrayLen(maxOpened)
		if err != nil {
			return err
		}
		if k == 0 {
			return errShelf
		}
		party, err := r.Uint()
		if err != nil {
			return err
		}
		var list []uint64
		last := uint64(0)
		for range k - 1 {
			d, err := r.Uint()
			if err != nil {
				return err
			}
			last += d
			list = append(list, last)
		}
		if len(list) > 0 {
			of[record.PartyNo(party)] = list
		}
	}
	return nil
}
