// SPDX-License-Identifier: Apache-2.0

package layout

import "fmt"

// Fault is what does not hold in an extract: the file, the step of
// spec/extract.md section 5 that found it, and what is wrong.
type Fault struct {
	File string // empty: the container as a whole
	Step int
	Msg  string
}

func (f *Fault) Error() string {
	if f.File == "" {
		return fmt.Sprintf("step %d: %s", f.Step, f.Msg)
	}
	return fmt.Sprintf("%s, step %d: %s", f.File, f.Step, f.Msg)
}

// Faultf makes a fault.
func Faultf(file string, step int, format string, args ...any) error {
	return &Fault{file, step, fmt.Sprintf(format, args...)}
}
