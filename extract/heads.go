// SPDX-License-Identifier: Apache-2.0

package extract

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"openline/extract/layout"
	"openline/record"
	"openline/tlog"
)

// head is a signed head as it stands in a file of its own.
type head struct {
	tlog.Checkpoint
	file   string
	signed bool // by the log's own key
}

// heads reads the signed heads of every log and verifies each line of them.
func (v *verifier) heads() error {
	for _, l := range v.order {
		names := v.named(layout.LogName(l.id, "head-"))
		if len(names) > layout.MaxHeads {
			return layout.Faultf(names[layout.MaxHeads], 3, "more than %d heads of one log", layout.MaxHeads)
		}
		for _, name := range names {
			if err := v.head(l, name); err != nil {
				return err
			}
		}
		if err := v.bound(l); err != nil {
			return err
		}
	}
	return v.succession()
}

func (v *verifier) head(l *log, name string) error {
	b, err := v.take(name, maxHead, 3)
	if err != nil {
		return err
	}
	text, lines, ok := bytes.Cut(b, []byte("\n\n"))
	c, err := tlog.ParseCheckpoint(string(text) + "\n")
	if !ok || err != nil {
		return layout.Faultf(name, 3, "it is not a signed head: %v", err)
	}
	if c.Origin != l.card.Origin() || name != layout.HeadName(l.id, c.Size) {
		return layout.Faultf(name, 3, "it is a head of %s at %d", c.Origin, c.Size)
	}
	h := head{Checkpoint: c, file: name}
	last := ""
	for line := range strings.Lines(string(lines)) {
		if strings.HasPrefix(line, "— "+c.Origin+" ") && last == "" && !h.signed {
			if _, err := tlog.OpenCheckpoint([]byte(c.Text()+"\n"+line), l.keys.Log); err != nil {
				return layout.Faultf(name, 3, "%v", err)
			}
			h.signed = true
			continue
		}
		if line <= last {
			return layout.Faultf(name, 3, "a signature line is doubled or out of order: %.60q", line)
		}
		last = line
		if v.signed++; v.signed > maxSigned {
			return layout.Faultf(name, 3, "more than %d cosignatures", maxSigned)
		}
		s, err := v.statement(l, c, line)
		if err != nil {
			return layout.Faultf(name, 3, "%v", err)
		}
		l.statements = append(l.statements, s)
	}
	if !h.signed && last == "" {
		return layout.Faultf(name, 3, "nobody signed it")
	}
	l.heads = append(l.heads, h)
	return nil
}

// statement verifies a cosignature line by the keys of any card shown.
func (v *verifier) statement(l *log, c tlog.Checkpoint, line string) (Statement, error) {
	who, _, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
	for _, by := range v.order {
		if by.card.CosignerName() != who {
			continue
		}
		at, err := by.keys.Cosigner.Verify(c, []byte(line))
		pq := false
		if err != nil {
			pq = true
			at, err = by.keys.CosignerPQ.Verify(c, []byte(line))
		}
		if err != nil {
			return Statement{}, fmt.Errorf("a line of %s over size %d does not verify", who, c.Size)
		}
		return Statement{l.id, by.id, c.Size, c.Root, record.Stamp(at), pq, []byte(line)}, nil
	}
	return Statement{}, fmt.Errorf("signed by %.80q, whose card is not here", who)
}

// bound finds where the records shown of a log end: at its largest head but
// for a pending one, which only its author signed.
func (v *verifier) bound(l *log) error {
	name := layout.LogName(l.id, "entries.cbor")
	_, l.shown = v.files[name]
	delete(v.files, name)
	if n := len(l.heads); n > 0 {
		l.size = l.heads[n-1].Size
		if n > 1 && v.isPending(l, l.heads[n-1]) {
			l.pending, l.size = l.size, l.heads[n-2].Size
			l.heads = l.heads[:n-1]
		}
	}
	if l.shown && len(l.heads) == 0 {
		return layout.Faultf(name, 3, "no signed head of this log is here")
	}
	for _, h := range l.heads {
		l.roots[h.Size] = [32]byte{}
	}
	return nil
}

// isPending: the other side's log only, signed by it and cosigned by nobody,
// above a head that the exporter receipted. Anything else has to be shown.
func (v *verifier) isPending(l *log, h head) bool {
	covered := false
	for _, s := range l.statements {
		if s.Size == h.Size {
			return false
		}
		covered = covered || s.By.Party == v.t.Exporter
	}
	return h.signed && covered && l.id.Party != v.t.Exporter
}

// succession: the head at which a generation ends is signed by its own log
// key, or a later card of the same party names it; that of an empty log says
// nothing that needs a signature.
func (v *verifier) succession() error {
	for _, l := range v.order {
		for _, later := range v.order {
			p := later.card.Previous
			if p == nil || later.id.Party != l.id.Party || p.Generation != l.id.Generation {
				continue
			}
			if p.Size <= l.size {
				l.roots[p.Size] = [32]byte{}
			}
			if n := len(l.heads); n > 0 && l.heads[n-1].Size == p.Size && l.heads[n-1].Root == p.Root {
				l.heads[n-1].signed = true
			}
		}
		if n := len(l.heads); l.shown && !l.heads[n-1].signed && l.size > 0 {
			return layout.Faultf(l.heads[n-1].file, 3, "neither the log's own key nor a later card signs the head at which the records shown end")
		}
	}
	return nil
}

// printable holds a text for people to what a screen may show.
func printable(s string) bool {
	for _, c := range s {
		if c == utf8.RuneError || c < 0x20 && c != '\n' || c >= 0x7f && c < 0xa0 || c >= 0x202a && c <= 0x202e || c == 0x2066 || c == 0x2067 {
			return false
		}
	}
	return true
}
