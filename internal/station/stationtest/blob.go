// SPDX-License-Identifier: Apache-2.0

package stationtest

import (
	"fmt"
	"slices"

	"openline/internal/store"
)

// diskBlob is an attachment on the disk. Its bytes are never changed in
// place, so that a clone may share them.
type diskBlob struct {
	store.Blob
	bytes []byte
}

func (d *Disk) blobAt(digest [32]byte) int {
	return slices.IndexFunc(d.blobs, func(b diskBlob) bool { return b.Digest == digest })
}

// checkBlobs reports whether a batch continues the attachments.
func (d *Disk) checkBlobs(b *store.Batch, sizes map[store.LogID]uint64) error {
	after := map[[32]byte]store.Blob{}
	for i := range b.Blobs {
		u := &b.Blobs[i]
		held, ok := after[u.Digest]
		if at := d.blobAt(u.Digest); !ok && at >= 0 {
			held, ok = d.blobs[at].Blob, true
		}
		if err := u.Check(held, ok && held.Size > 0); err != nil {
			return err
		}
		if u.Anew || u.Drop {
			held.Held = 0
		}
		for _, p := range u.Pieces {
			held.Held += uint64(len(p))
		}
		if held.Size = u.Size; u.Drop {
			held.Size = 0
		}
		after[u.Digest] = held
	}
	for _, a := range b.Attached {
		if size, ok := sizes[a.Log]; !ok || a.Index >= size {
			return fmt.Errorf("%w: attachments of a record that is not stored", store.ErrBatch)
		}
	}
	return nil
}

func (d *Disk) putBlobs(b *store.Batch) {
	d.blobs = slices.Clone(d.blobs)
	for i := range b.Blobs {
		u := &b.Blobs[i]
		at := d.blobAt(u.Digest)
		if u.Drop {
			if at >= 0 {
				d.blobs = slices.Delete(d.blobs, at, at+1)
			}
			continue
		}
		if at < 0 {
			at = len(d.blobs)
			d.blobs = append(d.blobs, diskBlob{Blob: store.Blob{Digest: u.Digest}})
		}
		l := &d.blobs[at]
		if u.Anew {
			l.bytes = nil
		}
		l.bytes = slices.Concat(append([][]byte{l.bytes}, u.Pieces...)...)
		l.Size, l.Held, l.Use = u.Size, uint64(len(l.bytes)), max(l.Use, u.Use)
	}
	for _, a := range b.Attached {
		d.attached = slices.DeleteFunc(slices.Clone(d.attached), func(o store.Attached) bool { return o.Log == a.Log && o.Index == a.Index })
		if a.Open {
			d.attached = append(d.attached, a)
		}
	}
}

// Blob implements station.Reader.
func (d *Disk) Blob(digest [32]byte) (store.Blob, bool, error) {
	if at := d.blobAt(digest); at >= 0 {
		return d.blobs[at].Blob, true, nil
	}
	return store.Blob{Digest: digest}, false, nil
}

// Piece implements station.Reader.
func (d *Disk) Piece(digest [32]byte, offset uint64, most int) ([]byte, error) {
	at := d.blobAt(digest)
	if at < 0 || offset >= d.blobs[at].Held {
		return nil, nil
	}
	b := d.blobs[at].bytes[offset:]
	return b[:min(len(b), most)], nil
}

// Attached implements station.Reader.
func (d *Disk) Attached(log store.LogID, from uint64, max int) (out []uint64, err error) {
	for _, a := range d.attached {
		if a.Log == log && a.Index >= from {
			out = append(out, a.Index)
		}
	}
	slices.Sort(out)
	return out[:min(len(out), max)], nil
}
