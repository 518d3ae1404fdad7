// SPDX-License-Identifier: Apache-2.0

package host

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"openline/identity"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
)

// Attachment is one of a record's attachments as it stands here.
type Attachment struct {
	record.Attachment
	Held       uint64 // bytes of it that are here
	NotCarried error  // why this line does not carry it; nil: it does
}

// Whole reports whether all of it is here.
func (a Attachment) Whole() bool { return a.Held == a.Size && a.NotCarried == nil }

// Attach takes in a file that a record is to name and returns its digest once
// it is durable.
func (h *Host) Attach(ctx context.Context, id identity.LineID, b []byte) (digest [32]byte, err error) {
	l, err := h.line(id)
	if err != nil {
		return digest, err
	}
	token := NewToken(l.clock.Now().Wall)
	done := make(chan station.AttachDone, 1) // the line never waits for us
	if err := l.ask(ctx, func() {
		l.attached[token] = done
		l.step(station.Attach{Token: token, Bytes: b})
	}); err != nil {
		return digest, err
	}
	select {
	case d := <-done:
		return d.Digest, d.Err
	case <-ctx.Done():
		return digest, ctx.Err()
	}
}

// MostAttached is how many bytes of attachments this party's next record may
// have behind it; 0: none.
func (h *Host) MostAttached(id identity.LineID) (int64, error) {
	l, err := h.line(id)
	if err != nil {
		return 0, err
	}
	return l.cfg.Agreements.Newest().Ceilings.Attachments, nil
}

// Attachments lists a record's attachments as they stand here.
func (h *Host) Attachments(id identity.LineID, r Record) ([]Attachment, error) {
	l, err := h.line(id)
	if err != nil || r.Body == nil {
		return nil, err
	}
	notCarried := station.Carried(l.cfg.Agreements, r.Body.Attachments)
	var out []Attachment
	for _, a := range r.Body.Attachments {
		held, _, err := l.read.Blob(a.Digest)
		if err != nil {
			return nil, err
		}
		one := Attachment{Attachment: a, NotCarried: notCarried}
		if held.Size == a.Size && notCarried == nil {
			one.Held = held.Held
		}
		out = append(out, one)
	}
	return out, nil
}

// ErrNotHere is the answer for an attachment that has not come whole.
var ErrNotHere = errors.New("the attachment is not complete here")

// ReadAttachment gives the bytes of a record's nth attachment, from 1, which
// it holds to their digest. They are the other party's: hostile until looked
// at.
func (h *Host) ReadAttachment(id identity.LineID, r Record, n int) (Attachment, []byte, error) {
	list, err := h.Attachments(id, r)
	if err != nil {
		return Attachment{}, nil, err
	}
	if n < 1 || n > len(list) {
		return Attachment{}, nil, fmt.Errorf("the record has %d attachments, no number %d", len(list), n)
	}
	a := list[n-1]
	if !a.Whole() {
		return a, nil, fmt.Errorf("%w: %d of %d bytes have come", ErrNotHere, a.Held, a.Size)
	}
	l, err := h.line(id)
	if err != nil {
		return a, nil, err
	}
	b := make([]byte, 0, a.Size)
	for uint64(len(b)) < a.Size {
		piece, err := l.read.Piece(a.Digest, uint64(len(b)), store.MaxPiece)
		if err != nil {
			return a, nil, err
		}
		if len(piece) == 0 {
			return a, nil, ErrNotHere
		}
		b = append(b, piece...)
	}
	if sha256.Sum256(b) != a.Digest {
		return a, nil, fmt.Errorf("%w: an attachment does not have its digest", store.ErrCorrupt)
	}
	return a, b, nil
}

// Complete is a party's word (AT01) that a record's attachments are complete
// at its station.
type Complete struct {
	By  record.PartyNo
	At  record.Stamp
	Ref record.Ref
}

// CompleteAt lists what parties said of a record's attachments, the first of
// each. A party whose word is not there is not in the list: they are not
// complete there, or its word has not come.
func (h *Host) CompleteAt(id identity.LineID, r Record) (out []Complete, err error) {
	l, err := h.line(id)
	if err != nil || r.Body == nil || len(r.Body.Attachments) == 0 {
		return nil, err
	}
	thing := r.Ref()
	if r.Leaf != nil && !r.Leaf.About.IsZero() {
		thing = r.Leaf.About
	}
	places, err := l.read.About(thing)
	if err != nil {
		return nil, err
	}
	for _, at := range places {
		es, err := l.read.Entries(at.Log, at.Index, 1, 1<<20)
		if err != nil || len(es) == 0 {
			return nil, err
		}
		d := es[0].Decode()
		if d.Header == nil || d.Header.Code != "AT01" || d.Leaf == nil || !slices.ContainsFunc(d.Header.Re, func(re record.Ref) bool {
			return re.Party == r.Log.Party && (re.Number == r.Number && re.Number != 0 || re.Number == 0 && re.Hash == r.Hash)
		}) {
			continue
		}
		if at.Log.Party != r.Log.Party && !slices.ContainsFunc(out, func(c Complete) bool { return c.By == at.Log.Party }) {
			out = append(out, Complete{By: at.Log.Party, At: d.Leaf.Time, Ref: record.ByNumber(at.Log.Party, at.Number)})
		}
	}
	return out, nil
}

// attachDone tells who waits for it that a file is taken in, or why not.
func (l *line) attachDone(d station.AttachDone) {
	if w := l.attached[d.Token]; w != nil {
		w <- d
		delete(l.attached, d.Token)
	}
}

func (l *line) endAttached() {
	for _, w := range l.attached {
		w <- station.AttachDone{Err: ErrStopped}
	}
	l.attached = nil
}
