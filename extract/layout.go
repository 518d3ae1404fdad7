// SPDX-License-Identifier: Apache-2.0

package extract

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

// The two kinds.
const (
	Records    Kind = "records"
	NoReplyFor Kind = "no-reply"
)

// LogID names one generation of one party's log on the line.
type LogID struct {
	Party      record.PartyNo
	Generation uint32
}

func (l LogID) compare(o LogID) int {
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
	digestsName = "digests.txt"
	titleName   = "extract.txt"
	summaryName = "summary.txt"
)

func agreementName(version uint32) string { return fmt.Sprintf("agreement/%010d.txt", version) }

func catalogueName(digest [32]byte, file string) string {
	return "catalogue/" + hex.EncodeToString(digest[:]) + "/" + file
}

func logName(l LogID, file string) string {
	return fmt.Sprintf("log/%05d-%010d/%s", l.Party, l.Generation, file)
}

func headName(l LogID, size uint64) string { return logName(l, fmt.Sprintf("head-%019d.txt", size)) }

// Bounds of the files in bytes; a file of entries is bounded by the
// container.
const (
	maxTitle     = 4 << 10
	maxDigests   = maxFiles * (64 + 2 + maxNameLen + 1)
	maxSummary   = 64 << 10
	maxAgreement = 1 << 20
	maxManifest  = 64 << 10
	maxCatalogue = 1 << 20
	maxCard      = 64 << 10
	maxHead      = 64 << 10
)

// Bounds on how many there are.
const (
	maxVersions = 256  // of the agreement
	maxLogs     = 1024 // station cards
	maxHeads    = 64   // of one log
	maxSigned   = 20_000
	maxNamed    = 4096     // records about a request that are listed, or named by hash
	maxCourse   = 65_536   // generations a party may say it has seen
	maxTaken    = 64 << 20 // bytes of all files but those of entries
)

const titleLine = "openline extract 1"

// title is what extract.txt holds: what the extract is for.
type title struct {
	kind      Kind
	line      identity.LineID
	exporter  record.PartyNo
	request   Place          // of a no-reply extract
	answering record.PartyNo // of a no-reply extract
}

func (t title) String() string {
	s := fmt.Sprintf("%s\nkind %s\nline %s\nexporter %d\n", titleLine, t.kind, t.line, t.exporter)
	if t.kind == NoReplyFor {
		s += fmt.Sprintf("request %d %d %d\nanswering %d\n", t.request.Log.Party, t.request.Log.Generation, t.request.Index, t.answering)
	}
	return s
}

func parseTitle(b []byte) (t title, err error) {
	bad := func(format string, args ...any) (title, error) {
		return title{}, fault(titleName, 1, format, args...)
	}
	var kind, line string
	lines := strings.Split(string(b), "\n")
	if len(lines) < 5 || lines[0] != titleLine {
		return bad("it does not begin with %q and three lines", titleLine)
	}
	kind, _ = strings.CutPrefix(lines[1], "kind ")
	line, _ = strings.CutPrefix(lines[2], "line ")
	if t.line, err = identity.ParseLineID(line); err != nil {
		return bad("the line: %v", err)
	}
	var n [4]uint64
	if err := scan(lines[3], "exporter", n[:1]); err != nil {
		return bad("%v", err)
	}
	t.kind, t.exporter = Kind(kind), record.PartyNo(n[0])
	if t.kind == NoReplyFor && len(lines) > 5 {
		if err := cmp.Or(scan(lines[4], "request", n[:3]), scan(lines[5], "answering", n[3:])); err != nil {
			return bad("%v", err)
		}
		t.request, t.answering = Place{LogID{record.PartyNo(n[0]), uint32(n[1])}, n[2]}, record.PartyNo(n[3])
	}
	if t.kind != Records && t.kind != NoReplyFor || t.String() != string(b) {
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

// parseDigests reads lines of a digest, two blanks and a name.
func parseDigests(name string, step int, b []byte) (map[string][32]byte, error) {
	out := map[string][32]byte{}
	last := ""
	for line := range strings.Lines(string(b)) {
		digits, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		sum, err := hex.DecodeString(digits)
		if !ok || err != nil || len(sum) != 32 || hex.EncodeToString(sum) != digits || !strings.HasSuffix(line, "\n") || !plainName(rest) {
			return nil, fault(name, step, "the line %.80q is not a digest, two blanks and a name", line)
		}
		if rest <= last {
			return nil, fault(name, step, "%s is doubled or out of order", rest)
		}
		last, out[rest] = rest, [32]byte(sum)
	}
	return out, nil
}
