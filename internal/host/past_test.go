// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"openline/identity"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// worn is a store of which the tree of hashes cannot be read any more.
type worn struct {
	host.Store
	now atomic.Bool
}

func (w *worn) Reader(line identity.LineID) host.Reader { return wornReader{w.Store.Reader(line), w} }

type wornReader struct {
	host.Reader
	of *worn
}

var errWorn = errors.New("the disk is worn")

func (r wornReader) Hashes(log store.LogID) tlog.HashReader {
	if r.of.now.Load() {
		return tlog.HashReaderFunc(func([]int64) ([][32]byte, error) { return nil, errWorn })
	}
	return r.Reader.Hashes(log)
}

// Where what is stored cannot be read, how a line stood is not known, and
// that is said: a brief of half a log would look like a whole one.
func TestThePastOfWhatCannotBeRead(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	db := hosttest.Disk(t, t.TempDir())
	disk := &worn{Store: host.StoreOf(db)}
	blue, red := start(t, w.Config("blue", disk), db), startQuiet(t, w, "red", "blue")
	red.wait(w, "the receipt", receipted(red.say(w, "first")))
	blue.wait(w, "the receipt", receipted(blue.say(w, "second")))
	at := record.Stamp(time.Now().Unix() + 1)
	if _, err := blue.Past(w.Line(), at); err != nil {
		t.Fatal(err)
	}
	disk.now.Store(true)
	if _, err := blue.Past(w.Line(), at); !errors.Is(err, errWorn) {
		t.Errorf("it says how the line stood: %v", err)
	}
	disk.now.Store(false)
}
