// SPDX-License-Identifier: Apache-2.0

package station

import (
	"fmt"

	"openline/internal/store"
	"openline/record"
)

// encodeSay writes what waits in the queue: prepared headers and bodies. It
// is private to this station; no other reads it.
func encodeSay(sy *say) []byte {
	w := record.NewWriter()
	w.Array(len(sy.drafts))
	for _, p := range sy.drafts {
		w.Array(5)
		w.Text(p.phrase.Code)
		w.Uint(uint64(p.about.Party))
		w.Uint(p.about.Number)
		w.Bytes(p.header)
		w.Bytes(p.body)
	}
	return w.Finish()
}

// requeue takes up a say stored while the station did not sign.
func (s *Station) requeue(q store.Queued) error {
	sy := &say{token: q.Token, stored: true}
	r := record.NewReader(q.Bytes)
	n, err := r.ArrayLen(maxQueue)
	if err != nil {
		return fmt.Errorf("stored queue: %w", err)
	}
	for range n {
		p, err := s.readPrepared(r)
		if err != nil {
			return fmt.Errorf("stored queue: %w", err)
		}
		sy.drafts = append(sy.drafts, p)
	}
	s.waiting = append(s.waiting, sy)
	return r.Done()
}

func (s *Station) readPrepared(r *record.Reader) (*prepared, error) {
	if _, err := r.ArrayLen(5); err != nil {
		return nil, err
	}
	code, err := r.Text(16)
	if err != nil {
		return nil, err
	}
	party, err := r.Uint()
	if err != nil {
		return nil, err
	}
	number, err := r.Uint()
	if err != nil {
		return nil, err
	}
	header, err := r.Bytes(1 << 16)
	if err != nil {
		return nil, err
	}
	body, err := r.Bytes(1 << 24)
	if err != nil {
		return nil, err
	}
	phrase, ok := s.cfg.Catalogue(s.text.Version).Phrase(code)
	if !ok {
		return nil, fmt.Errorf("phrase %s is not in this line's catalogue", code)
	}
	p := &prepared{phrase: phrase, header: header, body: body, digest: record.HeaderDigest(header), asks: phrase.Asks(), version: s.text.Version}
	if number > 0 {
		p.about = record.Ref{Party: record.PartyNo(party), Number: number}
	}
	return p, nil
}
