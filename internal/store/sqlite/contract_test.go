// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"path/filepath"
	"testing"

	"openline/identity"
	"openline/internal/store/storetest"
)

// disk is a store as the contract suite sees it.
type disk struct{ *DB }

func (d disk) Reader(line identity.LineID) storetest.Reader { return d.Line(line) }

func (d disk) Reopen(t *testing.T) storetest.Disk {
	t.Helper()
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	return disk{opened(t, d.path)}
}

func opened(t testing.TB, path string) *DB {
	t.Helper()
	db, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func created(t testing.TB) *DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "station.db")
	if err := Create(path); err != nil {
		t.Fatal(err)
	}
	return opened(t, path)
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Disk { return disk{created(t)} })
}
