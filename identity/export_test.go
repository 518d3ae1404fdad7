// SPDX-License-Identifier: Apache-2.0

package identity

// What the tests see of the inside. They stand outside since they sign with
// package secret, which stands on this one.
const (
	MaxTime = maxTime
	MaxSize = maxSize
)

var (
	WordList         = wordList
	SmallOrder       = []string{order1, order2, order4, order8a, order8b}
	ErrWeakKey       = errWeakKey
	ErrKeyTwoRoles   = errKeyTwoRoles
	CheckEd25519     = checkEd25519
	CheckMLDSA       = checkMLDSA
	UnverifiedText   = unverifiedText
	ParsePartyText   = parsePartyCard
	ParseStationText = parseStationCard
	Message          = message
)

// Fields gives the keys by the names they have on a card.
func (k *StationKeys) Fields() map[string][]byte {
	out := map[string][]byte{}
	for _, f := range k.fields() {
		out[f.name] = f.bytes
	}
	return out
}
