// SPDX-License-Identifier: Apache-2.0

package contact

// Book is the contacts a party holds. The zero Book is empty. It is not safe
// for concurrent use.
type Book struct {
	list []Contact
	ids  map[string]bool
}

// Add takes contacts in and tells how many were new. One that is held
// already changes nothing.
func (b *Book) Add(list []Contact) (added int) {
	if b.ids == nil {
		b.ids = map[string]bool{}
	}
	for _, c := range list {
		if id := c.ID(); !b.ids[id] {
			b.ids[id] = true
			b.list = append(b.list, c)
			added++
		}
	}
	return added
}

// New gives those of the contacts that are not held yet, each once.
func (b *Book) New(list []Contact) (out []Contact) {
	seen := map[string]bool{}
	for _, c := range list {
		if id := c.ID(); !b.ids[id] && !seen[id] {
			seen[id] = true
			out = append(out, c)
		}
	}
	return out
}

// All gives every contact, in the order of import.
func (b *Book) All() []Contact { return b.list }
