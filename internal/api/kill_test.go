// SPDX-License-Identifier: Apache-2.0

package api_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"openline/internal/api"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/store/mark"
)

const stationEnv = "OPENLINE_TEST_STATION"

// TestStationProcess is not a test: it is the station's process of
// TestKilledUnderLoad, which starts this binary anew.
func TestStationProcess(t *testing.T) {
	short := os.Getenv(stationEnv)
	if short == "" {
		t.Skip("only run by TestKilledUnderLoad")
	}
	w := killWorld(t, os.Getenv("OPENLINE_TEST_BLUE"), os.Getenv("OPENLINE_TEST_RED"))
	dir := os.Getenv("OPENLINE_TEST_DIR")
	db := hosttest.Disk(t, dir)
	other := map[string]string{"blue": "red", "red": "blue"}[short]
	cfg := w.Config(short, host.StoreOf(db), other)
	cfg.Log = hosttest.Log(t, short)
	if os.Getenv("OPENLINE_TEST_MARK") != "" {
		path := filepath.Join(dir, "mark")
		if err := mark.Create(path, w.Line()); err != nil && !errors.Is(err, mark.ErrExists) {
			t.Fatal(err)
		}
		m, err := mark.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		cfg.Lines[0].Mark = m
	}
	h, err := host.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		err := api.New(api.Config{Host: h, Store: db}).Serve(context.Background(), filepath.Join(dir, api.SocketFile))
		t.Errorf("the interface ended: %v", err)
		os.Exit(1)
	}()
	t.Fatal(h.Run(context.Background()))
}

func killWorld(t *testing.T, blue, red string) *hosttest.World {
	w := hosttest.New(t, hosttest.Options{PerMinute: 10_000_000}, "blue", "red")
	if blue != "" {
		w.Party("blue").Addr, w.Party("red").Addr = blue, red
	}
	return w
}

// process is a station that is killed and started again.
type process struct {
	short, dir string
	env        []string
	client     *api.Client
	cmd        *exec.Cmd
	log        *os.File
}

func (p *process) start(t *testing.T) {
	t.Helper()
	p.cmd = exec.Command(os.Args[0], "-test.run=^TestStationProcess$", "-test.v")
	p.cmd.Env = append(os.Environ(), p.env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process as a power cut of the machine's mind would: at any
// instant, with nothing said.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		b, _ := os.ReadFile(p.log.Name())
		t.Fatalf("%s ended by itself: %v\n%s", p.short, err, b)
	}
}

// acked is what a station acknowledged.
type acked struct {
	by, text, token, ref, leaf string
}

// TestKilledUnderLoad kills two stations again and again while people speak
// on both: nothing acknowledged is lost or doubled on either side.
func TestKilledUnderLoad(t *testing.T) {
	kills := 40
	if testing.Short() {
		kills = 4
	}
	for _, marked := range []bool{false, true} {
		t.Run(fmt.Sprintf("mark=%v", marked), func(t *testing.T) { killedUnderLoad(t, kills, marked) })
	}
}

func killedUnderLoad(t *testing.T, kills int, marked bool) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rnd := rand.New(rand.NewPCG(seed, 0))
	w := killWorld(t, "", "")
	env := []string{"OPENLINE_TEST_BLUE=" + w.Party("blue").Addr, "OPENLINE_TEST_RED=" + w.Party("red").Addr}
	if marked {
		env = append(env, "OPENLINE_TEST_MARK=1")
	}
	var both []*process
	for _, short := range []string{"blue", "red"} {
		dir := t.TempDir()
		log, err := os.Create(filepath.Join(dir, "log"))
		if err != nil {
			t.Fatal(err)
		}
		defer log.Close()
		p := &process{short: short, dir: dir, env: append(env, stationEnv+"="+short, "OPENLINE_TEST_DIR="+dir),
			client: api.NewClient(filepath.Join(dir, api.SocketFile)), log: log}
		p.start(t)
		defer func() { p.kill(t) }()
		both = append(both, p)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()

	var mu sync.Mutex
	var all []acked
	var count atomic.Int64
	more := make(chan struct{}, 1)
	speaking, hush := context.WithCancel(ctx)
	var speakers sync.WaitGroup
	for _, p := range both {
		for i := range 3 {
			speakers.Go(func() {
				for n := 0; speaking.Err() == nil; n++ {
					a := acked{by: p.short, text: fmt.Sprintf("%s %d %d", p.short, i, n), token: host.NewToken(time.Now())}
					if !insist(ctx, p.client, &a) {
						t.Errorf("%s was never recorded", a.text)
						return
					}
					mu.Lock()
					all = append(all, a)
					mu.Unlock()
					count.Add(1)
					select {
					case more <- struct{}{}:
					default:
					}
				}
			})
		}
	}
	for range kills {
		for until := count.Load() + 1 + rnd.Int64N(60); count.Load() < until; {
			select {
			case <-more:
			case <-ctx.Done():
				t.Fatal("nothing is recorded any more")
			}
		}
		victim := both[rnd.IntN(2)]
		victim.kill(t)
		if rnd.IntN(4) == 0 {
			other := both[0]
			if other == victim {
				other = both[1]
			}
			other.kill(t)
			other.start(t)
		}
		victim.start(t)
	}
	hush()
	speakers.Wait()
	t.Logf("%d records acknowledged through %d kills", len(all), kills)
	judge(t, ctx, both, all)
}

// insist says a text under one token until it is acknowledged.
func insist(ctx context.Context, c *api.Client, a *acked) bool {
	for ctx.Err() == nil {
		said, err := c.Say(ctx, "dtl", api.Say{Token: a.token, Drafts: []api.Draft{{Code: "TX01", Text: a.text}}, Wait: 0.05})
		if err != nil || said.Records[0].Queued {
			continue // killed, or not signing yet: the same token again
		}
		r := said.Records[0]
		a.ref, a.leaf = r.Ref, r.Leaf
		return true
	}
	return false
}

// judge reads both stations' copies of both logs once all is receipted.
func judge(t *testing.T, ctx context.Context, both []*process, all []acked) {
	t.Helper()
	copies := map[string]map[string]api.Record{}
	for _, p := range both {
		for {
			if st, err := p.client.LineStatus(ctx, "dtl", "en"); err == nil {
				peer := st.Peers[0]
				if st.Hold == "" && peer.Receipt != nil && peer.Receipt.Size == st.Own.Size && st.Waiting == 0 {
					if peer.Trouble != "" || peer.Histories || peer.Differs != "" {
						t.Errorf("%s: %+v", p.short, peer)
					}
					break
				}
			} else if ctx.Err() != nil {
				t.Fatalf("%s did not come to rest: %v", p.short, err)
			}
		}
	}
	for _, p := range both {
		if err := p.client.VerifyStore(ctx); err != nil {
			t.Errorf("%s: %v", p.short, err)
		}
		copies[p.short] = readAll(t, ctx, p.client)
	}
	blue, red := copies["blue"], copies["red"]
	if len(blue) != len(red) {
		t.Errorf("blue holds %d records, red %d", len(blue), len(red))
	}
	texts := map[string]string{}
	for ref, r := range blue {
		if red[ref].Leaf != r.Leaf {
			t.Errorf("%s differs between the two", ref)
		}
		if before, twice := texts[r.Text]; twice && r.Text != "" {
			t.Errorf("%q is recorded as %s and as %s", r.Text, before, ref)
		}
		texts[r.Text] = ref
	}
	for _, a := range all {
		if r := blue[a.ref]; r.Leaf != a.leaf || r.Text != a.text {
			t.Errorf("%q was acknowledged as %s; that is now %q", a.text, a.ref, r.Text)
		}
	}
}

func readAll(t *testing.T, ctx context.Context, c *api.Client) map[string]api.Record {
	t.Helper()
	out := map[string]api.Record{}
	q := api.PageQuery{Max: 1000, Since: time.Unix(1, 0)}
	for {
		page, err := c.Records(ctx, "dtl", q)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if _, twice := out[r.Ref]; twice {
				t.Errorf("%s is listed twice", r.Ref)
			}
			out[r.Ref] = r
		}
		if len(page.Records) == 0 {
			return out
		}
		q = api.PageQuery{Max: 1000, After: page.After}
	}
}
