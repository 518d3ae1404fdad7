// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
	"openline/internal/store/storetest"
	"openline/record"
)

// lies reports which files of the store's directory hold some bytes.
func lies(t *testing.T, db *DB, what []byte) (in []string) {
	t.Helper()
	list, err := os.ReadDir(filepath.Dir(db.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		b, err := os.ReadFile(filepath.Join(filepath.Dir(db.path), f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, what) {
			in = append(in, f.Name())
		}
	}
	return in
}

// TestWiped holds that after a removal nothing of the words is left in any
// file of the store: not between rows, not in free pages, not in the
// write-ahead log; and that the rest is there and verifies.
func TestWiped(t *testing.T) {
	db, src := created(t), storetest.NewSource(line, 3)
	src.Body = 900 // so that pages are split and moved about
	var words [][]byte
	for n := range 40 {
		b := src.Next(3, 2)
		body, err := record.DecodeBody(b.Logs[0].Entries[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		words = append(words, []byte(body.Text))
		// The same words lay elsewhere before: in the queue, and ahead.
		b.Queue = append(b.Queue, store.Queued{Token: fmt.Sprint("q", n), Bytes: []byte(body.Text)})
		if n > 0 {
			b.Unqueue = append(b.Unqueue, fmt.Sprint("q", n-1))
		}
		if err := db.Save(b); err != nil {
			t.Fatal(err)
		}
	}
	last := src.Remove(record.ByNumber(1, 1), record.ByNumber(1, 4), record.ByNumber(1, 7))
	last.Unqueue = append(last.Unqueue, "q39")
	if err := db.Save(last); err != nil {
		t.Fatal(err)
	}
	by := record.ByNumber(1, 121)
	b := store.Batch{Line: line, Expect: src.Row, Next: src.Row}
	for i := range uint64(9) {
		b.Removals = append(b.Removals, store.Removal{Log: storetest.Own, Index: i, Thing: record.ByNumber(1, i/3*3+1), By: by})
	}
	if len(lies(t, db, words[0])) == 0 {
		t.Fatal("the words are not where they are looked for")
	}
	if err := db.Save(b); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if in := lies(t, db, words[i]); len(in) > 0 {
			t.Errorf("what was removed is still in %v", in)
		}
	}
	if len(lies(t, db, words[3])) == 0 {
		t.Error("what was not removed is gone")
	}
	if n, err := db.Line(line).Unwiped(); n != 0 || err != nil {
		t.Errorf("%d entries are said to be there yet, %v", n, err)
	}
	if err := db.Verify(); err != nil {
		t.Error(err)
	}
	if err := db.Reindex(); err != nil {
		t.Error(err)
	}
	if err := db.Save(src.Next(3, 3)); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	copied := filepath.Join(t.TempDir(), "copy")
	if err := errors.Join(db.Backup(copied), db.Close()); err != nil {
		t.Fatal(err)
	}
	if err := opened(t, db.path).Verify(); err != nil {
		t.Error(err)
	}
}

// TestWipedLater holds that bytes a backup kept from being wiped are told,
// and wiped at the next start.
func TestWipedLater(t *testing.T) {
	db, src := created(t), storetest.NewSource(line, 4)
	for _, b := range []store.Batch{src.Next(3, 0), src.Remove(record.ByNumber(1, 1))} {
		if err := db.Save(b); err != nil {
			t.Fatal(err)
		}
	}
	body, err := db.Line(line).Entries(storetest.Own, 0, 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	d, _ := record.DecodeBody(body[0].Body)
	err = db.aside(func(c *conn) error {
		if err := errors.Join(db.w.db.BusyTimeout(0), c.q(`BEGIN`).run()); err != nil {
			return err
		}
		if err := c.q(`SELECT count(*) FROM entry`).each(func(*sqlite3.Stmt) bool { return true }); err != nil {
			return err
		}
		b := store.Batch{Line: line, Expect: src.Row, Next: src.Row, Removals: []store.Removal{{Log: storetest.Own, Index: 0, Thing: record.ByNumber(1, 1), By: record.ByNumber(1, 4)}}}
		return errors.Join(db.Save(b), c.q(`COMMIT`).run())
	})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := db.Line(line).Unwiped(); n != 1 || err != nil {
		t.Errorf("%d entries are said to be there yet, %v", n, err)
	}
	if err := db.Save(src.Next(1, 1)); err != nil {
		t.Errorf("it does not go on: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	db = opened(t, db.path)
	if in := lies(t, db, []byte(d.Text)); len(in) > 0 {
		t.Errorf("what was removed is still in %v", in)
	}
	if n, err := db.Line(line).Unwiped(); n != 0 || err != nil {
		t.Errorf("%d entries are said to be there yet, %v", n, err)
	}
}

// TestRemovedVerified holds that an entry without content is damage unless a
// stored record let it be removed.
func TestRemovedVerified(t *testing.T) {
	for name, sql := range map[string]string{
		"no mark":                 `DELETE FROM removed`,
		"another record":          `UPDATE removed SET by = by - 1`,
		"no record":               `UPDATE removed SET by = by + 9`,
		"the body alone":          `UPDATE entry SET body = x'' WHERE key = (SELECT max(key) FROM entry)`,
		"a mark and yet content":  `INSERT INTO removed VALUES ((SELECT max(key) FROM entry), (SELECT by FROM removed), 1)`,
		"removed as if by itself": `UPDATE entry SET header = x'', body = x'' WHERE key = (SELECT max(key) FROM entry)`,
	} {
		t.Run(name, func(t *testing.T) {
			db, src := created(t), storetest.NewSource(line, 5)
			for _, b := range []store.Batch{src.Next(3, 0), src.Remove(record.ByNumber(1, 1)), {Line: line, Expect: src.Row, Next: src.Row,
				Removals: []store.Removal{{Log: storetest.Own, Index: 0, Thing: record.ByNumber(1, 1), By: record.ByNumber(1, 4)}}}} {
				if b.Removals != nil {
					b.Expect, b.Next = src.Row, src.Row
				}
				if err := db.Save(b); err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Verify(); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			alter(t, db.path, sql)
			if err := opened(t, db.path).Verify(); !errors.Is(err, store.ErrCorrupt) {
				t.Errorf("verified with %v", err)
			}
		})
	}
}
