// SPDX-License-Identifier: Apache-2.0

package station

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"time"

	"openline/agreement"
	"openline/internal/store"
	"openline/link"
	"openline/record"
)

// Bounds of what is fetched.
const (
	maxOpenOfPeer  = 64               // records of one peer whose attachments are fetched at a time
	maxStalls      = 3                // times in a row a piece may not come before it is left until the peer greets anew
	wantAgain      = 20 * time.Second // after a piece did not come
	ceilingsADay   = 64               // ceilings' worth of attachments of one peer that are begun in a day
	maxRefusedBlob = 1024
)

// wantedID names what a record says is attached: another size is another
// claim about the same digest.
type wantedID struct {
	digest [32]byte
	size   uint64
}

// wanted is an attachment that is being fetched.
type wanted struct {
	wantedID
	from        []*peer // whose records name it
	begun       bool    // it counts in the day's measure
	held, saved uint64
	sum         hash.Hash
	on          BearerID // where a piece of it is asked for
	asked       bool
	stalls      int
	after       time.Duration
}

// naming is a record of another party with attachments that are not all here.
type naming struct {
	by      *peer
	log     store.LogID
	index   uint64
	number  uint64
	missing []wantedID
	gone    bool // its content was removed: nothing is said of it any more
}

// fetch is where the search for a peer's open records stands.
type fetch struct {
	next map[uint32]uint64 // by generation of its log
	more bool
	day  bucket // bytes
}

// lookAgain begins the search anew: after a start, a greeting, or a claim
// that turned out to be false.
func (p *peer) lookAgain() { p.fetch.next, p.fetch.more = map[uint32]uint64{}, true }

// mostAttached is the larger ceiling of the signed versions: on receipt
// nothing an agreement ever allowed is left out.
func (s *Station) mostAttached() int64 { return mostAttached(s.cfg.Agreements) }

func mostAttached(h *agreement.History) (most int64) {
	for _, a := range h.All() {
		most = max(most, a.Ceilings.Attachments)
	}
	return most
}

// Carried reports why a line does not carry a record's attachments; nil: it
// does.
func Carried(h *agreement.History, list []record.Attachment) error {
	return agreement.Ceilings{Attachments: mostAttached(h)}.Carry(list)
}

// attachedBy gives the attachments of a record that this line carries.
func (s *Station) attachedBy(e record.Entry) []record.Attachment {
	d := e.Decode()
	if d.Body == nil || Carried(s.cfg.Agreements, d.Body.Attachments) != nil {
		return nil
	}
	return d.Body.Attachments
}

// dayOfFiles is the measure of attachments that are begun for one peer.
func (s *Station) dayOfFiles() bucket {
	n := float64(ceilingsADay * max(1, s.mostAttached()))
	return fullBucket(n/(24*60), s.now.Mono).holding(n)
}

// fetchFiles finds what is to be fetched and asks for it, one piece at a time
// on each bearer.
func (s *Station) fetchFiles() {
	if s.stopped || s.mostAttached() == 0 {
		return
	}
	for _, p := range s.peers {
		if p.fetch.more {
			s.findOpen(p)
		}
	}
	if len(s.files.wanted) == 0 || s.files.waiting >= maxBlobBatch/2 {
		return
	}
	for _, b := range s.sortedBearers() {
		if b.session.IsUp() && !b.session.Asking() {
			s.askFor(b)
		}
	}
}

func (s *Station) openOf(p *peer) (n int) {
	for _, m := range s.files.open {
		if m.by == p {
			n++
		}
	}
	return n
}

// findOpen takes up the peer's records whose attachments are not complete
// here, as many as there is room for.
func (s *Station) findOpen(p *peer) {
	p.fetch.more = false
	for _, gen := range p.mirror.Generations() {
		log := store.LogID{Party: p.no, Generation: gen}
		room := maxOpenOfPeer - s.openOf(p)
		if room <= 0 {
			p.fetch.more = true
			return
		}
		list, err := s.cfg.Reader.Attached(log, p.fetch.next[gen], room)
		if err != nil {
			s.log("error", "attachments of %s: %v", p.party.Name, err)
			return
		}
		for _, index := range list {
			p.fetch.next[gen] = index + 1
			s.takeUp(p, log, index)
		}
		p.fetch.more = p.fetch.more || len(list) == room
	}
}

func (s *Station) takeUp(p *peer, log store.LogID, index uint64) {
	base, _ := s.fold.Base(log.Party, log.Generation)
	m := &naming{by: p, log: log, index: index, number: base + index}
	if slices.ContainsFunc(slices.Concat(s.files.open, s.files.complete), func(o *naming) bool { return o.log == log && o.index == index }) || s.closing(log, index) {
		return
	}
	es, err := s.cfg.Reader.Entries(log, index, 1, 1<<30)
	if err != nil || len(es) == 0 {
		s.log("error", "attachments of %s/%d: %v", p.party.Short, m.number, err)
		return
	}
	list := s.attachedBy(es[0])
	m.gone = len(list) == 0
	for _, a := range list {
		id := wantedID{a.Digest, a.Size}
		held, _, err := s.cfg.Reader.Blob(a.Digest)
		if err != nil {
			s.log("error", "attachments of %s/%d: %v", p.party.Short, m.number, err)
			return
		}
		if held.Whole() && held.Size == a.Size || slices.Contains(m.missing, id) {
			continue
		}
		m.missing = append(m.missing, id)
		if err := s.want(p, id, held); err != nil {
			s.log("error", "attachments of %s/%d: %v", p.party.Short, m.number, err)
			return
		}
	}
	if len(m.missing) == 0 {
		s.files.complete = append(s.files.complete, m)
		return
	}
	s.files.open = append(s.files.open, m)
}

// want adds to what is fetched. What another record says is of another size
// waits until that one is found to be false.
func (s *Station) want(p *peer, id wantedID, held store.Blob) error {
	if s.files.refused[id] || held.Whole() || s.upload(id.digest) != nil {
		return nil
	}
	if w := s.wantedBy(id.digest); w != nil {
		if w.wantedID == id && !slices.Contains(w.from, p) {
			w.from = append(w.from, p)
		}
		return nil
	}
	w := &wanted{wantedID: id, from: []*peer{p}, sum: sha256.New()}
	if held.Size == id.size {
		w.held, w.saved = held.Held, held.Held
	} else if held.Size > 0 {
		s.files.pieces = append(s.files.pieces, store.BlobUpdate{Digest: id.digest, Drop: true})
	}
	for at := uint64(0); at < w.held; {
		b, err := s.cfg.Reader.Piece(id.digest, at, store.MaxPiece)
		if err != nil {
			return err
		}
		w.sum.Write(b)
		at += uint64(len(b))
	}
	s.files.wanted = append(s.files.wanted, w)
	return nil
}

func (s *Station) wantedBy(digest [32]byte) *wanted {
	if i := slices.IndexFunc(s.files.wanted, func(w *wanted) bool { return w.digest == digest }); i >= 0 {
		return s.files.wanted[i]
	}
	return nil
}

// askFor asks a peer for the next bytes of the first thing it can give.
func (s *Station) askFor(b *bearer) {
	for _, w := range s.files.wanted {
		if w.asked || w.held == w.size || w.after > s.now.Mono || !slices.Contains(w.from, b.peer) {
			continue
		}
		if !w.begun && !b.peer.fetch.day.take(int(w.size), s.now.Mono) {
			w.after = max(b.peer.fetch.day.readyAt(), s.now.Mono+time.Second)
			continue
		}
		w.begun = true
		if b.session.SendWant(link.Part{Digest: w.digest, Offset: w.held}, b.pieceBytes(), s.now.Mono) {
			w.on, w.asked = b.id, true
		}
		return
	}
}

// takePiece takes the bytes that were asked for on this bearer.
func (s *Station) takePiece(b *bearer, e link.Event) {
	w := s.wantedBy(e.Part.Digest)
	if w == nil || !w.asked || w.on != b.id || e.Part.Offset != w.held {
		return
	}
	w.asked, w.stalls, w.after = false, 0, 0
	n := uint64(len(e.Payload))
	if n <= w.size-w.held {
		w.sum.Write(e.Payload)
		w.held += n
	} else {
		w.held = w.size + 1 // more than its record says
	}
	if w.held < w.size || w.held == w.size && [32]byte(w.sum.Sum(nil)) == w.digest {
		s.files.pieces = append(s.files.pieces, store.BlobUpdate{Digest: w.digest, Size: w.size, From: w.held - n, Pieces: [][]byte{slices.Clone(e.Payload)}})
		s.files.waiting += len(e.Payload)
		return
	}
	s.refuseBlob(b.peer, w)
}

// refuseBlob throws away what came under a digest that is not its own. It is
// not asked for again before the next start.
func (s *Station) refuseBlob(p *peer, w *wanted) {
	f := &s.files
	if len(f.refused) < maxRefusedBlob {
		f.refused[w.wantedID] = true
	}
	f.wanted = slices.DeleteFunc(f.wanted, func(o *wanted) bool { return o == w })
	f.pieces = slices.DeleteFunc(f.pieces, func(u store.BlobUpdate) bool { return u.Digest == w.digest })
	f.pieces = append(f.pieces, store.BlobUpdate{Digest: w.digest, Drop: true})
	for _, m := range f.open {
		if slices.Contains(m.missing, w.wantedID) {
			s.alarm(p.no, fmt.Sprintf("an attachment of %s/%d is not complete: what came does not have the digest the record names", m.by.party.Short, m.number))
		}
	}
	s.leave(w.wantedID)
	for _, q := range s.peers {
		q.lookAgain() // another record may name it with its true size
	}
}

// leave puts the records that wait for an attachment aside. They stay open in
// the store.
func (s *Station) leave(id wantedID) {
	s.files.open = slices.DeleteFunc(s.files.open, func(m *naming) bool { return slices.Contains(m.missing, id) })
}

// unanswered notes that a piece has not come. After some times it is left
// until the peer greets anew.
func (s *Station) unanswered(b *bearer, e link.Event) {
	w := s.wantedBy(e.Part.Digest)
	if w == nil || !w.asked || w.on != b.id {
		return
	}
	w.asked, w.after = false, s.now.Mono+wantAgain
	if w.stalls++; w.stalls < maxStalls {
		return
	}
	s.log("warn", "an attachment of %s does not come; it is asked for again when %s connects anew", b.peer.party.Name, b.peer.party.Short)
	s.files.wanted = slices.DeleteFunc(s.files.wanted, func(o *wanted) bool { return o == w })
	s.leave(w.wantedID)
	b.peer.fetch.more = true
}

// fetchFrom follows the end of a bearer: what was asked for over it is asked
// for elsewhere.
func (s *Station) fetchFrom(id BearerID) {
	for _, w := range s.files.wanted {
		if w.asked && w.on == id {
			w.asked = false
		}
	}
}

// unwant ends the fetching of what is taken in here.
func (s *Station) unwant(g *saving, digest [32]byte) {
	s.files.wanted = slices.DeleteFunc(s.files.wanted, func(w *wanted) bool { return w.digest == digest })
	g.batch.Blobs = slices.DeleteFunc(g.batch.Blobs, func(u store.BlobUpdate) bool { return u.Digest == digest })
}

// nextFetch is when something that was put off may be asked for.
func (s *Station) nextFetch() (time.Duration, bool) {
	at, ok := time.Duration(0), false
	for _, w := range s.files.wanted {
		if !w.asked && w.after > s.now.Mono && (!ok || w.after < at) {
			at, ok = w.after, true
		}
	}
	return at, ok
}
