// SPDX-License-Identifier: Apache-2.0

// Package hosttest gives tests parties with real keys, a signed agreement
// and the configurations of their stations. It is for tests only.
//
// Specification: spec/station.md.
package hosttest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"openline/agreement"
	"openline/agreement/draft"
	"openline/catalogue"
	"openline/identity"
	"openline/identity/secret"
	"openline/internal/host"
	"openline/internal/store"
	"openline/internal/store/sqlite"
	"openline/record"
)

// World is one line and its parties.
type World struct {
	History   *agreement.History
	Catalogue *catalogue.Catalogue
	Bundle    []byte // the agreement, signed by all
	parties   []*Party
}

// Party is one party with its keys.
type Party struct {
	Name   identity.Party
	No     record.PartyNo
	Secret *secret.Party
	Keys   *secret.Station // of its newest generation
	Card   []byte
	Addr   string
}

// Options change what is usual.
type Options struct {
	Slug        string
	TimedHead   time.Duration
	Tests       time.Duration
	PerMinute   int
	Attachments int64
	Languages   []string // of the agreement; none: English
}

// New makes a line between parties named like "blue".
func New(tb testing.TB, o Options, names ...string) *World {
	tb.Helper()
	w := &World{}
	files, err := catalogue.AffairsFiles()
	if err != nil {
		tb.Fatal(err)
	}
	base, err := catalogue.Default()
	if err != nil {
		tb.Fatal(err)
	}
	if w.Catalogue, err = catalogue.Extend(base, files); err != nil {
		tb.Fatal(err)
	}
	if len(o.Languages) == 0 {
		o.Languages = []string{"en"}
	}
	if o.Slug == "" {
		o.Slug = "dtl"
	}
	text := draft.Options{Slug: o.Slug, Exercise: true, Languages: o.Languages, Catalogue: w.Catalogue.Digest(), Extensions: slices.Sorted(maps.Keys(files)),
		TimedHead: o.TimedHead, TestsEvery: o.Tests, PerMinute: o.PerMinute, Attachments: o.Attachments}
	for i, short := range names {
		p := &Party{Name: identity.Party(short + ".example"), No: record.PartyNo(i + 1), Addr: FreeAddr(tb)}
		var seed [64]byte
		for j := range 2 {
			h := sha256.Sum256(fmt.Appendf(nil, "%s %d", short, j))
			copy(seed[32*j:], h[:])
		}
		p.Secret = secret.NewParty(seed)
		w.parties = append(w.parties, p)
		text.Parties = append(text.Parties, agreement.Party{Name: p.Name, Short: short, Title: "Desk of " + short, Key: p.Secret.Public()})
	}
	w.sign(tb, text)
	for _, p := range w.parties {
		w.Renew(tb, p, 1, 1, nil)
	}
	return w
}

func (w *World) sign(tb testing.TB, o draft.Options) {
	tb.Helper()
	text, err := draft.Text(o)
	if err != nil {
		tb.Fatal(err)
	}
	var notes [][]byte
	for _, p := range w.parties {
		n, err := draft.Sign(text, p.Name, p.Secret)
		if err != nil {
			tb.Fatal(err)
		}
		notes = append(notes, n)
	}
	bundle, err := agreement.Join(notes...)
	if err != nil {
		tb.Fatal(err)
	}
	w.Bundle = bundle
	signed, err := agreement.Open(bundle)
	if err != nil {
		tb.Fatal(err)
	}
	if w.History, err = agreement.NewHistory(signed); err != nil {
		tb.Fatal(err)
	}
}

// Renew gives a party new station keys and the card of a generation.
func (w *World) Renew(tb testing.TB, p *Party, generation uint32, base uint64, previous *identity.Held) {
	tb.Helper()
	var seed [secret.StationSeed]byte
	for i := 0; i < len(seed); i += 32 {
		h := sha256.Sum256(fmt.Appendf(nil, "%s %s %d %d", w.Line(), p.Name, generation, i))
		copy(seed[i:], h[:])
	}
	var err error
	if p.Keys, err = secret.NewStation(seed); err != nil {
		tb.Fatal(err)
	}
	p.Card, err = p.Secret.SignStationCard(&identity.StationCard{
		Party: p.Name, Line: w.Line(), Generation: generation, Base: base, Issued: 1_800_000_000, Previous: previous, Keys: p.Keys.Keys(),
	})
	if err != nil {
		tb.Fatal(err)
	}
}

// Line is the line's id.
func (w *World) Line() identity.LineID { return w.History.Line() }

// Party finds a party by its short name.
func (w *World) Party(short string) *Party {
	for _, p := range w.parties {
		if p.Name.Short() == short {
			return p
		}
	}
	panic("hosttest: internal error: no party " + short)
}

// LineFor is the line as one party configures it, dialing the parties named.
func (w *World) LineFor(short string, dial ...string) host.Line {
	p := w.Party(short)
	l := host.Line{
		Agreements: w.History, Catalogue: func(uint32) *catalogue.Catalogue { return w.Catalogue },
		Secret: p.Keys, Card: p.Card, Dial: map[identity.Party][]string{},
	}
	for _, other := range dial {
		l.Dial[w.Party(other).Name] = []string{w.Party(other).Addr}
	}
	return l
}

// Config configures a party's station on this line alone.
func (w *World) Config(short string, st host.Store, dial ...string) host.Config {
	p := w.Party(short)
	return host.Config{Me: p.Name, Lines: []host.Line{w.LineFor(short, dial...)}, Store: st, Listen: p.Addr}
}

// Disk opens the store in a directory, which it makes the first time.
func Disk(tb testing.TB, dir string) *sqlite.DB {
	tb.Helper()
	path := filepath.Join(dir, "station.db")
	db, err := sqlite.Open(path)
	if errors.Is(err, store.ErrMissing) {
		if err = sqlite.Create(path); err == nil {
			db, err = sqlite.Open(path)
		}
	}
	if err != nil {
		tb.Fatal(err)
	}
	return db
}

// FreeAddr is a loopback address with a port that was free a moment ago.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Log writes a station's log into the test's output.
func Log(tb testing.TB, name string) *slog.Logger {
	return slog.New(slog.NewTextHandler(tb.Output(), nil)).With("station", name)
}
