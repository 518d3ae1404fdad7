// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"slices"

	"openline/internal/desk"
	"openline/record"
)

// Book is the drafts of a line. The zero Book is empty. It is not safe for
// concurrent use.
type Book struct {
	desk.Tokens
	last  int // number of the newest
	open  int
	by    map[int]*Draft
	ended []int // kept at hand, oldest first
}

// Open are those that are neither said nor dropped, by number.
func (b *Book) Open() []Draft {
	return b.all(func(d *Draft) bool { return !d.Ended() })
}

// Ended are the newest of those that were said or dropped, by number, and how
// many older ones the journal holds.
func (b *Book) Ended() (list []Draft, left int) {
	list = b.all((*Draft).Ended)
	return list, b.last - b.open - len(list)
}

func (b *Book) all(which func(*Draft) bool) []Draft {
	out := []Draft{}
	for _, d := range b.by {
		if which(d) {
			out = append(out, *d)
		}
	}
	slices.SortFunc(out, func(a, b Draft) int { return a.No - b.No })
	return out
}

// Get gives one by its number.
func (b *Book) Get(no int) (Draft, error) {
	d := b.by[no]
	if d == nil {
		return Draft{}, ErrNone
	}
	return *d, nil
}

// Fold takes up one entry of the journal; those of other kinds are none of
// its business.
func (b *Book) Fold(e desk.Entry) error {
	if e.Kind != Kind {
		return nil
	}
	return desk.Take(&b.Tokens, e, b.Check, func(n Note) int { return b.apply(e, &n) })
}

// apply changes the book and gives the number of the draft.
func (b *Book) apply(e desk.Entry, n *Note) int {
	d := &Draft{No: b.last + 1, At: e.At, By: n.By}
	if n.Do == DoWrite {
		b.last, b.open, n.On = d.No, b.open+1, d.No
	} else {
		*d = *b.by[n.On]
	}
	d.Versions = slices.Clone(d.Versions) // a copy that was handed out keeps what it had
	d.take(e, n)
	if b.by == nil {
		b.by = map[int]*Draft{}
	}
	b.by[n.On] = d
	if d.Ended() {
		b.end(d)
	}
	return n.On
}

func (d *Draft) take(e desk.Entry, n *Note) {
	out := &Outcome{At: e.At, By: n.By, Version: n.Version, Record: n.Record, Words: n.Words}
	switch n.Do {
	case DoWrite, DoChange:
		v := Version{No: 1, At: e.At, By: n.By, Header: n.Header, Body: n.Body, Digest: record.HeaderDigest(n.Header), About: n.About, Knew: n.Knew, Typed: n.Typed}
		copy(v.Cut[:], n.Cut)
		if len(d.Versions) > 0 {
			v.No = d.Newest().No + 1
		}
		d.Versions = append(d.Versions, v)
	case DoSign:
		v := d.Newest()
		v.Signed = append(slices.Clone(v.Signed), Signature{n.Person, e.At, n.Signature})
	case DoSend:
		d.Sending, d.Under = n.Version, n.Token
	case DoBack:
		d.Sending = 0
		d.Newest().Back = out
	case DoRelease:
		d.Sending, d.Released = 0, out
	case DoDrop:
		d.Dropped = out
	}
}

// end keeps of what ended the wording that counted, and of many the newest.
func (b *Book) end(d *Draft) {
	d.Versions = slices.Clone(d.Versions[len(d.Versions)-1:])
	b.open--
	if b.ended = append(b.ended, d.No); len(b.ended) > maxEnded {
		delete(b.by, b.ended[0])
		b.ended = b.ended[1:]
	}
}
