// SPDX-License-Identifier: Apache-2.0

package model

import (
	"fmt"
	"slices"
)

// thing is one request and the acts about it.
type thing struct {
	open     Place
	clocks   string
	acts     []Place
	replaced map[Place]bool
	lines    []string
	last     string
}

// Fold takes the records in a linear order, one at a time, and gives the
// shared state as sorted lines; label names a party on the page.
func (d *Reading) Fold(order []Place, label func(Party) string) []string {
	name := func(p Place) string { return fmt.Sprintf("%s.%d/%d", label(p.Log.Party), p.Log.Gen, p.Index) }
	things := map[Place]*thing{}
	for _, p := range order {
		l := d.leaf(p)
		switch {
		case d.waiting[p]:
		case l.Kind == Ask:
			things[p] = &thing{open: p, clocks: d.clocks(p, l.To, name), replaced: map[Place]bool{}}
		case l.Kind == Reply || l.Kind == Withdraw:
			if about, ok := d.target(l.About, p); ok && things[about] != nil {
				d.act(things[about], p, l, name)
			}
		}
	}
	var out []string
	for _, t := range things {
		out = append(out, d.page(t, name)...)
	}
	slices.Sort(out)
	return out
}

// clocks is the newest declaration of the side asked within the asker's
// effective seen: what the asker could know when it asked.
func (d *Reading) clocks(ask Place, of Party, name func(Place) string) string {
	best := Place{Index: -1}
	for log, n := range d.seen[ask] {
		if log.Party != of || log.Gen < best.Log.Gen {
			continue
		}
		for i := min(n, d.size[log]) - 1; i >= 0; i-- {
			if d.leaf(Place{log, i}).Kind == Clocks {
				best = Place{log, i}
				break
			}
		}
	}
	if best.Index < 0 {
		return "cap"
	}
	return name(best)
}

func (d *Reading) act(t *thing, p Place, l Leaf, name func(Place) string) {
	asker, asked := t.open.Log.Party, d.leaf(t.open).To
	if l.Kind == Reply && l.Log.Party != asked || l.Kind == Withdraw && l.Log.Party != asker {
		return
	}
	replaces, ok := d.target(l.Re, p)
	for _, x := range t.acts {
		switch {
		case !d.saw(p, x):
			t.lines = append(t.lines, d.crossed(p, x, name))
		case ok && replaces == x && x.Log.Party == p.Log.Party:
			t.replaced[x] = true
		}
		if d.saw(p, x) && d.leaf(x).Kind == Withdraw {
			t.lines = append(t.lines, fmt.Sprintf("%s %s came after %s", l.Kind, name(p), name(x)))
		}
	}
	t.acts, t.last = append(t.acts, p), name(p)
}

func (d *Reading) crossed(p, x Place, name func(Place) string) string {
	a, b := name(p), name(x)
	if d.rules.LowParty {
		if p.Log.Party < x.Log.Party {
			return "stands " + a
		}
		return "stands " + b
	}
	return "crossed " + min(a, b) + " " + max(a, b)
}

func (d *Reading) page(t *thing, name func(Place) string) []string {
	head := name(t.open) + ": "
	out := []string{head + "relies on " + t.clocks}
	if d.rules.LastWins {
		return append(out, head+"last "+t.last)
	}
	for _, p := range t.acts {
		if !t.replaced[p] {
			out = append(out, head+string(d.leaf(p).Kind)+" "+name(p))
		}
	}
	for _, line := range t.lines {
		out = append(out, head+line)
	}
	return out
}
