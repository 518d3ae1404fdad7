// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/boot"
	"openline/internal/home"
	"openline/internal/host"
	"openline/internal/keys"
)

// pair is two stations' directories with one line between them: blue, which
// dials, and red.
type pair struct {
	dir    string
	line   identity.LineID
	blue   *home.Home
	red    *home.Home
	lock   keys.Lock
	secret string
	wire   *relay
	binary string
}

// wish is how a pair is made.
type wish struct {
	marks   bool // with high-water marks
	direct  bool // blue does not dial through the relay
	console bool // blue has one
}

// newPair makes both directories.
func newPair(dir, binary string, w wish) (p *pair, err error) {
	p = &pair{dir: dir, binary: binary}
	if p.lock, p.secret, err = keys.NewUnattended(); err != nil {
		return nil, err
	}
	redAddr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	if p.wire, err = newRelay(redAddr); err != nil {
		return nil, err
	}
	for _, one := range []struct {
		short, listen string
		to            **home.Home
	}{{"blue", "", &p.blue}, {"red", redAddr, &p.red}} {
		s := home.Settings{Party: one.short + ".example", Title: "Station of " + one.short, Language: "en", Listen: one.listen, NoMark: !w.marks}
		if w.marks {
			s.Mark = "marks"
		}
		if w.console && one.short == "blue" {
			if s.Console, err = freeAddr(); err != nil {
				return nil, err
			}
		}
		if *one.to, err = home.Create(filepath.Join(dir, one.short), s, p.lock); err != nil {
			return nil, err
		}
	}
	for _, name := range persons {
		if _, err := p.blue.AddPerson(name, p.lock); err != nil {
			return nil, err
		}
	}
	to := p.wire.addr()
	if w.direct {
		to = redAddr
	}
	return p, p.open(to)
}

func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func (p *pair) open(to string) error {
	cat, err := catalogue.Default()
	if err != nil {
		return err
	}
	o := draft.Options{Slug: "bench", Exercise: true, Languages: []string{"en"}, Catalogue: cat.Digest(), PerMinute: 10_000_000}
	homes := p.homes()
	bundle, err := home.Agree(p.lock, o, homes[:]...)
	if err != nil {
		return err
	}
	for i, h := range homes {
		party, err := h.Keys().Party(p.lock)
		if err != nil {
			return err
		}
		dial := map[string][]string{}
		if i == 0 {
			dial["red.example"] = []string{to}
		}
		if p.line, err = h.OpenLine(bundle, cat, party, p.lock, dial, uint64(time.Now().Unix())); err != nil {
			return err
		}
	}
	return nil
}

func (p *pair) close() { p.wire.close() }

// process is a station of its own.
type process struct {
	cmd   *exec.Cmd
	ready chan error
}

// serve starts `openline serve` on a directory.
func (p *pair) serve(h *home.Home) (*process, error) {
	cmd := exec.Command(p.binary, "serve", h.Dir)
	cmd.Env = append(os.Environ(), "OPENLINE_SECRET="+p.secret)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	pr := &process{cmd: cmd, ready: make(chan error, 1)}
	go func() {
		for sc := bufio.NewScanner(out); sc.Scan(); {
			if strings.HasPrefix(sc.Text(), "READY") {
				pr.ready <- nil
			}
		}
		pr.ready <- fmt.Errorf("the station of %s ended: %s", h.Party(), said.String())
	}()
	return pr, nil
}

func (pr *process) wait() error { return <-pr.ready }

// stop ends it as an operator would.
func (pr *process) stop() error {
	if err := pr.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := pr.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return fmt.Errorf("the station ended with status %d", exit.ExitCode())
	}
	return err
}

// rss is the resident memory of the process in bytes; 0 where the system
// does not tell.
func (pr *process) rss() int64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pr.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(l, "VmRSS:"); ok {
			kb, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			if err == nil {
				return kb << 10
			}
		}
	}
	return 0
}

// cpu is the processor time the process has taken so far; 0 where the system
// does not tell.
func (pr *process) cpu() time.Duration {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pr.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	const tick = 10 * time.Millisecond // of Linux, wherever Go runs on it
	return time.Duration(user+system) * tick
}

// driver is a station run beside the driver: blue's, but for the console.
type driver struct {
	*boot.Station
	h    *host.Host
	line identity.LineID
	stop context.CancelFunc
	done chan error
	news <-chan host.News
	end  func()
}

func (p *pair) drive() (*driver, error) {
	return p.driveOne(context.Background(), p.blue, boot.Options{})
}

func (p *pair) driveOne(ctx context.Context, h *home.Home, o boot.Options) (*driver, error) {
	s, err := boot.Start(h, p.lock, o)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	d := &driver{Station: s, h: s.Host, line: p.line, stop: stop, done: make(chan error, 1)}
	go func() { d.done <- s.Run(ctx) }()
	if d.news, d.end, err = d.h.Subscribe(p.line, 1<<12); err != nil {
		stop()
		return nil, errors.Join(err, <-d.done)
	}
	return d, nil
}

func (d *driver) close() error {
	d.end()
	d.stop()
	return <-d.done
}

// receipted waits until the other station's receipt covers a record.
func (d *driver) receipted(ctx context.Context, number uint64) error {
	for {
		select {
		case n, ok := <-d.news:
			if !ok {
				return errors.New("the news of the station ended")
			}
			if n.Kind == "receipt" && n.Number >= number {
				return nil
			}
		case <-ctx.Done():
			return fmt.Errorf("no receipt for record %d: %w", number, ctx.Err())
		}
	}
}

// withPair runs f with blue beside the driver and red as a process.
func (b *bench) withPair(name string, w wish, f func(*pair, *driver, *process) error) (err error) {
	p, err := newPair(filepath.Join(b.o.Dir, name), b.o.Binary, w)
	if err != nil {
		return err
	}
	defer p.close()
	red, err := p.serve(p.red)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, red.stop()) }()
	if err := red.wait(); err != nil {
		return err
	}
	blue, err := p.drive()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, blue.close()) }()
	return f(p, blue, red)
}
