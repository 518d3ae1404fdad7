// SPDX-License-Identifier: Apache-2.0

//go:build !linux

package mark

import "os"

// flush makes what was written durable.
func flush(f *os.File) error { return f.Sync() }
