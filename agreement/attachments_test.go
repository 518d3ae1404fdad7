// SPDX-License-Identifier: Apache-2.0

package agreement

import (
	"strings"
	"testing"

	"openline/record"
)

func TestCarry(t *testing.T) {
	a := func(kind string, size uint64) record.Attachment {
		return record.Attachment{Type: kind, Size: size, Name: "x"}
	}
	for _, c := range []struct {
		name string
		most int64
		list []record.Attachment
		says string
	}{
		{"none", 0, nil, ""},
		{"each type", 10, []record.Attachment{a("text/plain", 1), a("image/png", 2), a("image/jpeg", 3), a("application/pdf", 4)}, ""},
		{"another type", 10, []record.Attachment{a("text/html", 1)}, "attachment 1 is of type"},
		{"a type with a parameter", 10, []record.Attachment{a("text/plain; charset=utf-8", 1)}, "attachment 1 is of type"},
		{"empty", 10, []record.Attachment{a("image/png", 1), a("image/png", 0)}, "attachment 2 is empty"},
		{"together too many bytes", 10, []record.Attachment{a("image/png", 6), a("image/png", 5)}, "more than the 10 bytes"},
		{"a size that wraps round", 10, []record.Attachment{a("image/png", 5), a("image/png", 1<<64-1)}, "more than the 10 bytes"},
		{"a line without", 0, []record.Attachment{a("image/png", 1)}, "carries no attachments"},
	} {
		err := Ceilings{Attachments: c.most}.Carry(c.list)
		if (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
