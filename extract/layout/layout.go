// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"openline/identity"
	"openline/record"
)

// Kind says what an extract is for.
type Kind string

// The kinds.
const (
	Records    Kind = "records"
	NoReplyFor Kind = "no-reply"
	AboutThing Kind = "thing" // what was said about one thing
)

// LogID names one generation of one party's log on the line.
type LogID struct {
	Party      record.PartyNo
	Generation uint32
}

// Compare orders by party and generation.
func (l LogID) Compare(o LogID) int {
	return cmp.Or(cmp.Compare(l.Party, o.Party), cmp.Compare(l.Generation, o.Generation))
}

// Place is where a record stands.
type Place struct {
	Log   LogID
	Index uint64
}

// Names of the files. Numbers are padded so that the order of bytes is the
// order of numbers.
const (
	DigestsName = "digests.txt"
	TitleName   = "extract.txt"
	SummaryName = "summary.txt"
)

// AgreementName is the file of one version of the agreement.
func AgreementName(version uint32) string { return fmt.Sprintf("agreement/%010d.txt", version) }

// CatalogueName is a file of the catalogue whose manifest has a digest.
func CatalogueName(digest [32]byte, file string) string {
	return "catalogue/" + hex.EncodeToString(digest[:]) + "/" + file
}

// LogName is a file about one generation of a log.
func LogName(l LogID, file string) string {
	return fmt.Sprintf("log/%05d-%010d/%s", l.Party, l.Generation, file)
}

// HeadName is the file of a signed head.
func HeadName(l LogID, size uint64) string { return LogName(l, fmt.Sprintf("head-%019d.txt", size)) }

// MaxHeads bounds the signed heads shown of one log.
const MaxHeads = 64

const titleLine = "openline extract 1"

// Title is what extract.txt holds: what the extract is for.
type Title struct {
	Kind      Kind
	Line      identity.LineID
	Exporter  record.PartyNo
	Request   Place          // of a no-reply extract; of one about a thing, its opening record
	Answering record.PartyNo // of a no-reply extract
}

// String is the file as it stands in the extract.
func (t Title) String() string {
	s := fmt.Sprintf("%s\nkind %s\nline %s\nexporter %d\n", titleLine, t.Kind, t.Line, t.Exporter)
	switch t.Kind {
	case NoReplyFor:
		s += fmt.Sprintf("request %d %d %d\nanswering %d\n", t.Request.Log.Party, t.Request.Log.Generation, t.Request.Index, t.Answering)
	case AboutThing:
		s += fmt.Sprintf("thing %d %d %d\n", t.Request.Log.Party, t.Request.Log.Generation, t.Request.Index)
	}
	return s
}

// ParseTitle reads extract.txt.
func ParseTitle(b []byte) (t Title, err error) {
	bad := func(format string, args ...any) (Title, error) {
		return Title{}, Faultf(TitleName, 1, format, args...)
	}
	var kind, line string
	lines := strings.Split(string(b), "\n")
	if len(lines) < 5 || lines[0] != titleLine {
		return bad("it does not begin with %q and three lines", titleLine)
	}
	kind, _ = strings.CutPrefix(lines[1], "kind ")
	line, _ = strings.CutPrefix(lines[2], "line ")
	if t.Line, err = identity.ParseLineID(line); err != nil {
		return bad("the line: %v", err)
	}
	var n [4]uint64
	if err := scan(lines[3], "exporter", n[:1]); err != nil {
		return bad("%v", err)
	}
	t.Kind, t.Exporter = Kind(kind), record.PartyNo(n[0])
	switch {
	case t.Kind == NoReplyFor && len(lines) > 5:
		err = cmp.Or(scan(lines[4], "request", n[:3]), scan(lines[5], "answering", n[3:]))
	case t.Kind == AboutThing:
		err = scan(lines[4], "thing", n[:3])
	}
	if err != nil {
		return bad("%v", err)
	}
	t.Request, t.Answering = Place{LogID{record.PartyNo(n[0]), uint32(n[1])}, n[2]}, record.PartyNo(n[3])
	if t.Kind != Records && t.Kind != NoReplyFor && t.Kind != AboutThing || t.String() != string(b) {
		return bad("it is not in its one spelling, or of an unknown kind")
	}
	return t, nil
}

// scan reads a line of a word and numbers.
func scan(line, word string, into []uint64) error {
	f := strings.Split(line, " ")
	if len(f) != len(into)+1 || f[0] != word {
		return fmt.Errorf("the line %.60q is not %q and %d numbers", line, word, len(into))
	}
	for i := range into {
		n, err := strconv.ParseUint(f[i+1], 10, 62)
		if err != nil {
			return fmt.Errorf("%.60q is not a number", f[i+1])
		}
		into[i] = n
	}
	return nil
}

// ParseDigests reads lines of a digest, two blanks and a name.
func ParseDigests(name string, step int, b []byte) (map[string][32]byte, error) {
	out := map[string][32]byte{}
	last := ""
	for line := range strings.Lines(string(b)) {
		digits, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		sum, err := hex.DecodeString(digits)
		if !ok || err != nil || len(sum) != 32 || hex.EncodeToString(sum) != digits || !strings.HasSuffix(line, "\n") || !PlainName(rest) {
			return nil, Faultf(name, step, "the line %.80q is not a digest, two blanks and a name", line)
		}
		if rest <= last {
			return nil, Faultf(name, step, "%s is doubled or out of order", rest)
		}
		last, out[rest] = rest, [32]byte(sum)
	}
	return out, nil
}
