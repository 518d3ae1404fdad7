// SPDX-License-Identifier: Apache-2.0

package console

import (
	"cmp"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of a request.
const (
	maxForm   = 256 << 10
	maxTarget = 4 << 10 // bytes of a request's target
)

// Loopback reports whether an address host:port is this machine's own.
func Loopback(addr string) bool {
	name, _, err := net.SplitHostPort(addr)
	if err != nil {
		return false
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

// policy is the content security policy of every page.
func policy(frame string) string {
	return strings.Join([]string{
		"default-src 'none'", "script-src 'self'", "worker-src 'self'", "style-src 'self'", "img-src 'self' data:", "connect-src 'self'", "form-action 'self'",
		"base-uri 'none'", "require-trusted-types-for 'script'", "trusted-types openline", "frame-ancestors " + cmp.Or(frame, "'none'"),
	}, "; ")
}

// guard stands before everything: who may ask from where, how much, and what
// a browser may do with the answer.
func (s *Server) guard(next http.Handler) http.Handler {
	csrf := http.NewCrossOriginProtection()
	csrf.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fault(w, r, nil, fault(http.StatusForbidden, "fault.elsewhere"))
	}))
	checked := csrf.Handler(next)
	csp := policy(s.cfg.Frame)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)")
		h.Set("Cache-Control", "no-store")
		if s.cfg.Frame == "" {
			h.Set("X-Frame-Options", "DENY")
		}
		if s.cfg.Secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		// A name that is not ours is another site's that points here (DNS
		// rebinding).
		if !slices.Contains(s.cfg.Hosts, r.Host) {
			http.Error(w, "this station does not answer to that name", http.StatusMisdirectedRequest)
			return
		}
		if len(r.URL.String()) > maxTarget {
			http.Error(w, "the address is too long", http.StatusRequestURITooLong)
			return
		}
		if r.ContentLength > s.most(r) {
			s.fault(w, r, nil, fault(http.StatusRequestEntityTooLarge, "fault.large"))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, s.most(r))
		checked.ServeHTTP(w, r)
	})
}

// pace slows down whoever tries to enter or to sign again and again.
type pace struct {
	now func() time.Time
	mu  sync.Mutex
	at  map[string][]time.Time
}

const (
	paceTries = 10
	paceIn    = 10 * time.Minute
	paceNames = 10_000
)

func newPace(now func() time.Time) *pace { return &pace{now: now, at: map[string][]time.Time{}} }

// try reports whether one more attempt under this name may be made now.
func (p *pace) try(name string) bool { return p.within(name, paceTries) }

// tryOften is for what is no guess and only costs.
func (p *pace) tryOften(name string) bool { return p.within(name, 10*paceTries) }

func (p *pace) within(name string, tries int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.at) > paceNames {
		clear(p.at)
	}
	now := p.now()
	recent := slices.DeleteFunc(p.at[name], func(t time.Time) bool { return now.Sub(t) > paceIn })
	if len(recent) >= tries {
		p.at[name] = recent
		return false
	}
	p.at[name] = append(recent, now)
	return true
}

// succeeded forgets the attempts under a name.
func (p *pace) succeeded(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.at, name)
}
