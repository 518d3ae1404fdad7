// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"fmt"

	"openline/record"
)

// removed reports whether the content of a stored entry was removed under the
// retention clause: entries are stored whole, so that a leaf without the
// header it names is nothing else.
func removed(e record.Entry) bool {
	if len(e.Header) > 0 {
		return false
	}
	leaf, err := record.DecodeLeaf(e.Leaf)
	return err == nil && leaf.Header != record.HeaderDigest(nil)
}

// errRemoved says why an extract that rests on a record cannot be made.
func errRemoved(party record.PartyNo, number uint64) error {
	return fmt.Errorf("the content of record %d of party %d was removed here under the retention clause; what rests on it cannot be shown", number, party)
}
