// SPDX-License-Identifier: Apache-2.0

package model

import (
	"errors"
	"fmt"
)

// Statement is a signed head: a receipt over another's log, or a timed head
// over one's own. By is the generation whose keys signed it.
type Statement struct {
	By   Log
	Over Head
	At   int
}

// Contradict says whether two statements of one generation cannot both be true.
func (s Statement) Contradict(t Statement) bool {
	if s.By != t.By || s.Over.Log != t.Over.Log {
		return false
	}
	if s.Over.Size == t.Over.Size {
		return s.Over.Root != t.Over.Root
	}
	return s.At < t.At && s.Over.Size > t.Over.Size || s.At > t.At && s.Over.Size < t.Over.Size
}

// Extract is a no-reply extract. Nobody can forge a leaf or a head, so it is
// a choice among signed statements; between the edges they fix, the ranges
// are what they are.
type Extract struct {
	Ask   Place
	From  Head        // left edge in the answering side's log, for Rules.FreeEdge
	Held  Statement   // the answering side's cosignature that covers the request
	Word  Statement   // its timed head over its newest generation
	Own   []Statement // the asker's receipt over each generation, oldest first
	End   Statement   // the asker's timed head over its own newest generation
	Older Cut         // the sizes shown of the asker's earlier generations
}

// proof is an extract being verified against the leaves it shows.
type proof struct {
	Rules
	Extract
	view   View
	ask    Leaf
	theirs Cut  // right edges in the answering side's log
	ours   Cut  // right edges in the asker's
	from   Head // left edge in the answering side's log
}

// Verify says whether the sentence may be printed; the error is the reason
// why not. The view holds the leaves of the ranges shown.
func (r Rules) Verify(v View, x Extract) error {
	p := &proof{Rules: r, Extract: x, view: v, ask: v.Logs[x.Ask.Log].Leaves[x.Ask.Index], theirs: Cut{}, ours: Cut{}}
	if p.ask.Kind != Ask || len(x.Own) == 0 {
		return errors.New("the request asks for no reply, or no receipt is shown")
	}
	for _, step := range []func() error{p.edges, p.words, p.covered, p.named, p.answered, p.withdrawn} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// edges fixes both ranges: the left one by the request's own seen, the right
// one by the asker's own receipts. The root of an empty log can be written
// before there is one, so a seen of size zero does not move the left edge.
func (p *proof) edges() error {
	p.from = Head{Log: Log{p.ask.To, 1}}
	for _, s := range p.ask.Seen {
		if s.Log.Party == p.ask.To && s.Log.Gen >= p.from.Log.Gen && (s.Size > 0 || p.EmptyEdge) {
			p.from = s
		}
	}
	newest := p.Own[len(p.Own)-1].Over.Log.Gen
	if p.FreeEdge {
		p.from = p.From
	}
	left := p.view.Logs[p.from.Log]
	if left == nil || p.from.Size > len(left.Leaves) || left.Root(p.from.Size) != p.from.Root {
		return errors.New("the request's own seen is not of this log")
	}
	if p.NewestOnly {
		for gen := p.from.Log.Gen; gen < newest; gen++ {
			p.theirs[Log{p.ask.To, gen}] = 0
			for _, c := range p.view.Cards {
				if c.Held.Log == (Log{p.ask.To, gen}) {
					p.theirs[c.Held.Log] = c.Held.Size
				}
			}
		}
		p.Own = p.Own[len(p.Own)-1:]
	} else if len(p.Own) != newest-p.from.Log.Gen+1 {
		return errors.New("a receipt is wanted over each generation")
	}
	for i, s := range p.Own {
		want := Log{p.ask.To, newest - len(p.Own) + 1 + i}
		if s.Over.Log != want || s.By != p.End.By || s.At < p.Own[len(p.Own)-1].At {
			return fmt.Errorf("no receipt over generation %d at the time of the newest", want.Gen)
		}
		p.theirs[want] = s.Over.Size
	}
	for log, n := range p.Older {
		p.ours[log] = n
	}
	p.ours[p.End.By] = p.End.Over.Size
	return nil
}

// words holds the four signed words to their order in time.
func (p *proof) words() error {
	last := p.Own[len(p.Own)-1]
	switch {
	case p.Word.By != p.Word.Over.Log || p.Word.Over != last.Over:
		return errors.New("their head is not the one receipted")
	case p.Held.By.Party != p.ask.To || p.Held.Over.Log != p.Ask.Log || p.Held.Over.Size <= p.Ask.Index || p.Held.At > p.Word.At:
		return errors.New("no receipt of theirs covers the request in time")
	case p.End.By != p.End.Over.Log || p.End.By.Party != p.Ask.Log.Party:
		return errors.New("no timed head of the asker")
	case p.End.At < last.At && !p.EarlyEnd:
		return errors.New("the asker's timed head is older than its receipt")
	}
	return nil
}

// covered asks that every generation between the edges is shown, as far as
// the cards name it.
func (p *proof) covered() error {
	for gen := p.Ask.Log.Gen; gen <= p.End.By.Gen; gen++ {
		log := Log{p.Ask.Log.Party, gen}
		n, shown := p.ours[log]
		card, known := p.view.Cards[log]
		if !shown || !known || p.view.Logs[log] == nil || n > len(p.view.Logs[log].Leaves) {
			return fmt.Errorf("show generation %d of the asker", gen)
		}
		if held := card.Held; gen > p.Ask.Log.Gen && held.Size > p.ours[held.Log] && held.Log.Gen >= p.Ask.Log.Gen {
			return errors.New("show what the card says is held")
		}
		if gen > p.Ask.Log.Gen && card.Held.Log.Gen <= p.Ask.Log.Gen && (card.Held.Log != p.Ask.Log || card.Held.Size <= p.Ask.Index) {
			return errors.New("the request was lost by its author")
		}
	}
	if p.ours[p.Held.Over.Log] < p.Held.Over.Size {
		return errors.New("show every record they receipted")
	}
	for log := range p.theirs {
		held := p.view.Cards[log].Held
		if shown, ok := p.theirs[held.Log]; ok && held.Size > shown && !p.CardBeyond {
			return errors.New("their card says they hold more than is shown")
		}
	}
	return nil
}

// named asks that no leaf shown names a head beyond what is shown, and that
// the answering side had taken the asker's newest card.
func (p *proof) named() error {
	taken := p.End.By.Gen == p.Ask.Log.Gen || p.NoTaken
	check := func(l Leaf) error {
		taken = taken || l.Log.Party == p.ask.To && l.Kind == Took && l.Card == p.view.Cards[p.End.By].Digest()
		for _, s := range l.Seen {
			var shown Cut
			switch {
			case l.Log.Party == p.ask.To && s.Log.Party == p.Ask.Log.Party && s.Log.Gen >= p.Ask.Log.Gen:
				shown = p.ours
			case l.Log.Party == p.Ask.Log.Party && s.Log.Party == p.ask.To && s.Log.Gen >= p.from.Log.Gen && !p.FreeEdge && !p.NewestOnly:
				shown = p.theirs
			default:
				continue
			}
			if n, ok := shown[s.Log]; !ok || s.Size > n {
				return fmt.Errorf("a leaf names size %d of a log shown to %d", s.Size, n)
			}
		}
		if n := p.ours[l.Back.Log]; l.Kind == Back && l.Log.Party == p.Ask.Log.Party && l.Back.Log.Gen >= p.Ask.Log.Gen && l.Back.Size > n {
			return errors.New("show what was taken back")
		}
		return nil
	}
	if err := p.each(check); err != nil {
		return err
	}
	if !taken {
		return errors.New("they have not taken the asker's newest card")
	}
	return nil
}

// about says whether a leaf names the request, by number or by hash.
func (p *proof) about(l Leaf) bool {
	if l.About.Party != p.Ask.Log.Party {
		return false
	}
	if l.About.Leaf != "" {
		return !p.NumberOnly && l.About.Leaf == p.ask.Hash()
	}
	return l.About.Number == p.view.Cards[p.Ask.Log].Base+p.Ask.Index
}

func (p *proof) answered() error {
	return p.each(func(l Leaf) error {
		if l.Log.Party == p.ask.To && l.Kind == Reply && p.about(l) {
			return errors.New("a reply is shown")
		}
		return nil
	})
}

func (p *proof) withdrawn() error {
	return p.each(func(l Leaf) error {
		if l.Log.Party == p.Ask.Log.Party && l.Kind == Withdraw && p.about(l) {
			return errors.New("it was withdrawn")
		}
		return nil
	})
}

// each visits every leaf of both ranges.
func (p *proof) each(do func(Leaf) error) error {
	visit := func(edges Cut, gen, index int) error {
		for log, n := range edges {
			c := p.view.Logs[log]
			if c == nil || n > len(c.Leaves) {
				return fmt.Errorf("generation %d is not shown whole", log.Gen)
			}
			from := 0
			if log.Gen == gen {
				from = min(index, n)
			} else if log.Gen < gen {
				continue
			}
			for _, l := range c.Leaves[from:n] {
				if err := do(l); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := visit(p.theirs, p.from.Log.Gen, p.from.Size); err != nil {
		return err
	}
	return visit(p.ours, p.Ask.Log.Gen, p.Ask.Index)
}
