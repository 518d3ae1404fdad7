// SPDX-License-Identifier: Apache-2.0

package extract_test

import (
	"bufio"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"openline/extract"
	"openline/extract/gather"
	"openline/record"
)

// long is a log of n records that are made when they are read: a source as
// large as wished that takes no memory of its own but the hashes.
type long struct {
	store
	n uint64
}

func (l long) entry(i uint64) record.Entry {
	b := record.Body{Salt: [16]byte{byte(i), byte(i >> 8), byte(i >> 16), byte(i >> 24)}, Text: strings.Repeat("what is said on the line ", 20)}
	e := record.Entry{Body: b.Encode()}
	h := record.Header{Code: "TX01", Status: record.Actual, Precedence: record.Routine, From: "watch", To: []record.Address{{Party: red, Post: "watch"}},
		Written: record.Stamp(1_600_000_000 + i), Language: "en", Body: record.BodyDigest(e.Body)}
	e.Header = h.Encode()
	leaf := record.Leaf{Format: record.FormatVersion, Agreement: 1, Author: blue, Generation: 1, Time: record.Stamp(1_600_000_000 + i),
		Seen: []record.Seen{{Party: red, Generation: 1, Size: i}}, Header: record.HeaderDigest(e.Header)}
	e.Leaf = leaf.Encode()
	return e
}

func (l long) Entries(_ extract.LogID, from uint64, max, _ int) (out []record.Entry, err error) {
	for i := from; i < min(from+uint64(max), l.n); i++ {
		out = append(out, l.entry(i))
	}
	return out, nil
}

func newLong(t testing.TB, n uint64) long {
	w := newWorld(t, false)
	l := long{store{w, blue}, n}
	own := w.own(blue)
	for i := range n {
		own.stored = append(own.stored, own.tree.Append(record.LeafHash(l.entry(i).Leaf))...)
	}
	own.entries = make([]record.Entry, n) // their number; the words are made anew
	w.holds[red][own.id] = n
	w.timed(blue)
	w.receipt(red, own, n)
	return l
}

// file writes a whole-line extract to a file and gives its size.
func (l long) file(t testing.TB) (*os.File, int64) {
	c := must(gather.Choose(l, l.wish(blue)))(t)
	f := must(os.Create(filepath.Join(t.TempDir(), "long.zip")))(t)
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	b := bufio.NewWriter(f)
	if err := c.Stream(b); err != nil {
		t.Fatal(err)
	}
	if err := b.Flush(); err != nil {
		t.Fatal(err)
	}
	return f, must(f.Stat())(t).Size()
}

// BenchmarkVerifyMillion verifies a whole log of 1,000,000 records of 500
// bytes of text from a file. With GOGC at 20 the peak shows what is needed,
// not what was not collected yet.
func BenchmarkVerifyMillion(b *testing.B) {
	const n = 1_000_000
	l := newLong(b, n)
	f, size := l.file(b)
	l.logs = nil
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(20))
	var before, peak runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		stop := make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			for {
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				if m.HeapAlloc > peak.HeapAlloc {
					peak = m
				}
				select {
				case <-stop:
					return
				case <-time.After(100 * time.Millisecond):
				}
			}
		}()
		r, err := extract.VerifyFrom(f, size, extract.Options{})
		close(stop)
		<-done
		if err != nil || r.Logs[0].Whole != n {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size)/n, "bytes/record")
	b.ReportMetric(float64(peak.HeapAlloc-min(before.HeapAlloc, peak.HeapAlloc))/(1<<20), "MiB-peak")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/verify")
}

// Memory does not grow with a log: twice the records take no more at a time.
func TestLongLog(t *testing.T) {
	n := uint64(40_000)
	if testing.Short() {
		n = 5_000
	}
	l := newLong(t, n)
	f, size := l.file(t)
	r := must(extract.VerifyFrom(f, size, extract.Options{MaxRecords: 10}))(t)
	if r.Logs[0].Whole != n || len(r.Records) != 10 || r.More != n-10 {
		t.Fatalf("%+v, %d records and %d more", r.Logs, len(r.Records), r.More)
	}
	allocated := testing.AllocsPerRun(1, func() { must(extract.VerifyFrom(f, size, extract.Options{MaxRecords: 1}))(t) })
	if each := allocated / float64(n); each > 40 {
		t.Fatalf("%.0f allocations a record", each)
	}
}
