// SPDX-License-Identifier: Apache-2.0

package draft

import (
	"fmt"

	"openline/agreement"
	"openline/identity"
	"openline/identity/secret"
)

// Sign gives one party's signatures over the text, as a signed note of its
// own. The text must parse and name the party with this very key.
func Sign(text string, name identity.Party, s *secret.Party) ([]byte, error) {
	a, err := agreement.Parse(text)
	if err != nil {
		return nil, err
	}
	p, ok := a.ByName(name)
	if !ok {
		return nil, fmt.Errorf("%.80s is not a party of this agreement", name)
	}
	if p.Key != s.Public() {
		return nil, fmt.Errorf("the agreement names another key for %s than the one at hand", name)
	}
	return s.SignNote(name, text)
}
