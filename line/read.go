// SPDX-License-Identifier: Apache-2.0

package line

import (
	"fmt"

	"openline/record"
)

// entry reads a judged entry of a log.
func (f *Fold) entry(c *chain, index uint64) (Entry, error) {
	if f.cache.newestLog == c && f.cache.newest.Index == index {
		return f.cache.newest, nil
	}
	var out Entry
	err := f.read(c, index, index+1, func(e Entry) error { out = e; return nil })
	return out, err
}

// read gives a stretch of a log, entry by entry.
func (f *Fold) read(c *chain, from, to uint64, do func(Entry) error) error {
	for from < to {
		var list []Entry
		if r, ok := f.src.(Ranger); ok {
			var err error
			if list, err = r.Range(c.log, from, int(min(to-from, 512))); err != nil {
				return err
			}
		} else if e, ok, err := f.src.Entry(record.ByNumber(c.log.Party, c.base+from)); err != nil {
			return err
		} else if ok {
			list = []Entry{e}
		}
		if len(list) == 0 || list[0].Log() != c.log || list[0].Index != from {
			return fmt.Errorf("record %d/%d cannot be read back", c.log.Party, c.base+from)
		}
		for _, e := range list {
			if err := do(e); err != nil {
				return err
			}
		}
		from += uint64(len(list))
	}
	return nil
}
