// SPDX-License-Identifier: Apache-2.0

// Package translation is the working texts of a party: what its translators
// make of the words of the other side, and who read them a second time.
//
// Invariants:
//
//   - The original is authoritative. A working text stands beside it, is this
//     house's own, and is never sent; what is sent is a reading somebody asks
//     the other side about (RC04), like any other record.
//   - Whoever reads it a second time is another person than who wrote it.
//   - What a machine drafted is marked so until a person has written over it.
//   - Nothing is erased: a later text stands beside the earlier; the last one
//     holds. It is a fold of journal entries; a note written twice counts once.
//
// Specification: spec/desk.md section 7.
package translation

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"openline/internal/desk"
)

// Kind is the kind of the journal's entries that this room folds.
const Kind = "translation"

// What a note does.
const (
	DoText   = "text"
	DoSecond = "second"
)

// Note is one entry as it is written: JSON, one object.
type Note struct {
	V       int    `json:"v"`
	Token   string `json:"token"` // a note written twice has it twice
	Do      string `json:"do"`
	By      string `json:"by,omitempty"` // the translator, or the second reader
	Record  string `json:"record,omitempty"`
	Lang    string `json:"lang,omitempty"`
	Text    string `json:"text,omitempty"`
	Machine string `json:"machine,omitempty"` // what drafted it; absent: a person
	Of      int    `json:"of,omitempty"`      // number of the working text that was read again
	Words   string `json:"words,omitempty"`
}

// Working is one working text.
type Working struct {
	No       int        `json:"no"`
	Record   string     `json:"record" doc:"As party/number"`
	Lang     string     `json:"lang"`
	Text     string     `json:"text"`
	At       time.Time  `json:"at"`
	By       string     `json:"by,omitempty" doc:"The translator, by the desk's word"`
	Machine  string     `json:"machine,omitempty" doc:"What drafted it; absent: a person wrote it"`
	Second   string     `json:"second,omitempty" doc:"Who read it a second time; absent: nobody yet"`
	SecondAt *time.Time `json:"second_at,omitempty"`
	Words    string     `json:"words,omitempty" doc:"Of the second reader"`
}

// Bounds.
const (
	maxText  = 64 << 10
	maxLine  = 400
	maxTexts = 50_000
)

var (
	refForm  = regexp.MustCompile(`^[a-z0-9-]{1,63}/[1-9][0-9]{0,18}$`)
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)
)

// Book is the working texts of a line. The zero Book is empty. It is not safe
// for concurrent use.
type Book struct {
	desk.Tokens
	list []Working
	by   map[string][]int // numbers of the texts of a record
}

// Of are the working texts of a record, oldest first.
func (b *Book) Of(record string) (out []Working) {
	for _, no := range b.by[record] {
		out = append(out, b.list[no-1])
	}
	return out
}

// Newest is the working text of a record that holds in a language.
func (b *Book) Newest(record, lang string) (Working, bool) {
	list := b.Of(record)
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Lang == lang {
			return list[i], true
		}
	}
	return Working{}, false
}

// Get gives one by its number.
func (b *Book) Get(no int) (Working, error) {
	if no < 1 || no > len(b.list) {
		return Working{}, fmt.Errorf("there is no working text %d on this line", no)
	}
	return b.list[no-1], nil
}

// Head is the note's version and token.
func (n Note) Head() (version int, token string) { return n.V, n.Token }

// Check holds a note to what the book knows.
func (b *Book) Check(n Note) error {
	if err := desk.CheckHead(n); err != nil {
		return err
	}
	for what, s := range map[string]string{"who wrote it": n.By, "what drafted it": n.Machine, "the words": n.Words} {
		if err := desk.Plain(what, s, maxLine); err != nil {
			return err
		}
	}
	switch n.Do {
	case DoText:
		return b.checkText(n)
	case DoSecond:
		w, err := b.Get(n.Of)
		switch {
		case err != nil:
			return err
		case n.By == "":
			return errors.New("say who read it")
		case w.By == n.By && w.Machine == "":
			return fmt.Errorf("%s wrote it; another person reads it a second time", n.By)
		case w.Second != "":
			return fmt.Errorf("%s has read it already", w.Second)
		}
		return nil
	}
	return fmt.Errorf("%.40q is nothing a translator does", n.Do)
}

func (b *Book) checkText(n Note) error {
	switch {
	case !refForm.MatchString(n.Record):
		return fmt.Errorf("%.40q is no record's name; write it like red/12", n.Record)
	case !langForm.MatchString(n.Lang):
		return fmt.Errorf("%.40q is no language; write it like en or zh", n.Lang)
	case len(b.list) >= maxTexts:
		return fmt.Errorf("a line has at most %d working texts", maxTexts)
	case n.Text == "":
		return errors.New("the working text is empty")
	case n.Machine == "" && n.By == "":
		return errors.New("say who wrote it")
	}
	return desk.Plain("the working text", n.Text, maxText)
}

// Fold takes up one entry of the journal; those of other kinds are none of
// its business.
func (b *Book) Fold(e desk.Entry) error {
	if e.Kind != Kind {
		return nil
	}
	return desk.Take(&b.Tokens, e, b.Check, func(n Note) int { return b.apply(n, e.At) })
}

// apply changes the book and gives the number of the text.
func (b *Book) apply(n Note, at time.Time) int {
	if n.Do == DoSecond {
		w := &b.list[n.Of-1]
		w.Second, w.SecondAt, w.Words = n.By, &at, n.Words
		return n.Of
	}
	no := len(b.list) + 1
	b.list = append(b.list, Working{No: no, Record: n.Record, Lang: n.Lang, Text: n.Text, At: at, By: n.By, Machine: n.Machine})
	if b.by == nil {
		b.by = map[string][]int{}
	}
	b.by[n.Record] = append(b.by[n.Record], no)
	return no
}
