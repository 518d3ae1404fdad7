// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"openline/tlog"
)

const maxAccusation = 2*tlog.MaxNote + 8<<10

var errBothTrue = errors.New("the statements can both be true")

// Verify reports whether an accusation proves itself with the signer's keys. Any two of the signer's statements count, in each role: whoever
// cosigns says *consistent* of that log as its author does.
func Verify(a tlog.Accusation, k tlog.Keys) error {
	open := openHead
	if a.Kind == tlog.KindSizeFell {
		open = openTimed
	}
	first, err := open(a.First, k)
	if err != nil {
		return fmt.Errorf("first statement: %w", err)
	}
	second, err := open(a.Second, k)
	if err != nil {
		return fmt.Errorf("second statement: %w", err)
	}
	if first.Origin != second.Origin {
		return errors.New("the statements are of different logs")
	}
	return judge(a, first, second)
}

func judge(a tlog.Accusation, first, second statement) error {
	switch a.Kind {
	case tlog.KindTwoRoots:
		if first.Size == second.Size && first.Root != second.Root {
			return nil
		}
		return errBothTrue
	case tlog.KindInconsistent:
		if second.Root == a.Root {
			return errBothTrue
		}
		return tlog.CheckConsistency(a.Proof, first.Size, first.Root, second.Size, a.Root)
	case tlog.KindSizeFell:
		if first.at < second.at && first.Size > second.Size || first.at > second.at && first.Size < second.Size {
			return nil
		}
		return errBothTrue
	}
	return fmt.Errorf("unknown kind of accusation %.80q", a.Kind)
}

// statement is what one signature of a generation says of a head.
type statement struct {
	tlog.Checkpoint
	at uint64 // zero under the log key, which signs no time
}

// openHead takes a signature of any of the generation's roles.
func openHead(msg []byte, k tlog.Keys) (statement, error) {
	c, err := tlog.OpenCheckpoint(msg, k.Log)
	if err == nil {
		return statement{Checkpoint: c}, nil
	}
	if s, terr := openTimed(msg, k); terr == nil {
		return s, nil
	}
	return statement{}, err
}

// openTimed takes a cosignature, classical or post-quantum.
func openTimed(msg []byte, k tlog.Keys) (statement, error) {
	text, _, ok := bytes.Cut(msg, []byte("\n\n"))
	if !ok {
		return statement{}, errors.New("not a cosigned note")
	}
	c, err := tlog.ParseCheckpoint(string(text) + "\n")
	if err != nil {
		return statement{}, err
	}
	at, err := tlog.CosignatureIn(msg, c, k.Cosigner)
	if errors.Is(err, tlog.ErrOtherKey) {
		at, err = tlog.CosignatureIn(msg, c, k.CosignerPQ)
	}
	return statement{c, at}, err
}

// ParseAccusation reads what Format writes, and nothing else.
func ParseAccusation(b []byte) (tlog.Accusation, error) {
	if len(b) > maxAccusation {
		return tlog.Accusation{}, fmt.Errorf("parse accusation: larger than %d bytes", maxAccusation)
	}
	parts := strings.Split(string(b), tlog.Separator)
	if len(parts) != 4 {
		return tlog.Accusation{}, errors.New("parse accusation: not three dashed lines around two notes")
	}
	kind, ok := strings.CutPrefix(parts[0], tlog.AccusationLine+"\n")
	if !ok {
		return tlog.Accusation{}, fmt.Errorf("parse accusation: does not begin with %q", tlog.AccusationLine)
	}
	a := tlog.Accusation{Kind: strings.TrimSuffix(kind, "\n"), First: []byte(parts[1]), Second: []byte(parts[2])}
	if err := parseHashes(&a, strings.Fields(parts[3])); err != nil {
		return tlog.Accusation{}, fmt.Errorf("parse accusation: %w", err)
	}
	if !bytes.Equal(a.Format(), b) {
		return tlog.Accusation{}, errors.New("parse accusation: not in its one spelling")
	}
	return a, nil
}

func parseHashes(a *tlog.Accusation, lines []string) error {
	switch a.Kind {
	case tlog.KindTwoRoots, tlog.KindSizeFell:
		return nil
	case tlog.KindInconsistent:
	default:
		return fmt.Errorf("unknown kind %.80q", a.Kind)
	}
	if len(lines) == 0 || len(lines) > 1+maxProof {
		return fmt.Errorf("a root and at most %d hashes follow, not %d lines", maxProof, len(lines))
	}
	for i, l := range lines {
		h, ok := tlog.ParseHash(l)
		if !ok {
			return fmt.Errorf("hash %d is not 32 bytes in base64", i)
		}
		if i == 0 {
			a.Root = h
			continue
		}
		a.Proof = append(a.Proof, h)
	}
	return nil
}
