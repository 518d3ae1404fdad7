// SPDX-License-Identifier: Apache-2.0

package catalogue

import "slices"

// AffairsFiles are the files of the extension "affairs": meetings, forums,
// counterparts, positions, suspension, movements. Parties that want it name
// its files in their agreement.
func AffairsFiles() (map[string][]byte, error) { return filesIn("data/affairs") }

// IsFileName reports whether a catalogue file may have this name.
func IsFileName(s string) bool { return fileName.MatchString(s) }

// IsClass reports whether s is a class of traffic.
func IsClass(s string) bool { return slices.Contains(classes, s) }
