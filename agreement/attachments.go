// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"fmt"
	"slices"

	"openline/record"
)

// MaxAttachments is the largest ceiling two parties may agree on the bytes
// of one record's attachments together.
const MaxAttachments = 64 << 20

// Carried are the media types of attachments that a line carries
// (spec/agreement.md A4a): nothing that runs, and nothing that needs more
// than these to be looked at.
var Carried = []string{"text/plain", "image/png", "image/jpeg", "application/pdf"}

// Carry reports why a line with these ceilings does not carry a record's
// attachments; nil: it does. The words of the record stand either way.
func (c Ceilings) Carry(list []record.Attachment) error {
	left := uint64(c.Attachments)
	for i, a := range list {
		switch {
		case !slices.Contains(Carried, a.Type):
			return fmt.Errorf("attachment %d is of type %.40q; a line carries text/plain, image/png, image/jpeg and application/pdf", i+1, a.Type)
		case a.Size == 0:
			return fmt.Errorf("attachment %d is empty", i+1)
		case c.Attachments == 0:
			return fmt.Errorf("this line's agreement carries no attachments")
		case a.Size > left:
			return fmt.Errorf("the attachments of one record have more than the %d bytes this line carries", c.Attachments)
		}
		left -= a.Size
	}
	return nil
}
