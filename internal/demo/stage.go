// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/internal/boot"
	"openline/internal/home"
	"openline/internal/host"
	"openline/internal/keys"
	"openline/internal/story"
	"openline/record"
)

// Persons are the duty officers of each demonstration station: two, since
// exporting takes two.
var Persons = []string{"anna", "ben"}

// Stage is two stations' directories and what they were made with. The
// secrets of a demonstration are drawn for it and lie in its folder.
type Stage struct {
	Dir        string
	Story      *story.Story
	Line       identity.LineID
	Cat        *catalogue.Catalogue
	extensions []string
	homes      map[string]*home.Home
	secret     keys.Lock
	Fig        map[identity.Party]identity.Fingerprint
}

// SecretFile is the name of the file that opens the demonstration's keys.
const SecretFile = "secret"

// Build makes two directories under dir, exchanges cards, signs an agreement
// and opens the line, as two parties would by hand.
func Build(dir string, s *story.Story) (*Stage, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	st := &Stage{Dir: dir, Story: s, homes: map[string]*home.Home{}, Fig: map[identity.Party]identity.Fingerprint{}}
	lock, text, err := keys.NewUnattended()
	if err != nil {
		return nil, err
	}
	st.secret = lock
	if err := keys.WriteFile(filepath.Join(dir, SecretFile), []byte(text+"\n")); err != nil {
		return nil, err
	}
	extension, err := catalogue.AffairsFiles()
	if err != nil {
		return nil, err
	}
	if st.Cat, err = home.DefaultCatalogue(extension); err != nil {
		return nil, err
	}
	st.extensions = slices.Sorted(maps.Keys(extension))
	for _, p := range s.Parties {
		if err := st.found(p); err != nil {
			return nil, fmt.Errorf("station of %s: %w", p.Short, err)
		}
	}
	bundle, err := st.agree()
	if err != nil {
		return nil, err
	}
	return st, st.open(bundle)
}

// found makes one party's directory, card and persons.
func (st *Stage) found(p story.Party) error {
	addr, err := freeAddr()
	if err != nil {
		return err
	}
	h, err := home.Create(filepath.Join(st.Dir, p.Short), home.Settings{
		Party: p.Name, Title: p.Title, Language: "en", Listen: addr, Mark: "marks",
	}, st.secret)
	if err != nil {
		return err
	}
	st.homes[p.Short] = h
	for _, name := range Persons {
		if _, err := h.AddPerson(name, st.secret); err != nil {
			return err
		}
	}
	return nil
}

// freeAddr is a loopback address whose port was free a moment ago.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// agree carries the cards across and has both sign one text.
func (st *Stage) agree() ([]byte, error) {
	o := draft.Options{
		Slug: st.Story.Slug, Exercise: true, Languages: st.languages(), Catalogue: st.Cat.Digest(), Extensions: st.extensions, TimedHead: 6 * time.Hour,
	}
	var err error
	if o.TestsEvery, err = time.ParseDuration(st.Story.TestsEvery); err != nil {
		return nil, err
	}
	var homes []*home.Home
	for _, p := range st.Story.Parties {
		_, card, err := st.homes[p.Short].Card()
		if err != nil {
			return nil, err
		}
		st.Fig[card.Party] = card.Key.Fingerprint(card.Party)
		homes = append(homes, st.homes[p.Short])
	}
	return home.Agree(st.secret, o, homes...)
}

// languages are those of the parties, English first.
func (st *Stage) languages() []string {
	out := []string{"en"}
	for _, p := range st.Story.Parties {
		if !slices.Contains(out, p.Language) {
			out = append(out, p.Language)
		}
	}
	return out
}

func (st *Stage) open(bundle []byte) error {
	for i, p := range st.Story.Parties {
		h, other := st.homes[p.Short], st.Story.Parties[1-i]
		party, err := h.Keys().Party(st.secret)
		if err != nil {
			return err
		}
		dial := map[string][]string{other.Name: {st.homes[other.Short].Settings.Listen}}
		if st.Line, err = h.OpenLine(bundle, st.Cat, party, st.secret, dial, uint64(st.Story.Begins.Unix())); err != nil {
			return fmt.Errorf("%s opens the line: %w", p.Short, err)
		}
	}
	return nil
}

// Running is both stations running.
type Running struct {
	Sides map[string]*Side
	stop  context.CancelFunc
	done  chan error
	n     int
}

// Run starts both stations. They run until Stop.
func (st *Stage) Run(ctx context.Context, o boot.Options) (*Running, error) {
	ctx, stop := context.WithCancel(ctx)
	r := &Running{Sides: map[string]*Side{}, stop: stop, done: make(chan error, len(st.homes))}
	for i, p := range st.Story.Parties {
		s, err := boot.Start(st.homes[p.Short], st.secret, o)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start %s: %w", p.Short, err), r.Stop())
		}
		env, err := s.Host.Env(st.Line)
		if err != nil {
			return nil, errors.Join(err, s.Close(), r.Stop())
		}
		r.Sides[p.Short] = &Side{Short: p.Short, Dir: s.Home.Dir, Host: s.Host, Env: env, Store: s.Store, Alerts: s.Alerts(), Party: record.PartyNo(i + 1), Other: record.PartyNo(2 - i)}
		r.n++
		go func() { r.done <- s.Run(ctx) }()
	}
	return r, nil
}

// Failed is told when a station ends by itself.
func (r *Running) Failed() <-chan error { return r.done }

// Stop ends both stations.
func (r *Running) Stop() error {
	r.stop()
	var errs []error
	for range r.n {
		errs = append(errs, <-r.done)
	}
	r.n = 0
	return errors.Join(errs...)
}

// Sign has the persons of a side sign an act.
func (st *Stage) Sign(short string, act identity.Act) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range Persons {
		secret, err := st.homes[short].Keys().Person(name, st.secret)
		if err != nil {
			return nil, err
		}
		out[name] = secret.SignAct(act)
	}
	return out, nil
}

// Player plays the story on running stations.
func (st *Stage) Player(r *Running, clock *host.VirtualClock, tell *Teller) *Player {
	return &Player{Story: st.Story, Line: st.Line, Catalogue: st.Cat, Clock: clock, Sides: r.Sides, Tell: tell, Sign: st.Sign}
}
