// SPDX-License-Identifier: Apache-2.0

package evidence

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"openline/identity"
	"openline/tlog"
)

const (
	proofHeader = "c2sp.org/tlog-proof@v1" // first line of a C2SP tlog-proof file
	maxProof    = 64                       // hashes: a log of 2^62 entries needs 62, a consistency proof 63
)

// FormatProof writes a .tlog-proof: that the entry at an index is in the log
// a signed (and cosigned) checkpoint is the head of.
func FormatProof(index uint64, proof [][32]byte, checkpoint []byte) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, index)
	for _, h := range proof {
		b.WriteString(tlog.FormatHash(h) + "\n")
	}
	b.WriteString("\n")
	b.Write(checkpoint)
	return []byte(b.String())
}

// ParseProof reads a .tlog-proof. The extra line that C2SP allows is left
// aside: no signature covers it.
func ParseProof(b []byte) (index uint64, proof [][32]byte, checkpoint []byte, err error) {
	bad := func(what string) (uint64, [][32]byte, []byte, error) {
		return 0, nil, nil, errors.New("parse tlog-proof: " + what)
	}
	head, rest, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		return bad("no blank line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != proofHeader {
		return bad("does not begin with " + proofHeader)
	}
	if lines = lines[1:]; len(lines) > 0 {
		if extra, ok := strings.CutPrefix(lines[0], "extra "); ok {
			if _, ok := identity.DecodeBase64(extra); !ok {
				return bad("the extra line is not in base64")
			}
			lines = lines[1:]
		}
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return bad("the index line is missing")
	}
	if index, err = tlog.ParseNumber(lines[0][len("index "):]); err != nil {
		return bad("index " + err.Error())
	}
	if len(lines)-1 > maxProof {
		return bad(fmt.Sprintf("more than %d hashes", maxProof))
	}
	for _, l := range lines[1:] {
		h, ok := tlog.ParseHash(l)
		if !ok {
			return bad("a hash is not 32 bytes in base64")
		}
		proof = append(proof, h)
	}
	return index, proof, []byte(rest), nil
}

// CheckProof verifies a .tlog-proof against the log key and the entry's leaf
// hash, and gives the entry's index and the head that includes it. Times are
// read from the proof's checkpoint with [tlog.CosignatureIn].
func CheckProof(file []byte, log note.Verifier, leaf [32]byte) (index uint64, head tlog.Checkpoint, err error) {
	index, proof, msg, err := ParseProof(file)
	if err != nil {
		return 0, tlog.Checkpoint{}, err
	}
	if head, err = tlog.OpenCheckpoint(msg, log); err != nil {
		return 0, tlog.Checkpoint{}, err
	}
	if err := tlog.CheckInclusion(proof, head.Size, head.Root, index, leaf); err != nil {
		return 0, tlog.Checkpoint{}, err
	}
	return index, head, nil
}
