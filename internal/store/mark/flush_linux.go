// SPDX-License-Identifier: Apache-2.0

package mark

import (
	"errors"
	"os"
	"syscall"
)

// flush makes what was written durable. The file never changes its length,
// so that its data alone has to reach the disk.
func flush(f *os.File) error {
	for {
		if err := syscall.Fdatasync(int(f.Fd())); !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
