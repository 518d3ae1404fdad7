// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"testing"
	"time"

	"openline/identity"
	"openline/identity/secret"
	"openline/internal/host"
	"openline/internal/host/hosttest"
	"openline/internal/story"
)

// The whole story is played on two real stations over loopback TLS, in
// virtual time.
func TestTheStoryPlays(t *testing.T) {
	if testing.Short() {
		t.Skip("plays four months; takes seconds")
	}
	s, err := story.Load("affair", false)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	p := playerOn(t, s, &Teller{W: &out})
	began := time.Now()
	if err := p.Play(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	t.Logf("played in %v\n%s", time.Since(began), out.String())
	v, err := p.Sides["blue"].Host.View(t.Context(), p.Line)
	if err != nil {
		t.Fatal(err)
	}
	them := 0
	for _, a := range v.Awaiting {
		if !a.Ours && a.Code == "CR01" {
			them++
		}
	}
	if them != 3 {
		t.Errorf("%d invitations await them: %+v", them, v.Awaiting)
	}
	if len(v.Peers) != 1 || v.Peers[0].Receipt.Last != v.Own.Last {
		t.Errorf("receipted to %d of %d", v.Peers[0].Receipt.Last, v.Own.Last)
	}
}

func playerOn(t *testing.T, s *story.Story, tell *Teller, around ...func(host.Bearer) host.Bearer) *Player {
	t.Helper()
	every, err := time.ParseDuration(s.TestsEvery)
	if err != nil {
		t.Fatal(err)
	}
	w := hosttest.New(t, hosttest.Options{Slug: s.Slug, TimedHead: 12 * time.Hour, Tests: every}, s.Parties[0].Short, s.Parties[1].Short)
	clock := host.NewVirtualClock(s.Begins)
	p := &Player{Story: s, Line: w.Line(), Catalogue: w.Catalogue, Clock: clock, Sides: map[string]*Side{}, Tell: tell, Sign: signPersons}
	for i, party := range s.Parties {
		short, other := party.Short, s.Parties[1-i].Short
		db := hosttest.Disk(t, t.TempDir())
		cfg := w.Config(short, host.StoreOf(db), other)
		cfg.Lines[0].People = func(name string) (identity.PersonKey, bool) {
			return person(name).Public(), slices.Contains(Persons, name)
		}
		for _, a := range around {
			cfg.Around = a
		}
		cfg.Clock, cfg.PingEvery, cfg.PQEvery = clock, 6*time.Hour, 12*time.Hour
		h, err := host.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() { done <- h.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			if err := <-done; err != nil {
				t.Errorf("%s: %v", short, err)
			}
			if err := db.Close(); err != nil {
				t.Errorf("%s: %v", short, err)
			}
		})
		env, err := h.Env(w.Line())
		if err != nil {
			t.Fatal(err)
		}
		p.Sides[short] = &Side{Short: short, Host: h, Env: env, Party: w.Party(short).No, Other: w.Party(other).No}
	}
	return p
}

// person is the key of a person of the demonstration; the same on both sides.
func person(name string) *secret.Person { return secret.NewPerson(sha256.Sum256([]byte(name))) }

func signPersons(_ string, act identity.Act) (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, name := range Persons {
		out[name] = person(name).SignAct(act)
	}
	return out, nil
}
