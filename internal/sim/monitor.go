// SPDX-License-Identifier: Apache-2.0

package sim

import (
	"cmp"
	"crypto/sha256"
	"slices"
	"strings"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

var emptyRoot = tlog.EmptyRoot()

// monitor sees everything that becomes durable anywhere, and nothing of it
// is known to the stations.
type monitor struct {
	w       *world
	gens    map[record.PartyNo]uint32
	cards   map[store.LogID]*identity.StationCard
	leaves  map[place][32]byte
	roots   map[place][32]byte // at a size
	signed  map[signer][]moment
	forked  map[store.LogID]string // logs with statements that cannot both be true
	held    map[holding][][32]byte // digests of whole entries of another's log, ever durable
	shown   map[holding]uint64     // how far receipts were shown
	tainted map[record.PartyNo]uint32
	gone    map[[16]byte]bool // salts of records whose content was removed
}

type place struct {
	log store.LogID
	n   uint64
}

type signer struct{ by, log store.LogID }

type moment struct {
	at   record.Stamp
	size uint64
}

type holding struct {
	by  record.PartyNo
	log store.LogID
}

func newMonitor(w *world) *monitor {
	return &monitor{w: w, gens: map[record.PartyNo]uint32{}, cards: map[store.LogID]*identity.StationCard{}, leaves: map[place][32]byte{},
		roots: map[place][32]byte{}, signed: map[signer][]moment{}, forked: map[store.LogID]string{}, held: map[holding][][32]byte{}, shown: map[holding]uint64{}, tainted: map[record.PartyNo]uint32{}, gone: map[[16]byte]bool{}}
}

func (m *monitor) nextGeneration(p record.PartyNo) uint32 {
	m.gens[p]++
	return m.gens[p]
}

// nextBase is a base above every number there can be.
func (m *monitor) nextBase(p record.PartyNo) uint64 { return uint64(m.gens[p]) * 100_000 }

func (m *monitor) liar(p record.PartyNo) bool {
	return slices.ContainsFunc(m.w.nodes, func(n *node) bool { return n.liar && n.party.Number == p })
}

// taint notes that copies of a station may sign against each other in this
// generation and those before. A new generation is held to everything again.
func (m *monitor) taint(n *node) {
	n.tainted = true
	m.tainted[n.party.Number] = max(m.tainted[n.party.Number], n.issued.Card.Generation)
}

func (m *monitor) excused(log store.LogID) bool {
	return m.liar(log.Party) || log.Generation <= m.tainted[log.Party]
}

// contradict notes two statements that cannot both be true. An honest
// station never makes them, unless a copy of it ran that nothing could tell.
func (m *monitor) contradict(log store.LogID, format string, args ...any) {
	m.forked[log] = format
	m.w.trace.add(m.w.now, "SIGNED", format, args...)
	if !m.excused(log) {
		m.w.fail("statements that cannot both be true: "+format, args...)
	}
}

// saved sees a batch that became durable. What a station signs under a mark
// has not left before the mark is durable too; a disk restored in between
// may sign other words.
func (m *monitor) saved(n *node, b store.Batch) {
	if !n.hasMark || b.Next.LastSigned == b.Expect.LastSigned && b.Next.Size == b.Expect.Size {
		m.public(n, b)
	} else {
		n.unmarked = append(n.unmarked, b)
	}
	if !n.liar && b.Next.LastSigned > b.Expect.LastSigned && int64(b.Next.LastSigned) > n.wall.Unix() {
		m.w.fail("%s signed the time %d, its clock never showed more than %d", n.name, b.Next.LastSigned, n.wall.Unix())
	}
}

func (m *monitor) public(n *node, b store.Batch) {
	for i := range b.Logs {
		m.savedLog(n, &b.Logs[i])
	}
	for _, st := range b.Statements {
		m.statement(st)
	}
}

// marked lets out what waited for the mark.
func (m *monitor) marked(n *node) {
	for _, b := range n.unmarked {
		m.public(n, b)
	}
	n.unmarked = nil
}

func (m *monitor) savedLog(n *node, u *store.LogUpdate) {
	for i, e := range u.Entries {
		at := place{u.Log, u.From + uint64(i)}
		hash := record.LeafHash(e.Leaf)
		if have, ok := m.leaves[at]; ok && have != hash {
			m.contradict(u.Log, "two records %d in log %v", at.n, u.Log)
		}
		m.leaves[at] = hash
		m.hold(holding{n.party.Number, u.Log}, at.n, e)
	}
	m.root(u.Log, u.Size, u.Root)
}

func (m *monitor) hold(h holding, index uint64, e record.Entry) {
	list := m.held[h]
	if index == uint64(len(list)) {
		m.held[h] = append(list, digestOf(e))
	}
}

func digestOf(e record.Entry) [32]byte {
	if e.Whole(record.Limits{}) != nil {
		return [32]byte{}
	}
	return sha256.Sum256(slices.Concat(e.Leaf, e.Header, e.Body))
}

func (m *monitor) root(log store.LogID, size uint64, root [32]byte) {
	at := place{log, size}
	if have, ok := m.roots[at]; ok && have != root {
		m.contradict(log, "two roots at size %d of log %v", size, log)
	}
	m.roots[at] = root
}

func (m *monitor) statement(st store.Statement) {
	m.root(st.Log, st.Size, st.Root)
	// Both algorithms say the same, so that one's words are held against the
	// other's.
	k, mo := signer{st.By, st.Log}, moment{st.At, st.Size}
	list := m.signed[k]
	i, found := slices.BinarySearchFunc(list, mo, func(a, b moment) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.size, b.size)) })
	if found {
		return
	}
	if i > 0 && list[i-1].size > mo.size && list[i-1].at < mo.at || i < len(list) && list[i].size < mo.size && list[i].at > mo.at {
		m.contradict(st.By, "a size that falls while time rises, by %v over %v at size %d", st.By, st.Log, st.Size)
	}
	m.signed[k] = slices.Insert(list, i, mo)
}

// happened holds every receipt that is shown against both disks, and an
// honest pair to accusing nobody.
func (m *monitor) happened(n *node, e station.Happened) {
	honest := len(m.tainted) == 0 && !m.liar(e.Party)
	switch {
	case e.Kind == "receipt":
		m.receipt(n, e)
	case honest && (e.Kind == "accusation" || e.Kind == "claim"), honest && strings.Contains(e.Text, "read differently"):
		m.w.fail("%s is told of party %d, which is honest: %s", n.name, e.Party, e.Text)
	}
}

func (m *monitor) receipt(n *node, e station.Happened) {
	id, base, ok := m.logAt(n.party.Number, e.Number)
	if !ok {
		m.w.fail("%s shows a receipt for record %d, which no card numbers", n.name, e.Number)
		return
	}
	if id.Generation <= m.tainted[id.Party] {
		return
	}
	size := e.Number - base + 1
	_, entries := n.disk.Log(id)
	theirs := m.held[holding{e.Party, id}]
	key := holding{e.Party, id}
	for i := m.shown[key]; i < size; i++ {
		_, gone, _ := n.disk.RemovedBy(id, i) // the model has no error
		switch {
		case gone: // it was held whole, and the other party's receipt stored, before it went
		case i >= uint64(len(entries)) || digestOf(entries[i]) == [32]byte{}:
			m.w.fail("%s shows record %d as receipted, but does not hold it whole", n.name, base+i)
		case !m.liar(e.Party) && (i >= uint64(len(theirs)) || theirs[i] != digestOf(entries[i])):
			m.w.fail("%s shows record %d as receipted, but party %d never held it whole", n.name, base+i, e.Party)
		}
	}
	m.shown[key] = max(m.shown[key], size)
}

// logAt finds the generation a number belongs to.
func (m *monitor) logAt(p record.PartyNo, number uint64) (id store.LogID, base uint64, ok bool) {
	for l, c := range m.cards {
		if l.Party == p && c.Base <= number && (!ok || c.Base > base) {
			id, base, ok = l, c.Base, true
		}
	}
	return id, base, ok
}
