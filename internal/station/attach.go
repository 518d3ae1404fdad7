// SPDX-License-Identifier: Apache-2.0

package station

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"openline/agreement"
	"openline/internal/store"
	"openline/link"
	"openline/record"
)

// Attach takes in a file that a record is to name. Nothing of it leaves until
// one does, and one that no record names is forgotten when others come.
// Answered by [AttachDone]; the same bytes again cost nothing.
type Attach struct {
	Token string
	Bytes []byte
}

// AttachDone answers an [Attach]: durable here, or why not.
type AttachDone struct {
	Token  string
	Digest [32]byte
	Err    error
}

func (Attach) event()      {}
func (AttachDone) effect() {}

// Bounds of what is taken in here.
const (
	maxAttachWaiting = 2 * agreement.MaxAttachments // bytes waiting to be saved
	maxBlobBatch     = 1 << 20                      // bytes of attachments in one batch, so that a record waits for little
	uploadsKept      = 8                            // ceilings' worth of files that no record names yet
)

// ErrNoAttachments is the answer on a line whose agreement carries none.
var ErrNoAttachments = errors.New("this line's agreement carries no attachments")

// files is what a station does with attachments: takes its own in (attach.go)
// and fetches the others' (fetch.go).
type files struct {
	coming  []*upload
	bytes   int          // of what is coming
	uploads []store.Blob // whole, and named by no record yet, oldest first
	drop    [][32]byte   // begun before the last stop and never finished

	wanted   []*wanted
	open     []*naming
	complete []*naming // AT01 is to be said
	pieces   []store.BlobUpdate
	waiting  int // bytes of pieces
	refused  map[wantedID]bool
}

// upload is a file on its way to the disk.
type upload struct {
	tokens []string
	digest [32]byte
	bytes  []byte
	at     int // so much of it is in a batch
}

func (s *Station) resumeFiles(saved store.Saved) error {
	s.files.refused = map[wantedID]bool{}
	for _, b := range saved.Uploads {
		if b.Whole() {
			s.files.uploads = append(s.files.uploads, b)
		} else {
			s.files.drop = append(s.files.drop, b.Digest)
		}
	}
	for _, p := range s.peers {
		p.lookAgain()
	}
	return nil
}

func (s *Station) attach(ev Attach) {
	digest := sha256.Sum256(ev.Bytes)
	done := AttachDone{Token: ev.Token, Digest: digest}
	if f := s.upload(digest); f != nil {
		f.tokens = append(f.tokens, ev.Token)
		return
	}
	most := s.text.Ceilings.Attachments
	held, _, err := s.cfg.Reader.Blob(digest)
	switch {
	case err != nil:
		done.Err = err
	case held.Whole():
	case most == 0:
		done.Err = ErrNoAttachments
	case len(ev.Bytes) == 0:
		done.Err = errors.New("the file is empty")
	case int64(len(ev.Bytes)) > most:
		done.Err = fmt.Errorf("the file has %d bytes, this line carries %d behind one record", len(ev.Bytes), most)
	case s.files.bytes+len(ev.Bytes) > maxAttachWaiting:
		done.Err = ErrTooMany
	default:
		s.files.coming = append(s.files.coming, &upload{tokens: []string{ev.Token}, digest: digest, bytes: ev.Bytes})
		s.files.bytes += len(ev.Bytes)
		return
	}
	s.do(done)
}

func (s *Station) upload(digest [32]byte) *upload {
	if i := slices.IndexFunc(s.files.coming, func(f *upload) bool { return f.digest == digest }); i >= 0 {
		return s.files.coming[i]
	}
	return nil
}

// checkFiles reports why a draft cannot name these attachments.
func (s *Station) checkFiles(text *agreement.Agreement, list []record.Attachment) error {
	if err := text.Ceilings.Carry(list); err != nil {
		return err
	}
	for _, a := range list {
		b, _, err := s.cfg.Reader.Blob(a.Digest)
		if err != nil {
			return err
		}
		if !b.Whole() || b.Size != a.Size {
			return fmt.Errorf("the file %q is not at this station; attach it again", a.Name)
		}
	}
	return nil
}

// nameFiles notes with a record of ours that its attachments may be asked for.
func (s *Station) nameFiles(g *saving, p *prepared) {
	for _, a := range p.files {
		g.batch.Blobs = append(g.batch.Blobs, store.BlobUpdate{Digest: a.Digest, Size: a.Size, Use: store.UseOwn})
		s.files.uploads = slices.DeleteFunc(s.files.uploads, func(b store.Blob) bool { return b.Digest == a.Digest })
	}
}

// gatherFiles adds a part of what is taken in and what was fetched.
func (s *Station) gatherFiles(g *saving) {
	f := &s.files
	g.batch.Blobs, f.pieces, f.waiting = f.pieces, nil, 0
	for _, d := range f.drop {
		g.batch.Blobs = append(g.batch.Blobs, store.BlobUpdate{Digest: d, Drop: true})
	}
	f.drop = nil
	for room := maxBlobBatch; len(f.coming) > 0 && room > 0; {
		up := f.coming[0]
		n := min(room, len(up.bytes)-up.at)
		u := store.BlobUpdate{Digest: up.digest, Size: uint64(len(up.bytes)), Use: store.UseUpload, From: uint64(up.at), Anew: up.at == 0}
		if u.Anew {
			s.unwant(g, up.digest)
		}
		u.Pieces = slices.Collect(slices.Chunk(up.bytes[up.at:up.at+n], store.MaxPiece))
		g.batch.Blobs = append(g.batch.Blobs, u)
		up.at, room = up.at+n, room-n
		if up.at == len(up.bytes) {
			g.uploaded, f.coming = append(g.uploaded, up), f.coming[1:]
			f.bytes -= len(up.bytes)
			s.makeRoom(g, up)
		}
	}
}

// makeRoom forgets the oldest files that no record came to name. What a
// record that waits names is kept.
func (s *Station) makeRoom(g *saving, up *upload) {
	f := &s.files
	total := uint64(len(up.bytes))
	for _, b := range f.uploads {
		total += b.Size
	}
	f.uploads = slices.DeleteFunc(f.uploads, func(b store.Blob) bool {
		if total <= uploadsKept*uint64(s.text.Ceilings.Attachments) || s.waitingNames(b.Digest) {
			return false
		}
		total -= b.Size
		g.batch.Blobs = append(g.batch.Blobs, store.BlobUpdate{Digest: b.Digest, Drop: true})
		return true
	})
	f.uploads = append(f.uploads, store.Blob{Digest: up.digest, Size: uint64(len(up.bytes)), Held: uint64(len(up.bytes)), Use: store.UseUpload})
}

func (s *Station) waitingNames(digest [32]byte) bool {
	return slices.ContainsFunc(s.waiting, func(sy *say) bool {
		return slices.ContainsFunc(sy.drafts, func(p *prepared) bool {
			return slices.ContainsFunc(p.files, func(a record.Attachment) bool { return a.Digest == digest })
		})
	})
}

// settleFiles follows once pieces and files are durable.
func (s *Station) settleFiles(g *saving) {
	for _, up := range g.uploaded {
		s.fileHere(up.digest)
	}
	for i := range g.batch.Blobs {
		s.settlePieces(&g.batch.Blobs[i])
	}
}

// tellAttached answers those whose files are in a batch, or wait for the next.
func (s *Station) tellAttached(g *saving, err error) {
	list := g.uploaded
	if err != nil {
		list = append(slices.Clone(list), s.files.coming...)
	}
	for _, up := range list {
		for _, token := range up.tokens {
			s.do(AttachDone{Token: token, Digest: up.digest, Err: err})
		}
	}
}

// answerWant gives a peer bytes of an attachment that a record of ours names,
// and of no other.
func (s *Station) answerWant(b *bearer, e link.Event) {
	held, _, err := s.cfg.Reader.Blob(e.Part.Digest)
	if err == nil && (held.Use != store.UseOwn || !held.Whole()) {
		return
	}
	var piece []byte
	if err == nil {
		piece, err = s.cfg.Reader.Piece(e.Part.Digest, e.Part.Offset, min(e.Most, b.pieceBytes()))
	}
	if err != nil {
		s.log("error", "an attachment cannot be read: %v", err)
		return
	}
	b.session.SendPiece(e.Part, piece)
}

// pieceBytes fits a piece to a bearer: what is urgent waits for one at most.
func (b *bearer) pieceBytes() int { return min(link.MaxPiece, b.packageBytes) }
