// SPDX-License-Identifier: Apache-2.0

package storetest

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"testing"

	"openline/internal/store"
)

// attachments are kept in pieces of any length that follow one another, each
// digest once, and outlive a restart half way.
func attachments(t *testing.T, d Disk) {
	s := NewSource(line, 7)
	b := s.Next(2, 2)
	words := bytes.Repeat([]byte("abcdefghij"), 8000)
	digest := sha256.Sum256(words)
	b.Blobs = []store.BlobUpdate{{Digest: digest, Size: 80000, Pieces: [][]byte{words[:30000], words[30000:30010]}}}
	b.Attached = []store.Attached{{Log: Peer, Index: 0, Open: true}, {Log: Peer, Index: 1, Open: true}}
	save(t, d, b)
	d = d.Reopen(t)

	next := func(blobs []store.BlobUpdate, attached ...store.Attached) store.Batch {
		return store.Batch{Line: line, Expect: s.Row, Next: s.Row, Blobs: blobs, Attached: attached}
	}
	refused(t, d, next([]store.BlobUpdate{{Digest: digest, Size: 80000, From: 30000, Pieces: [][]byte{{1}}}}), store.ErrBatch)
	refused(t, d, next([]store.BlobUpdate{{Digest: digest, Size: 80001, From: 30010, Pieces: [][]byte{{1}}}}), store.ErrBatch)
	refused(t, d, next([]store.BlobUpdate{{Digest: digest, Size: 80000, From: 30010, Pieces: [][]byte{make([]byte, store.MaxPiece+1)}}}), store.ErrBatch)
	refused(t, d, next([]store.BlobUpdate{{Digest: [32]byte{1}, Size: store.MaxBlob + 1}}), store.ErrBatch)
	refused(t, d, next([]store.BlobUpdate{{Digest: [32]byte{1}, Size: 3, Pieces: [][]byte{{1, 2}, {3, 4}}}}), store.ErrBatch)
	refused(t, d, next(nil, store.Attached{Log: Peer, Index: 2, Open: true}), store.ErrBatch)

	save(t, d, next([]store.BlobUpdate{{Digest: digest, Size: 80000, From: 30010, Pieces: [][]byte{words[30010:60000], words[60000:]}, Use: store.UseOwn},
		{Digest: [32]byte{2}, Size: 9, Use: store.UseUpload}}, store.Attached{Log: Peer, Index: 0}))
	r := d.Reader(line)
	if got, ok, err := r.Blob(digest); err != nil || !ok || !got.Whole() || got.Use != store.UseOwn {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	var all []byte
	for len(all) < len(words) {
		piece, err := r.Piece(digest, uint64(len(all)), 20000)
		if err != nil || len(piece) == 0 || len(piece) > 20000 {
			t.Fatalf("at %d: %d bytes, %v", len(all), len(piece), err)
		}
		all = append(all, piece...)
	}
	if !bytes.Equal(all, words) {
		t.Error("other bytes than saved")
	}
	if piece, err := r.Piece(digest, 80000, 10); err != nil || len(piece) > 0 {
		t.Errorf("behind the end: %d bytes, %v", len(piece), err)
	}
	if open, err := r.Attached(Peer, 0, 10); err != nil || !slices.Equal(open, []uint64{1}) {
		t.Errorf("open %v, %v", open, err)
	}
	if up := load(t, d).Uploads; len(up) != 1 || up[0].Digest != [32]byte{2} {
		t.Errorf("uploads %+v", up)
	}

	save(t, d, next([]store.BlobUpdate{{Digest: [32]byte{2}, Drop: true}, {Digest: digest, Size: 4, Anew: true, Pieces: [][]byte{[]byte("anew")}}}))
	if got, err := d.Reopen(t).Reader(line).Piece(digest, 0, 10); err != nil || string(got) != "anew" {
		t.Errorf("%q, %v", got, err)
	}
}
