// SPDX-License-Identifier: Apache-2.0

package model

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// drawn is a script with every deed and party as likely as any other: rapid
// prefers small numbers, and what must be found here stands on rare deeds.
func drawn(seed int) script {
	rng := rand.New(rand.NewPCG(uint64(seed), 11))
	s := script{Parties: 2, Liar: seed%2 == 0}
	if seed%3 == 2 {
		s.Parties = 3
	}
	for range 4 + rng.IntN(40) {
		s.Ops = append(s.Ops, op{rng.IntN(len(deeds)), rng.IntN(8), rng.IntN(8), rng.IntN(8), rng.IntN(8)})
	}
	return s
}

// hunt plays scripts under the rules until one of them breaks an invariant,
// and shortens it.
func hunt(r Rules, seeds int) (script, error) {
	for seed := range seeds {
		s := drawn(seed)
		if _, err := s.check(r); err != nil {
			return s.shorten(r)
		}
	}
	return script{}, nil
}

// shorten leaves out every op that the counter-example does not need.
func (s script) shorten(r Rules) (script, error) {
	_, last := s.check(r)
	for i := len(s.Ops) - 1; i >= 0; i-- {
		t := s
		t.Ops = slices.Delete(slices.Clone(s.Ops), i, i+1)
		if _, err := t.check(r); err != nil {
			s, last, i = t, err, len(t.Ops)
		}
	}
	return s, last
}

func (s script) String() string {
	var out []byte
	for _, o := range s.Ops {
		out = append(out, deeds[o.Do]...)
		out = append(out, ' ', byte('a'+o.P%s.Parties), byte('a'+o.Q%s.Parties), byte('0'+o.N), byte('0'+o.M), ';', ' ')
	}
	return string(out)
}

func TestEveryOmissionIsFound(t *testing.T) {
	if testing.Short() {
		t.Skip("takes half a minute")
	}
	for name, r := range map[string]Rules{
		"NoRoot": {NoRoot: true}, "ForgetLost": {ForgetLost: true}, "WaitThrough": {WaitThrough: true}, "WaitingOrders": {WaitingOrders: true},
		"LastWins": {LastWins: true}, "LowParty": {LowParty: true}, "SameKeys": {SameKeys: true}, "BackupCount": {BackupCount: true},
		"NumberInCut": {NumberInCut: true}, "FreeEdge": {FreeEdge: true}, "EmptyEdge": {EmptyEdge: true}, "CardBeyond": {CardBeyond: true}, "NumberOnly": {NumberOnly: true}, "NewestOnly": {NewestOnly: true},
		"NoTaken": {NoTaken: true}, "EarlyEnd": {EarlyEnd: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := hunt(r, 20000)
			if err == nil {
				t.Fatal("left out, and nothing breaks")
			}
			t.Logf("%d parties, liar %v: %v\n%v", s.Parties, s.Liar, s, err)
		})
	}
}

func TestNothingBreaks(t *testing.T) {
	seeds := 20000
	if testing.Short() {
		seeds = 1500
	}
	s, err := hunt(Rules{}, seeds)
	if err != nil {
		t.Fatalf("%d parties, liar %v: %v\n%v", s.Parties, s.Liar, s, err)
	}
}
