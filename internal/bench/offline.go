// SPDX-License-Identifier: Apache-2.0

package bench

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"openline/extract"
	"openline/internal/host/exporting"
	"openline/internal/station"
	"openline/record"
)

// persons release the export: it takes two.
var persons = []string{"anna", "ben"}

// offline exports the whole line as it was just recorded and verifies it the
// way anyone would.
func (b *bench) offline(ctx context.Context, d *driver, p *pair) error {
	zip, err := b.export(ctx, d, p)
	if err != nil {
		return err
	}
	began := time.Now()
	r, err := extract.VerifyFrom(bytes.NewReader(zip), int64(len(zip)), extract.Options{MaxRecords: 1})
	if err != nil {
		return err
	}
	took := time.Since(began)
	n := uint64(0)
	for _, l := range r.Logs {
		n += l.Whole
	}
	b.add(Figure{Name: fmt.Sprintf("offline verification of %d records, per 1,000,000", n), Value: took.Seconds() * 1e6 / float64(n), Unit: "s", Target: "≤ 15 s"})
	b.add(Figure{Name: "whole-line extract, bytes per record", Value: float64(len(zip)) / float64(n), Unit: "bytes"})
	return nil
}

func (b *bench) export(ctx context.Context, d *driver, p *pair) ([]byte, error) {
	l, err := p.blue.Line(p.line)
	if err != nil {
		return nil, err
	}
	e := &exporting.Exporter{Host: d.h, Line: p.line, Me: 1, Store: d.Store, Reader: d.Store.Line(p.line)}
	if e.Bundles, err = p.blue.Bundles(p.line); err != nil {
		return nil, err
	}
	for _, a := range l.Agreements.All() {
		e.Catalogues = append(e.Catalogues, l.Catalogue(a.Version))
	}
	act, err := e.Act(ctx, record.Ref{})
	if err != nil {
		return nil, err
	}
	var people []station.Signature
	for _, name := range persons {
		secret, err := p.blue.Keys().Person(name, p.lock)
		if err != nil {
			return nil, err
		}
		people = append(people, station.Signature{Person: name, Bytes: secret.SignAct(act)})
	}
	zip, _, err := e.Choose(ctx, 2, nil, extract.Whole, act.Cut, people)
	return zip, err
}
