// SPDX-License-Identifier: Apache-2.0

package alert

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/SherClockHolmes/webpush-go"

	"openline/internal/keys"
)

// Pusher sends Web Push messages (RFC 8030, 8291, 8292) to browsers that
// asked for them. They pass through the browser makers' servers, which learn
// that something awaits and when, and so it is off unless a party sets it up.
type Pusher struct {
	Subs    *Subscriptions // nil: not set up
	Contact string         // of the party, for who runs the push service: mailto:… or https://…
	Client  *http.Client
	Timeout time.Duration
}

// Has reports whether a person has a browser that may be called.
func (p Pusher) Has(person string) bool { return p.Subs != nil && len(p.Subs.Of(person)) > 0 }

// Push calls every browser of the person. It is well if one is reached; one
// that is no more is forgotten.
func (p Pusher) Push(ctx context.Context, c Call) error {
	if p.Subs == nil {
		return ErrNotSetUp
	}
	message, err := json.Marshal(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	list := p.Subs.Of(c.Person)
	errs, reached := make([]error, len(list)), make([]bool, len(list))
	var all sync.WaitGroup // at once: one that does not answer takes no time from another
	for i, s := range list {
		all.Go(func() {
			// The library appends its padding behind the slice it is given.
			gone, err := p.push(ctx, bytes.Clone(message), s, c.Precedence)
			if gone {
				err = errors.Join(err, p.Subs.Drop(c.Person, s.Endpoint))
			}
			errs[i], reached[i] = err, err == nil && !gone
		})
	}
	all.Wait()
	if slices.Contains(reached, true) {
		return nil
	}
	return cmp.Or(errors.Join(errs...), errors.New("no browser of this person is reached any more"))
}

func (p Pusher) push(ctx context.Context, message []byte, s webpush.Subscription, precedence string) (gone bool, err error) {
	urgency := webpush.UrgencyNormal
	if precedence == "flash" || precedence == "immediate" {
		urgency = webpush.UrgencyHigh
	}
	public, private := p.Subs.Keys()
	a, err := webpush.SendNotificationWithContext(ctx, message, &s, &webpush.Options{
		HTTPClient: p.Client, Subscriber: p.Contact, TTL: 3600, Urgency: urgency, VAPIDPublicKey: public, VAPIDPrivateKey: private,
	})
	if err != nil {
		return false, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(a.Body, maxOutput))
	if err = errors.Join(err, a.Body.Close()); err != nil {
		return false, err
	}
	switch {
	case a.StatusCode == http.StatusGone || a.StatusCode == http.StatusNotFound:
		return true, nil
	case a.StatusCode < 200 || a.StatusCode > 299:
		return false, fmt.Errorf("the push service answered %s", a.Status)
	}
	return false, nil
}

// Subscriptions keeps, in a folder, which browsers of which person may be
// called, and the key the party signs its calls with. It is safe for
// concurrent use.
type Subscriptions struct {
	dir string

	mu              sync.Mutex
	public, private string
}

const (
	maxBrowsers = 8 // of one person
	maxEndpoint = 2048
)

var personForm = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{0,31}$`)

// OpenSubscriptions opens the folder, and makes it with its key the first time.
func OpenSubscriptions(dir string) (*Subscriptions, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Subscriptions{dir: dir}
	path := filepath.Join(dir, "vapid.json")
	var k struct{ Public, Private string }
	b, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if k.Private, k.Public, err = webpush.GenerateVAPIDKeys(); err != nil {
			return nil, err
		}
		if b, err = json.Marshal(k); err != nil {
			return nil, err
		}
		err = keys.WriteFile(path, b)
	case err == nil:
		err = json.Unmarshal(b, &k)
	}
	if err == nil && (k.Public == "" || k.Private == "") {
		err = errors.New("it holds no key")
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.public, s.private = k.Public, k.Private
	return s, nil
}

// Keys are the public and the private key of the party's calls (RFC 8292).
func (s *Subscriptions) Keys() (public, private string) { return s.public, s.private }

func (s *Subscriptions) path(person string) string { return filepath.Join(s.dir, person+".browsers") }

// Of gives the browsers of a person; none if they cannot be read.
func (s *Subscriptions) Of(person string) []webpush.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, _ := s.read(person)
	return list
}

func (s *Subscriptions) read(person string) (list []webpush.Subscription, err error) {
	if !personForm.MatchString(person) {
		return nil, fmt.Errorf("%.40q is not a person's short name", person)
	}
	b, err := os.ReadFile(s.path(person))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(b, &list)
}

// Add takes what a browser gave its page. The address must be of HTTPS, or on
// this machine; where it is called to is up to the client of the Pusher.
func (s *Subscriptions) Add(person string, subscription []byte) error {
	var sub webpush.Subscription
	d := json.NewDecoder(bytes.NewReader(subscription))
	if err := d.Decode(&sub); err != nil || len(subscription) > 8<<10 {
		return errors.New("this is no subscription of a browser")
	}
	u, err := url.Parse(sub.Endpoint)
	if err != nil || len(sub.Endpoint) > maxEndpoint || u.Host == "" || sub.Keys.P256dh == "" || sub.Keys.Auth == "" {
		return errors.New("this is no subscription of a browser")
	}
	ip, _ := netip.ParseAddr(u.Hostname())
	if u.Scheme != "https" && !(u.Scheme == "http" && ip.IsLoopback()) {
		return errors.New("a push service is called by https only")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.read(person)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(o webpush.Subscription) bool { return o.Endpoint == sub.Endpoint })
	list = append(list, sub)
	return s.write(person, list[max(0, len(list)-maxBrowsers):])
}

// Drop forgets a browser.
func (s *Subscriptions) Drop(person, endpoint string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	list, err := s.read(person)
	if err != nil {
		return err
	}
	return s.write(person, slices.DeleteFunc(list, func(o webpush.Subscription) bool { return o.Endpoint == endpoint }))
}

func (s *Subscriptions) write(person string, list []webpush.Subscription) error {
	b, err := json.Marshal(list)
	if err != nil {
		return err
	}
	return keys.WriteFile(s.path(person), b)
}
