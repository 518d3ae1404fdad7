// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"

	"openline/identity"
)

// MissingError says whose signatures an agreement still lacks.
type MissingError struct{ Parties []identity.Party }

func (e *MissingError) Error() string {
	names := make([]string, len(e.Parties))
	for i, p := range e.Parties {
		names[i] = string(p)
	}
	return "the agreement is not signed by " + strings.Join(names, ", ")
}

// ErrText is returned when signatures over different texts are to be joined.
var ErrText = errors.New("the signatures are over different texts")

// Join puts the signatures of several parties under their one text: the
// bundle that is carried, kept and printed.
func Join(notes ...[]byte) ([]byte, error) {
	if len(notes) == 0 {
		return nil, errors.New("nothing to join")
	}
	text, _, err := split(notes[0])
	if err != nil {
		return nil, err
	}
	out := bytes.NewBufferString(text + "\n")
	seen := map[string]bool{}
	for _, n := range notes {
		t, lines, err := split(n)
		if err != nil {
			return nil, err
		}
		if t != text {
			return nil, fmt.Errorf("%w: sha256:%x and sha256:%x", ErrText, sha256.Sum256([]byte(text)), sha256.Sum256([]byte(t)))
		}
		for _, l := range lines {
			if !seen[l] {
				seen[l] = true
				out.WriteString(l)
			}
		}
	}
	return out.Bytes(), nil
}

// split takes a bundle apart into text and signature lines.
func split(bundle []byte) (text string, lines []string, err error) {
	if len(bundle) > MaxText+MaxParties*8192 {
		return "", nil, errors.New("the file is too large for an agreement")
	}
	s := string(bundle)
	i := strings.LastIndex(s, "\n\n")
	if i < 0 {
		return "", nil, errors.New("the file holds no signatures (no blank line before its end)")
	}
	text = s[:i+1]
	for l := range strings.Lines(s[i+2:]) {
		if !strings.HasPrefix(l, "— ") || !strings.HasSuffix(l, "\n") {
			return "", nil, fmt.Errorf("what follows the last blank line is no signature: %.40q", l)
		}
		lines = append(lines, l)
	}
	if len(lines) > 2*MaxParties {
		return "", nil, errors.New("more signatures than parties can give")
	}
	return text, lines, nil
}

// Open reads a bundle and requires both signatures of every party it names.
// A missing party is a [*MissingError]; a signature that does not verify is
// refused with its name.
func Open(bundle []byte) (*Agreement, error) {
	a, signed, err := OpenPartly(bundle)
	if err != nil {
		return nil, err
	}
	var missing []identity.Party
	for _, p := range a.Parties {
		if !signed[p.Name] {
			missing = append(missing, p.Name)
		}
	}
	if missing != nil {
		return nil, &MissingError{missing}
	}
	return a, nil
}

// OpenPartly reads a bundle on its way between the parties and says whose
// signatures it already bears.
func OpenPartly(bundle []byte) (*Agreement, map[identity.Party]bool, error) {
	text, lines, err := split(bundle)
	if err != nil {
		return nil, nil, err
	}
	a, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	byParty := map[identity.Party]string{}
	for _, l := range lines {
		name, _, _ := strings.Cut(strings.TrimPrefix(l, "— "), " ")
		if _, ok := a.ByName(identity.Party(name)); !ok {
			return nil, nil, fmt.Errorf("signed by %.80s, which is not a party of this agreement", name)
		}
		byParty[identity.Party(name)] += l
	}
	signed := map[identity.Party]bool{}
	for _, p := range a.Parties {
		sigs, ok := byParty[p.Name]
		if !ok {
			continue
		}
		if _, err := p.Key.OpenNote(p.Name, []byte(text+"\n"+sigs)); err != nil {
			return nil, nil, fmt.Errorf("signatures of %s: %w", p.Name, err)
		}
		if n := strings.Count(sigs, "\n"); n != 2 {
			return nil, nil, fmt.Errorf("signatures of %s: there are %d, each party gives two", p.Name, n)
		}
		signed[p.Name] = true
	}
	return a, signed, nil
}
