// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"openline/internal/host"
)

// The pace of a live page: a beat says that what stands there is current; news
// that come together are told once.
const (
	beatEvery = 3 * time.Second
	together  = 40 * time.Millisecond
	maxLive   = 512
)

// pulse is the hour that the station told last. Streams that ask within a
// moment share it: each would have the station reckon all that it awaits.
type pulse struct {
	mu        sync.Mutex
	told, got time.Time
}

const pulseLasts = 200 * time.Millisecond

// hour is the station's, which answered no longer than a moment ago.
func (l *lineDesk) hour(ctx context.Context, st Station) (time.Time, error) {
	p := &l.pulse
	p.mu.Lock()
	defer p.mu.Unlock()
	if since := time.Since(p.got); since < pulseLasts {
		return p.told.Add(since), nil
	}
	v, err := st.View(ctx, l.ID)
	if err != nil {
		return time.Time{}, err
	}
	p.told, p.got = v.At, time.Now()
	return v.At, nil
}

// hub hears a line once for all open pages.
type hub struct {
	mu   sync.Mutex
	open map[chan struct{}]struct{}
	stop context.CancelFunc
}

// hear subscribes to a line's news. The first listener begins the
// subscription, the last one ends it.
func (l *lineDesk) hear(s *Server) (<-chan struct{}, func(), error) {
	h := &l.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.open) >= maxLive {
		return nil, nil, host.ErrTooMany
	}
	if len(h.open) == 0 {
		ctx, stop := context.WithCancel(context.Background())
		news, leave, err := s.cfg.Station.Subscribe(l.ID, 1024)
		if err != nil {
			stop()
			return nil, nil, err
		}
		h.open, h.stop = map[chan struct{}]struct{}{}, stop
		go h.relay(ctx, news, leave)
	}
	ch := make(chan struct{}, 1)
	h.open[ch] = struct{}{}
	return ch, func() { h.leave(ch) }, nil
}

func (h *hub) leave(ch chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, ok := h.open[ch]; !ok {
		return
	}
	delete(h.open, ch)
	close(ch)
	if len(h.open) == 0 {
		h.stop()
	}
}

// relay tells every page that something happened. When the news end (the
// station stopped, or the relay did not keep up) every page's channel ends,
// and the page says that it is not current.
func (h *hub) relay(ctx context.Context, news <-chan host.News, leave func()) {
	defer leave()
	for {
		select {
		case <-ctx.Done():
			return
		case _, ok := <-news:
			h.mu.Lock()
			if ctx.Err() != nil {
				h.mu.Unlock()
				return
			}
			for ch := range h.open {
				if !ok {
					close(ch)
					delete(h.open, ch)
					continue
				}
				select {
				case ch <- struct{}{}:
				default: // it has news to look at already
				}
			}
			h.mu.Unlock()
			if !ok {
				return
			}
		}
	}
}

// hearAll hears every line: that something changed, or that a line is heard no
// more.
func (s *Server) hearAll() (changed, ended chan struct{}, leave func(), err error) {
	changed, ended = make(chan struct{}, 1), make(chan struct{}, len(s.lines))
	var leaves []func()
	leave = func() {
		for _, l := range leaves {
			l()
		}
	}
	for _, l := range s.lines {
		ch, gone, err := l.hear(s)
		if err != nil {
			leave()
			return nil, nil, nil, err
		}
		leaves = append(leaves, gone)
		go func() {
			for range ch {
				select {
				case changed <- struct{}{}:
				default:
				}
			}
			ended <- struct{}{}
		}()
	}
	return changed, ended, leave, nil
}

// live streams to a page that something changed, and that the station is there.
func (s *Server) live(w http.ResponseWriter, r *http.Request, who *seat) error {
	flush, ok := w.(http.Flusher)
	if !ok {
		return fault(http.StatusInternalServerError, "fault.stopped")
	}
	changed, ended, leave, err := s.hearAll()
	if err != nil {
		return err
	}
	defer leave()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	tell := func(event string) error {
		now := s.cfg.Now()
		if len(s.lines) > 0 {
			if now, err = s.lines[0].hour(r.Context(), s.cfg.Station); err != nil {
				return err
			}
		}
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %d\n\n", event, now.UnixMilli()); err != nil {
			return err
		}
		flush.Flush()
		return nil
	}
	if tell("beat") != nil {
		return nil
	}
	beat := time.NewTicker(beatEvery)
	defer beat.Stop()
	for {
		event := "beat"
		select {
		case <-r.Context().Done():
			return nil
		case <-ended:
			return nil
		case <-changed:
			event = "change"
			// What comes together is told once.
			select {
			case <-time.After(together):
			case <-r.Context().Done():
				return nil
			}
		case <-beat.C:
		}
		// A seat that ended hears no more.
		if now, err := s.sitting(r); err != nil || now == nil || now.role != who.role {
			return nil
		}
		if tell(event) != nil {
			return nil
		}
	}
}
