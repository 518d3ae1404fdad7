// SPDX-License-Identifier: Apache-2.0

package sqlite

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"openline/internal/store/storetest"
)

// BenchmarkSave measures what one batch of so many records costs until it is
// durable: with one, the delay of a record said alone; with many, the rate of
// records saved together.
func BenchmarkSave(b *testing.B) {
	for _, n := range []int{1, 10, 100, 1000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			db, src := created(b), storetest.NewSource(line, 1)
			if err := db.Save(src.Next(0, 0)); err != nil {
				b.Fatal(err)
			}
			var took []time.Duration
			for b.Loop() {
				b.StopTimer()
				batch := src.Next(n, 0)
				b.StartTimer()
				begin := time.Now()
				if err := db.Save(batch); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
			}
			slices.Sort(took)
			at := func(percent int) float64 { return float64(took[len(took)*percent/100].Microseconds()) }
			b.ReportMetric(at(50), "p50-µs")
			b.ReportMetric(at(99), "p99-µs")
			b.ReportMetric(float64(n*len(took))/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkOpen measures opening a store of so many records: it must not
// grow with them.
func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1_000, 30_000} {
		b.Run(fmt.Sprintf("records=%d", n), func(b *testing.B) {
			db, src := created(b), storetest.NewSource(line, 1)
			for range n / 1000 {
				if err := db.Save(src.Next(1000, 0)); err != nil {
					b.Fatal(err)
				}
			}
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				db, err := Open(db.path)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := db.Load(line); err != nil {
					b.Fatal(err)
				}
				if err := db.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFindNothing measures looking for a leaf that is not there in a log
// of so many records: the whole of its hashes is read.
func BenchmarkFindNothing(b *testing.B) {
	db, src := created(b), storetest.NewSource(line, 1)
	for range 30 {
		if err := db.Save(src.Next(1000, 0)); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if _, ok, err := db.Line(line).Find(1, [32]byte{1}); ok || err != nil {
			b.Fatal(ok, err)
		}
	}
	b.StopTimer()
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	info, err := os.Stat(db.path)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(info.Size())/30_000, "file-bytes/record")
}
