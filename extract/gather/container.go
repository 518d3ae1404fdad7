// SPDX-License-Identifier: Apache-2.0

package gather

import (
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"

	"openline/extract/layout"
)

// part is one file to be written. It is written twice: to learn its length
// and digest, then for good; both times it gives the same bytes.
type part struct {
	name  string
	write func(io.Writer) error
}

type measure struct {
	size   int64
	crc    hash.Hash32
	digest hash.Hash
}

func (m *measure) Write(b []byte) (int, error) {
	m.size += int64(len(b))
	m.crc.Write(b)
	m.digest.Write(b)
	return len(b), nil
}

// writeArchive writes the parts, which stand in order, as a container.
func writeArchive(w io.Writer, parts []part, measured []measure) error {
	at := int64(0)
	var dir []byte
	for i, p := range parts {
		f := layout.File{Name: p.name, Head: at, Size: measured[i].size, CRC: measured[i].crc.Sum32()}
		if at = f.Data() + f.Size; at > layout.MaxContainer-layout.MaxFiles*(layout.CentralLen+layout.MaxNameLen) {
			return errors.New("the extract would be larger than 4 GiB; choose fewer records or less depth")
		}
		if _, err := w.Write(f.Local()); err != nil {
			return err
		}
		again := measure{crc: crc32.NewIEEE(), digest: crc32.NewIEEE()}
		if err := p.write(io.MultiWriter(w, &again)); err != nil {
			return fmt.Errorf("write %s: %w", p.name, err)
		}
		if again.size != f.Size || again.crc.Sum32() != f.CRC {
			return fmt.Errorf("write %s: what it holds changed meanwhile", p.name)
		}
		dir = append(dir, f.Central()...)
	}
	if _, err := w.Write(dir); err != nil {
		return err
	}
	_, err := w.Write(layout.EndRecord(int64(len(parts)), int64(len(dir)), at))
	return err
}
