// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
)

// pieceKey is a place in an attachment, in one integer: an offset lies below
// 2^26, one past the end at it.
func pieceKey(blob int64, offset uint64) int64 { return blob<<27 | int64(offset) }

func readBlob(c *conn, line int64, digest [32]byte) (id int64, b store.Blob, ok bool, err error) {
	b.Digest = digest
	ok, err = c.q(`SELECT id, size, held, use FROM blob WHERE line = ? AND digest = ?`).int(line).blob(digest[:]).one(func(st *sqlite3.Stmt) {
		id, b.Size, b.Held, b.Use = st.ColumnInt64(0), columnUint(st, 1), columnUint(st, 2), store.Use(st.ColumnInt64(3))
	})
	return id, b, ok, err
}

// blobs puts what a batch has of attachments.
func (p *putting) blobs(b *store.Batch) error {
	for i := range b.Blobs {
		if err := p.blob(&b.Blobs[i]); err != nil {
			return err
		}
	}
	for _, a := range b.Attached {
		l, err := p.find(a.Log)
		if err != nil {
			return err
		}
		if l.id == 0 || a.Index >= l.size {
			return fmt.Errorf("%w: attachments of a record that is not stored", store.ErrBatch)
		}
		sql := `DELETE FROM attached WHERE entry = ?`
		if a.Open {
			sql = `INSERT OR REPLACE INTO attached (entry) VALUES (?)`
		}
		if err := p.c.q(sql).int(placeKey(l.id, a.Index)).run(); err != nil {
			return err
		}
	}
	return nil
}

func (p *putting) blob(u *store.BlobUpdate) error {
	id, held, ok, err := readBlob(p.c, p.line, u.Digest)
	if err != nil {
		return err
	}
	if err := u.Check(held, ok); err != nil {
		return err
	}
	if ok && (u.Drop || u.Anew) {
		if err := p.c.q(`DELETE FROM piece WHERE key >= ? AND key < ?`).int(pieceKey(id, 0)).int(pieceKey(id+1, 0)).run(); err != nil {
			return err
		}
		held.Held = 0
	}
	if u.Drop {
		return p.c.q(`DELETE FROM blob WHERE line = ? AND digest = ?`).int(p.line).blob(u.Digest[:]).run()
	}
	if !ok {
		if err := p.c.q(`INSERT INTO blob (line, digest, size, held, use) VALUES (?, ?, 0, 0, 0)`).int(p.line).blob(u.Digest[:]).run(); err != nil {
			return err
		}
		id = p.c.db.LastInsertRowID()
	}
	at := held.Held
	for _, piece := range u.Pieces {
		if err := p.c.q(`INSERT INTO piece (key, bytes) VALUES (?, ?)`).int(pieceKey(id, at)).blob(piece).run(); err != nil {
			return err
		}
		at += uint64(len(piece))
	}
	return p.c.q(`UPDATE blob SET size = ?, held = ?, use = max(use, ?) WHERE id = ?`).uint(u.Size).uint(at).int(int64(u.Use)).int(id).run()
}

// loadUploads lists what was taken in and is named by no record yet.
func loadUploads(c *conn, line int64, s *store.Saved) error {
	return c.q(`SELECT digest, size, held FROM blob WHERE line = ? AND use = ? ORDER BY id`).int(line).int(int64(store.UseUpload)).
		each(func(st *sqlite3.Stmt) bool {
			s.Uploads = append(s.Uploads, store.Blob{Digest: columnHash(st, 0), Size: columnUint(st, 1), Held: columnUint(st, 2), Use: store.UseUpload})
			return true
		})
}

// Blob tells how much of an attachment is held.
func (r *Reader) Blob(digest [32]byte) (b store.Blob, ok bool, err error) {
	err = r.reading(func(c *conn, line int64) error {
		_, b, ok, err = readBlob(c, line, digest)
		return err
	})
	return b, ok, err
}

// Piece gives bytes of an attachment from an offset on, at most most of them
// and never past the piece they lie in; none where nothing is held.
func (r *Reader) Piece(digest [32]byte, offset uint64, most int) (out []byte, err error) {
	err = r.reading(func(c *conn, line int64) error {
		id, b, ok, err := readBlob(c, line, digest)
		if err != nil || !ok || offset >= b.Held || most <= 0 {
			return err
		}
		found, err := c.q(`SELECT key, bytes FROM piece WHERE key >= ? AND key <= ? ORDER BY key DESC LIMIT 1`).
			int(pieceKey(id, 0)).int(pieceKey(id, offset)).one(func(st *sqlite3.Stmt) {
			out = column(st, 1)
			out = out[min(uint64(len(out)), offset-uint64(st.ColumnInt64(0)-pieceKey(id, 0))):]
			out = out[:min(len(out), most)]
		})
		if err == nil && (!found || len(out) == 0) {
			err = fmt.Errorf("%w: attachment %x lacks its bytes from %d on", store.ErrCorrupt, digest[:8], offset)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read an attachment of %s: %w", r.line, err)
	}
	return out, nil
}

// Attached lists the records of a log whose attachments are not complete
// here, from an index on.
func (r *Reader) Attached(log store.LogID, from uint64, max int) (out []uint64, err error) {
	err = r.reading(func(c *conn, line int64) error {
		id, _, err := findLog(c, line, log)
		if err != nil || id == 0 {
			return err
		}
		return c.q(`SELECT entry FROM attached WHERE entry >= ? AND entry < ? ORDER BY entry LIMIT ?`).
			int(placeKey(id, from)).int(placeKey(id+1, 0)).int(int64(max)).each(func(st *sqlite3.Stmt) bool {
			_, index := placeOf(st.ColumnInt64(0))
			out = append(out, index)
			return true
		})
	})
	return out, err
}

// verifyBlobs holds every attachment that is whole to its digest.
func verifyBlobs(c *conn, line int64) error {
	type whole struct {
		id     int64
		digest [32]byte
	}
	var list []whole
	if err := c.q(`SELECT id, digest FROM blob WHERE line = ? AND held = size`).int(line).each(func(st *sqlite3.Stmt) bool {
		list = append(list, whole{st.ColumnInt64(0), columnHash(st, 1)})
		return true
	}); err != nil {
		return err
	}
	for _, b := range list {
		sum := sha256.New()
		if err := c.q(`SELECT bytes FROM piece WHERE key >= ? AND key < ? ORDER BY key`).int(pieceKey(b.id, 0)).int(pieceKey(b.id+1, 0)).
			each(func(st *sqlite3.Stmt) bool {
				sum.Write(st.ColumnRawBlob(0))
				return true
			}); err != nil {
			return err
		}
		if !bytes.Equal(sum.Sum(nil), b.digest[:]) {
			return fmt.Errorf("%w: attachment %x does not have its digest", store.ErrCorrupt, b.digest[:8])
		}
	}
	return nil
}
