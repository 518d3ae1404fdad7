// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	sqlite3 "github.com/ncruces/go-sqlite3"

	"openline/internal/store"
	"openline/internal/store/storetest"
)

// filled is a closed store with n batches in it.
func filled(t *testing.T, n int) (path string, src *storetest.Source) {
	t.Helper()
	db := created(t)
	src = storetest.NewSource(line, 3)
	for range n {
		if err := db.Save(src.Next(3, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return db.path, src
}

func TestMissingAndExisting(t *testing.T) {
	path := filepath.Join(t.TempDir(), "station.db")
	if _, err := Open(path); !errors.Is(err, store.ErrMissing) {
		t.Errorf("missing: %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("opening made it: %v", err)
	}
	if err := os.WriteFile(path+"-wal", []byte("left over"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Create(path); !errors.Is(err, store.ErrExists) {
		t.Errorf("a write-ahead log without its file: %v", err)
	}
	if err := os.Remove(path + "-wal"); err != nil {
		t.Fatal(err)
	}
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	if err := Create(path); !errors.Is(err, store.ErrExists) {
		t.Errorf("existing: %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestAnotherFormatIsLeftAlone(t *testing.T) {
	newer, _ := filled(t, 1)
	alter(t, newer, `PRAGMA user_version = 99`)
	foreign, _ := filled(t, 1)
	alter(t, foreign, `PRAGMA application_id = 7`)
	text := filepath.Join(t.TempDir(), "station.db")
	if err := os.WriteFile(text, bytes.Repeat([]byte("not a database "), 500), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{newer: store.ErrFormat, foreign: store.ErrFormat, text: store.ErrCorrupt} {
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if db, err := Open(path); !errors.Is(err, want) {
			t.Errorf("%s: opened with %v, expected %v", path, err, want)
			if err == nil {
				db.Close()
			}
		}
		if after, err := os.ReadFile(path); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s: changed, %v", path, err)
		}
	}
}

func alter(t *testing.T, path, sql string) {
	t.Helper()
	c, err := dial(path, "", sqlite3.OPEN_READWRITE)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.db.Exec(sql), c.close()); err != nil {
		t.Fatal(err)
	}
}

func TestOneProcessHasAStore(t *testing.T) {
	if path := os.Getenv("OPENLINE_TEST_OPEN"); path != "" {
		if _, err := Open(path); !errors.Is(err, store.ErrLocked) {
			t.Fatalf("a second process opened it: %v", err)
		}
		return
	}
	db := created(t)
	if _, err := Open(db.path); !errors.Is(err, store.ErrLocked) {
		t.Errorf("opened twice in one process: %v", err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestOneProcessHasAStore$")
	cmd.Env = append(os.Environ(), "OPENLINE_TEST_OPEN="+db.path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if err := db.Save(storetest.NewSource(line, 1).Next(1, 1)); err != nil {
		t.Errorf("after others tried: %v", err)
	}
}

func TestClosed(t *testing.T) {
	db := created(t)
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if err := db.Save(storetest.NewSource(line, 1).Next(1, 1)); !errors.Is(err, store.ErrClosed) {
		t.Errorf("save: %v", err)
	}
	if _, err := db.Load(line); !errors.Is(err, store.ErrClosed) {
		t.Errorf("load: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Errorf("close again: %v", err)
	}
}

// TestEveryDamagedPageIsSeen turns one bit of each page: the store says that
// it is damaged when it opens or is verified, never that all is well, and
// never changes the file.
func TestEveryDamagedPageIsSeen(t *testing.T) {
	path, _ := filled(t, 12)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pages := len(whole) / pageSize
	for page := range pages {
		b := bytes.Clone(whole)
		at := page*pageSize + 100 + page*37%(pageSize-110)
		b[at] ^= 1 << (page % 8)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		db, err := Open(path)
		if err == nil {
			err = db.Verify()
			if e := db.Close(); e != nil {
				t.Errorf("page %d: close: %v", page, e)
			}
		}
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("page %d of %d, byte %d: %v", page, pages, at, err)
		}
	}
}

// A damaged page met by a save stops the store, which keeps what it has.
func TestDamageStopsSaving(t *testing.T) {
	path, src := filled(t, 40)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	at := bytes.LastIndex(b, []byte("journal 40"))
	if at < 0 {
		t.Fatal("no journal in the file")
	}
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	db := opened(t, path)
	before, err := db.Load(line)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Save(src.Next(1, 1)); !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("saved beside damage: %v", err)
		}
	}
	after, err := db.Load(line)
	if err != nil || !after.Row.Equal(before.Row) {
		t.Errorf("what was held is not: %v", err)
	}
}

// What a page's checksum cannot see, because it was written so, its hash does.
func TestAnotherEntryIsSeen(t *testing.T) {
	for name, sql := range map[string]string{
		"a word":         `UPDATE entry SET body = x'00' WHERE key = (SELECT min(key) FROM entry)`,
		"a leaf":         `UPDATE entry SET leaf = x'00' WHERE key = (SELECT min(key) FROM entry)`,
		"an entry gone":  `DELETE FROM entry WHERE key = (SELECT min(key) + 1 FROM entry)`,
		"a hash":         `UPDATE hash SET bytes = zeroblob(length(bytes)) WHERE key = (SELECT min(key) FROM hash)`,
		"the root":       `UPDATE log SET root = zeroblob(32)`,
		"the journal":    `UPDATE journal SET entry = x'00' WHERE key = (SELECT min(key) FROM journal)`,
		"a journal gone": `DELETE FROM journal WHERE key = (SELECT max(key) FROM journal)`,
	} {
		path, _ := filled(t, 4)
		alter(t, path, sql)
		db, err := Open(path)
		if err == nil {
			err = errors.Join(db.Verify(), db.Close())
		}
		if !errors.Is(err, store.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBackup(t *testing.T) {
	db := created(t)
	src := storetest.NewSource(line, 4)
	done := make(chan error, 1)
	for n := range 60 {
		if err := db.Save(src.Next(2, 2)); err != nil {
			t.Fatal(err)
		}
		if n == 20 {
			go func() { done <- db.Backup(db.path + ".backup") }()
		}
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if err := db.Backup(db.path + ".backup"); !errors.Is(err, store.ErrExists) {
		t.Errorf("over another: %v", err)
	}
	if err := db.Verify(); err != nil {
		t.Error(err)
	}
	restored := filepath.Join(t.TempDir(), "station.db")
	if err := Restore(db.path+".backup", restored); err != nil {
		t.Fatal(err)
	}
	if err := Restore(db.path+".backup", restored); !errors.Is(err, store.ErrExists) {
		t.Errorf("over a store: %v", err)
	}
	again := opened(t, restored)
	old, err := again.Load(line)
	if err != nil || old.Row.Size < 42 || old.Row.Size > src.Row.Size {
		t.Errorf("%d entries, %v", old.Row.Size, err)
	}
	info, err := os.Stat(restored)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

func TestADamagedBackupIsNotRestored(t *testing.T) {
	path, _ := filled(t, 10)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	backup, restored := filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "station.db")
	for name, damaged := range map[string][]byte{"cut": b[:len(b)/2], "empty": {}, "a bit": append(bytes.Clone(b[:len(b)-200]), append([]byte{b[len(b)-200] ^ 4}, b[len(b)-199:]...)...)} {
		if err := os.WriteFile(backup, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Restore(backup, restored); err == nil {
			t.Errorf("%s: restored", name)
		}
		if left, err := filepath.Glob(restored + "*"); err != nil || len(left) > 0 {
			t.Errorf("%s: it leaves %s, %v", name, strings.Join(left, " "), err)
		}
	}
}

// A full disk is told as one through the driver's own file.
func TestAFullDiskIsFull(t *testing.T) {
	for _, errno := range []error{syscall.ENOSPC, syscall.EDQUOT} {
		f := file{failing{err: &fs.PathError{Op: "write", Path: "station.db-wal", Err: errno}}}
		if _, got := f.WriteAt([]byte{1}, 0); got == nil || got == f.systemFile.(failing).err {
			t.Errorf("%v is told as it came", errno)
		}
	}
}

type failing struct {
	systemFile
	err error
}

func (f failing) WriteAt([]byte, int64) (int, error) { return 0, f.err }

// A directory that takes no writes: opening says so, and nothing is lost.
func TestReadOnlyDisk(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("the system lets root write everywhere")
	}
	path, _ := filled(t, 2)
	for _, p := range []struct {
		name string
		mode fs.FileMode
	}{{path, 0o400}, {filepath.Dir(path), 0o500}} {
		if err := os.Chmod(p.name, p.mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Dir(path), 0o700) })
	if _, err := Open(path); !errors.Is(err, store.ErrReadOnly) {
		t.Errorf("%v", err)
	}
}
