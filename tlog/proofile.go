// SPDX-License-Identifier: Apache-2.0

package tlog

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// proofHeader is the first line of a C2SP tlog-proof file.
const proofHeader = "c2sp.org/tlog-proof@v1"

// FormatProof writes a .tlog-proof: that the entry at an index is in the log
// a signed (and cosigned) checkpoint is the head of.
func FormatProof(index uint64, proof [][32]byte, checkpoint []byte) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", proofHeader, index)
	for _, h := range proof {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	b.WriteString("\n")
	b.Write(checkpoint)
	return []byte(b.String())
}

// ParseProof reads a .tlog-proof.
func ParseProof(b []byte) (index uint64, proof [][32]byte, checkpoint []byte, err error) {
	bad := func(what string) (uint64, [][32]byte, []byte, error) {
		return 0, nil, nil, errors.New("parse tlog-proof: " + what)
	}
	head, rest, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		return bad("no blank line before the checkpoint")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != proofHeader {
		return bad("does not begin with " + proofHeader)
	}
	digits, ok := strings.CutPrefix(lines[1], "index ")
	index, perr := strconv.ParseUint(digits, 10, 64)
	if !ok || perr != nil || strconv.FormatUint(index, 10) != digits {
		return bad("the second line is not an index")
	}
	if len(lines) > 2+64 {
		return bad("more than 64 hashes")
	}
	for _, l := range lines[2:] {
		h, err := base64.StdEncoding.Strict().DecodeString(l)
		if err != nil || len(h) != 32 {
			return bad("a hash is not 32 bytes in base64")
		}
		proof = append(proof, [32]byte(h))
	}
	return index, proof, []byte(rest), nil
}
