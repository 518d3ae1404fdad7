// SPDX-License-Identifier: Apache-2.0

package station

import (
	"errors"
	"fmt"

	"openline/catalogue"
	"openline/internal/desk/mandate"
	"openline/internal/store"
	"openline/record"
)

var errForm = errors.New("what this station wrote itself has another form")

// encodeSay writes what waits in the queue: prepared headers and bodies, and
// what two persons signed. It is private to this station; no other reads it.
func encodeSay(sy *say) []byte {
	w := record.NewWriter()
	w.Array(len(sy.drafts))
	for _, p := range sy.drafts {
		w.Array(8)
		w.Text(p.phrase.Code)
		w.Uint(uint64(p.about.Party))
		w.Uint(p.about.Number)
		w.Bytes(p.about.Hash[:])
		w.Bytes(p.header)
		w.Bytes(p.body)
		w.Bytes(p.cut[:])
		w.Array(len(p.people))
		for _, sig := range p.people {
			w.Array(2)
			w.Text(sig.Person)
			w.Bytes(sig.Bytes)
		}
	}
	return w.Finish()
}

// readSay takes up a say stored while the station did not sign.
func (s *Station) readSay(q store.Queued) (*say, error) {
	sy := &say{token: q.Token}
	d := &reading{r: record.NewReader(q.Bytes)}
	for range d.list(maxQueue) {
		p, err := s.readPrepared(d)
		if err != nil {
			return nil, fmt.Errorf("stored queue: %w", err)
		}
		sy.drafts = append(sy.drafts, p)
	}
	if d.err == nil {
		d.err = d.r.Done()
	}
	return sy, d.err
}

func (s *Station) readPrepared(d *reading) (*prepared, error) {
	d.array(8)
	code := d.text()
	about := record.Ref{Party: record.PartyNo(d.uint(1<<16 - 1)), Number: d.uint(1 << 62), Hash: d.hash()}
	header, body := d.bytes(1<<16), d.bytes(1<<24)
	p := &prepared{about: about, header: header, body: body, cut: d.hash()}
	for range d.list(16) {
		d.array(2)
		p.people = append(p.people, Signature{d.text(), d.bytes(1 << 12)})
	}
	if d.err != nil {
		return nil, d.err
	}
	h, err := record.DecodeHeader(header)
	if err != nil {
		return nil, err
	}
	b, err := record.DecodeBody(body)
	if err != nil {
		return nil, err
	}
	p.files = b.Attachments
	var ok bool
	if p.phrase, ok = s.cfg.Catalogue(s.text.Version).Phrase(code); !ok {
		return nil, fmt.Errorf("phrase %s is not in this line's catalogue", code)
	}
	p.digest, p.asks, p.flash, p.version = record.HeaderDigest(header), p.phrase.Asks(), h.Precedence == record.Flash, s.text.Version
	p.machine = h.From == machinePost // nobody else speaks from there
	// What holds may have changed while this lay in the queue: it is judged anew.
	p.two, p.under = p.phrase.Who == catalogue.TwoPersons || signatures(p.people) >= 2, mandate.Standing{}
	return p, s.readAdoption(p)
}
