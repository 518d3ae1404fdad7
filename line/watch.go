// SPDX-License-Identifier: Apache-2.0

package line

import "openline/record"

// Watcher follows the things of a fold, and may keep some of them in memory.
// It must not call the fold from within.
type Watcher interface {
	// Changed tells every change: the thing's name, the phrase that opened it
	// before, empty if there was none, and the thing as it is, nil if there is
	// none any more.
	Changed(name record.Ref, before string, after *Thing)
	// Loaded tells of a thing that was read back.
	Loaded(*Thing)
	// Kept gives back a thing that was told of last under this name, or nil.
	Kept(name record.Ref) *Thing
}

// Watch has the things of the fold followed from now on.
func (f *Fold) Watch(w Watcher) { f.watcher = w }

func (f *Fold) tell(before, after *Thing) {
	switch {
	case f.watcher == nil || before == nil && after == nil:
	case before == nil:
		f.watcher.Changed(after.Name, "", after)
	default:
		f.watcher.Changed(before.Name, before.Opening.Code, after)
	}
}

// inMemory finds a thing that need not be read back.
func (f *Fold) inMemory(name record.Ref) *Thing {
	t := f.cache.get(name)
	if t == nil && f.watcher != nil {
		t = f.watcher.Kept(name)
	}
	return t
}
