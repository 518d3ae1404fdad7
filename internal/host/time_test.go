// SPDX-License-Identifier: Apache-2.0

package host_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/station"
	"openline/internal/store"
)

// These tests run in the false time of a bubble, over pipes and stores in
// memory: an hour's outage takes no time.

type nothing struct{}

func (nothing) Close() error { return nil }

// startPipe runs a party's station over the network of pipes.
func startPipe(t *testing.T, n *network, short string, m *memory, dial ...string) *running {
	t.Helper()
	cfg := n.w.Config(short, m, dial...)
	cfg.Carrier, cfg.Log = port{n, short}, hosttest.Log(t, short)
	return start(t, cfg, nothing{})
}

func connected(v station.View) bool { return v.Hold == "" && len(v.Peers[0].Bearers) == 1 }

func TestOutages(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	outages := []time.Duration{10 * time.Second, 10 * time.Minute, 30 * time.Hour}
	if testing.Short() {
		outages = outages[:2]
	}
	for _, silent := range []bool{false, true} {
		for _, outage := range outages {
			synctest.Test(t, func(t *testing.T) {
				n := newNetwork(w)
				blue := startPipe(t, n, "blue", newMemory(), "red")
				red := startPipe(t, n, "red", newMemory())
				blue.wait(w, "red", connected)
				red.wait(w, "blue", connected)
				blue.wait(w, "the receipt", receipted(blue.say(w, "before")))

				n.cut(!silent)
				before := n.dialed()
				time.Sleep(outage)
				if made := n.dialed() - before; time.Duration(made)*400*time.Millisecond < outage-6*time.Second ||
					time.Duration(made-1)*200*time.Millisecond > outage {
					t.Errorf("%d dials in %v", made, outage)
				}
				number := blue.say(w, "while cut")
				n.heal()
				from := time.Now()
				blue.wait(w, "the receipt", receipted(number))
				if took := time.Since(from); took > 500*time.Millisecond {
					t.Errorf("silent %v, cut for %v: receipted %v after the line came back", silent, outage, took)
				}
				blue.stop()
				red.stop()
			})
		}
	}
}

func TestBothDial(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(w)
		blue := startPipe(t, n, "blue", newMemory(), "red")
		red := startPipe(t, n, "red", newMemory(), "blue")
		for range 20 {
			time.Sleep(3 * time.Second)
			blue.wait(w, "one connection", connected)
			red.wait(w, "one connection", connected)
			made := n.dialed()
			time.Sleep(time.Minute)
			if again := n.dialed(); again != made {
				t.Fatalf("%d dials while connected", again-made)
			}
			n.cut(true)
			time.Sleep(5 * time.Second)
			n.heal()
		}
		blue.stop()
		red.stop()
	})
}

// TestStopMidSave ends a host while a batch is on its way to the disk: Run
// returns when the disk has answered, and what was said is said once.
func TestStopMidSave(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	synctest.Test(t, func(t *testing.T) {
		n, disk := newNetwork(w), newMemory()
		blue := startPipe(t, n, "blue", disk, "red")
		red := startPipe(t, n, "red", newMemory())
		blue.wait(w, "red", connected)
		synctest.Wait()

		release := make(chan struct{})
		disk.before = func() error { <-release; return nil }
		say := station.Say{Token: "01JMIDSAVE", Drafts: []station.Draft{{Code: "TX01", Text: "once"}}}
		answer := make(chan error, 1)
		go func() {
			_, err := blue.Say(context.Background(), w.Line(), say)
			answer <- err
		}()
		synctest.Wait()
		blue.cancel()
		synctest.Wait()
		select {
		case err := <-blue.ended:
			t.Fatalf("run returned while a save was under way: %v", err)
		default:
		}
		if err := <-answer; !errors.Is(err, host.ErrStopped) {
			t.Errorf("the asker was told %v", err)
		}
		close(release)
		if err := <-blue.ended; err != nil {
			t.Error(err)
		}
		blue.cancel, disk.before = nil, nil

		blue = startPipe(t, n, "blue", disk, "red")
		blue.wait(w, "red", connected)
		first, err := blue.Say(t.Context(), w.Line(), say)
		if err != nil {
			t.Fatal(err)
		}
		second, err := blue.Say(t.Context(), w.Line(), say)
		if err != nil || second[0] != first[0] {
			t.Errorf("again: %+v and %+v, %v", first, second, err)
		}
		blue.wait(w, "the receipt", receipted(first[0].Number))
		blue.stop()
		red.stop()
	})
}

func TestSickDiskEndsRun(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	synctest.Test(t, func(t *testing.T) {
		n, disk := newNetwork(w), newMemory()
		blue := startPipe(t, n, "blue", disk, "red")
		red := startPipe(t, n, "red", newMemory())
		blue.wait(w, "red", connected)
		synctest.Wait()
		disk.before = func() error { return store.ErrSick }
		if _, err := blue.Say(t.Context(), w.Line(), station.Say{Drafts: []station.Draft{{Code: "TX01", Text: "x"}}}); !errors.Is(err, store.ErrSick) {
			t.Errorf("the asker was told %v", err)
		}
		var stop *host.StopError
		if err := <-blue.ended; !errors.As(err, &stop) || !errors.Is(err, store.ErrSick) || stop.Line != w.Line() {
			t.Errorf("run: %v", err)
		}
		blue.cancel()
		blue.cancel = nil
		red.wait(w, "the end of blue", func(v station.View) bool { return len(v.Peers[0].Bearers) == 0 })
		red.stop()
	})
}

// TestPeerThatDoesNotRead holds up nobody: its connection is given up.
func TestPeerThatDoesNotRead(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	synctest.Test(t, func(t *testing.T) {
		n := newNetwork(w)
		blue := startPipe(t, n, "blue", newMemory(), "red")
		red := startPipe(t, n, "red", newMemory())
		blue.wait(w, "red", connected)
		red.wait(w, "blue", connected)
		n.freeze()
		for range 200 {
			from := time.Now()
			blue.say(w, strings.Repeat("x", 10_000))
			if took := time.Since(from); took > 0 {
				t.Fatalf("a say waited %v for the peer", took)
			}
		}
		// It is given up after three pings; a new one carries everything.
		from := time.Now()
		blue.wait(w, "the receipt", receipted(blue.say(w, "the last")))
		if took := time.Since(from); took > 4*time.Second {
			t.Errorf("receipted after %v", took)
		}
		n.thaw()
		blue.stop()
		red.stop()
	})
}

// TestConflict lets another writer be first once: the host goes on from what
// is stored.
func TestConflict(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{}, "blue", "red")
	synctest.Test(t, func(t *testing.T) {
		n, disk := newNetwork(w), newMemory()
		blue := startPipe(t, n, "blue", disk, "red")
		red := startPipe(t, n, "red", newMemory())
		blue.wait(w, "red", connected)
		synctest.Wait()
		once := true
		disk.before = func() error {
			if once {
				once = false
				return store.ErrConflict
			}
			return nil
		}
		say := station.Say{Token: "01JCONFLICT", Drafts: []station.Draft{{Code: "TX01", Text: "x"}}}
		if _, err := blue.Say(t.Context(), w.Line(), say); !errors.Is(err, store.ErrConflict) {
			t.Errorf("the asker was told %v", err)
		}
		blue.wait(w, "red", connected)
		res, err := blue.Say(t.Context(), w.Line(), say)
		if err != nil {
			t.Fatal(err)
		}
		blue.wait(w, "the receipt", receipted(res[0].Number))
		blue.stop()
		red.stop()
	})
}

// TestVirtualClock lives three days in a story's time.
func TestVirtualClock(t *testing.T) {
	w := hosttest.New(t, hosttest.Options{TimedHead: time.Hour, Tests: 6 * time.Hour}, "blue", "red")
	n := newNetwork(w)
	begin := time.Date(2021, 1, 20, 12, 0, 0, 0, time.UTC)
	clock := host.NewVirtualClock(begin)
	var both []*running
	for _, short := range []string{"blue", "red"} {
		cfg := w.Config(short, newMemory(), "red")
		cfg.Carrier, cfg.Clock, cfg.PingEvery, cfg.Log = port{n, short}, clock, time.Hour, hosttest.Log(t, short)
		if short == "red" {
			cfg.Lines[0].Dial = nil
		}
		both = append(both, start(t, cfg, nothing{}))
	}
	for _, r := range both {
		r.wait(w, "the other", connected)
	}
	rest := func(ctx context.Context) error { return host.Rest(ctx, both[0].Host, both[1].Host) }
	if err := clock.Advance(t.Context(), begin.Add(72*time.Hour), rest); err != nil {
		t.Fatal(err)
	}
	if now := clock.Now().Wall; !now.Equal(begin.Add(72 * time.Hour)) {
		t.Errorf("the clock shows %v", now)
	}
	for _, r := range both {
		v, err := r.View(t.Context(), w.Line())
		if err != nil {
			t.Fatal(err)
		}
		if v.Own.Tests != 12 || v.Peers[0].Receipt.Size != v.Own.Size || len(v.Peers[0].Bearers) != 1 || v.Hold != "" {
			t.Errorf("after three days: %+v", v)
		}
		if v.Peers[0].TestsHeard != 12 || v.Peers[0].Differs != "" {
			t.Errorf("tests heard: %+v", v.Peers[0])
		}
	}
}
