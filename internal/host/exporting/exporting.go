// SPDX-License-Identifier: Apache-2.0

// Package exporting makes certified extracts of a running station's record:
// it has the station sign what an extract needs, reads what is stored, and
// hands out nothing that it has not verified first.
//
// Invariants:
//
//   - Exporting takes two persons, whose signatures the station keeps in its
//     journal; it is refused with a reason while the station does not sign.
//   - What is handed out verifies: the very bytes are verified here before
//     they leave.
//
// Specification: spec/extract.md.
package exporting

import (
	"context"
	"fmt"

	"openline/catalogue"
	"openline/extract"
	"openline/extract/gather"
	"openline/identity"
	"openline/internal/host"
	"openline/internal/station"
	"openline/internal/store"
	"openline/record"
	"openline/tlog"
)

// Store is what an extract is read from.
type Store interface {
	Load(identity.LineID) (store.Saved, error)
}

// Reader reads one line. Package sqlite's is one.
type Reader interface {
	Entries(log store.LogID, from uint64, max, maxBytes int) ([]record.Entry, error)
	Hashes(log store.LogID) tlog.HashReader
	Statements(log, by store.LogID, size uint64, pq bool, max int) ([]store.Statement, error)
}

// Exporter makes extracts of one line.
type Exporter struct {
	Host       *host.Host
	Line       identity.LineID
	Me         record.PartyNo
	Bundles    [][]byte // every version of the agreement, signed, oldest first
	Catalogues []*catalogue.Catalogue
	Store      Store
	Reader     Reader
}

// Source is what is stored, as package extract reads it. Nothing may be saved
// meanwhile: where the station runs, have it sign first and read a copy, or
// let the exporter do both.
func (e *Exporter) Source() gather.Source { return source{e} }

// source gives package extract what is stored.
type source struct {
	e *Exporter
}

func (s source) Logs() ([]gather.Held, error) {
	saved, err := s.e.Store.Load(s.e.Line)
	if err != nil {
		return nil, err
	}
	var out []gather.Held
	for _, l := range saved.Logs {
		out = append(out, gather.Held{Log: extract.LogID(l.Log), Card: l.Card, Base: l.Base, Size: l.Size, Root: l.Root, Checkpoint: l.Checkpoint, Pending: l.Pending})
	}
	return out, nil
}

func (s source) Entries(log extract.LogID, from uint64, max, maxBytes int) ([]record.Entry, error) {
	return s.e.Reader.Entries(store.LogID(log), from, max, maxBytes)
}

func (s source) Hashes(log extract.LogID) tlog.HashReader { return s.e.Reader.Hashes(store.LogID(log)) }

func (s source) Statements(log, by extract.LogID, size uint64, pq bool, max int) ([]extract.Statement, error) {
	list, err := s.e.Reader.Statements(store.LogID(log), store.LogID(by), size, pq, max)
	if err != nil {
		return nil, err
	}
	out := make([]extract.Statement, len(list))
	for i, st := range list {
		out[i] = extract.Statement{Log: extract.LogID(st.Log), By: extract.LogID(st.By), Size: st.Size, Root: st.Root, At: st.At, PQ: st.PQ, Line: st.Bytes}
	}
	return out, nil
}

// wish names the line with the versions of its agreement from one on.
func (e *Exporter) wish() gather.Wish {
	w := gather.Wish{Line: e.Line, Exporter: e.Me, Agreements: e.Bundles}
	for _, c := range e.Catalogues {
		w.Catalogues = append(w.Catalogues, gather.Catalogue{Manifest: c.Manifest(), Files: c.Files()})
	}
	return w
}

// Act is what two persons sign before an export about a request, or of chosen
// records (a zero request).
func (e *Exporter) Act(ctx context.Context, request record.Ref) (identity.Act, error) {
	return e.Host.PrepareExport(ctx, e.Line, request)
}

// sign has the station sign, for the export, what it holds now.
func (e *Exporter) sign(ctx context.Context, request record.Ref, peer record.PartyNo, cut [32]byte, people []station.Signature) error {
	_, err := e.Host.Export(ctx, e.Line, station.Export{Request: request, Peer: peer, Cut: cut, People: people})
	return err
}

// NoReply makes the no-reply extract of a request of ours. The report says
// whether its sentence stands, and why not.
func (e *Exporter) NoReply(ctx context.Context, request record.Ref, answering record.PartyNo, cut [32]byte, people []station.Signature) ([]byte, *extract.Report, error) {
	if err := e.sign(ctx, request, answering, cut, people); err != nil {
		return nil, nil, err
	}
	c, err := gather.NoReplyTo(source{e}, e.wish(), request, answering)
	if err != nil {
		return nil, nil, err
	}
	return verified(c)
}

// Choose makes an extract of chosen records, or of the whole line when none
// is named.
func (e *Exporter) Choose(ctx context.Context, peer record.PartyNo, records []record.Ref, depth extract.Depth, cut [32]byte, people []station.Signature) ([]byte, *extract.Report, error) {
	if err := e.sign(ctx, record.Ref{}, peer, cut, people); err != nil {
		return nil, nil, err
	}
	w := e.wish()
	w.Records, w.Depth = records, depth
	c, err := gather.Choose(source{e}, w)
	if err != nil {
		return nil, nil, err
	}
	return verified(c)
}

// About makes an extract of everything held about one thing: what was asked
// and what came, a notice given, a request moved.
func (e *Exporter) About(ctx context.Context, peer record.PartyNo, thing record.Ref, cut [32]byte, people []station.Signature) ([]byte, *extract.Report, error) {
	if err := e.sign(ctx, thing, peer, cut, people); err != nil {
		return nil, nil, err
	}
	w := e.wish()
	w.Thing = thing
	c, err := gather.Choose(source{e}, w)
	if err != nil {
		return nil, nil, err
	}
	return verified(c)
}

func verified(c *gather.Contents) ([]byte, *extract.Report, error) {
	zip, err := c.Write()
	if err != nil {
		return nil, nil, err
	}
	report, err := extract.Verify(zip, extract.Options{})
	if err != nil {
		return nil, nil, fmt.Errorf("internal error: the extract that was made does not verify: %w", err)
	}
	return zip, report, nil
}
