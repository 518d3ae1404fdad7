// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/agreement"
	"openline/identity"
	"openline/record"
)

func (s *Station) checkRelease(p *prepared, d Draft) error {
	act := s.actOf(p, d.Cut)
	if err := s.checkTwoPersons(act, d.People); err != nil {
		return err
	}
	if p.bound() && d.Cut != s.cutOf(p.about) {
		return ErrChanged
	}
	return nil
}

func (s *Station) checkTwoPersons(act identity.Act, people []Signature) error {
	valid := map[string]bool{}
	keys := map[identity.PersonKey]bool{}
	for _, sig := range people {
		key, ok := s.cfg.People(sig.Person)
		if !ok {
			return fmt.Errorf("%w: %s is not a person of this party", ErrTwoPersons, sig.Person)
		}
		if !key.VerifyAct(act, sig.Bytes) {
			return fmt.Errorf("%w: the signature of %s is over something else", ErrTwoPersons, sig.Person)
		}
		valid[sig.Person], keys[key] = true, true
	}
	if len(valid) < 2 || len(keys) < 2 {
		return ErrTwoPersons
	}
	return nil
}

// ClockAct is what two persons sign to confirm the clock ([AcceptClock]).
func (s *Station) ClockAct() identity.Act {
	return identity.Act{Party: s.cfg.Me, Line: s.line, Kind: "accept clock"}
}

// codeAdopts is the record by which our log adopts an amendment.
const codeAdopts = "AD01"

// textOf is the version a draft is written under: the one our log has
// adopted, or the one it adopts. "It governs a party's records from the
// record in its own log by which it adopts it."
func (s *Station) textOf(d Draft) (*agreement.Agreement, error) {
	if d.Code != codeAdopts {
		return s.text, nil
	}
	return s.adoptable(d.Params)
}

func (s *Station) adoptable(params map[string]record.Value) (*agreement.Agreement, error) {
	n, ok := params["version"].AsUint()
	if !ok || n > 1<<32-1 {
		return nil, fmt.Errorf("%s names the version it adopts", codeAdopts)
	}
	v := s.cfg.Agreements.Version(uint32(n))
	switch {
	case v == nil:
		return nil, fmt.Errorf("version %d of the agreement is not here, signed by all; import it first", n)
	case v.Version <= s.text.Version:
		return nil, fmt.Errorf("version %d is adopted already; our log stands at version %d", n, s.text.Version)
	}
	digest := v.Digest()
	if b, ok := params["digest"].AsBytes(); !ok || string(b) != string(digest[:]) {
		return nil, fmt.Errorf("the digest is not that of the text of version %d", n)
	}
	return v, nil
}

// readAdoption finds again what a queued record adopts.
func (s *Station) readAdoption(p *prepared) error {
	if p.phrase.Code != codeAdopts {
		return nil
	}
	b, err := record.DecodeBody(p.body)
	if err != nil {
		return err
	}
	v, err := s.adoptable(b.Params)
	if err == nil {
		p.adopts, p.version = v.Version, v.Version
	}
	return err
}

// renew holds a draft that waited against the version in force when it is
// numbered.
func (s *Station) renew(p *prepared) error {
	if p.adopts > 0 {
		if p.adopts <= s.text.Version {
			return fmt.Errorf("version %d is adopted already", p.adopts)
		}
		return nil
	}
	if p.version == s.text.Version {
		return nil
	}
	d := record.Entry{Header: p.header, Body: p.body}
	h, err := record.DecodeHeader(d.Header)
	if err != nil {
		return err
	}
	b, err := record.DecodeBody(d.Body)
	if err != nil {
		return err
	}
	if err := s.cfg.Catalogue(s.text.Version).Check(h, b); err != nil {
		return fmt.Errorf("version %d of the agreement was adopted meanwhile: %w", s.text.Version, err)
	}
	p.version = s.text.Version
	return nil
}
