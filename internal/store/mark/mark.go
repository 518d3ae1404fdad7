// SPDX-License-Identifier: Apache-2.0

package mark

import (
	"openline/identity"
	"openline/internal/store"
)

// Mark is how far this station has gone on one line.
type Mark struct {
	Line     identity.LineID
	Row      store.Row         // newest own head and the last signed time
	Receipts []store.Statement // newest receipts held for it
}
