// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"strings"
	"unicode"
)

// Run is a stretch of a text that stayed, came, or went.
type Run struct {
	How  How
	Text string
}

// How a stretch differs.
type How int8

// The ways a stretch can differ.
const (
	Same How = iota
	Gone
	Came
)

// Diff compares two texts word by word.
func Diff(before, after string) []Run {
	a, b := words(before), words(after)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out runs
	out.add(Same, a[:head]...)
	out.middle(a[head:len(a)-tail], b[head:len(b)-tail])
	out.add(Same, a[len(a)-tail:]...)
	return out
}

type runs []Run

func (r *runs) add(how How, words ...string) {
	text := strings.Join(words, "")
	switch n := len(*r); {
	case text == "":
	case n > 0 && (*r)[n-1].How == how:
		(*r)[n-1].Text += text
	default:
		*r = append(*r, Run{how, text})
	}
}

// maxCells bounds the work of comparing two texts; beyond it the whole of one
// went and the whole of the other came, which is true as well.
const maxCells = 1 << 20

// middle finds the longest words in common, in order.
func (r *runs) middle(a, b []string) {
	if len(a) == 0 || len(b) == 0 || len(a)*len(b) > maxCells {
		r.add(Gone, a...)
		r.add(Came, b...)
		return
	}
	w := len(b) + 1
	common := make([]int32, (len(a)+1)*w) // of what is left from here
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i*w+j] = common[(i+1)*w+j+1] + 1
			} else {
				common[i*w+j] = max(common[(i+1)*w+j], common[i*w+j+1])
			}
		}
	}
	// What came follows what went, so that a word and its successor stand
	// together.
	var gone, came []string
	flush := func() { r.add(Gone, gone...); r.add(Came, came...); gone, came = nil, nil }
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			flush()
			r.add(Same, a[i])
			i, j = i+1, j+1
		case common[(i+1)*w+j] >= common[i*w+j+1]:
			gone, i = append(gone, a[i]), i+1
		default:
			came, j = append(came, b[j]), j+1
		}
	}
	gone, came = append(gone, a[i:]...), append(came, b[j:]...)
	flush()
}

// words cuts a text: letters and digits that stand together, white space, and
// everything else sign by sign. Scripts written without spaces are cut sign by
// sign too.
func words(s string) (out []string) {
	const space, alone = 1, 0
	start, kind := 0, -1
	for i, c := range s {
		k := alone
		switch {
		case unicode.IsSpace(c):
			k = space
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Khmer, unicode.Lao, unicode.Myanmar):
		case unicode.IsLetter(c) || unicode.IsDigit(c) || unicode.IsMark(c) || c == '\u200c' || c == '\u200d':
			k = 2
		}
		if k == alone && unicode.IsMark(c) && i > 0 {
			continue // it belongs to the sign before it
		}
		if i > start && (k != kind || k == alone) {
			out = append(out, s[start:i])
			start = i
		}
		kind = k
	}
	if start < len(s) {
		out = append(out, s[start:])
	}
	return out
}
